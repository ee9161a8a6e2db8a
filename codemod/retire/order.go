package retire

import (
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// runner imports modules as the import system does (language reference, "The
// import system"): the packages above first, then statement by statement.
// What is under way is not begun again.
type runner struct {
	World
	skip  map[string]map[int]bool // by path: imports that are no more
	begun map[string]bool
	order []string
}

// run returns the modules of the tree that importing some executes, in the
// order in which they begin. Skip says which imports of which file are gone.
func run(w World, skip map[string]map[int]bool, modules ...string) (order []string, begun map[string]bool) {
	r := runner{World: w, skip: skip, begun: map[string]bool{}}
	for _, m := range modules {
		r.load(m)
	}
	return r.order, r.begun
}

func (r *runner) load(module string) {
	for end := 0; end <= len(module); end++ {
		if end == len(module) || module[end] == '.' {
			r.exec(r.Index().Module(module[:end]))
		}
	}
}

func (r *runner) exec(m *resolve.Mod) {
	if m == nil || r.begun[m.Name] {
		return
	}
	r.begun[m.Name] = true
	if m.Path == "" || m.Stub {
		return
	}
	r.order = append(r.order, m.Name)
	o := r.Outline(m.Path)
	for i := range o.Imports {
		imp := &o.Imports[i]
		if !runs(o, imp) || r.skip[m.Path][i] {
			continue
		}
		for _, target := range targets(r.World, m, imp) {
			r.load(target)
		}
	}
}

// runs reports whether the statement runs when its module is imported.
func runs(o *pyfile.Outline, imp *pyfile.Import) bool {
	if !imp.Runs() {
		return false
	}
	for s := imp.Scope; s != 0; s = o.Scopes[s].Parent {
		if o.Scopes[s].Kind == pyfile.FunctionScope {
			return false
		}
	}
	return true
}

// targets returns the modules that an import names.
func targets(w World, m *resolve.Mod, imp *pyfile.Import) (out []string) {
	if !imp.From {
		for _, n := range imp.Names {
			out = append(out, n.Name)
		}
		return out
	}
	abs, ok := m.Absolute(int(imp.Level), imp.Module)
	if !ok {
		return nil
	}
	out = append(out, abs)
	names := imp.Names
	if imp.Star() {
		names = nil
		listed, _ := w.All(abs)
		for _, n := range listed {
			names = append(names, pyfile.Name{Name: n})
		}
	}
	for _, n := range names {
		if w.Index().Module(abs+"."+n.Name) != nil {
			out = append(out, abs+"."+n.Name)
		}
	}
	return out
}

// below reports whether a module is another one or below it.
func below(module, of string) bool {
	rest, ok := strings.CutPrefix(module, of)
	return ok && (rest == "" || rest[0] == '.')
}

// parent is the package of a module, "" for one at the top.
func parent(module string) string { return module[:max(0, strings.LastIndexByte(module, '.'))] }

// last is the last part of a dotted name.
func last(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
