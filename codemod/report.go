package codemod

import (
	"context"
	"slices"
	"sort"

	"github.com/canonicalize/canonicalize/codemod/fixpoint"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// report makes the result of a plan.
func report(ctx context.Context, w *world.World, p *fixpoint.Plan) (*Result, error) {
	res := &Result{Files: len(w.Sources())}
	left, changes := make([][]Left, len(p.Results)), make([]*Change, len(p.Results))
	if err := w.Each(ctx, len(p.Results), func(_ context.Context, i int) (err error) {
		left[i], changes[i], err = reportFile(w, p.Results[i])
		return err
	}); err != nil {
		return nil, err
	}
	coupled := couples(p.Results)
	executes := closures(ctx, w, p)
	for i, c := range changes {
		res.Left = append(res.Left, left[i]...)
		if c != nil {
			c.Coupled = coupled[c.Path]
			c.Executes, c.Retired = executes[c.Path].now, executes[c.Path].retired
			res.Changes = append(res.Changes, *c)
		}
	}
	sort.SliceStable(res.Left, func(i, j int) bool { return leftBefore(&res.Left[i], &res.Left[j]) })
	for i, f := range w.Rules.Facades {
		if !slices.Contains(w.Rules.Facades[:i], f) {
			res.Facades = append(res.Facades, reportFacade(w, w.Facade(f), p.Results))
		}
	}
	return res, ctx.Err()
}

// reportFile says what is left in a file, and what was rewritten if it changes.
func reportFile(w *world.World, res fixpoint.Result) (left []Left, change *Change, err error) {
	f := res.File
	lines, err := w.LinesOf(f.Source)
	if err != nil {
		return nil, nil, err
	}
	if res.After != nil {
		before, err := w.Text(f.Source)
		if err != nil {
			return nil, nil, err
		}
		change = &Change{Path: f.Path, Mode: f.Mode, Before: before, After: res.After, Unbound: res.Unbound, Stops: res.Stops}
	}
	for _, r := range res.Fates {
		line, col := lines.Line(r.At), lines.Column(r.At)
		if r.Stays() {
			left = append(left, Left{
				Path: f.Path, Line: line, Column: col, Facade: r.Facade.Name, Name: r.Shown(), Form: r.Form, Reason: r.Why.Reason, Detail: r.Why.Detail,
			})
		} else if change != nil {
			change.Names = append(change.Names, Rewritten{
				Facade: r.Facade.Name, Name: r.Name, Home: r.Res.Home.String(), Form: r.Form, Line: line, Column: col, After: r.After,
			})
		}
	}
	return left, change, nil
}

func leftBefore(a, b *Left) bool {
	if a.Path != b.Path {
		return a.Path < b.Path
	}
	if a.Line != b.Line {
		return a.Line < b.Line
	}
	if a.Column != b.Column {
		return a.Column < b.Column
	}
	return a.Facade < b.Facade || a.Facade == b.Facade && a.Name < b.Name
}

// reportFacade tells what was found about one facade.
func reportFacade(w *world.World, f *world.Facade, results []fixpoint.Result) FacadeReport {
	rep := FacadeReport{Module: f.Name, Path: f.Mod.Path}
	if rep.Provider = w.ProviderOf(f.Mod.Path); rep.Provider != "" {
		rep.Path = world.ProvidedPath(f.Mod.Path)
	}
	readers := map[string]map[string]bool{}
	consumers := map[string]bool{}
	for _, res := range results {
		for _, r := range res.Fates {
			if r.Facade != f {
				continue
			}
			consumers[res.File.Path] = true
			rep.References++
			if r.Stays() {
				rep.Left++
			} else {
				rep.Rewritten++
			}
			if readers[r.Name] == nil {
				readers[r.Name] = map[string]bool{}
			}
			readers[r.Name][res.File.Path] = true
		}
	}
	rep.Consumers = len(consumers)
	rep.Names = namesOf(w, f, readers)
	return rep
}

// namesOf lists the names that the facade re-exports, and those that are read
// from it and have no home.
func namesOf(w *world.World, f *world.Facade, readers map[string]map[string]bool) []FacadeName {
	all := map[string]bool{}
	for n := range w.Bound(f.Name) {
		all[n] = true
	}
	for n := range readers {
		if n != "*" && n != "" {
			all[n] = true
		}
	}
	var out []FacadeName
	for _, n := range resolve.SortedNames(all) {
		res := w.Lookup(f.Name, n, false)
		if res.Status == resolve.NoReexport || res.Status == resolve.Declared && len(readers[n]) == 0 {
			continue
		}
		fn := FacadeName{Name: n, Reason: refs.StatusReason(res.Status), Readers: len(readers[n])}
		if res.Status == resolve.Found {
			fn.Home = res.Home.String()
			fn.Accidental = accidental(w, f, n, res)
		}
		for _, l := range res.Losers {
			fn.Losers = append(fn.Losers, l.String())
		}
		sort.Strings(fn.Losers)
		out = append(out, fn)
	}
	return out
}

// accidental reports whether the facade passes on what a submodule imported
// for its own use: an object from outside of the project.
func accidental(w *world.World, f *world.Facade, name string, res resolve.Resolution) bool {
	if !res.Home.External {
		return false
	}
	listed, _ := w.All(f.Name)
	return !slices.Contains(listed, name)
}
