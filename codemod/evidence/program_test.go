package evidence

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// program is a tree of Python modules, as lists of statements, so that it can
// be shrunk; what is known of a statement goes with it.
type program struct {
	seed    uint64
	roots   []string // source roots, explicit in the rules unless found is set
	found   bool     // the source roots are to be found by the codemod
	facades []string
	stops   []string          // modules that are homes of all that they export
	homes   map[string]string // homes that the rules give names, of which those hold that tell the truth
	// upstream is the folder of the files that are a tree of their own, which
	// the rest imports; "" if there is one tree only.
	upstream string
	acyclic  bool // no module imports one that imports it, so no order of imports can fail
	loose    bool // read from a file: nothing is known of the statements
	files    []*pyModule
	// of a program that was read from a file: the kinds that it has, and what
	// is replaced in it
	kindsRead []string
	replaced  []ref
}

// pyModule is one file.
type pyModule struct {
	path string
	name string // dotted; "!path" for a script, "~" before that of the module beside which a stub is
	body []stmt
}

// stmt is a top-level statement: whole lines.
type stmt struct {
	text    string
	marks   []mark
	refs    []ref
	vanish  []string      // names of the module that the rewrite may unbind
	varies  []string      // names of the module that are bound to whatever the others bind
	grows   bool          // the rewrite may bind further names in the module
	shrinks bool          // the rewrite may unbind names that the module does not use
	smaller func() []stmt // simpler statements to try in its place; may be nil
	// replaces says that the statement replaces, or reads while something does,
	// the names of its refs on the facade: what belongs together may stay.
	replaces bool
	kind     string // of the kinds, that made it
}

// mark says what is special about a name of the module, seen from a facade.
type mark struct {
	name string
	kind markKind
}

type markKind uint8

const (
	fork    markKind = iota + 1 // bound to different objects in branches: the module is its home
	alias                       // bound by an assignment from an imported name: declared here
	lenient                     // nothing is demanded but that a rewrite is right
	dynamic                     // computed while running
)

// ref is a reading of a name through a facade in a form that is no
// from-import.
type ref struct {
	form         string
	facade, name string
}

func (p *program) clone() *program {
	q := *p
	q.files = make([]*pyModule, len(p.files))
	for i, f := range p.files {
		c := *f
		c.body = slices.Clone(f.body)
		q.files[i] = &c
	}
	return &q
}

func (m *pyModule) text() string {
	var s strings.Builder
	for _, st := range m.body {
		s.WriteString(st.text)
	}
	return s.String()
}

// texts are the files by path.
func (p *program) texts() map[string]string {
	files := make(map[string]string, len(p.files))
	for _, f := range p.files {
		files[f.path] = f.text()
	}
	return files
}

// modules are the modules to import, sorted. A stub is run like a module, which
// nobody does outside of tests: in a circle that can fail.
func (p *program) modules() []string {
	var names []string
	for _, f := range p.files {
		if p.acyclic || !f.isStub() {
			names = append(names, f.name)
		}
	}
	slices.Sort(names)
	return names
}

// module finds a module by its dotted name.
func (p *program) module(name string) *pyModule {
	for _, f := range p.files {
		if f.name == name {
			return f
		}
	}
	return nil
}

// facadePaths are the paths of the facades' files.
func (p *program) facadePaths() []string {
	var paths []string
	for _, name := range p.facades {
		if f := p.module(name); f != nil {
			paths = append(paths, f.path)
		}
	}
	return paths
}

// archive is the program as txtar, opened by a comment.
func archive(comment string, files map[string]string) []byte {
	a := txtar.Archive{Comment: []byte(strings.TrimRight(comment, "\n") + "\n\n")}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		a.Files = append(a.Files, txtar.File{Name: path, Data: []byte(files[path])})
	}
	return txtar.Format(&a)
}

// moduleOf is the name of the file at a path below one of the roots.
func moduleOf(path string, roots []string) string {
	if stem, ok := strings.CutSuffix(path, ".pyi"); ok {
		return "~" + moduleOf(stem+".py", roots)
	}
	stem, ok := strings.CutSuffix(path, ".py")
	if !ok {
		return "!" + path
	}
	roots = slices.Clone(roots)
	slices.SortFunc(roots, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, root := range roots {
		if rest, ok := strings.CutPrefix(stem, root+"/"); ok && root != "" {
			stem = rest
			break
		}
	}
	stem = strings.TrimSuffix(strings.TrimSuffix(stem, "__init__"), "/")
	return strings.ReplaceAll(stem, "/", ".")
}

// isPackage reports whether the module is an `__init__.py`, or the stub beside
// one.
func (m *pyModule) isPackage() bool {
	return strings.HasSuffix(strings.TrimSuffix(m.path, "i"), "__init__.py")
}

// isStub reports whether the file is a stub beside a module.
func (m *pyModule) isStub() bool { return strings.HasPrefix(m.name, "~") }

// isScript reports whether the file is no module.
func (m *pyModule) isScript() bool { return strings.HasPrefix(m.name, "!") }

// dotted is the name of the module that the file is, or is a stub of.
func (m *pyModule) dotted() string { return strings.TrimPrefix(m.name, "~") }

// parentOf is the package that a module is in; "" at the top.
func parentOf(module string) string {
	if i := strings.LastIndexByte(module, '.'); i >= 0 {
		return module[:i]
	}
	return ""
}

// absolute resolves the module of a from-import with leading dots.
func (m *pyModule) absolute(level int, module string) string {
	if level == 0 {
		return module
	}
	pkg := m.dotted()
	if !m.isPackage() {
		pkg = parentOf(pkg)
	}
	for ; level > 1; level-- {
		pkg = parentOf(pkg)
	}
	return strings.Trim(pkg+"."+module, ".")
}
