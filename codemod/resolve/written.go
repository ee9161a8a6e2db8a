package resolve

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// written gives the facts of modules that compute their names as if these were
// written out: what code binds stands there as imports, at the place of the
// statement that does it. These come behind the imports of the text, so that
// the positions of those hold.
type written struct {
	index *Index
	facts Facts
	names map[string]string // the rules' word for modules: what they are computed from
	mu    sync.Mutex
	known map[string]*spelled
	plain *Resolver // of what is written only; follows functions
}

// spelled is one module, written out.
type spelled struct {
	outline *pyfile.Outline
	module  *pyfile.Module
}

func (w *written) Outline(p string) *pyfile.Outline {
	if s := w.spell(p); s != nil {
		return s.outline
	}
	return w.facts.Outline(p)
}

func (w *written) Module(p string) *pyfile.Module {
	if s := w.spell(p); s != nil {
		return s.module
	}
	return w.facts.Module(p)
}

// spell writes a module out, nil if it computes nothing.
func (w *written) spell(p string) *spelled {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s, ok := w.known[p]; ok {
		return s
	}
	w.known[p] = nil
	m, facts := w.index.File(p), w.facts.Module(p)
	if m == nil || facts == nil || len(facts.Computed) == 0 && !w.configured(m) {
		return nil
	}
	s := &speller{written: w, mod: m, outline: *w.facts.Outline(p), module: *facts}
	s.outline.Imports = slices.Clone(s.outline.Imports)
	s.module.Bindings = slices.Clone(facts.Bindings)
	s.all(facts.Computed)
	slices.SortStableFunc(s.module.Bindings, func(a, b pyfile.Binding) int { return int(a.At) - int(b.At) })
	w.known[p] = &spelled{&s.outline, &s.module}
	return w.known[p]
}

// configured reports whether the rules say what the names of a module are.
func (w *written) configured(m *Mod) bool { return w.names[m.Name] != "" }

// Submodules is the word of the rules for a module whose names are the public
// ones of all its submodules.
const Submodules = "submodules"

// speller writes one module out.
type speller struct {
	*written
	mod     *Mod
	outline pyfile.Outline
	module  pyfile.Module
	deep    int
}

// all writes out what code of the module does. Where the rules say what that
// is, they count.
func (s *speller) all(list []pyfile.Computed) {
	if s.configured(s.mod) {
		s.module.Flags &^= pyfile.WritesSelf | pyfile.HasGetattr
		s.one(pyfile.Computed{At: s.last(), Kind: pyfile.Walks, Into: pyfile.SpaceMark, Prefix: pyfile.NameMark + ".", Path: pyfile.PathMark, Keep: pyfile.KeepStar})
		return
	}
	for _, c := range list {
		s.one(c)
	}
}

// last is an offset behind all that the module binds.
func (s *speller) last() int32 {
	at := int32(0)
	for i := range s.module.Bindings {
		at = max(at, s.module.Bindings[i].At+1)
	}
	return at
}

func (s *speller) one(c pyfile.Computed) {
	if c.Into != pyfile.SpaceMark || s.deep > 8 {
		s.unknown()
		return
	}
	switch c.Kind {
	case pyfile.Binds:
		s.bind(c)
	case pyfile.Copies:
		if module, ok := s.spelled(c.Prefix); ok {
			s.star(c, module)
		}
	case pyfile.Walks:
		s.walk(c)
	case pyfile.Stubs:
		s.stub(c)
	case pyfile.Passes:
		s.pass(c)
	}
}

// unknown says that the module computes names in a way that cannot be told.
func (s *speller) unknown() { s.module.Flags |= pyfile.WritesSelf }

// spelled puts the module's own names in the place of marks.
func (s *speller) spelled(text string) (string, bool) {
	text, ok := s.mod.Spelled(text)
	if !ok {
		s.unknown()
	}
	return text, ok
}

// Spelled puts what is true of the module in the place of marks, and of leading
// dots; ok is false where a mark stays, or nothing.
func (m *Mod) Spelled(text string) (name string, ok bool) {
	text = strings.ReplaceAll(text, pyfile.NameMark, m.Name)
	text = strings.ReplaceAll(text, pyfile.PackageMark, m.PackageName())
	level := len(text) - len(strings.TrimLeft(text, "."))
	if level > 0 {
		return m.Absolute(level, text[level:])
	}
	return text, text != "" && !strings.ContainsAny(text, pyfile.PathMark+pyfile.SpaceMark+pyfile.FileMark+pyfile.FolderMark+pyfile.ArgMark)
}

// imports adds an import statement where the code stands that does the same.
func (s *speller) imports(c pyfile.Computed, imp pyfile.Import, b pyfile.Binding) {
	imp.Start, imp.End, imp.Fence = c.At, c.At, c.At
	imp.Suite, imp.Ordinal = -1, -1
	b.At, b.Import = c.At, int32(len(s.outline.Imports))
	s.outline.Imports = append(s.outline.Imports, imp)
	s.module.Bindings = append(s.module.Bindings, b)
}

func (s *speller) bind(c pyfile.Computed) {
	if c.Prefix == "" {
		s.module.Bindings = append(s.module.Bindings, pyfile.Binding{Name: c.Name, Kind: pyfile.Declared, At: c.At})
		return
	}
	module, ok := s.spelled(c.Prefix)
	if !ok {
		return
	}
	imp := pyfile.Import{Names: []pyfile.Name{{Name: module, As: c.Name}}}
	if c.Attr != "" {
		imp = pyfile.Import{From: true, Module: module, Names: []pyfile.Name{{Name: c.Attr, As: c.Name}}}
	}
	s.imports(c, imp, pyfile.Binding{Name: c.Name, Kind: pyfile.Imported})
}

// star adds a star import of a module, which must be here.
func (s *speller) star(c pyfile.Computed, module string) {
	if s.index.Module(module) == nil {
		s.unknown()
		return
	}
	imp := pyfile.Import{From: true, Module: module, Names: []pyfile.Name{{Name: "*"}}, Keep: c.Keep, Loose: c.Loose}
	s.imports(c, imp, pyfile.Binding{Kind: pyfile.StarImported})
}

// walk adds a star import of each submodule that a loop visits.
func (s *speller) walk(c pyfile.Computed) {
	pkg, ok := s.folder(c.Path)
	if !ok {
		s.unknown()
		return
	}
	for _, sub := range s.index.submodules(pkg, c.Deep) {
		if !slices.ContainsFunc(c.Only, func(t pyfile.Test) bool { return !s.fits(t, sub) }) {
			if module, ok := s.spelled(c.Prefix + sub.name + c.Suffix); ok {
				s.star(c, module)
			}
		}
	}
}

// folder is the package whose folder a mark stands for.
func (s *speller) folder(mark string) (pkg string, ok bool) {
	switch mark {
	case pyfile.PathMark:
		return s.mod.Name, s.mod.Package
	case pyfile.FolderMark:
		return s.mod.PackageName(), true
	}
	return "", false
}

// submodule is a module below a package, with its name from there on.
type submodule struct {
	name string
	mod  *Mod
}

// submodules returns the modules of a package in the order in which package
// pkgutil finds them, by the names of their files; if deep, each package is
// followed by its own.
func (x *Index) submodules(pkg string, deep bool) (out []submodule) {
	for _, m := range x.below(pkg) {
		name := m.Name[len(pkg)+1:]
		out = append(out, submodule{name, m})
		if deep && m.Package {
			for _, sub := range x.submodules(m.Name, deep) {
				out = append(out, submodule{name + "." + sub.name, sub.mod})
			}
		}
	}
	return out
}

// below returns the modules directly in a package that have a file, by the name
// of that.
func (x *Index) below(pkg string) (out []*Mod) {
	x.once.Do(func() {
		x.children = map[string][]*Mod{}
		for _, m := range x.modules {
			if p := parent(m.Name); p != "" && m.Path != "" && !m.Stub {
				x.children[p] = append(x.children[p], m)
			}
		}
		for _, list := range x.children {
			slices.SortFunc(list, func(a, b *Mod) int { return strings.Compare(a.file(), b.file()) })
		}
	})
	return x.children[pkg]
}

// file is the name of the module's file in its folder, or of its folder.
func (m *Mod) file() string {
	if m.Package {
		return path.Base(path.Dir(m.Path))
	}
	return path.Base(m.Path)
}

// fits reports whether a loop does what it does for a submodule.
func (s *speller) fits(t pyfile.Test, sub submodule) bool {
	name, ok := s.spelled(t.Prefix + sub.name + t.Suffix)
	if t.Prefix == "" {
		name, ok = sub.name+t.Suffix, true
	}
	if t.File {
		name, ok = sub.mod.file(), true
	}
	if !ok {
		return false
	}
	is := false
	switch t.Kind {
	case pyfile.TestIs:
		is = slices.Contains(t.Text, name)
	case pyfile.TestPrefix:
		is = slices.ContainsFunc(t.Text, func(s string) bool { return strings.HasPrefix(name, s) })
	case pyfile.TestSuffix:
		is = slices.ContainsFunc(t.Text, func(s string) bool { return strings.HasSuffix(name, s) })
	case pyfile.TestPackage:
		is = sub.mod.Package
	}
	return is != t.Not
}

// stub adds what the stub beside the module imports from modules of its package.
func (s *speller) stub(c pyfile.Computed) {
	p := strings.TrimSuffix(s.mod.Path, ".py") + ".pyi"
	if _, ok := s.index.Place(p); !ok {
		s.unknown()
		return
	}
	for _, imp := range s.facts.Outline(p).Imports {
		if !imp.From || imp.Scope != 0 || imp.Level == 0 {
			continue
		}
		for _, n := range imp.Names {
			own := imp
			own.Guard, own.Names = 0, []pyfile.Name{n}
			if n.Name == "*" {
				s.unknown()
				continue
			}
			s.imports(c, own, pyfile.Binding{Name: n.Bound(), Kind: pyfile.Imported})
		}
	}
}

// pass follows the namespace to a function of another module.
func (s *speller) pass(c pyfile.Computed) {
	module, name, _ := strings.Cut(c.Callee, ":")
	module, ok := s.spelled(module)
	if !ok {
		return
	}
	f := s.function(module, name)
	if f == nil {
		s.unknown()
		return
	}
	s.deep++
	for _, does := range f.Does {
		s.one(does.With(c.At, c.Args))
	}
	s.deep--
}

// function finds what a function does to a namespace, over any number of hops.
func (s *speller) function(module, name string) *pyfile.Function {
	home := s.plain.Lookup(module, name, false).Home
	m := s.index.Module(home.Module)
	if m == nil || m.Path == "" {
		return nil
	}
	facts := s.facts.Module(m.Path)
	if facts == nil {
		return nil
	}
	i := slices.IndexFunc(facts.Functions, func(f pyfile.Function) bool { return f.Name == home.Attr })
	if i < 0 {
		return nil
	}
	return &facts.Functions[i]
}
