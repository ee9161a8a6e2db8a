package resolve

import (
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Mod is one module of the tree.
type Mod struct {
	Name    string // dotted
	Path    string // of its file; "" for a namespace package (PEP 420)
	Package bool
	Stub    bool // a .pyi file
}

// PackageName is the package that relative imports in the module start from
// (PEP 328): itself if it is a package, otherwise its parent.
func (m *Mod) PackageName() string {
	if m.Package {
		return m.Name
	}
	return parent(m.Name)
}

func parent(module string) string {
	i := strings.LastIndexByte(module, '.')
	if i < 0 {
		return ""
	}
	return module[:i]
}

// Index knows which modules a tree holds and which file each is.
type Index struct {
	roots    []string // longest first
	modules  map[string]*Mod
	files    map[string]*Mod // by path, under the longest source root
	outside  []*Mod          // files under no source root
	places   map[string]int  // of the paths, as they were given
	once     sync.Once
	children map[string][]*Mod // of packages, once asked for
}

// NewIndex indexes the Python files at the given paths. Roots are the source
// roots, "" being the root of the tree.
func NewIndex(paths, roots []string) *Index {
	x := &Index{
		roots: sortedRoots(roots), modules: make(map[string]*Mod, len(paths)), files: make(map[string]*Mod, len(paths)),
		places: make(map[string]int, len(paths)),
	}
	for i, p := range paths {
		x.places[p] = i
		x.add(p)
		if x.files[p] == nil {
			x.outside = append(x.outside, &Mod{Path: p})
		}
	}
	for _, p := range paths {
		x.namespaces(p)
	}
	return x
}

func sortedRoots(roots []string) []string {
	out := append([]string(nil), roots...)
	sort.SliceStable(out, func(i, j int) bool { return len(out[i]) > len(out[j]) })
	return out
}

// add indexes one file under every source root that holds it.
func (x *Index) add(p string) {
	for _, root := range x.roots {
		rel, ok := under(p, root)
		if !ok {
			continue
		}
		m := moduleOf(rel)
		if m == nil {
			continue
		}
		m.Path = p
		if x.files[p] == nil {
			x.files[p] = m
		}
		if old := x.modules[m.Name]; old == nil || better(m, old) {
			x.modules[m.Name] = m
		}
	}
}

// better reports whether the import system prefers a over b where both have
// the same name: a package before a module, a module before a stub.
func better(a, b *Mod) bool {
	if a.Stub != b.Stub {
		return b.Stub
	}
	return a.Package && !b.Package
}

func under(p, root string) (string, bool) {
	if root == "" {
		return p, true
	}
	return strings.CutPrefix(p, root+"/")
}

// moduleOf returns the module of a file by its path below a source root. A
// script without a suffix is no module, but has a place for relative imports.
func moduleOf(rel string) *Mod {
	stem, stub := rel, false
	switch ext := path.Ext(rel); ext {
	case ".py":
		stem = strings.TrimSuffix(rel, ext)
	case ".pyi":
		stem, stub = strings.TrimSuffix(rel, ext), true
	}
	if stem == "__init__" {
		return nil
	}
	pkg := false
	if s, ok := strings.CutSuffix(stem, "/__init__"); ok {
		stem, pkg = s, true
	}
	return &Mod{Name: strings.ReplaceAll(stem, "/", "."), Package: pkg, Stub: stub}
}

// namespaces adds the folders above a file that have no `__init__.py`.
func (x *Index) namespaces(p string) {
	m := x.files[p]
	if m == nil {
		return
	}
	for name := parent(m.Name); name != ""; name = parent(name) {
		if x.modules[name] != nil {
			return
		}
		x.modules[name] = &Mod{Name: name, Package: true}
	}
}

// Len is the number of modules.
func (x *Index) Len() int { return len(x.modules) }

// Module returns the module of that name, or nil.
func (x *Index) Module(name string) *Mod { return x.modules[name] }

// Since returns what came, went or changed since an earlier index: the names
// of modules and the paths of files, in any order. Where the source roots are
// others, ok is false: every file may be another module then.
func (x *Index) Since(old *Index) (modules, paths []string, ok bool) {
	if !slices.Equal(x.roots, old.roots) {
		return nil, nil, false
	}
	paths = append(missing(x.places, old.places), missing(old.places, x.places)...)
	seen := map[string]bool{}
	for _, p := range paths {
		for _, root := range x.roots {
			rel, ok := under(p, root)
			m := moduleOf(rel)
			if !ok || m == nil {
				continue
			}
			for name := m.Name; name != "" && !seen[name]; name = parent(name) {
				seen[name] = true
				if was, is := old.modules[name], x.modules[name]; was == nil || is == nil || *was != *is {
					modules = append(modules, name)
				}
			}
		}
	}
	return modules, paths, true
}

// missing returns the paths of one index that another has not.
func missing(from, other map[string]int) (out []string) {
	for p := range from {
		if _, ok := other[p]; !ok {
			out = append(out, p)
		}
	}
	return out
}

// Outside returns the files that are under no source root, or are no modules
// for another reason, and so have no name.
func (x *Index) Outside() []*Mod { return x.outside }

// File returns the module that the file at the path is, or nil.
func (x *Index) File(p string) *Mod { return x.files[p] }

// Internal reports whether the module's top-level package is in the tree.
func (x *Index) Internal(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	return x.modules[top] != nil
}

// Place returns the position of a path among those that the index was made of,
// and whether it is one.
func (x *Index) Place(p string) (int, bool) {
	i, ok := x.places[p]
	return i, ok
}

// Names returns every module's name, sorted.
func (x *Index) Names() []string {
	out := make([]string, 0, len(x.modules))
	for n := range x.modules {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Absolute returns the module that `from LEVEL dots + module` names in m, as
// PEP 328 resolves it; ok is false where it would climb out of the top-level
// package.
func (m *Mod) Absolute(level int, module string) (abs string, ok bool) {
	if level == 0 {
		return module, true
	}
	if m == nil {
		return "", false
	}
	base := m.PackageName()
	for i := 1; i < level; i++ {
		base = parent(base)
	}
	switch {
	case base == "":
		return "", false
	case module == "":
		return base, true
	}
	return base + "." + module, true
}
