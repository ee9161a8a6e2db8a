package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Tree is the files of one commit. It implements the codemod's tree; its methods may run concurrently. What it fetches
// lazily ends with the context that it was asked for with: the codemod's tree takes none.
type Tree struct {
	ctx     context.Context
	sha     string
	objects *objects
	fetch   func(context.Context, []plumbing.Hash) error // nil: nothing can be fetched
	files   []File
}

// entry is one line of a git tree object.
type entry struct {
	name string
	mode filemode.FileMode
	id   plumbing.Hash
}

func (e entry) isDir() bool { return e.mode == filemode.Dir }

// key orders entries as git does: a folder sorts as if its name ended in a slash.
func (e entry) key() string {
	if e.isDir() {
		return e.name + "/"
	}
	return e.name
}

var errTree = errors.New("malformed git tree object")

// parseTree reads a tree object: "mode SP name NUL id", repeated.
func parseTree(data []byte) ([]entry, error) {
	entries := make([]entry, 0, len(data)/32)
	for len(data) > 0 {
		space := bytes.IndexByte(data, ' ')
		end := bytes.IndexByte(data, 0)
		if space < 1 || end < space+2 || len(data) < end+21 {
			return nil, errTree
		}
		mode, err := strconv.ParseUint(string(data[:space]), 8, 32)
		if err != nil {
			return nil, fmt.Errorf("%w: mode %q", errTree, data[:space])
		}
		e := entry{name: string(data[space+1 : end]), mode: filemode.FileMode(mode)}
		copy(e.id[:], data[end+1:])
		entries = append(entries, e)
		data = data[end+21:]
	}
	return entries, nil
}

func (o *objects) tree(id plumbing.Hash) ([]entry, error) {
	if id.IsZero() {
		return nil, nil
	}
	data, err := o.read(plumbing.TreeObject, id)
	if err != nil {
		return nil, err
	}
	entries, err := parseTree(data)
	if err != nil {
		return nil, fmt.Errorf("git tree %s: %w", id, err)
	}
	return entries, nil
}

func (o *objects) commit(sha string) (*object.Commit, error) {
	data, err := o.read(plumbing.CommitObject, plumbing.NewHash(sha))
	if err != nil {
		return nil, err
	}
	raw := new(plumbing.MemoryObject)
	raw.SetType(plumbing.CommitObject)
	raw.Write(data)
	commit := new(object.Commit)
	if err := commit.Decode(raw); err != nil {
		return nil, fmt.Errorf("read git commit %s: %w", sha, err)
	}
	return commit, nil
}

// newTree lists every file of a commit.
func newTree(ctx context.Context, o *objects, sha string) (*Tree, error) {
	commit, err := o.commit(sha)
	if err != nil {
		return nil, err
	}
	files, err := o.listing.list(ctx, o, commit.TreeHash)
	if err != nil {
		return nil, fmt.Errorf("list the files of commit %s: %w", sha, err)
	}
	return &Tree{ctx: ctx, sha: sha, objects: o, files: files}, nil
}

func modeOf(mode filemode.FileMode) Mode {
	switch mode {
	case filemode.Executable:
		return Executable
	case filemode.Symlink:
		return Symlink
	case filemode.Submodule:
		return Submodule
	}
	return Regular
}

// SHA is the commit that the tree belongs to.
func (t *Tree) SHA() string { return t.sha }

// Files lists every file, sorted by path; symlinks and submodules too. Sizes are unknown (-1), save those beyond what
// Read gives.
func (t *Tree) Files() []File { return t.files }

// Read returns the bytes of a file, of a symlink its target. What is not here is fetched first; what is larger than
// Limits.Blob is a *TooLargeError.
func (t *Tree) Read(f File) ([]byte, error) {
	if f.Mode == Submodule {
		return nil, fmt.Errorf("%s is a submodule: it has no content here", f.Path)
	}
	id := plumbing.NewHash(f.ID)
	data, err := t.objects.read(plumbing.BlobObject, id)
	if errors.Is(err, ErrNotFound) && t.fetch != nil {
		if err := t.fetch(t.ctx, []plumbing.Hash{id}); err != nil {
			return nil, fmt.Errorf("fetch %s: %w", f.Path, err)
		}
		data, err = t.objects.read(plumbing.BlobObject, id)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s at %s: %w", f.Path, t.sha, err)
	}
	return data, nil
}

// Lookup finds a file by its path.
func (t *Tree) Lookup(path string) (File, bool) {
	i := sort.Search(len(t.files), func(i int) bool { return t.files[i].Path >= path })
	if i == len(t.files) || t.files[i].Path != path {
		return File{}, false
	}
	return t.files[i], true
}

// ReadPath returns the bytes of a regular or executable file, and whether there is one.
func (t *Tree) ReadPath(path string) ([]byte, bool, error) {
	f, found := t.Lookup(path)
	if !found || f.Mode > Executable {
		return nil, false, nil
	}
	data, err := t.Read(f)
	return data, err == nil, err
}

// Prefetch brings the contents of the paths here with one request; paths that do not exist are ignored.
func (t *Tree) Prefetch(ctx context.Context, paths []string) error {
	var ids []plumbing.Hash
	for _, path := range paths {
		if f, found := t.Lookup(path); found && f.Mode != Submodule {
			ids = append(ids, plumbing.NewHash(f.ID))
		}
	}
	return t.complete(ctx, ids)
}

func (t *Tree) complete(ctx context.Context, ids []plumbing.Hash) error {
	if t.fetch == nil {
		return nil
	}
	absent, err := t.objects.missing(ids)
	if err != nil || len(absent) == 0 {
		return err
	}
	return t.fetch(ctx, absent)
}

// Wanted tells whether the content of a file is fetched with its commit: Python sources, files without a suffix
// (they may be scripts), and the configuration that decides what is done to them.
func Wanted(f File) bool {
	if f.Mode > Executable {
		return false
	}
	name := f.Path[strings.LastIndexByte(f.Path, '/')+1:]
	switch name {
	case "pyproject.toml", "setup.cfg", "ruff.toml", ".ruff.toml", ".isort.cfg", ".editorconfig", "tox.ini",
		"setup.py", "canonicalize.yml":
		return true
	}
	return strings.HasSuffix(name, ".py") || strings.HasSuffix(name, ".pyi") || !strings.Contains(name, ".")
}

// wanted lists the places of the files whose contents belong to the tree from the start.
func (t *Tree) wanted() []int {
	var places []int
	for i, f := range t.files {
		if Wanted(f) {
			places = append(places, i)
		}
	}
	return places
}

func (t *Tree) idsAt(places []int) []plumbing.Hash {
	ids := make([]plumbing.Hash, len(places))
	for i, place := range places {
		ids[i] = plumbing.NewHash(t.files[place].ID)
	}
	return ids
}

// measure notes the sizes of files that are too large to be read, and refuses a commit whose contents are too many or
// too large together to be worked on.
func (t *Tree) measure(places []int, ids []plumbing.Hash) error {
	limits := t.objects.limits
	sizes, err := t.objects.sizes(ids)
	if err != nil {
		return err
	}
	all := int64(0)
	for i, size := range sizes {
		if size > limits.Blob {
			t.files[places[i]].Size = size
			continue // it is not read
		}
		if all += size; all > limits.Contents {
			return &TooLargeError{fmt.Sprintf("commit %s: bytes of its Python files", t.sha), limits.Contents}
		}
	}
	return nil
}

// tooMany refuses a commit before its contents are asked for.
func (t *Tree) tooMany(places []int) error {
	if limit := t.objects.limits.Wanted; int64(len(places)) > limit {
		return &TooLargeError{fmt.Sprintf("commit %s: Python files", t.sha), limit}
	}
	return nil
}
