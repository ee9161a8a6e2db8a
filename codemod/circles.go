package codemod

import (
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// graphFacts tells the simulation of imports what outlines do not say.
type graphFacts struct{ *planner }

// Known implements graph.Facts.
func (g graphFacts) Known(path string) bool { return g.parsed[path] }

// Bindings implements graph.Facts.
func (g graphFacts) Bindings(path string, o *pyfile.Outline) (m *pyfile.Module) {
	if g.source(path).outline == o {
		return g.Module(path)
	}
	if c := g.changing[path]; c != nil && c.change != nil && c.outlineAfter == o {
		m, _ = cached(g.cache, &g.cache.modules, c.idAfter, func() (m *pyfile.Module, err error) {
			g.parser(func(ps *pyfile.Parser) { m, err = ps.Module(g.ctx, c.change.After, o) })
			return m, err
		})
		if c.mod.Stub {
			m = m.Described()
		}
	}
	return m
}

// noteParsed notes the files that were parsed by now: the simulations use what
// is known of them.
func (p *planner) noteParsed() {
	p.modules.Range(func(path, _ any) bool {
		p.parsed[path.(string)] = true
		return true
	})
}

// All implements graph.Facts.
func (g graphFacts) All(module string) ([]string, bool) { return g.resolver.All(module) }

// Computed implements graph.Facts.
func (g graphFacts) Computed(module, name string) (o graph.Object, there, known bool) {
	m := g.index.Module(module)
	facts := g.Module(m.Path)
	if facts == nil || facts.Table == nil {
		return graph.Object{}, false, false
	}
	entry, there := facts.Table[name]
	if !there {
		return graph.Object{}, false, true
	}
	module, attr, ok := g.resolver.Entry(m, entry, name)
	return graph.Object{Module: module, Name: attr}, ok, ok
}

// watch says what is to be compared of the files that change: what their
// imports bind before and after, and what takes the place of star imports.
func (p *planner) watch(g *graph.Graph, files []*consumer) {
	for _, c := range files {
		if c.change != nil {
			g.Watch(c.Path, c.watch)
		}
	}
}

func (p *planner) watched(c *consumer) *graph.Watch {
	absolute := func(imp *pyfile.Import) string {
		abs, _ := c.mod.Absolute(int(imp.Level), imp.Module)
		return abs
	}
	var more []string
	for _, r := range c.refs {
		if r.reason == "" && r.dead && r.form == FormFrom && c.outline.Imports[r.imp].Scope == 0 {
			more = append(more, c.outline.Imports[r.imp].Names[r.index].Bound()) // what overwrites it must do so
		}
	}
	for _, r := range c.refs {
		if r.reason != "" || r.form != FormStar || c.outline.Imports[r.imp].Scope != 0 {
			continue
		}
		more = append(more, r.star...)
		if r.circular {
			needed := p.starNeeds(c, r) // the star can bring more than the facade exports in the end
			for name := range c.locals {
				delete(needed, name) // the new text binds it for a use of an attribute
			}
			more = append(more, resolve.SortedNames(needed)...)
		}
		if facts := p.Module(c.Path); facts != nil {
			for i := range facts.Bindings {
				if b := &facts.Bindings[i]; b.Kind == pyfile.Declared {
					more = append(more, b.Name) // the star may have bound it anew
				}
			}
		}
	}
	w := graph.Watched(c.outline, absolute).Both(graph.Watched(c.outlineAfter, absolute), more)
	moved := c.boundNames()
	for _, name := range more {
		moved[name] = true
	}
	for _, name := range w.Names {
		if moved[name] {
			w.Moved = append(w.Moved, name)
		}
	}
	return w
}

// boundNames are the names that references which are rewritten bind.
func (c *consumer) boundNames() map[string]bool {
	names := map[string]bool{}
	for _, r := range c.refs {
		switch {
		case r.reason != "":
		case r.form == FormFrom:
			names[c.outline.Imports[r.imp].Names[r.index].Bound()] = true
		case r.form == FormStar:
			for _, name := range r.star {
				names[name] = true
			}
		}
	}
	return names
}

// overridden reports whether the name is bound to something else because the rules
// say where it is at home.
func (o *orderKeeper) overridden(f graph.Failure) bool {
	c := o.changed(f.Importer)
	return c != nil && slices.ContainsFunc(c.refs, func(r *reference) bool {
		return r.reason == "" && c.bindsName(r, f.Name) && o.ruled(r.res.Home)
	})
}

// flip shows the graph the files as they were, and back.
func (o *orderKeeper) flip(files []*consumer) func(back bool) {
	return func(back bool) {
		for _, c := range files {
			switch {
			case c.change == nil:
			case back:
				o.graph.Set(c.Path, c.outlineAfter)
			default:
				o.graph.Set(c.Path, c.outline)
			}
		}
	}
}

// leaveRebound leaves what makes an import bind a name to something else: the
// references of that name, or, if that did not help, all that run when their
// file is imported.
func (o *orderKeeper) leaveRebound(f graph.Failure, files []*consumer, dirty map[*consumer]bool) {
	c := o.changed(f.Importer)
	if c == nil || !dirty[c] && !o.gone(f, []*consumer{c}) {
		c = o.culprit(f, files)
	}
	if c == nil || dirty[c] && o.changed(f.Importer) != c {
		return
	}
	if o.changed(f.Importer) == c {
		for _, r := range c.refs {
			if r.reason == "" && o.runs(c, r) && c.bindsName(r, f.Name) {
				r.leaveCircular(OrderDependent.Advice() + " (" + f.String() + ")")
				dirty[c] = true
			}
		}
	}
	if !dirty[c] {
		o.leaveAll(f, c, dirty)
	}
}

// bindsName reports whether the reference binds a name of its scope.
func (c *consumer) bindsName(r *reference, name string) bool {
	name, _, _ = strings.Cut(name, " ")
	return r.form == FormFrom && c.outline.Imports[r.imp].Names[r.index].Bound() == name ||
		r.form == FormStar && (name == "*" || slices.Contains(r.star, name))
}
