package fixpoint

import (
	"context"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/pyfile"

	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// Outcome is what the loop came to.
type Outcome struct {
	World *world.World // as it is
	After *world.World // as the drafts leave it
	Files []*refs.File // sorted by path
	Left  Left

	drafts   map[*refs.File]*rewrite.Draft
	verdicts map[*refs.File][]rewrite.Verdict
	groups   map[refs.Key]string // of references that are only correct together
	readers  *refs.Readership
	answers  *answers
	order    *order
	stops    map[string][]string // by path, the modules that importing the file runs no more
}

// Draft is what became of a file; its text is nil where nothing changes.
func (o *Outcome) Draft(f *refs.File) *rewrite.Draft {
	if d := o.drafts[f]; d != nil {
		return d
	}
	return &rewrite.Draft{}
}

// Changes reports whether a file changes.
func (o *Outcome) Changes(f *refs.File) bool { return o.Draft(f).Text != nil }

// written is what became of a reference.
func (o *Outcome) written(f *refs.File, r *refs.Reference) rewrite.Written {
	if d := o.drafts[f]; d != nil && d.Written != nil {
		return d.Written[r.N]
	}
	return rewrite.Written{}
}

// Became is the statement or expression that took the place of a reference.
func (o *Outcome) Became(f *refs.File, r *refs.Reference) string { return o.written(f, r).After }

// Group names what a reference is only correct together with, "" if it can
// change alone.
func (o *Outcome) Group(r *refs.Reference) string { return o.groups[r.Key()] }

// Dead reports whether a reference goes, since a later import of its block
// binds the name anew.
func (o *Outcome) Dead(f *refs.File, r *refs.Reference) bool {
	return o.verdicts[f] != nil && o.verdicts[f][r.N].Dead
}

// loop is one run of the loop.
type loop struct {
	*Outcome
	patched []*patchGroup
	inside  map[*world.Facade]*pyfile.Names // what names mean in the facades' own files
	acting  *acting                         // nil: not asked yet
	single  map[*refs.File]bool             // files of which single statements were left for a failure, in vain
}

// Run rewrites what can be rewritten of the references of some files of a
// world. Beforehand says what is left whatever else is so. The error is that of
// the tree or of the context.
func Run(ctx context.Context, w *world.World, files []*refs.File, beforehand Left) (*Outcome, error) {
	l := &loop{
		Outcome: &Outcome{
			World: w, After: w, Files: files, Left: own(files, beforehand), drafts: map[*refs.File]*rewrite.Draft{},
			verdicts: map[*refs.File][]rewrite.Verdict{}, groups: map[refs.Key]string{}, readers: refs.ReadersIn(w, files),
		},
		single: map[*refs.File]bool{}, inside: map[*world.Facade]*pyfile.Names{},
	}
	l.answers = &answers{world: w, readers: l.readers, rules: rulesSum(&w.Rules)}
	if err := l.judge(ctx); err != nil {
		return nil, err
	}
	dirty := slices.DeleteFunc(slices.Clone(files), func(f *refs.File) bool { return !l.Left.any(f) })
	for len(dirty) > 0 {
		if err := l.rewrite(ctx, dirty); err != nil {
			return nil, err
		}
		objections, err := l.objections(ctx, dirty)
		if err != nil {
			return nil, err
		}
		dirty = l.leave(objections)
	}
	return l.Outcome, ctx.Err()
}

// rewrite drafts files anew.
func (l *loop) rewrite(ctx context.Context, files []*refs.File) error {
	drafts := make([]*rewrite.Draft, len(files))
	err := l.World.Each(ctx, len(files), func(ctx context.Context, i int) (err error) {
		drafts[i], err = l.draft(ctx, files[i])
		return err
	})
	for i, f := range files {
		l.drafts[f] = drafts[i]
	}
	return err
}

// draft drafts one file, or remembers what became of it.
func (l *loop) draft(ctx context.Context, f *refs.File) (*rewrite.Draft, error) {
	if f.Excluded != "" || !l.Left.any(f) {
		return &rewrite.Draft{}, nil
	}
	return l.answers.remembered(ctx, rewrite.Job{World: l.World, File: f, Whys: l.Left.of(f), Verdicts: l.verdicts[f]})
}

// objections asks one objector after the other, until one objects: who comes
// later looks at the tree as it would be, and need not look at what cannot be.
func (l *loop) objections(ctx context.Context, dirty []*refs.File) (out []Objection, err error) {
	for _, f := range dirty {
		for _, o := range l.Draft(f).Objections {
			out = append(out, Objection{f, f.Refs[o.N], o.Why})
		}
	}
	for _, objector := range []func(context.Context) ([]Objection, error){l.tornGroups, l.disordered, l.unloaded, l.stopped} {
		if len(out) > 0 || err != nil {
			break
		}
		out, err = objector(ctx)
	}
	return out, err
}

// leave adds objections to what is left, and returns the files that they
// concern.
func (l *loop) leave(objections []Objection) (dirty []*refs.File) {
	concerned := map[*refs.File]bool{}
	for _, o := range objections {
		if !l.Left.stays(o.Ref) {
			l.Left[o.Ref.Key()] = l.why(o)
			concerned[o.File] = true
		}
	}
	for _, f := range l.Files {
		if concerned[f] {
			dirty = append(dirty, f)
		}
	}
	return dirty
}

// why is the reason of an objection. One that was to go, not to be read from
// elsewhere, has a reason of its own.
func (l *loop) why(o Objection) refs.Why {
	if own := refs.StatusReason(o.Ref.Res.Status); own != "" && l.Dead(o.File, o.Ref) {
		why := refs.Because(own, "")
		why.Adrift = o.Adrift
		return why
	}
	return o.Why
}

// texts are the new texts of all files that change.
func (o *Outcome) texts() (out []world.Text) {
	for _, f := range o.Files {
		if t := o.Draft(f).Text; t != nil {
			out = append(out, *t)
		}
	}
	return out
}
