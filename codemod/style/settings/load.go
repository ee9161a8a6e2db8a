package settings

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"path"
	"slices"
	"sync"
)

// Fault is a configuration file, or a setting in one, that could not be used.
type Fault struct {
	Path string
	Err  error
}

func (f Fault) Error() string { return f.Path + ": " + f.Err.Error() }

// Unwrap returns the cause.
func (f Fault) Unwrap() error { return f.Err }

// Read returns the bytes of a file of the repository, by its path from the
// root with slashes, and false if there is none.
type Read func(path string) ([]byte, bool)

// Loader finds settings by folder and keeps them, so that each configuration
// file is read once. It is safe for concurrent use.
type Loader struct {
	read    Read
	mu      sync.Mutex
	found   map[string]*Settings
	folders map[string]*folder
}

// NewLoader returns a loader of the repository that read reads.
func NewLoader(read Read) *Loader {
	return &Loader{read: read, found: map[string]*Settings{}, folders: map[string]*folder{}}
}

// For returns the settings of the file at path. They are never nil: a
// repository that says nothing has the default ones.
func (l *Loader) For(file string) *Settings {
	dir := folderOf(file)
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.found[dir]
	if !ok {
		s = choose(l.chain(dir))
		l.found[dir] = s
	}
	return s
}

// Sum sums up the configuration files that the settings of the file at path
// are made of: where the sums of two loaders are equal, so are the settings.
func (l *Loader) Sum(file string) (sum [sha256.Size]byte) {
	h := sha256.New()
	l.mu.Lock()
	for _, f := range l.chain(folderOf(file)) {
		h.Write(f.sum)
	}
	l.mu.Unlock()
	h.Sum(sum[:0])
	return sum
}

// folderOf is the folder that a file is in, "" for the root.
func folderOf(file string) string {
	dir := path.Dir(file)
	if dir == "." {
		return ""
	}
	return dir
}

// chain returns what a folder and those around it say, nearest first.
func (l *Loader) chain(dir string) []*folder {
	var out []*folder
	for {
		f, ok := l.folders[dir]
		if !ok {
			f = readFolder(l.read, dir)
			l.folders[dir] = f
		}
		out = append(out, f)
		if dir == "" {
			return out
		}
		if dir = path.Dir(dir); dir == "." || dir == "/" {
			dir = ""
		}
	}
}

// Faults returns the configuration files that could not be used so far, by path.
func (l *Loader) Faults() []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	var faults []Fault
	for _, dir := range slices.Sorted(maps.Keys(l.folders)) {
		faults = append(faults, l.folders[dir].faults...)
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return cmp.Compare(a.Path, b.Path) })
	return faults
}

// Load returns the settings of the files in a folder ("" is the root), and the
// configuration files that could not be used. The nearest file that configures
// a sorter decides; a broken one is a Fault, and the next is used.
func Load(read Read, dir string) (*Settings, []Fault) {
	l := NewLoader(read)
	s := l.For(path.Join(dir, "x.py"))
	return s, l.Faults()
}

// choose makes settings of what folders say, nearest first. The nearest sorter
// wins; in one folder ruff does where it sorts imports, since settings of
// isort are often left behind. Settings of ruff's isort rules without those
// rules in its selection count if there is nothing else.
func choose(folders []*folder) *Settings {
	var ruff *ruffConfig
	for _, f := range folders {
		if ruff == nil {
			ruff = f.ruff
		}
		if f.ruff != nil && f.ruff == ruff && ruff.selected {
			return ruff.style
		}
		if f.isort != nil {
			return f.isort.beside(folders)
		}
	}
	if ruff != nil && ruff.configured {
		return ruff.style
	}
	return unsorted(folders)
}

// beside is the settings of isort in folders in which black may be configured.
func (s *Settings) beside(folders []*folder) *Settings {
	black := slices.ContainsFunc(folders, func(f *folder) bool { return f.black.source != "" })
	if !black || s.Wrapping.Mode == VerticalHangingIndent && s.Wrapping.TrailingComma {
		return s
	}
	own := *s
	own.Black = &unsorted(folders).Wrapping
	return &own
}

// unsorted is what holds for a repository without a sorter.
func unsorted(folders []*folder) *Settings {
	s := Default()
	length, source := 0, ""
	for _, pick := range []func(*folder) limit{
		func(f *folder) limit { return f.black },
		func(f *folder) limit {
			if f.ruff == nil {
				return limit{}
			}
			return f.ruff.limit
		},
		func(f *folder) limit { return f.flake8 },
		func(f *folder) limit { return f.editor },
	} {
		for _, f := range folders {
			if l := pick(f); l.source != "" && length == 0 {
				length, source = l.length, l.source
			}
		}
	}
	for _, f := range folders {
		s.Wrapping.MagicComma = s.Wrapping.MagicComma && !f.skipMagicComma
	}
	if source != "" {
		s.Wrapping.LineLength, s.Source = max(length, 0), source
	}
	return s
}
