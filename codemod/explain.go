package codemod

import (
	"context"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Step is one module on the way of a name to its home.
type Step struct {
	Module, Path string
	Name         string // what the object is called there
}

// Explanation says where a name lives.
type Explanation struct {
	Module, Name string   // as it was found: a module of the tree, and a name in it; "" for the module itself
	Home         string   // "module" or "module:attribute"; "" if it has none
	Reason       Reason   // why it has none; DeclaredInFacade if it lives where it was asked for
	Steps        []Step   // from where it was asked for to its home
	Losers       []string // other objects that were bound to the name before
	Near         []string // names that are like it, if nothing has it
}

// Explain follows a dotted name ("app.models.User", or a name of one of the
// facades alone) to its home. A name that nothing has is no error: Reason is
// Unresolved then. Errors are those of Plan, without *RulesError.
func Explain(ctx context.Context, t Tree, r Rules, o Options, dotted string) (*Explanation, error) {
	p := newPlanner(t, r, o)
	p.ctx = ctx
	defer p.close()
	if err := p.load(ctx); err != nil {
		return nil, err
	}
	p.rules.Facades, p.rules.Homes = p.presentFacades(r), p.presentHomes(r)
	if len(p.files) == 0 {
		return &Explanation{Name: dotted, Reason: Unresolved}, nil
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p.explain(dotted), ctx.Err()
}

func (p *planner) explain(dotted string) *Explanation {
	e := &Explanation{}
	e.Module, e.Name = p.splitName(dotted)
	switch {
	case e.Module == "":
		e.Name, e.Reason = dotted, Unresolved
		e.Near = nearest(dotted, p.index.Names(), 3)
		return e
	case e.Name == "":
		e.Home, e.Reason = e.Module, DeclaredInFacade
		return e
	}
	res := p.lookup(e.Module, e.Name, false)
	e.Reason = statusReason(res.Status)
	for _, l := range res.Losers {
		e.Losers = append(e.Losers, l.String())
	}
	switch res.Status {
	case resolve.Found:
		e.Home = res.Home.String()
	case resolve.Declared, resolve.NoReexport:
		e.Home, e.Reason = res.Home.String(), DeclaredInFacade
		if e.Home == "" {
			e.Home = e.Module + ":" + e.Name
		}
	case resolve.Unresolved:
		e.Near = nearest(e.Name, sortedNames(p.public(e.Module)), 3)
	}
	for _, h := range res.Hops {
		e.Steps = append(e.Steps, Step{Module: h.Module, Path: h.Path, Name: h.Name})
	}
	return e
}

// splitName finds the module in a dotted name, and the name behind it; a name
// alone is one that a facade passes on.
func (p *planner) splitName(dotted string) (module, name string) {
	parts := strings.Split(dotted, ".")
	for n := len(parts); n > 0; n-- {
		m := p.index.Module(strings.Join(parts[:n], "."))
		if m == nil {
			continue
		}
		if n == len(parts) && n > 1 && p.facades[strings.Join(parts[:n-1], ".")] != nil {
			continue // the facade may bind the name to something else
		}
		if n == len(parts) {
			return m.Name, ""
		}
		return m.Name, parts[n]
	}
	if len(parts) == 1 {
		for _, f := range p.rules.Facades {
			if p.public(f)[dotted] {
				return f, dotted
			}
		}
	}
	return "", ""
}

func sortedNames(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for n := range set {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}
