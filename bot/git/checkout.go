package git

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
)

// WorkTree is the files of a folder on disk. It implements the codemod's tree; its methods may run concurrently.
type WorkTree struct {
	root  string
	files []File
}

// neverSource are folders that hold no sources of the project, for folders outside of git.
var neverSource = map[string]bool{
	".git": true, ".hg": true, ".svn": true, "node_modules": true, "__pycache__": true, ".venv": true, "venv": true,
	".tox": true, ".nox": true, ".eggs": true, ".mypy_cache": true, ".pytest_cache": true, ".ruff_cache": true,
}

// Checkout lists the files below root as git sees them: tracked ones that exist, and untracked ones that are not
// ignored; nested repositories are left out. Outside of git it lists everything but folders that are known to
// hold no sources. A file's ID is set only where the index vouches that the bytes on disk are that blob.
func Checkout(root string) (*WorkTree, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	place, err := locate(root)
	w := walker{root: root}
	switch {
	case err == nil && place.top == "":
		return nil, fmt.Errorf("%s is a bare git repository: it has no files on disk", root)
	case err == nil:
		w.open(place)
	case !errors.Is(err, errNoRepository):
		return nil, fmt.Errorf("read the folder %s: %w", root, err)
	}
	if err := w.walk("", false); err != nil {
		return nil, fmt.Errorf("read the folder %s: %w", root, err)
	}
	if w.converts {
		for i := range w.files {
			w.files[i].ID = ""
		}
	}
	sort.Slice(w.files, func(i, j int) bool { return w.files[i].Path < w.files[j].Path })
	return &WorkTree{root, w.files}, nil
}

// Root is the folder on disk.
func (t *WorkTree) Root() string { return t.root }

// Files lists every file, sorted by path.
func (t *WorkTree) Files() []File { return t.files }

// identifyUpTo is the size in bytes above which a file is not read for its ID.
const identifyUpTo = 8 << 20

// Identify sets the ID of the files that are wanted and that the index does not vouch for, from the bytes on disk as
// they are. It is called before the tree is used.
func (t *WorkTree) Identify() {
	var readers sync.WaitGroup
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		readers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(t.files)); i = next.Add(1) - 1 {
				if f := &t.files[i]; f.ID == "" && Wanted(*f) && f.Size <= identifyUpTo {
					if text, err := t.Read(*f); err == nil {
						f.ID = BlobID(text)
					}
				}
			}
		})
	}
	readers.Wait()
}

// BlobID is the SHA-1 that git gives to a blob of these bytes.
func BlobID(text []byte) string { return plumbing.ComputeHash(plumbing.BlobObject, text).String() }

// Read returns the bytes of a file, of a symlink its target.
func (t *WorkTree) Read(f File) ([]byte, error) {
	path := filepath.Join(t.root, filepath.FromSlash(f.Path))
	switch f.Mode {
	case Submodule:
		return nil, fmt.Errorf("%s is a submodule: it has no content here", f.Path)
	case Symlink:
		target, err := os.Readlink(path)
		return []byte(target), err
	}
	return os.ReadFile(path)
}

// ReadPath returns the bytes of a regular or executable file, and whether there is one.
func (t *WorkTree) ReadPath(path string) ([]byte, bool, error) {
	i := sort.Search(len(t.files), func(i int) bool { return t.files[i].Path >= path })
	if i == len(t.files) || t.files[i].Path != path || t.files[i].Mode > Executable {
		return nil, false, nil
	}
	data, err := t.Read(t.files[i])
	return data, err == nil, err
}

// walker lists one folder.
type walker struct {
	root    string
	git     bool
	prefix  string // of root within the work tree, with a slash at its end
	tracked map[string]*index.Entry
	folders map[string]bool // that hold tracked files
	written time.Time       // of the index: entries as young as it prove nothing
	ignore  ignoreStack

	converts bool // git changes bytes between blob and disk, so that IDs say nothing about what is read
	files    []File
}

// open reads what git knows of the work tree. An index that cannot be read (a sparse or split one) counts as
// empty: then what is not ignored is listed, without IDs.
func (w *walker) open(p place) {
	w.git = true
	if rel, err := filepath.Rel(p.top, w.root); err == nil && rel != "." {
		w.prefix = filepath.ToSlash(rel) + "/"
	}
	w.ignore.exclude(p)
	parts := strings.Split(w.prefix, "/")
	for i := range parts[:len(parts)-1] {
		w.ignore.push(p.top, parts[:i])
	}
	w.converts = convertsByConfig(p)
	w.tracked, w.folders = map[string]*index.Entry{}, map[string]bool{}
	entries, written := readIndex(filepath.Join(p.gitDir, "index"))
	w.written = written
	for _, e := range entries {
		if e.Stage == 0 || w.tracked[e.Name] == nil {
			w.tracked[e.Name] = e
		}
		for i := len(e.Name) - 1; i > 0; i-- {
			if e.Name[i] == '/' && w.folders[e.Name[:i]] {
				break
			} else if e.Name[i] == '/' {
				w.folders[e.Name[:i]] = true
			}
		}
	}
}

func readIndex(path string) ([]*index.Entry, time.Time) {
	f, err := os.Open(path)
	if err != nil {
		return nil, time.Time{}
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return nil, time.Time{}
	}
	var idx index.Index
	if err := index.NewDecoder(f).Decode(&idx); err != nil {
		return nil, time.Time{}
	}
	return idx.Entries, stat.ModTime()
}

// walk lists the folder at path, relative to root; in an ignored one only what is tracked.
func (w *walker) walk(path string, ignored bool) error {
	entries, err := os.ReadDir(filepath.Join(w.root, filepath.FromSlash(path)))
	if err != nil {
		return err
	}
	if w.git {
		defer w.ignore.pop(w.ignore.enter(w.root, w.prefix, path, entries))
	}
	for _, e := range entries {
		name := e.Name()
		if path != "" {
			name = path + "/" + name
		}
		if e.IsDir() {
			err = w.folder(name, e.Name(), ignored)
		} else {
			err = w.file(name, e, ignored)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) folder(path, name string, ignored bool) error {
	if !w.git {
		if neverSource[name] {
			return nil
		}
		return w.walk(path, false)
	}
	full := w.prefix + path
	if e := w.tracked[full]; e != nil && e.Mode == filemode.Submodule {
		w.files = append(w.files, File{Path: path, ID: e.Hash.String(), Size: 0, Mode: Submodule})
		return nil
	}
	if name == ".git" {
		return nil
	}
	ignored = ignored || w.ignore.match(full, true)
	if !w.folders[full] && (ignored || isNested(filepath.Join(w.root, filepath.FromSlash(path)))) {
		return nil
	}
	return w.walk(path, ignored)
}

// isNested tells a repository within the work tree.
func isNested(path string) bool {
	_, err := os.Lstat(filepath.Join(path, ".git"))
	return err == nil
}

func (w *walker) file(path string, e os.DirEntry, ignored bool) error {
	if e.Name() == ".git" || e.Type()&^os.ModeSymlink != 0 {
		return nil // a linked work tree's pointer; pipes, sockets and devices
	}
	full := w.prefix + path
	entry := w.tracked[full]
	if w.git && entry == nil && (ignored || w.ignore.match(full, false)) {
		return nil
	}
	if e.Name() == ".gitattributes" && w.git && !w.converts {
		w.converts = convertsByAttributes(filepath.Join(w.root, filepath.FromSlash(path)))
	}
	info, err := e.Info()
	if errors.Is(err, os.ErrNotExist) {
		return nil // it went while the folder was read
	}
	if err != nil {
		return err
	}
	f := File{Path: path, Size: info.Size()}
	switch {
	case info.Mode()&os.ModeSymlink != 0:
		f.Mode = Symlink
	case info.Mode()&0o100 != 0:
		f.Mode = Executable
	}
	if entry != nil && w.vouches(entry, info) {
		f.ID = entry.Hash.String()
	}
	w.files = append(w.files, f)
	return nil
}

// vouches tells whether the index proves that the file is unchanged, by git's own rule for racy entries
// (https://git-scm.com/docs/racy-git).
func (w *walker) vouches(e *index.Entry, info os.FileInfo) bool {
	return e.Stage == 0 && !e.IntentToAdd && e.ModifiedAt.Before(w.written) && e.ModifiedAt.Equal(info.ModTime()) &&
		int64(e.Size) == info.Size()&0xffffffff && e.Mode != filemode.Submodule
}
