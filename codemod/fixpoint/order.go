package fixpoint

import (
	"context"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/importorder"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// order is the simulated imports of the tree as it is, and as the drafts leave
// it.
type order struct {
	*importorder.Program // of the tree as it is
	world                *world.World
	exact                map[string]bool      // files of which more is known than outlines say
	now                  *importorder.Program // as the drafts leave it
	failed               map[string]bool      // failures that are there already, and whether nothing can catch them
	spelled              map[string]bool      // files that compute names, by path: these count as imports
}

// newOrder makes the program of a world.
func newOrder(ctx context.Context, w *world.World) *order {
	o := &order{world: w, exact: map[string]bool{}, spelled: map[string]bool{}}
	for _, f := range w.Facades {
		if m := w.Module(f.Mod.Path); m != nil && (len(m.Computed) > 0 || slices.Contains(w.Rules.Submodules, f.Name)) {
			o.spelled[f.Mod.Path] = true
		}
	}
	files := make([]importorder.File, len(w.Sources()))
	for i, s := range w.Sources() {
		if files[i] = o.file(w, s); s.Parsed() {
			o.exact[s.Path] = true
		}
	}
	o.Program = importorder.Of(ctx, w.Index, files, facts{o, w, nil}, memoOf(w))
	for _, path := range o.Circles() {
		o.exact[path] = true // whatever becomes of the circle, they are known as well as they were
	}
	return o
}

// file is what importing a file executes. What a facade computes depends on
// other files, and so does what is written out for it.
func (o *order) file(w *world.World, s *world.Source) importorder.File {
	if o.spelled[s.Path] {
		outline, _ := w.Spelled(s.Path)
		return importorder.File{Outline: outline}
	}
	return importorder.File{Outline: s.Outline, ID: s.ID}
}

// memoOf is what earlier programs of the tree found out.
func memoOf(w *world.World) *importorder.Memo {
	shelf := world.ShelfOf[string, *importorder.Memo](w.Cache, circlesShelf)
	memo, ok := shelf.Take("", w.Cache.Plan())
	if !ok {
		memo = importorder.NewMemo()
		shelf.Put("", memo, w.Cache.Plan())
	}
	return memo
}

const circlesShelf = "circles of imports"

// rest keeps for the next plan what the programs of this one share, and lets go
// of all else.
func rest(w *world.World, orders ...*order) {
	if w.Cache.Idle() {
		return
	}
	var programs []*importorder.Program
	for _, o := range orders {
		programs = append(programs, o.Program)
		if o.now != nil {
			programs = append(programs, o.now)
		}
	}
	world.ShelfOf[string, *importorder.Memo](w.Cache, circlesShelf).Put("", memoOf(w).Rested(programs...), w.Cache.Plan())
}

// facts tells the simulation of imports what outlines do not say. What names a
// module lists or computes no rewrite changes.
type facts struct {
	*order
	shown *world.World    // the tree that is simulated
	old   map[string]bool // paths at which it is as it was
}

// Known implements importorder.Facts.
func (f facts) Known(path string) bool { return f.exact[path] }

// Bindings implements importorder.Facts.
func (f facts) Bindings(path string) *pyfile.Module {
	w := f.shown
	if f.old[path] {
		w = f.world
	}
	if f.spelled[path] {
		_, m := w.Spelled(path)
		return m
	}
	return w.Module(path)
}

// All implements importorder.Facts.
func (f facts) All(module string) ([]string, bool) { return f.world.All(module) }

// Computed implements importorder.Facts.
func (f facts) Computed(module, name string) (o importorder.Object, there, known bool) {
	h, there, known := f.world.Computed(module, name)
	return importorder.Object{Module: h.Module, Name: h.Attr}, there, known
}

// failedBefore is which failures the tree as it is shows, and whether nothing can
// catch them.
func (o *order) failedBefore() map[string]bool {
	if o.failed == nil {
		o.failed = map[string]bool{}
		for module, failures := range o.Failures(nil) {
			for _, f := range failures {
				k := module + " " + f.Key()
				o.failed[k] = o.failed[k] || !f.Caught
			}
		}
	}
	return o.failed
}

// disordered is the objector that simulates the import of every module, and
// objects to references whose rewrite would make an import meet a module that
// is half initialised, where it did not before, or bind a name to something
// else.
func (l *loop) disordered(ctx context.Context) ([]Objection, error) {
	texts := l.texts()
	if len(texts) == 0 {
		l.After = l.World
		return nil, ctx.Err()
	}
	l.After = l.World.With(texts...)
	watch, files := importorder.Watches{}, map[int]importorder.File{}
	for _, f := range l.Files {
		if d := l.Draft(f); d.Text != nil {
			watch[f.Path] = l.watched(f, d)
			place, _ := l.World.Index.Place(f.Path)
			files[place] = l.order.file(l.After, l.After.Source(f.Path))
		}
	}
	l.order.now = l.order.With(files, facts{l.order, l.After, nil})
	if err := ctx.Err(); err != nil {
		return nil, err // what was simulated until then is not whole, and must not be compared
	}
	c := l.culprits(importorder.Compare(l.order.Program, l.order.now, watch))
	return c.objections(ctx), ctx.Err()
}

// Imports is the program of a world.
func Imports(ctx context.Context, w *world.World) *importorder.Program {
	return newOrder(ctx, w).Program
}
