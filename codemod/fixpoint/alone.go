package fixpoint

import (
	"context"

	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// Unjudged is the outcome of a loop that does not run: nothing changes, and what
// references say by themselves, or is left beforehand, is left.
func Unjudged(w *world.World, files []*refs.File, beforehand Left) *Outcome {
	return &Outcome{World: w, After: w, Files: files, Left: own(files, beforehand)}
}

// Alone is the draft of a file in which the chosen references alone are
// rewritten, of those that are. A draft with objections says that they cannot
// be.
func (o *Outcome) Alone(ctx context.Context, f *refs.File, chosen func(*refs.Reference) bool) (*rewrite.Draft, error) {
	whys := o.Left.of(f)
	for i, r := range f.Refs {
		if !whys[i].Stays() && !chosen(r) {
			whys[i] = refs.Because(refs.Excluded, "It is not asked for.")
		}
	}
	return o.answers.remembered(ctx, rewrite.Job{World: o.World, File: f, Whys: whys, Verdicts: o.verdicts[f]})
}

// Coupled reports whether a reference must change together with another file.
func (o *Outcome) Coupled(f *refs.File, r *refs.Reference) bool {
	group := o.Group(r)
	if group == "" {
		return false
	}
	for _, other := range o.Files {
		for _, q := range other.Refs {
			if other != f && o.Group(q) == group {
				return true
			}
		}
	}
	return false
}
