package codemod

import (
	"context"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/importgraph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// Imports is what importing the modules of a tree executes: as the tree is, and
// once the facades of the rules are retired, that is once each name is imported
// from its home and the facades import nothing.
type Imports struct {
	Now, Retired *importgraph.Graph
	Plan         *Result // by which the second was found; nil without facades
}

// ReadImports reads a tree and says what the import of each of its modules
// executes. Without facades in the rules, nothing changes when they are
// retired. Errors are those of Plan.
func ReadImports(ctx context.Context, t Tree, r Rules, o Options) (*Imports, error) {
	now, err := importGraph(ctx, t, r, o, nil)
	if err != nil || len(r.Facades) == 0 {
		return &Imports{Now: now, Retired: now}, err
	}
	plan, err := Plan(ctx, t, r, o)
	if err != nil {
		return nil, err
	}
	then, err := importGraph(ctx, changed{t, plan.after()}, r, o, plan.homesOfLeft())
	if err != nil {
		return nil, err
	}
	return &Imports{Now: now, Retired: then.Without(r.Facades...), Plan: plan}, nil
}

// changed is a tree after a plan.
type changed struct {
	Tree
	after map[string][]byte
}

// Files implements Tree.
func (c changed) Files() []File {
	files := c.Tree.Files()
	out := make([]File, len(files))
	for i, f := range files {
		if text, ok := c.after[f.Path]; ok {
			f.ID, f.Size = "", int64(len(text))
		}
		out[i] = f
	}
	return out
}

// Read implements Tree.
func (c changed) Read(f File) ([]byte, error) {
	if text, ok := c.after[f.Path]; ok {
		return text, nil
	}
	return c.Tree.Read(f)
}

// after returns the new texts of the files that change.
func (r *Result) after() map[string][]byte {
	out := make(map[string][]byte, len(r.Changes))
	for _, c := range r.Changes {
		out[c.Path] = c.After
	}
	return out
}

// homesOfLeft returns, by path, the imports that references which stay will
// have become before a facade can go.
func (r *Result) homesOfLeft() map[string][]importgraph.Import {
	homes := map[[2]string]string{}
	for _, f := range r.Facades {
		for _, n := range f.Names {
			homes[[2]string{f.Module, n.Name}] = n.Home
		}
	}
	out := map[string][]importgraph.Import{}
	for _, l := range r.Left {
		if home := homes[[2]string{l.Facade, l.Name}]; home != "" && l.Form != FormString {
			module, _, _ := strings.Cut(home, ":")
			out[l.Path] = append(out[l.Path], importgraph.Import{Line: l.Line, Runs: []string{module}})
		}
	}
	return out
}

// importGraph reads the import statements of a tree; further ones are added by
// path.
func importGraph(ctx context.Context, t Tree, r Rules, o Options, further map[string][]importgraph.Import) (*importgraph.Graph, error) {
	w, err := world.Open(ctx, t, r, o)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if err := w.Strict(); err != nil {
		return nil, err
	}
	e := &executed{w}
	var modules, others []importgraph.Module
	add := func(to *[]importgraph.Module, name string, m *resolve.Mod) {
		*to = append(*to, importgraph.Module{Name: name, Path: m.Path, Imports: append(e.imports(m), further[m.Path]...)})
	}
	for _, name := range w.Index.Names() {
		switch m := w.Index.Module(name); {
		case m.Path == "": // a folder
		case w.Index.File(m.Path) == m:
			add(&modules, name, m)
		default:
			add(&others, name, m) // the same file, under another source root
		}
	}
	for _, m := range w.Index.Outside() {
		add(&modules, m.Path, m)
	}
	return importgraph.New(append(modules, others...)), ctx.Err()
}

// executed says which modules an import statement executes.
type executed struct{ *world.World }

// imports returns the statements of a module that run some time. Of what only a
// stub describes nobody knows what it imports.
func (e *executed) imports(m *resolve.Mod) (out []importgraph.Import) {
	if m.Stub {
		return nil
	}
	o := e.Outline(m.Path)
	for i := range o.Imports {
		imp := &o.Imports[i]
		if imp.Guard&(pyfile.TypeChecking|pyfile.Unreadable) != 0 {
			continue
		}
		runs := e.runs(m, imp)
		if len(runs) > 0 {
			deferred := inFunction(o, imp) || imp.Guard&pyfile.Lazy != 0
			out = append(out, importgraph.Import{Line: int(imp.Line), Runs: runs, Deferred: deferred})
		}
	}
	return out
}

func inFunction(o *pyfile.Outline, imp *pyfile.Import) bool {
	for s := imp.Scope; s != 0; s = o.Scopes[s].Parent {
		if o.Scopes[s].Kind == pyfile.FunctionScope {
			return true
		}
	}
	return false
}

// runs returns the modules that a statement names: with a `from` import those,
// too, that are submodules which the package does not bind itself (language
// reference, "The import statement").
func (e *executed) runs(m *resolve.Mod, imp *pyfile.Import) (modules []string) {
	if !imp.From {
		for _, n := range imp.Names {
			modules = append(modules, n.Name)
		}
		return modules
	}
	from, ok := m.Absolute(int(imp.Level), imp.Module)
	if !ok {
		return nil
	}
	modules = append(modules, from)
	if pkg := e.Index.Module(from); pkg == nil || !pkg.Package {
		return modules
	}
	for _, name := range e.named(from, imp) {
		if sub := from + "." + name; e.Index.Module(sub) != nil && (from == m.Name || !e.binds(from, name)) {
			modules = append(modules, sub)
		}
	}
	return modules
}

// named returns the names that a statement takes from a package: of a star
// import those that `__all__` lists.
func (e *executed) named(from string, imp *pyfile.Import) (names []string) {
	if imp.Star() {
		names, _ = e.All(from)
		return names
	}
	for _, n := range imp.Names {
		names = append(names, n.Name)
	}
	return names
}

// binds reports whether a package that has a submodule of a name binds that
// name itself, so that taking it imports nothing.
func (e *executed) binds(pkg, name string) bool {
	m := e.Index.Module(pkg)
	if m.Path == "" {
		return false
	}
	o := e.Outline(m.Path)
	for _, d := range o.Decls {
		if d.Name == name {
			return true
		}
	}
	for i := range o.Imports {
		imp := &o.Imports[i]
		if imp.Scope != 0 || !imp.Runs() {
			continue
		}
		if imp.Star() {
			from, ok := m.Absolute(int(imp.Level), imp.Module)
			if ok && from != pkg && e.Public(from)[name] {
				return true
			}
			continue
		}
		for _, n := range imp.Names {
			if n.Bound() == name {
				return true
			}
		}
	}
	return false
}
