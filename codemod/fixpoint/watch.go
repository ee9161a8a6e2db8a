package fixpoint

import (
	"slices"

	"github.com/canonicalize/canonicalize/codemod/importorder"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
)

// watched says what is to be compared of a file that changes: what its imports
// bind before and after, and what takes the place of star imports.
func (l *loop) watched(f *refs.File, d *rewrite.Draft) *importorder.Watch {
	absolute := func(imp *pyfile.Import) string {
		abs, _ := f.Absolute(imp)
		return abs
	}
	more := l.further(f)
	w := importorder.Watched(f.Outline, absolute).Both(importorder.Watched(d.Text.Outline, absolute), more)
	moved := l.rebinds(f)
	for _, name := range more {
		moved[name] = true
	}
	for _, name := range w.Names {
		if moved[name] {
			w.Moved = append(w.Moved, name)
		}
	}
	return w
}

// further are names that are compared besides those that imports bind before
// and after.
func (l *loop) further(f *refs.File) (more []string) {
	for _, r := range f.Refs {
		if l.Left.stays(r) || r.Imp < 0 || f.Outline.Imports[r.Imp].Scope != 0 {
			continue
		}
		switch {
		case r.Form == refs.FormFrom && l.Dead(f, r):
			more = append(more, f.Bound(r)) // what overwrites it must do so
		case r.Form == refs.FormStar:
			out := l.written(f, r)
			more = append(slices.Concat(more, out.Star, out.Needs), l.declared(f)...) // the star may have bound it anew
		}
	}
	return more
}

// declared are the names that statements of a file other than imports bind.
func (l *loop) declared(f *refs.File) (out []string) {
	facts := l.World.Module(f.Path)
	if facts == nil {
		return nil
	}
	for i := range facts.Bindings {
		if b := &facts.Bindings[i]; b.Kind == pyfile.Declared {
			out = append(out, b.Name)
		}
	}
	return out
}

// rebinds are the names that references which are rewritten bind.
func (l *loop) rebinds(f *refs.File) map[string]bool {
	names := map[string]bool{}
	for _, r := range f.Refs {
		switch {
		case l.Left.stays(r):
		case r.Form == refs.FormFrom:
			names[f.Bound(r)] = true
		case r.Form == refs.FormStar:
			for _, name := range l.written(f, r).Star {
				names[name] = true
			}
		}
	}
	return names
}
