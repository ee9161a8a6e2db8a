package codemod

import (
	"context"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
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
	w, err := world.Open(ctx, t, r, o)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if len(w.Sources()) == 0 {
		return &Explanation{Name: dotted, Reason: Unresolved}, nil
	}
	return explain(w, dotted), ctx.Err()
}

func explain(w *world.World, dotted string) *Explanation {
	e := &Explanation{}
	e.Module, e.Name = splitName(w, dotted)
	switch {
	case e.Module == "":
		e.Name, e.Reason = dotted, Unresolved
		e.Near = world.Nearest(dotted, w.Index.Names(), 3)
		return e
	case e.Name == "":
		e.Home, e.Reason = e.Module, DeclaredInFacade
		return e
	}
	res := w.Lookup(e.Module, e.Name, false)
	e.Reason = refs.StatusReason(res.Status)
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
		e.Near = world.Nearest(e.Name, resolve.SortedNames(w.Public(e.Module)), 3)
	}
	for _, h := range res.Hops {
		e.Steps = append(e.Steps, Step{Module: h.Module, Path: h.Path, Name: h.Name})
	}
	return e
}

// splitName finds the module in a dotted name, and the name behind it; a name
// alone is one that a facade passes on.
func splitName(w *world.World, dotted string) (module, name string) {
	parts := strings.Split(dotted, ".")
	for n := len(parts); n > 0; n-- {
		m := w.Index.Module(strings.Join(parts[:n], "."))
		if m == nil {
			continue
		}
		if n == len(parts) && n > 1 && w.Facade(strings.Join(parts[:n-1], ".")) != nil {
			continue // the facade may bind the name to something else
		}
		if n == len(parts) {
			return m.Name, ""
		}
		return m.Name, parts[n]
	}
	if len(parts) == 1 {
		for _, f := range w.Rules.Facades {
			if w.Public(f)[dotted] {
				return f, dotted
			}
		}
	}
	return "", ""
}
