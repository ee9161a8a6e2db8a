package codemod

import (
	"cmp"
	"context"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/retire"
)

// The kinds of findings of Guard, beside those of Compare.
const (
	Unregistered  FindingKind = "unregistered"    // a module registers something, and the registry does not import it
	StarOfRetired FindingKind = "star-of-retired" // all of a retired facade is imported, which is nothing
)

// Ending is a facade whose end is guarded.
type Ending struct {
	retire.Rules
	Retired bool // as far as the configuration says
}

// Guard finds in a tree what facades that have ended, or are about to, must not
// have: modules with an effect that the registry does not import, readers of a
// retired facade, names that it passes on again. Readers of one that is among
// the facades of the rules are Plan's and Compare's to find, but for star
// imports. Facades that the tree does not have are passed over. Findings are
// sorted by path and line; errors are those of Plan.
func Guard(ctx context.Context, t Tree, r Rules, endings []Ending, o Options) (out []Finding, err error) {
	o.Only, o.Progress = nil, nil
	for _, e := range endings {
		rules := r
		rules.Facades, rules.Homes = []string{e.Facade}, nil
		g, err := newGround(ctx, t, rules, o)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue // it is gone for good
		}
		found, err := g.guard(ctx, e, slices.Contains(r.Facades, e.Facade))
		g.close()
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line)) })
	return out, nil
}

func (g *ground) guard(ctx context.Context, e Ending, known bool) (out []Finding, err error) {
	asked, err := g.asked(ctx, nil, Rules{}, RetireOptions{Facade: e.Rules})
	if err != nil {
		return nil, err
	}
	lapses, err := retire.Watch(g, e.Rules, asked.Readers, e.Retired)
	if err != nil {
		return nil, nil // a facade that does not parse is told elsewhere
	}
	for _, l := range lapses {
		f := Finding{Path: l.Path, Line: l.Line, Column: 1, Facade: e.Facade, Name: l.Name, Home: l.Home, Detail: l.Detail, After: l.After}
		switch {
		case l.Kind == retire.Unregistered:
			f.Kind = Unregistered
		case l.Kind == retire.ReExport:
			f.Kind = NewReExport
		case l.Name == "*":
			f.Kind = StarOfRetired
		case known:
			continue
		default:
			f.Kind, f.Reason = NewReading, Unresolved
		}
		out = append(out, f)
	}
	return out, nil
}

// GuardChange is what Guard finds in files that differ between two trees, and
// did not in the older one.
func GuardChange(ctx context.Context, base, head Tree, files []ReviewFile, r Rules, endings []Ending, o Options) (out []Finding, err error) {
	now, err := Guard(ctx, head, r, endings, o)
	if err != nil || len(now) == 0 {
		return nil, err
	}
	was, err := Guard(ctx, base, r, endings, o)
	if err != nil {
		return nil, err
	}
	old := map[string]string{}
	for _, f := range files {
		if f.Path != "" {
			old[f.Path] = f.Old
		}
	}
	for _, f := range now {
		path, changed := old[f.Path]
		if changed && !slices.ContainsFunc(was, func(w Finding) bool {
			return w.Kind == f.Kind && w.Path == path && w.Name == f.Name && w.Facade == f.Facade
		}) {
			out = append(out, f)
		}
	}
	return out, nil
}
