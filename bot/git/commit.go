package git

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Signature says who did something, and when; times are kept to the second, with their zone.
type Signature struct {
	Name, Email string
	When        time.Time
}

// Blob is the content of one file.
type Blob struct {
	Content []byte
	Mode    Mode
}

// CommitSpec describes a commit to make: its parent's tree with some files put and others taken.
type CommitSpec struct {
	Parent    string // full SHA of a commit that is here; "": a first commit
	Message   string
	Author    Signature
	Committer Signature        // zero: the author
	Files     map[string]*Blob // by path; nil deletes
	Sign      Signer           // may be nil
}

// Info describes a commit.
type Info struct {
	SHA, Tree         string
	Parents           []string
	Message           string
	Author, Committer Signature
}

// Commit makes a commit and returns its SHA, which depends on nothing but the spec. It lives in memory until it
// is pushed; Tree and Diff see it. A path that is to be deleted and does not exist is ignored.
func (m *Mirror) Commit(spec CommitSpec) (string, error) {
	sha, err := m.objects.makeCommit(spec)
	if err != nil {
		return "", fmt.Errorf("commit on %s: %w", spec.Parent, err)
	}
	return sha, nil
}

func (o *objects) makeCommit(spec CommitSpec) (string, error) {
	var root plumbing.Hash
	commit := object.Commit{Message: spec.Message, Author: object.Signature(spec.Author)}
	if commit.Committer = object.Signature(spec.Committer); spec.Committer == (Signature{}) {
		commit.Committer = commit.Author
	}
	if spec.Parent != "" {
		parent, err := o.commit(spec.Parent)
		if err != nil {
			return "", err
		}
		root = parent.TreeHash
		commit.ParentHashes = []plumbing.Hash{plumbing.NewHash(spec.Parent)}
	}
	tree, err := o.edit(root, spec.Files)
	if err != nil {
		return "", err
	}
	commit.TreeHash = tree
	return o.signed(&commit, spec.Sign)
}

// signed encodes a commit, with a signature over the bytes that it has without one.
func (o *objects) signed(commit *object.Commit, sign Signer) (string, error) {
	if sign != nil {
		bare, err := encode(commit)
		if err != nil {
			return "", err
		}
		if commit.PGPSignature, err = sign.Sign(bare); err != nil {
			return "", fmt.Errorf("sign: %w", err)
		}
	}
	data, err := encode(commit)
	if err != nil {
		return "", err
	}
	return o.make(plumbing.CommitObject, data).String(), nil
}

func encode(commit *object.Commit) ([]byte, error) {
	raw := new(plumbing.MemoryObject)
	if err := commit.Encode(raw); err != nil {
		return nil, err
	}
	return content(raw)
}

// edit returns the tree that results from putting and taking files below a tree. A zero result is an empty tree
// that its parent is to leave out, except at the root.
func (o *objects) edit(root plumbing.Hash, files map[string]*Blob) (plumbing.Hash, error) {
	for path := range files {
		if !validPath(path) {
			return plumbing.ZeroHash, fmt.Errorf("%q is not a path that git can hold", path)
		}
	}
	id, err := o.editTree(root, files)
	if err == nil && id.IsZero() {
		return o.make(plumbing.TreeObject, nil), nil
	}
	return id, err
}

func validPath(path string) bool {
	for _, part := range strings.Split(path, "/") {
		if part == "" || part == "." || part == ".." || strings.EqualFold(part, ".git") || strings.ContainsRune(part, 0) {
			return false
		}
	}
	return true
}

func (o *objects) editTree(id plumbing.Hash, files map[string]*Blob) (plumbing.Hash, error) {
	entries, err := o.tree(id)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	byName := make(map[string]entry, len(entries))
	for _, e := range entries {
		byName[e.name] = e
	}
	here, below := split(files)
	for name, sub := range below {
		e := byName[name]
		old := plumbing.ZeroHash
		if e.isDir() {
			old = e.id
		} else if !puts(sub) {
			continue // there is nothing below to delete
		}
		child, err := o.editTree(old, sub)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		replace(byName, entry{name, filemode.Dir, child})
	}
	for name, blob := range here {
		e := entry{name: name}
		if blob != nil {
			e.mode, e.id = modeFor(blob.Mode), o.make(plumbing.BlobObject, blob.Content)
		} else if byName[name].isDir() {
			continue // a file was to be deleted, and a folder stands in its place
		}
		replace(byName, e)
	}
	return o.makeTree(byName), nil
}

// split parts the files of a folder from those of its sub-folders.
func split(files map[string]*Blob) (here map[string]*Blob, below map[string]map[string]*Blob) {
	here, below = map[string]*Blob{}, map[string]map[string]*Blob{}
	for path, blob := range files {
		name, rest, nested := strings.Cut(path, "/")
		if !nested {
			here[name] = blob
			continue
		}
		if below[name] == nil {
			below[name] = map[string]*Blob{}
		}
		below[name][rest] = blob
	}
	return here, below
}

func puts(files map[string]*Blob) bool {
	for _, blob := range files {
		if blob != nil {
			return true
		}
	}
	return false
}

func replace(entries map[string]entry, e entry) {
	if e.id.IsZero() {
		delete(entries, e.name)
		return
	}
	entries[e.name] = e
}

func modeFor(mode Mode) filemode.FileMode {
	switch mode {
	case Executable:
		return filemode.Executable
	case Symlink:
		return filemode.Symlink
	}
	return filemode.Regular
}

func (o *objects) makeTree(byName map[string]entry) plumbing.Hash {
	if len(byName) == 0 {
		return plumbing.ZeroHash
	}
	entries := make([]entry, 0, len(byName))
	for _, e := range byName {
		entries = append(entries, e)
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].key() < entries[j].key() })
	var data bytes.Buffer
	for _, e := range entries {
		fmt.Fprintf(&data, "%o %s\x00", uint32(e.mode), e.name)
		data.Write(e.id[:])
	}
	return o.make(plumbing.TreeObject, data.Bytes())
}

func (o *objects) info(sha string) (Info, error) {
	commit, err := o.commit(sha)
	if err != nil {
		return Info{}, err
	}
	info := Info{
		SHA: sha, Tree: commit.TreeHash.String(), Message: commit.Message,
		Author: Signature(commit.Author), Committer: Signature(commit.Committer),
	}
	for _, parent := range commit.ParentHashes {
		info.Parents = append(info.Parents, parent.String())
	}
	return info, nil
}
