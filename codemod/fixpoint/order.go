package fixpoint

import (
	"context"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// order is the simulated imports of the tree as it is, and as the drafts leave
// it.
type order struct {
	*graph.Graph              // of the tree as it is
	world, after *world.World // as it is, and as the drafts leave it
	before       *graph.Simulation
	exact        map[string]bool // files of which more is known than outlines say
	failed       map[string]bool // failures that are there already, and whether nothing can catch them
	now          *graph.Graph
	shown        map[*refs.File]*pyfile.Outline // what now shows of files
	spelled      map[string]bool                // files that compute names, by path: these count as imports
}

// newOrder makes the import graph of a world. It can tell what reaches what.
func newOrder(w *world.World) *order {
	o := &order{world: w, after: w, exact: map[string]bool{}, failed: map[string]bool{}, shown: map[*refs.File]*pyfile.Outline{}, spelled: map[string]bool{}}
	for _, f := range w.Facades {
		if m := w.Module(f.Mod.Path); m != nil && (len(m.Computed) > 0 || slices.Contains(w.Rules.Submodules, f.Name)) {
			o.spelled[f.Mod.Path] = true
		}
	}
	o.Graph = o.graphOf(w)
	return o
}

func (o *order) graphOf(w *world.World) *graph.Graph {
	outlines := make([]*pyfile.Outline, len(w.Sources()))
	for i, s := range w.Sources() {
		outlines[i] = o.outline(w, s)
	}
	parts := world.ShelfOf[partKey, *graph.Part](w.Cache, "parts of import graphs")
	return graph.New(w.Index, outlines, func(m *resolve.Mod, o *pyfile.Outline) *graph.Part {
		if w.Cache.Idle() {
			return graph.Read(m, o)
		}
		key := partKey{o, m.Name, m.Package, m.Stub}
		part, ok := parts.Take(key, w.Cache.Plan())
		if !ok {
			part = graph.Read(m, o)
			parts.Put(key, part, w.Cache.Plan())
		}
		return part
	})
}

// outline is what importing a file executes.
func (o *order) outline(w *world.World, s *world.Source) *pyfile.Outline {
	if o.spelled[s.Path] {
		outline, _ := w.Spelled(s.Path)
		return outline
	}
	return s.Outline
}

// partKey is a module as an outline shows it.
type partKey struct {
	outline *pyfile.Outline
	name    string
	pkg     bool
	stub    bool
}

// begin simulates the imports of the tree as it is.
func (o *order) begin(ctx context.Context) error {
	for _, s := range o.world.Sources() {
		if s.Parsed() {
			o.exact[s.Path] = true
		}
	}
	o.Begin(facts{o})
	o.before = o.Simulate()
	for module, failures := range o.before.Failures {
		for _, f := range failures {
			k := module + " " + f.Key()
			o.failed[k] = o.failed[k] || !f.Caught
		}
	}
	return ctx.Err()
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
	o := l.order
	if o.now == nil {
		for _, path := range o.Circles() {
			o.exact[path] = true // whatever becomes of the circle, they are known as well as they were
		}
		o.now = o.graphOf(l.World)
		o.now.Begin(facts{o})
	}
	o.after = l.After
	for _, f := range l.Files {
		o.show(f, o.outline(l.After, l.After.Source(f.Path)))
		if d := l.Draft(f); d.Text != nil {
			w := l.watched(f, d)
			o.Graph.Watch(f.Path, w)
			o.now.Watch(f.Path, w)
		}
	}
	o.before.Observe()
	c := &culprits{loop: l, at: map[string]*refs.File{}, found: map[*refs.Reference]Objection{}, dirty: map[*refs.File]bool{}}
	for _, f := range l.Files {
		c.at[f.Path] = f
	}
	return c.objections(), ctx.Err()
}

// show shows the graph of the tree as the drafts leave it a text of a file.
func (o *order) show(f *refs.File, outline *pyfile.Outline) {
	if o.shown[f] != outline {
		o.shown[f] = outline
		o.now.Set(f.Path, outline)
	}
}

// ImportGraph is what importing the modules of a world executes.
func ImportGraph(w *world.World) *graph.Graph { return newOrder(w).Graph }

// Simulated imports every module of a world.
func Simulated(w *world.World) *graph.Simulation {
	o := newOrder(w)
	_ = o.begin(context.Background())
	o.before.Observe()
	return o.before
}
