package codemod

import (
	"context"
	"sort"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// patched is a name of a facade that tests replace there, by a string or by
// way of the module.
type patched struct {
	facade, name string
}

// patchGroup is the patches of `F.X` and the readers of X that look it up on
// F when they run: they are only correct together. A function-local import
// looks it up on the home afterwards, and so must an attribute use.
type patchGroup struct {
	patched
	members []member
}

type member struct {
	c *consumer
	r *reference
}

// couple finds the groups, and leaves those of which a member must stay.
func (p *planner) couple(files []*consumer) {
	groups := map[patched]*patchGroup{}
	for _, c := range files {
		for _, r := range c.refs {
			if k := (patched{r.facade.name, r.stores}); r.stores != "" {
				if groups[k] == nil {
					groups[k] = &patchGroup{patched: k}
				}
				groups[k].members = append(groups[k].members, member{c, r})
			}
			if r.form != FormString {
				continue
			}
			p.decideString(r)
			if k := (patched{r.facade.name, r.name}); r.patches && r.res.Status == resolve.Found && groups[k] == nil {
				groups[k] = &patchGroup{patched: k}
			}
		}
	}
	for _, c := range files {
		for _, r := range c.refs {
			g := groups[patched{r.facade.name, r.name}]
			if g == nil || r.stores == r.name || r.form == FormString && !r.known || r.form != FormString && !p.readsAtRunTime(c, r) {
				continue
			}
			g.members = append(g.members, member{c, r})
			r.onHome = r.form == FormAttribute
			if r.res.Home.Attr == "" && r.reason == "" {
				r.leave(ModuleUsedAsValue, "A test replaces the name on the facade while it runs, and its home is a module, which cannot be replaced like that: change both by hand.")
			}
			c.joins(r, r.facade.name+"."+r.name)
		}
	}
	for _, g := range groups {
		p.groups = append(p.groups, g)
	}
	sort.Slice(p.groups, func(i, j int) bool {
		a, b := p.groups[i].patched, p.groups[j].patched
		return a.facade < b.facade || a.facade == b.facade && a.name < b.name
	})
	p.settleGroups()
}

// joins says that a reference belongs to a group.
func (c *consumer) joins(r *reference, group string) {
	if c.group == nil {
		c.group = map[*reference]string{}
	}
	c.group[r] = group
}

// settleGroups leaves every member of a group of which one is left, and
// returns the files that this concerns.
func (p *planner) settleGroups() (again []*consumer) {
	dirty := map[*consumer]bool{}
	for _, g := range p.groups {
		why := g.stays()
		for _, m := range g.members {
			if why == "" || m.r.reason != "" {
				continue
			}
			m.r.leave(why, "A test replaces the name on the facade while it runs, and not all that belongs together there can change: change it by hand.")
			if !dirty[m.c] {
				dirty[m.c] = true
				again = append(again, m.c)
			}
		}
	}
	return again
}

// stays returns why the group is left: for the circle of imports that one
// member is left for, or because of what another does.
func (g *patchGroup) stays() (why Reason) {
	for _, m := range g.members {
		switch m.r.reason {
		case "":
		case ImportCycle, OrderDependent:
			return m.r.reason
		default:
			why = ModuleUsedAsValue
		}
	}
	return why
}

// rewriteGroups rewrites files until no group is torn apart.
func (p *planner) rewriteGroups(ctx context.Context, files []*consumer) error {
	for len(files) > 0 {
		if err := p.rewriteThese(ctx, files); err != nil {
			return err
		}
		files = p.settleGroups()
	}
	return nil
}

// readsAtRunTime reports whether the reference looks the name up on the
// facade each time that a function runs. What only type checkers read never
// does.
func (p *planner) readsAtRunTime(c *consumer, r *reference) bool {
	if r.typing {
		return false
	}
	if r.form == FormAttribute {
		return r.scope != 0 && !c.classBody(r.scope)
	}
	return c.outline.Scopes[c.outline.Imports[r.imp].Scope].Kind == pyfile.FunctionScope
}

// classBody reports whether a scope runs when the module is imported.
func (c *consumer) classBody(scope int) bool {
	for scope != 0 {
		if c.names.Scopes[scope].Kind == pyfile.FunctionScope && !c.names.Scopes[scope].Inner {
			return false
		}
		scope = c.names.Scopes[scope].Parent
	}
	return true
}
