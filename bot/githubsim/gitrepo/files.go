package gitrepo

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Entry is one entry of a tree.
type Entry struct {
	Mode, Type, SHA, Path string
	Size                  int64 // of blobs when listed with sizes, else -1
}

// Tree lists a tree; recursive lists blobs of folders below, too.
func (r *Repo) Tree(rev string, recursive bool) ([]Entry, error) {
	args := []string{"ls-tree", "-z", "-l", "--full-tree"}
	if recursive {
		args = append(args, "-r", "-t")
	}
	out, err := r.Git(nil, append(args, rev)...)
	if err != nil {
		return nil, fmt.Errorf("%w: tree %s", ErrNotFound, rev)
	}
	var entries []Entry
	for _, line := range strings.Split(string(out), "\x00") {
		meta, path, ok := strings.Cut(line, "\t")
		f := strings.Fields(meta)
		if !ok || len(f) != 4 {
			continue
		}
		e := Entry{Mode: f[0], Type: f[1], SHA: f[2], Path: path, Size: -1}
		if f[3] != "-" {
			_, _ = fmt.Sscan(f[3], &e.Size)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// File is new content for a path.
type File struct {
	Mode string // "100644" when empty
	Data []byte
}

// WriteFiles stores base (a commit, a tree or "" for none) with some files
// replaced; a nil File deletes. It returns the SHA of the new tree.
func (r *Repo) WriteFiles(base string, files map[string]*File) (string, error) {
	index := map[string]string{}
	for path, f := range files {
		if f == nil {
			index[path] = ""
			continue
		}
		sha, err := r.WriteObject("blob", f.Data)
		if err != nil {
			return "", err
		}
		mode := f.Mode
		if mode == "" {
			mode = "100644"
		}
		index[path] = mode + " " + sha
	}
	return r.UpdateTree(base, index)
}

// UpdateTree stores base with some entries replaced: path to "mode sha", or
// to "" for deletion.
func (r *Repo) UpdateTree(base string, entries map[string]string) (string, error) {
	dir, err := os.MkdirTemp(r.Dir, "index-")
	if err != nil {
		return "", fmt.Errorf("create an index: %w", err)
	}
	defer os.RemoveAll(dir)
	env := []string{"GIT_INDEX_FILE=" + filepath.Join(dir, "index")}
	if base != "" {
		if _, err := r.gitEnv(env, nil, "read-tree", base); err != nil {
			return "", err
		}
	}
	var info bytes.Buffer
	for _, path := range sorted(entries) {
		if entries[path] == "" {
			fmt.Fprintf(&info, "0 %040d\t%s\x00", 0, path)
		} else {
			fmt.Fprintf(&info, "%s\t%s\x00", entries[path], path)
		}
	}
	if _, err := r.gitEnv(env, info.Bytes(), "update-index", "-z", "--index-info"); err != nil {
		return "", err
	}
	out, err := r.gitEnv(env, nil, "write-tree", "--missing-ok")
	return strings.TrimSpace(string(out)), err
}

func sorted(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// WriteTree stores one tree object from its direct entries.
func (r *Repo) WriteTree(entries []Entry) (string, error) {
	name := func(e Entry) string {
		if e.Type == "tree" {
			return e.Path + "/" // git sorts folders as if they ended with a slash
		}
		return e.Path
	}
	sort.Slice(entries, func(i, j int) bool { return name(entries[i]) < name(entries[j]) })
	var b bytes.Buffer
	for _, e := range entries {
		raw, err := hex.DecodeString(e.SHA)
		if err != nil {
			return "", fmt.Errorf("tree entry %s: %w", e.Path, err)
		}
		fmt.Fprintf(&b, "%s %s\x00", strings.TrimPrefix(e.Mode, "0"), e.Path)
		b.Write(raw)
	}
	return r.WriteObject("tree", b.Bytes())
}

// ImportDir stores the files of a folder (without .git) as a tree.
func (r *Repo) ImportDir(root string) (string, error) {
	files := map[string]*File{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return filepath.SkipDir
		case d.IsDir():
			return nil
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = readFile(path, d)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read folder %s: %w", root, err)
	}
	return r.Import(files)
}

func readFile(path string, d fs.DirEntry) (*File, error) {
	if d.Type()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(path)
		return &File{"120000", []byte(target)}, err
	}
	info, err := d.Info()
	if err != nil {
		return nil, err
	}
	mode := "100644"
	if info.Mode()&0o111 != 0 {
		mode = "100755"
	}
	data, err := os.ReadFile(path)
	return &File{mode, data}, err
}

// Import stores many files as a tree, in one pack.
func (r *Repo) Import(files map[string]*File) (string, error) {
	var in bytes.Buffer
	fmt.Fprintf(&in, "commit %s\ncommitter simulator <simulator@localhost> 0 +0000\ndata 0\n", importRef)
	for path, f := range files {
		mode := f.Mode
		if mode == "" {
			mode = "100644"
		}
		fmt.Fprintf(&in, "M %s inline %s\ndata %d\n%s\n", mode, quote(path), len(f.Data), f.Data)
	}
	if _, err := r.Git(in.Bytes(), "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--force"); err != nil {
		return "", err
	}
	out, err := r.Git(nil, "rev-parse", importRef+"^{tree}")
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(out)), r.UpdateRef(importRef, "")
}

const importRef = "refs/simulator/import"

// quote writes a path as fast-import reads it.
func quote(path string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(path) + `"`
}
