package codemod

import (
	"context"
	"maps"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// position is a name of an import statement.
type position struct{ imp, name int }

// decideDead finds, among the names that one block of imports binds more than
// once, those that a later one overwrites: nothing can read them in between,
// so they go. That the last one stays the last is for the proof to see.
func (p *planner) decideDead(ctx context.Context, files []*consumer) error {
	return p.each(ctx, len(files), func(_ context.Context, i int) error {
		p.deadIn(files[i])
		return nil
	})
}

func (p *planner) deadIn(c *consumer) {
	byName := map[position]*reference{}
	for _, r := range c.refs {
		if r.form == FormFrom && r.index >= 0 {
			byName[position{r.imp, r.index}] = r
		}
	}
	for first := 0; first < len(c.outline.Imports); {
		last := first
		for last+1 < len(c.outline.Imports) && adjacent(&c.outline.Imports[last], &c.outline.Imports[last+1]) {
			last++
		}
		if holdsReference(c, first, last, byName) {
			p.deadInBlock(c, first, last, byName)
		}
		first = last + 1
	}
}

func holdsReference(c *consumer, first, last int, refs map[position]*reference) bool {
	for i := first; i <= last; i++ {
		for k := range c.outline.Imports[i].Names {
			if refs[position{i, k}] != nil {
				return true
			}
		}
	}
	return false
}

// binding is one binding of a name, and the reference that it is, if any.
type binding struct {
	imp, name int
	ref       *reference
}

// watchers counts, of a block, the imports that run a module which can see how
// far this one has run: at index i those before the i-th.
func (p *planner) watchers(c *consumer, first, last int, refs map[position]*reference) []int {
	reaches := map[string]bool{}
	count := make([]int, 1, last-first+2)
	for i := first; i <= last; i++ {
		imp, sees := &c.outline.Imports[i], 0
		for k, n := range imp.Names {
			module, ok := n.Name, true
			if r := refs[position{i, k}]; r != nil && r.reason == "" {
				module = r.res.Home.Module
			} else if imp.From {
				module, ok = c.mod.Absolute(int(imp.Level), imp.Module)
			}
			if !ok {
				continue
			}
			is, known := reaches[module]
			if !known {
				is = p.graphs.was.Reaches(module, c.mod.Name)
				reaches[module] = is
			}
			if is {
				sees = 1
			}
		}
		count = append(count, count[i-first]+sees)
	}
	return count
}

// starOverwrites returns which of the names seen before a star import binds.
func (p *planner) starOverwrites(c *consumer, imp *pyfile.Import, seen map[string][]binding) map[string]bool {
	abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
	if !ok || p.graphs.was.Reaches(abs, c.mod.Name) || !c.anyOf(seen) {
		return nil
	}
	out, public := map[string]bool{}, p.public(abs)
	for n := range seen {
		out[n] = public[n]
	}
	maps.DeleteFunc(out, func(_ string, bound bool) bool { return !bound })
	return out
}

// anyOf reports whether a reference is among the bindings.
func (c *consumer) anyOf(seen map[string][]binding) bool {
	for _, all := range seen {
		for _, b := range all {
			if b.ref != nil {
				return true
			}
		}
	}
	return false
}

func adjacent(a, b *pyfile.Import) bool { return a.Suite == b.Suite && a.Ordinal+1 == b.Ordinal }

func (p *planner) deadInBlock(c *consumer, first, last int, refs map[position]*reference) {
	seen := map[string][]binding{}
	for i := first; i <= last; i++ {
		imp := &c.outline.Imports[i]
		if imp.Star() {
			for n := range p.starOverwrites(c, imp, seen) {
				seen[n] = append(seen[n], binding{i, 0, nil})
			}
			continue
		}
		for k, n := range imp.Names {
			if !imp.From && n.As == "" {
				continue // binds a package, as others may
			}
			seen[n.Bound()] = append(seen[n.Bound()], binding{i, k, refs[position{i, k}]})
		}
	}
	var watchers []int
	for _, all := range seen {
		end := all[len(all)-1].imp
		for _, b := range all[:len(all)-1] {
			if b.ref == nil || c.excluded != "" || b.ref.reason != "" && b.ref.reason != DeclaredInFacade {
				continue
			}
			if watchers == nil {
				watchers = p.watchers(c, first, last, refs)
			}
			if watchers[end+1-first] == watchers[b.imp+1-first] {
				b.ref.reason, b.ref.detail, b.ref.dead = "", "", true
			}
		}
	}
}

// decideCircular leaves what a circle of imports makes depend on what is
// imported first, or that is something else once all imports have run than
// the bindings say when they are read in order.
func (p *planner) decideCircular(c *consumer) {
	for _, r := range c.refs {
		if r.form == FormStar && r.reason == "" {
			r.facade.findUnsettled(p)
			r.circular = p.graphs.was.Circular(r.facade.name, c.mod.Name)
			if !p.graphs.was.Works(r.facade.name) {
				r.leave(OrderDependent, "A circle of imports leads through the facade, in which every import seems to fail: what the star brings cannot be told.")
			}
		}
		if r.reason == Unresolved || r.reason == DeclaredInFacade && !p.typesOnly(r) && !p.settles(r.facade.name, r.name, r.res.Home) {
			p.unread(r)
		}
		if r.reason != "" || r.form == FormStar || p.typesOnly(r) || p.settles(r.facade.name, r.name, r.res.Home) {
			continue
		}
		r.dead = false
		r.leaveCircular("A circle of imports leads through the facade, so what the name is depends on what was imported first: import it from its home by hand.")
	}
}

// unread says more of a name that its bindings, read in order, do not lead to
// what the imports of a circle bind.
func (p *planner) unread(r *reference) {
	if r.name == "" || r.name == "*" || r.typing && p.lookup(r.facade.name, r.name, false).Status != resolve.Unresolved {
		return
	}
	if o, ok := p.graphs.was.Settled(r.facade.name, r.name); ok && o != (graph.Object{Module: r.facade.name + "." + r.name}) {
		r.leaveCircular("A circle of imports leads through the facade, so what the name is depends on what was imported first: import it by hand, from " + o.String() + " if that is its home.")
	}
}

// typesOnly reports whether what a type checker sees is another object than
// what is there when the program runs.
func (p *planner) typesOnly(r *reference) bool {
	return r.typing && p.lookup(r.facade.name, r.name, false).Home != r.res.Home
}

// settles reports whether a name of a facade is what its home is, wherever
// circles of imports are entered.
func (p *planner) settles(facade, name string, home resolve.Home) bool {
	if p.ruled(home) {
		return true
	}
	was, ok := p.graphs.was.Settled(facade, name)
	if !ok || was == p.graphs.was.Object(home.Module, home.Attr) {
		return true
	}
	is, found := p.graphs.was.Settled(home.Module, home.Attr)
	return !found || was == is && slices.Contains(p.rules.StopAt, home.Module)
}

// ruled reports whether a home is one that the rules give a name, whatever its
// bindings say.
func (p *planner) ruled(home resolve.Home) bool {
	for _, h := range p.homes {
		if h == home {
			return true
		}
	}
	return false
}

// findUnsettled finds the names of the facade that a star import must not be
// replaced by.
func (f *facade) findUnsettled(p *planner) {
	if f.unsettled != nil {
		return
	}
	f.unsettled = map[string]bool{}
	for name := range p.public(f.name) {
		if res := p.lookup(f.name, name, false); res.Status == resolve.Found && !p.settles(f.name, name, res.Home) {
			f.unsettled[name] = true
		}
	}
}
