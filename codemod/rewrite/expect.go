package rewrite

import (
	"slices"

	"github.com/canonicalize/canonicalize/codemod/proof"
	"github.com/canonicalize/canonicalize/codemod/refs"
)

// expected tells the proof what is to become of the file.
func (w *writer) expected(sound bool) *proof.Expected {
	e := &proof.Expected{Removed: w.removed, Whole: w.whole(), Sound: sound}
	for _, r := range w.Refs {
		at := proof.Position{Imp: r.Imp, Name: r.Index}
		if w.stays(r) {
			if w.mayFail(r) {
				e.Fragile = append(e.Fragile, at)
			}
			continue
		}
		if r.Form == refs.FormFrom && r.Imp >= 0 && r.Index >= 0 && r.Res.Uncertain && r.Res.Home.External {
			e.Fragile = append(e.Fragile, at) // only some branches bind it, and nobody can see whether its home does
		}
		out := w.written(r)
		switch r.Form {
		case refs.FormFrom:
			e.Moved = append(e.Moved, proof.Moved{Position: at, Home: r.Res.Home, Dead: w.dead(r)})
		case refs.FormStar:
			e.Stars = append(e.Stars, proof.Star{Position: at, Module: r.Facade.Name, Typing: r.Typing, Names: out.Star})
		case refs.FormAttribute:
			e.Uses = append(e.Uses, proof.Use{
				Position: at, Start: r.Start, Local: out.Local, Bound: out.Bound, OnHome: w.Verdicts[r.N].OnHome, Home: r.Res.Home,
			})
		case refs.FormString:
			e.Strings = append(e.Strings, proof.String{Start: r.Start, Length: r.End - r.Start, Home: r.Res.Home})
		}
	}
	if w.lazy != nil {
		e.Listed = w.lazy.becomes
	}
	for name, homes := range w.draft.Locals {
		for home := range homes {
			e.Added = append(e.Added, proof.Added{Name: name, Home: home})
		}
	}
	e.Exported = len(e.Stars) > 0 && w.starImported()
	return e
}

// mayFail reports whether a name of a statement that stays may not be there
// when it is imported.
func (w *writer) mayFail(r *refs.Reference) bool {
	why := w.Whys[r.N]
	return r.Form == refs.FormFrom && r.Imp >= 0 && r.Index >= 0 &&
		(why.Reason == refs.Unresolved || why.Reason == refs.Dynamic || why.Adrift)
}

// unordered objects to the references whose new imports would change which
// binding of a block is the last: those of the name, or else all of the suite.
func (w *writer) unordered(lost *proof.OrderLost) []Objection {
	if found := w.binding(lost.Suite, lost.Bound); len(found) > 0 {
		return found
	}
	return w.binding(lost.Suite, "")
}

// binding objects to the references of the suite that bind a name, or to all.
func (w *writer) binding(suite int32, bound string) (out []Objection) {
	why := refs.Because(refs.NameTaken, "Several imports of the block bind the name, and sorted another of them would be the last: remove the ones that are not needed.")
	for _, r := range w.Refs {
		if w.stays(r) || w.dead(r) || r.Imp < 0 || w.Outline.Imports[r.Imp].Suite != suite {
			continue
		}
		if bound == "" || r.Form == refs.FormFrom && w.Bound(r) == bound || slices.Contains(w.written(r).Star, bound) {
			out = append(out, Objection{r.N, why})
		}
	}
	return out
}

// together objects to the names of a statement of which another may not be
// there.
func (w *writer) together(imp int) (out []Objection) {
	why := refs.Because(refs.OrderDependent, "Another name of the statement may not be there, which its `try` is for, and what is bound then depends on the order of the names: give each a `try` of its own.")
	for _, r := range w.Refs {
		if r.Imp == imp && r.Form == refs.FormFrom && !w.stays(r) {
			out = append(out, Objection{r.N, why})
		}
	}
	return out
}
