package fixpoint

import (
	"context"
	"slices"
	"sort"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// maxRounds bounds the plans over plans: a chain of facades that read each
// other is hardly longer.
const maxRounds = 12

// Fate is what became of a reference in the end.
type Fate struct {
	*refs.Reference
	refs.Why
	At    int    // in the text as it was
	After string // the statement or expression that took its place
	Group string // what it is only correct together with; "": nothing
}

// Result is what became of a file in the end.
type Result struct {
	File  *refs.File
	Fates []Fate // by position
	After []byte // nil: the file does not change
	// Unbound and Stops are as in Change.
	Unbound, Stops []string
}

// Plan is what became of a tree.
type Plan struct {
	Results []Result // sorted by path
	After   *world.World
	Last    *Outcome
}

// Settle runs the loop over all files of a world, and then over the world as
// that leaves it, until nothing changes any more: a name can have a home only
// once a module on its way reads its own names from their homes, and a circle of
// imports can open. So applying twice changes nothing, and what is reported as
// left is what a second plan leaves.
func Settle(ctx context.Context, w *world.World) (*Plan, error) {
	var rounds []*round
	chosen := refs.All
	for range maxRounds + 1 {
		files, err := refs.Find(ctx, w, chosen)
		if err != nil {
			return nil, err
		}
		out, err := Run(ctx, w, files, nil)
		if err != nil {
			return nil, err
		}
		r := &round{Outcome: out, at: map[string]*refs.File{}}
		for _, f := range files {
			r.at[f.Path] = f
		}
		rounds = append(rounds, r)
		if len(out.texts()) == 0 {
			break
		}
		w, chosen = out.After, func(s *world.Source) bool { return r.at[s.Path] != nil }
	}
	p := &Plan{After: rounds[len(rounds)-1].After, Last: rounds[len(rounds)-1].Outcome}
	rest(w, rounds[0].order, p.Last.order)
	for _, f := range rounds[0].Files {
		p.Results = append(p.Results, join(f, rounds))
	}
	return p, nil
}

// round is one run of the loop, with its files by path.
type round struct {
	*Outcome
	at map[string]*refs.File
}

// join makes one result of what the rounds did to a file. What the last of them
// left is left.
func join(f *refs.File, rounds []*round) Result {
	res := Result{File: f}
	for n, r := range rounds {
		now := r.at[f.Path]
		if now == nil {
			break
		}
		if t := r.Draft(now).Text; t != nil {
			res.After = t.Src
			res.Stops = append(res.Stops, r.stops[f.Path]...)
		}
		for _, ref := range now.Refs {
			why := r.Left[ref.Key()]
			res.Unbound = append(res.Unbound, r.written(now, ref).Unbound...)
			if why.Stays() && n < len(rounds)-1 {
				continue
			}
			res.Fates = append(res.Fates, Fate{ref, why, origin(f.Path, ref, rounds[:n]), r.Became(now, ref), r.Group(ref)})
		}
	}
	res.Unbound, res.Stops = sorted(res.Unbound), sorted(res.Stops)
	sort.SliceStable(res.Fates, func(i, k int) bool { return res.Fates[i].At < res.Fates[k].At })
	return res
}

func sorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// origin returns where in the first text a reference of the text behind some
// rounds stands.
func origin(path string, ref *refs.Reference, rounds []*round) int {
	at := ref.At
	for n := len(rounds) - 1; n >= 0; n-- {
		at = rounds[n].stood(rounds[n].at[path], ref, at)
	}
	return at
}

// stood returns where in the text before a round something stood that a
// reference of the text behind it stands at. What an edit wrote stands where the
// reference of the same name stood that the edit kept, or else at the first that
// it rewrote.
func (r *round) stood(f *refs.File, ref *refs.Reference, at int) int {
	shift := 0
	for _, e := range edit.Sorted(r.Draft(f).Edits) {
		start := e.Start + shift
		if at < start {
			break
		}
		if at < start+len(e.New) {
			return r.within(f, e, ref)
		}
		shift += len(e.New) - (e.End - e.Start)
	}
	return at - shift
}

func (r *round) within(f *refs.File, e edit.Edit, ref *refs.Reference) int {
	at := e.Start
	for i, old := range f.Refs {
		if old.At < e.Start || old.At > e.End {
			continue
		}
		if old.Facade == ref.Facade && old.Name == ref.Name && old.Form == ref.Form && r.Left.stays(old) {
			return old.At
		}
		if i == 0 || f.Refs[i-1].At < e.Start {
			at = old.At
		}
	}
	return at
}
