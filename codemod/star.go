package codemod

import (
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
)

// buildStar replaces `from F import *` by the names that the file, or those
// that read from it, take from F.
func (p *planner) buildStar(c *consumer, b *rewrite.Builder, r *reference) {
	if why := p.starObstacle(c, r); why != "" {
		r.leave(Ambiguous, why)
		return
	}
	if p.computes(r.facade.name) {
		r.leave(Dynamic, "The facade computes names while it runs, so what the file takes from the star import cannot be told.")
		return
	}
	names := p.starNames(c, r)
	homes := map[string]resolve.Home{}
	for _, n := range names {
		res := p.lookup(r.facade.name, n, r.typing)
		switch {
		case res.Uncertain:
			r.leave(Ambiguous, "The star import may bring in "+n+", which only some branches bind: an import of it by name could fail where the star does not.")
			return
		case !r.typing && r.facade.unsettled[n]:
			r.leave(OrderDependent, "The star import brings in "+n+", and a circle of imports leads through the facade: what it is depends on what was imported first.")
			return
		case res.Status == resolve.Found || res.Status == resolve.NoReexport || res.Status == resolve.Declared:
			homes[n] = res.Home
		default:
			r.leave(statusReason(res.Status), "The star import brings in "+n+": "+statusReason(res.Status).Advice())
			return
		}
	}
	if len(names) == 0 {
		r.leave(ModuleUsedAsValue, "The file reads none of the facade's names: remove the import if it is not for its side effects.")
		return
	}
	var after []string
	for _, n := range names {
		after = append(after, b.Add(r.imp, homes[n], n).String())
	}
	b.Remove(r.imp, r.index)
	r.after = strings.Join(after, "\n")
	r.star = names
}

// starObstacle says why the names that come from a star import cannot be told.
func (p *planner) starObstacle(c *consumer, r *reference) string {
	if c.names == nil || c.failure != "" {
		return "The file does not parse as a whole, so what it uses cannot be told."
	}
	if p.facade(c.mod.Name) != nil {
		return "The file is a facade itself: its re-exports go when it is retired."
	}
	facts := p.Module(c.Path)
	if facts == nil || facts.Flags&(pyfile.WritesSelf|pyfile.AllUnknown) != 0 {
		return "The file computes its names, so what it takes from the star import cannot be told."
	}
	for i := range c.outline.Imports {
		imp := &c.outline.Imports[i]
		if i == r.imp || !imp.Star() {
			continue
		}
		abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
		if !ok || !p.isModule(abs) {
			return "Another star import of the file comes from a module that is not here, so what comes from which cannot be told."
		}
	}
	return ""
}

// starNames returns the names that must go on to come from the facade.
func (p *planner) starNames(c *consumer, r *reference) []string {
	public, needed := p.public(r.facade.name), p.starNeeds(c, r)
	exported := p.starImported(c)
	var out []string
	for n := range public {
		if (needed[n] || exported) && p.starWins(c, r, n) && !p.overwritten(c, r, n) {
			out = append(out, n)
		}
	}
	sort.Strings(out)
	return out
}

// starNeeds returns the names that somebody takes from where the star import
// binds them, or may bind them anew.
func (p *planner) starNeeds(c *consumer, r *reference) map[string]bool {
	needed := map[string]bool{}
	p.freeNames(c.names, needed)
	c.boundBefore(c.firstStatementAfter(r.imp), needed)
	for name, homes := range c.locals {
		for _, scopes := range homes {
			imp, ok := scopes[0]
			needed[name] = needed[name] || ok && int(c.outline.Imports[imp].Start) < c.firstStatementAfter(r.imp)
		}
	}
	p.neededFrom(c.mod.Name, needed, map[string]bool{})
	p.boundByStars(c, r, needed)
	return needed
}

// boundByStars adds the names that star imports before it or in its block bind to something else.
func (p *planner) boundByStars(c *consumer, r *reference, out map[string]bool) {
	end := c.firstStatementAfter(r.imp)
	for i := range c.outline.Imports {
		imp := &c.outline.Imports[i]
		if i == r.imp || !imp.Star() || int(imp.Start) >= end {
			continue
		}
		if abs, ok := c.mod.Absolute(int(imp.Level), imp.Module); ok && abs != r.facade.name {
			for n := range p.public(abs) {
				out[n] = out[n] || p.lookup(abs, n, r.typing).Home != p.lookup(r.facade.name, n, r.typing).Home
			}
		}
	}
}

// overwritten reports whether an import behind the star in its block binds the
// name to another object: nothing sees what the star brings.
func (p *planner) overwritten(c *consumer, r *reference, name string) bool {
	home := p.lookup(r.facade.name, name, r.typing).Home
	end := c.firstStatementAfter(r.imp)
	star := &c.outline.Imports[r.imp]
	for _, at := range c.groups().bound[boundName{c.scopeAt(int(star.Start)), name}] {
		imp := &c.outline.Imports[at.imp]
		behind := at.imp > r.imp && int(imp.Start) < end && imp.Suite == star.Suite
		if behind && !p.importsHome(c, at.imp, imp.Names[at.name], home) {
			return true
		}
	}
	return false
}

// boundBefore adds the names that the module binds before the offset, the end
// of a star import's block: the star may bind them anew.
func (c *consumer) boundBefore(at int, out map[string]bool) {
	for i := range c.names.Uses {
		u := &c.names.Uses[i]
		if u.Start >= at {
			return
		}
		if scope, ok := c.names.Binding(u.Name, u.Scope); ok && scope == 0 && u.Access == pyfile.Store {
			out[u.Name] = true
		}
	}
}

// freeNames adds the names that the file reads and that no statement of it
// binds, or that it reads before it binds them.
func (p *planner) freeNames(names *pyfile.Names, out map[string]bool) {
	first := map[string]bool{}
	for i := range names.Uses {
		u := &names.Uses[i]
		scope, ok := names.Binding(u.Name, u.Scope)
		if !ok {
			out[u.Name] = true
			continue
		}
		if scope == 0 && !first[u.Name] {
			first[u.Name] = true
			if u.Access == pyfile.Load {
				out[u.Name] = true
			}
		}
	}
}

// neededFrom adds the names that other files read from a module.
func (p *planner) neededFrom(module string, out, seen map[string]bool) {
	if seen[module] {
		return
	}
	seen[module] = true
	readers := p.readers(module)
	for name := range readers.names {
		out[name] = true
	}
	listed := p.all(module)
	for _, name := range listed {
		out[name] = true
	}
	for _, s := range readers.whole {
		p.attributesOf(s, module, out)
	}
	if len(listed) > 0 {
		return // a star import takes what is listed and nothing else
	}
	for _, s := range readers.star {
		p.readBy(s, func(names *pyfile.Names) { p.freeNames(names, out) })
		if s.mod != nil {
			p.neededFrom(s.mod.Name, out, seen)
		}
	}
}

// starWins reports whether the name comes from this star import, and not from
// one behind it.
func (p *planner) starWins(c *consumer, r *reference, name string) bool {
	for _, i := range c.starImports() {
		imp := &c.outline.Imports[i]
		if i <= r.imp || imp.Scope != c.outline.Imports[r.imp].Scope {
			continue
		}
		abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
		if ok && abs != r.facade.name && p.public(abs)[name] {
			return c.readsBetween(name, r.at, int(imp.Start))
		}
	}
	return true
}

// readsBetween reports whether the file reads the name between two offsets,
// outside of a statement that binds it.
func (c *consumer) readsBetween(name string, from, to int) bool {
	return slices.ContainsFunc(c.usesOf(name), func(i int) bool {
		u := &c.names.Uses[i]
		return u.Access == pyfile.Load && u.Start > from && u.Start < to
	})
}

// starRebinds reports whether a star import of the file binds the name to
// something other than the home.
func (p *planner) starRebinds(c *consumer, name string, home resolve.Home) bool {
	for _, i := range c.starImports() {
		imp := &c.outline.Imports[i]
		abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
		if !ok || !p.public(abs)[name] {
			continue
		}
		if res := p.lookup(abs, name, c.typing(imp)); res.Home != home {
			return true
		}
	}
	return false
}

// starBinds reports whether a star import of the module may bind the name.
func (p *planner) starBinds(module, name string) bool {
	if !p.isModule(module) {
		return true
	}
	return p.public(module)[name]
}
