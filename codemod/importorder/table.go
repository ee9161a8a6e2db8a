package importorder

import (
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// table is the modules of an index, by numbers that follow their names.
type table struct {
	index   *resolve.Index
	modules []*module
	numbers map[string]int32
	paths   map[string][]int32 // the modules that a file is
}

// module is one of them, whatever its text says.
type module struct {
	name     string
	main     string // of the names of its file, the one under the longest source root
	mod      *resolve.Mod
	place    int    // of its file; -1: it has none
	up       int32  // the package above it; -1: there is none
	children string // what is in it, if it is a package
}

// script comes before the path in the name of a file that is no module, and
// can be run all the same.
const script = "!"

// ScriptPath returns the path of a file that is no module from its name in a
// program.
func ScriptPath(name string) (path string, ok bool) { return strings.CutPrefix(name, script) }

func newTable(index *resolve.Index) *table {
	t := &table{index: index, numbers: map[string]int32{}, paths: map[string][]int32{}}
	add := func(name string, m *resolve.Mod) {
		mod := &module{name: name, main: name, mod: m, place: -1}
		if m.Path != "" {
			mod.place, _ = index.Place(m.Path)
			if f := index.File(m.Path); f != nil {
				mod.main = f.Name
			}
		}
		t.modules = append(t.modules, mod)
	}
	for _, name := range index.Names() {
		add(name, index.Module(name))
	}
	for _, m := range index.Outside() {
		add(script+m.Path, &resolve.Mod{Path: m.Path})
	}
	slices.SortFunc(t.modules, func(a, b *module) int { return strings.Compare(a.name, b.name) })
	for i, m := range t.modules {
		t.numbers[m.name] = int32(i)
		if m.place >= 0 {
			t.paths[m.mod.Path] = append(t.paths[m.mod.Path], int32(i))
		}
	}
	children := make([][]string, len(t.modules))
	for _, m := range t.modules {
		m.up = t.above(m.name)
		if n, ok := t.numbers[parent(m.name)]; ok {
			children[n] = append(children[n], m.name)
		}
	}
	for i, m := range t.modules {
		m.children = strings.Join(children[i], " ")
	}
	return t
}

// above returns the package that a module is in. A folder without an
// `__init__.py` has a module under the longest source root only: what it is in
// counts for the others.
func (t *table) above(name string) int32 {
	for name = parent(name); name != ""; name = parent(name) {
		if n, ok := t.numbers[name]; ok {
			return n
		}
	}
	return -1
}

// parent is the name of the package that a module is in, or "".
func parent(name string) string {
	if strings.HasPrefix(name, script) {
		return ""
	}
	return name[:max(0, strings.LastIndexByte(name, '.'))]
}
