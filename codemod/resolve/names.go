package resolve

import (
	"maps"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// Public returns the names that `from module import *` binds: `__all__` where
// it can be evaluated, otherwise every name of the module without a leading
// underscore. It is nil for a module outside the tree.
func (r *Resolver) Public(module string) map[string]bool {
	if set, ok := r.names[module]; ok {
		return set
	}
	r.closeNames(module)
	return r.names[module]
}

// closeNames computes the public names of a module and of all that it
// star-imports. Star imports may run in circles, so the sets grow until none
// does any more.
func (r *Resolver) closeNames(module string) {
	g := starGraph{r: r, own: map[string]map[string]bool{}, from: map[string][]starSource{}}
	g.visit(module)
	for changed := true; changed; {
		changed = false
		for m, sources := range g.from {
			for _, src := range sources {
				changed = g.take(m, src) || changed
			}
		}
	}
	for m, set := range g.own {
		r.names[m] = set
	}
}

// starGraph is the star imports that lead out of one module.
type starGraph struct {
	r    *Resolver
	own  map[string]map[string]bool
	from map[string][]starSource
}

// starSource is a module that is star-imported, and which names are taken.
type starSource struct {
	module string
	keep   pyfile.Keep
}

// take adds the names of src that m takes to those of m.
func (g *starGraph) take(m string, src starSource) (changed bool) {
	names, ok := g.own[src.module]
	if !ok {
		names = g.r.names[src.module]
	}
	if src.keep == pyfile.KeepAll || src.keep == pyfile.KeepPublic {
		names = g.r.unlisted(src.module, names)
	}
	for n := range names {
		if !g.own[m][n] && !strings.HasPrefix(n, "_") {
			g.own[m][n] = true
			changed = true
		}
	}
	return changed
}

func (g *starGraph) visit(module string) {
	if g.own[module] != nil || g.r.names[module] != nil {
		return
	}
	m := g.r.Index.Module(module)
	if m == nil {
		return
	}
	set := map[string]bool{}
	g.own[module] = set
	facts := g.r.moduleFacts(m)
	if facts == nil {
		return
	}
	if names, ok := g.r.all(m, facts, nil); ok {
		for _, n := range names {
			set[n] = true
		}
		return
	}
	g.bindings(m, facts, set)
}

// bindings collects the names that m binds itself, and whom it star-imports.
func (g *starGraph) bindings(m *Mod, facts *pyfile.Module, set map[string]bool) {
	for i := range facts.Bindings {
		b := &facts.Bindings[i]
		switch {
		case b.Guard&pyfile.TypeChecking != 0:
		case b.Kind == pyfile.StarImported:
			if src, ok := g.r.source(m, b); ok {
				g.from[m.Name] = append(g.from[m.Name], starSource{src, g.r.statement(m, b).Keep})
				g.visit(src)
				g.submodule(m, src, set)
			}
		case b.Kind == pyfile.Deleted && b.Guard&pyfile.Conditional == 0:
			delete(set, b.Name)
		case b.Kind == pyfile.Deleted:
		default:
			if b.Kind == pyfile.Imported {
				if src, ok := g.r.source(m, b); ok {
					g.submodule(m, src, set)
				}
			}
			if !strings.HasPrefix(b.Name, "_") {
				set[b.Name] = true
			}
		}
	}
}

// submodule adds the name that importing src binds in the package m: the
// import system sets a submodule as an attribute of its parent.
func (g *starGraph) submodule(m *Mod, src string, set map[string]bool) {
	rest, ok := strings.CutPrefix(src, m.Name+".")
	if !ok || !m.Package {
		return
	}
	name, _, _ := strings.Cut(rest, ".")
	if !strings.HasPrefix(name, "_") && g.r.Index.Module(m.Name+"."+name) != nil {
		set[name] = true
	}
}

// All returns the value of the module's `__all__`, in order, if it has one
// that can be evaluated.
func (r *Resolver) All(module string) ([]string, bool) {
	m := r.Index.Module(module)
	if m == nil {
		return nil, false
	}
	facts := r.moduleFacts(m)
	if facts == nil {
		return nil, false
	}
	return r.all(m, facts, nil)
}

func (r *Resolver) all(m *Mod, facts *pyfile.Module, open []string) ([]string, bool) {
	if len(facts.All) == 0 || facts.Flags&pyfile.AllUnknown != 0 {
		return nil, false
	}
	for _, o := range open {
		if o == m.Name {
			return nil, false
		}
	}
	open = append(open, m.Name)
	var names []string
	for _, op := range facts.All {
		value := append([]string(nil), op.Names...)
		for _, other := range op.From {
			more, ok := r.allOf(m, facts, other, open)
			if !ok {
				return nil, false
			}
			value = append(value, more...)
		}
		switch op.Kind {
		case pyfile.AllSet:
			names = value
		case pyfile.AllExtend:
			names = append(names, value...)
		case pyfile.AllRemove:
			names = without(names, value)
		}
	}
	return names, true
}

func without(names, gone []string) []string {
	var out []string
	for _, n := range names {
		keep := true
		for _, g := range gone {
			keep = keep && n != g
		}
		if keep {
			out = append(out, n)
		}
	}
	return out
}

// allOf evaluates `other.__all__` in m, where other is a dotted name whose
// first part m binds to a module, or a submodule that m imports from.
func (r *Resolver) allOf(m *Mod, facts *pyfile.Module, other string, open []string) ([]string, bool) {
	first, rest, dotted := strings.Cut(other, ".")
	module := ""
	for i := range facts.Bindings {
		b := &facts.Bindings[i]
		if b.Kind == pyfile.Imported && b.Name == first {
			if target := r.imported(m, b); target != "" {
				module = target
			}
		}
	}
	if module == "" && m.Package && r.Index.Module(m.Name+"."+first) != nil {
		module = m.Name + "." + first
	}
	if dotted && module != "" {
		module += "." + rest
	}
	target := r.Index.Module(module)
	if target == nil {
		return nil, false
	}
	f := r.moduleFacts(target)
	if f == nil {
		return nil, false
	}
	return r.all(target, f, open)
}

// imported returns the module that a binding binds its name to, or "".
func (r *Resolver) imported(m *Mod, b *pyfile.Binding) string {
	imp := r.statement(m, b)
	n := imp.Names[b.Index]
	if !imp.From {
		if n.As != "" {
			return n.Name
		}
		return n.Bound()
	}
	src, ok := m.Absolute(int(imp.Level), imp.Module)
	if ok && r.Index.Module(src+"."+n.Name) != nil {
		return src + "." + n.Name
	}
	return ""
}

// Bound returns every name that the module binds and a reader could import,
// with or without `__all__`.
func (r *Resolver) Bound(module string) map[string]bool {
	out := map[string]bool{}
	for n := range r.Public(module) {
		out[n] = true
	}
	m := r.Index.Module(module)
	if m == nil {
		return out
	}
	facts := r.moduleFacts(m)
	if facts == nil {
		return out
	}
	for i := range facts.Bindings {
		b := &facts.Bindings[i]
		if b.Kind != pyfile.StarImported {
			out[b.Name] = true
			continue
		}
		for n := range r.brings(m, b) {
			out[n] = true
		}
	}
	for n := range facts.Table {
		out[n] = true
	}
	return out
}

// brings returns the names that a star import of m takes.
func (r *Resolver) brings(m *Mod, b *pyfile.Binding) map[string]bool {
	src, ok := r.source(m, b)
	if !ok {
		return nil
	}
	names := r.Public(src)
	if keep := r.statement(m, b).Keep; keep == pyfile.KeepAll || keep == pyfile.KeepPublic {
		return r.unlisted(src, names)
	}
	return names
}

// unlisted returns the names that a module binds, whatever its `__all__` lists,
// given its public ones.
func (r *Resolver) unlisted(module string, names map[string]bool) map[string]bool {
	m := r.Index.Module(module)
	if m == nil {
		return names
	}
	facts := r.moduleFacts(m)
	if facts == nil || len(facts.All) == 0 {
		return names
	}
	out, stars := map[string]bool{}, false
	for i := range facts.Bindings {
		b := &facts.Bindings[i]
		stars = stars || b.Kind == pyfile.StarImported
		if b.Name != "" && b.Name[0] != '_' && b.Kind != pyfile.Deleted {
			out[b.Name] = true
		}
	}
	for name := range names {
		out[name] = out[name] || stars // what is listed may come from a star import
	}
	maps.DeleteFunc(out, func(_ string, binds bool) bool { return !binds })
	return out
}
