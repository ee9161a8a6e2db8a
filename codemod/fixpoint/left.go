package fixpoint

import (
	"maps"

	"github.com/canonicalize/canonicalize/codemod/refs"
)

// Left is why references stay. It is added to, and nothing is ever taken out.
type Left map[refs.Key]refs.Why

// Objection says why a reference of a file cannot be rewritten.
type Objection struct {
	File *refs.File
	Ref  *refs.Reference
	refs.Why
}

// of returns the reasons for the references of a file, by their numbers.
func (l Left) of(f *refs.File) []refs.Why {
	out := make([]refs.Why, len(f.Refs))
	for i, r := range f.Refs {
		out[i] = l[r.Key()]
	}
	return out
}

// stays reports whether a reference is left.
func (l Left) stays(r *refs.Reference) bool { return l[r.Key()].Stays() }

// any reports whether a reference of the file is not left.
func (l Left) any(f *refs.File) bool {
	for _, r := range f.Refs {
		if !l.stays(r) {
			return true
		}
	}
	return false
}

// own is what references say by themselves, and what is left beforehand.
func own(files []*refs.File, beforehand Left) Left {
	left := make(Left, len(beforehand))
	for _, f := range files {
		for _, r := range f.Refs {
			if r.Stays() {
				left[r.Key()] = r.Why
			}
		}
	}
	maps.Copy(left, beforehand)
	return left
}
