package rewrite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/proof"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// Answers are what the rewrite of one file asks about the rest of the tree.
// While the file and all answers are the same, so is the rewrite.
type Answers interface {
	Lookup(module, name string, typing bool) resolve.Resolution
	Public(module string) map[string]bool // the names of a star import
	All(module string) []string           // the value of `__all__`
	Computes(module string) bool
	IsModule(module string) bool
	FirstParty(module string) bool
	Exists(path string) bool
	Readers(module string) refs.Readers
}

// Verdict is what the whole tree says about one reference, before anything is
// written.
type Verdict struct {
	Dead     bool // a later name of the block overwrites it: it goes
	Circular bool // star imports: the facade leads back to the file
	OnHome   bool // attribute uses: they go on to look the name up when they run
	// Unsettled are, for a star import, the names of the facade that a circle of
	// imports makes depend on what is imported first.
	Unsettled map[string]bool
}

// Objection says why a reference cannot be rewritten.
type Objection struct {
	N int // the number of the reference in its file
	refs.Why
}

// Job is one file with what is known of its references.
type Job struct {
	World    *world.World
	Answers  Answers
	File     *refs.File
	Whys     []refs.Why // by reference: why it is left, if it is
	Verdicts []Verdict  // by reference
}

// Draft is the new text of a file, or what stands against it.
type Draft struct {
	Objections []Objection // where there are some, nothing was written

	Text    *world.Text // nil: nothing is to change
	Edits   []edit.Edit // that made it
	Written []Written   // by reference
	Locals  Locals      // names that are newly bound
}

// Written is what became of one reference.
type Written struct {
	After   string       // the statement or expression that took its place
	Local   string       // attribute uses: the name that is bound instead
	Bound   resolve.Home // and to what
	Star    []string     // the names that a star import was replaced by
	Unbound []string     // public names that the module no longer binds, since a star import is gone
	Needs   []string     // of a star import in a circle: what more of it is looked at
}

// writer carries out a job.
type writer struct {
	*Job
	*refs.File
	Answers
	draft   *Draft
	removed map[proof.Position]bool // module imports that go
	gone    map[refs.Position]bool  // names that go since a later import overwrites them
	lazy    *lazyList               // nil: the file has no `__lazy_modules__`
}

// One rewrites the references of a file that nothing is known against, and
// proves the new text. It changes nothing but what it returns: with what it
// objects to left as well, it is to be called again, and since there are only
// so many references, that ends. The error is that of reading the file or of
// the context.
func One(ctx context.Context, j Job) (*Draft, error) {
	w := &writer{Job: &j, File: j.File, Answers: j.Answers}
	j.Whys = slices.Clone(j.Whys)
	if !w.any() {
		return &Draft{}, nil
	}
	src, err := j.World.Text(j.File.Source)
	if err != nil {
		return nil, err
	}
	j.File.Src = src
	if w.lazy, err = w.readLazyList(ctx); err != nil {
		return nil, err
	}
	sound := w.whole()
	if sound {
		if found, err := w.unsound(ctx); err != nil || len(found) > 0 {
			return &Draft{Objections: found}, err
		}
		if err := refs.Analyze(ctx, j.World, j.File); err != nil {
			return nil, err
		}
	}
	return w.write(ctx, sound)
}

// write builds and proves the new text. Sound says that the old one was held
// against the syntax: a file of `from` imports alone is not, since mostly its
// new text parses where its old one does.
func (w *writer) write(ctx context.Context, sound bool) (*Draft, error) {
	err := w.attempt(ctx, sound)
	var lost *proof.OrderLost
	var torn *proof.TornApart
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil:
		return w.draft, nil
	case errors.As(err, &lost):
		if found := w.unordered(lost); len(found) > 0 {
			return &Draft{Objections: found}, nil
		}
	case errors.As(err, &torn):
		if found := w.together(torn.Imp); len(found) > 0 {
			return &Draft{Objections: found}, nil
		}
	case errors.Is(err, proof.ErrUnsound) && !sound:
		found, err := w.unsound(ctx)
		if err != nil || len(found) > 0 {
			return &Draft{Objections: found}, err
		}
		return w.write(ctx, true)
	}
	return &Draft{Objections: w.all(refs.Because(refs.ProofFailed, fmt.Sprintf("%s (%s)", refs.ProofFailed.Advice(), err)))}, nil
}

// attempt builds the new text and proves it.
func (w *writer) attempt(ctx context.Context, sound bool) error {
	w.draft = &Draft{Written: make([]Written, len(w.Refs)), Locals: Locals{}}
	w.removed, w.gone = map[proof.Position]bool{}, map[refs.Position]bool{}
	b := NewBuilder(File{
		Path: w.Path, Src: w.Src, Outline: w.Outline, Mod: w.Mod,
		Style: w.World.Styles.For(w.Path), Exists: w.Exists, FirstParty: w.FirstParty, StarBinds: w.starBinds,
	})
	if w.lazy != nil {
		w.keepLaziness()
	}
	w.build(b)
	if w.lazy != nil {
		w.buildLazyList(b)
	}
	if len(w.draft.Objections) > 0 {
		w.draft = &Draft{Objections: w.draft.Objections}
		return nil
	}
	edits, err := b.Edits()
	if err != nil {
		return err
	}
	after, err := edit.Apply(w.Src, edits)
	if err != nil {
		return err
	}
	text := &world.Text{Path: w.Path, Src: after, Outline: pyfile.Scan(after)}
	want := w.expected(sound)
	old := proof.Text{Src: w.Src, Outline: w.Outline, Names: w.Names}
	file := proof.File{Mod: w.Mod, Stub: strings.HasSuffix(w.Path, ".pyi")}
	if text.Names, err = proof.Check(ctx, file, old, proof.Text{Src: after, Outline: text.Outline}, want, reader{w.Answers, w.World}); err != nil {
		return err
	}
	if w.Failure != "" {
		text.Names = nil // they hold as far as the file parses, and no further
	}
	w.draft.Text, w.draft.Edits = text, edits
	w.needs()
	return nil
}

// reader is who the proof asks.
type reader struct {
	Answers
	world *world.World
}

// Parse implements proof.Reader.
func (r reader) Parse(f func(*pyfile.Parser)) { r.world.Parse(f) }

// stays reports whether a reference is left.
func (w *writer) stays(r *refs.Reference) bool { return w.Whys[r.N].Stays() }

func (w *writer) dead(r *refs.Reference) bool { return w.Verdicts[r.N].Dead }

func (w *writer) written(r *refs.Reference) *Written { return &w.draft.Written[r.N] }

// object says that a reference cannot be rewritten, while the text is built.
func (w *writer) object(r *refs.Reference, reason refs.Reason, detail string) {
	why := refs.Because(reason, detail)
	w.Whys[r.N] = why
	w.draft.Objections = append(w.draft.Objections, Objection{r.N, why})
}

// any reports whether a reference of the file is to be rewritten.
func (w *writer) any() bool {
	return slices.ContainsFunc(w.Refs, func(r *refs.Reference) bool { return !w.stays(r) })
}

// whole reports whether a reference is of a form that depends on what the whole
// file does with its names.
func (w *writer) whole() bool {
	return slices.ContainsFunc(w.Refs, func(r *refs.Reference) bool { return !w.stays(r) && r.Form != refs.FormFrom })
}

// all objects to every reference.
func (w *writer) all(why refs.Why) (out []Objection) {
	for _, r := range w.Refs {
		if !w.stays(r) {
			out = append(out, Objection{r.N, why})
		}
	}
	return out
}

// unsound objects to the references at or before which the file does not parse.
// Only the part of the file up to the last of them is parsed.
func (w *writer) unsound(ctx context.Context) (out []Objection, err error) {
	end := 0
	for _, r := range w.Refs {
		if !w.stays(r) {
			end = max(end, w.fence(r))
		}
	}
	w.World.Parse(func(ps *pyfile.Parser) {
		var tree *pyfile.Tree
		if tree, err = ps.Parse(ctx, w.Src[:end]); err != nil {
			return
		}
		defer tree.Close()
		for _, r := range w.Refs {
			if !w.stays(r) && !tree.Sound(w.extent(r)) {
				out = append(out, Objection{r.N, refs.Because(refs.SyntaxError, "")})
			}
		}
	})
	if err == nil || ctx.Err() != nil {
		return out, ctx.Err()
	}
	return w.all(refs.Because(refs.SyntaxError, "The file could not be parsed in time.")), nil
}

// fence returns the offset up to which the file must parse for the reference
// to be read with certainty.
func (w *writer) fence(r *refs.Reference) int {
	switch {
	case r.Form != refs.FormFrom && w.Outline.Flags&pyfile.TooDeep != 0:
		return min(len(w.Src), w.Outline.Broken)
	case r.Form != refs.FormFrom:
		return len(w.Src)
	}
	return int(w.Outline.Imports[r.Imp].Fence)
}

// extent returns the bytes of the statement or expression of a reference.
func (w *writer) extent(r *refs.Reference) (start, end int) {
	if r.Start != r.End {
		return r.Start, r.End
	}
	imp := &w.Outline.Imports[r.Imp]
	return int(imp.Start), int(imp.End)
}

// build puts every reference of the file into the builder.
func (w *writer) build(b *Builder) {
	modules := map[*refs.ModuleUse]bool{}
	var order []*refs.ModuleUse
	for _, r := range w.Refs {
		switch {
		case r.Module != nil:
			if !modules[r.Module] {
				modules[r.Module] = true
				order = append(order, r.Module)
			}
		case w.stays(r):
		case w.dead(r):
			b.Remove(r.Imp, r.Index)
			w.gone[refs.Position{Imp: r.Imp, Name: r.Index}] = true
		case r.Form == refs.FormFrom:
			w.written(r).After = b.Move(r.Imp, r.Index, r.Res.Home).String()
		case r.Form == refs.FormString:
			w.written(r).After = strings.Replace(r.Res.Home.String(), ":", ".", 1)
			b.Replace(r.Start, r.End, w.written(r).After)
		}
	}
	for _, m := range order {
		w.buildModule(b, m)
	}
	for _, r := range w.Refs {
		if r.Form == refs.FormStar && !w.stays(r) && !w.dead(r) {
			w.buildStar(b, r) // last: it may bind anew what the modules' names became
		}
	}
}
