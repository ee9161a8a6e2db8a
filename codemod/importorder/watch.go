package importorder

import (
	"slices"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// Watch is what of a module is compared between two simulations.
type Watch struct {
	Names []string // of the module
	Moved []string // those of them that come from elsewhere than before
	Slots []Slot   // what imports bind in the bodies of classes
	Stars []string // modules of which star imports take all
	// unclear are names of which an outline, before or after a change, does not
	// say all: more than one statement may bind them.
	unclear []string
}

// Slot is a name that an import binds in a suite.
type Slot struct {
	Suite int32
	Bound string
}

// Watched is what there is to compare in a module with the outline: what its
// imports bind. Absolute spells the module of a from-import.
func Watched(o *pyfile.Outline, absolute func(*pyfile.Import) string) *Watch {
	w := &Watch{}
	for i := range o.Imports {
		imp := &o.Imports[i]
		switch {
		case !runsOnImport(o, imp):
		case imp.Star():
			w.Stars = append(w.Stars, absolute(imp))
		case imp.From:
			for _, n := range imp.Names {
				if imp.Scope == 0 {
					w.Names = append(w.Names, n.Bound())
				} else {
					w.Slots = append(w.Slots, Slot{imp.Suite, n.Bound()})
				}
			}
		}
	}
	w.unclear = unclear(o)
	return w.sorted()
}

// unclear returns the names that imports of the module bind besides others.
func unclear(o *pyfile.Outline) (out []string) {
	times := make(map[string]int, len(o.Imports))
	stars := 0
	for i := range o.Imports {
		switch imp := &o.Imports[i]; {
		case imp.Scope != 0 || !runsOnImport(o, imp):
		case imp.Star():
			stars = 1
		default:
			for _, n := range imp.Names {
				times[n.Bound()]++
			}
		}
	}
	for _, d := range o.Decls {
		if times[d.Name] > 0 {
			times[d.Name]++
		}
	}
	for name, n := range times {
		if n+stars > 1 {
			out = append(out, name)
		}
	}
	return out
}

// Both is what both compare, and further names.
func (w *Watch) Both(other *Watch, more []string) *Watch {
	return (&Watch{
		Names: append(common(w.Names, other.Names), more...),
		Slots: common(w.Slots, other.Slots), Stars: common(w.Stars, other.Stars),
		unclear: slices.Concat(more, w.unclear, other.unclear),
	}).sorted()
}

// common returns what of a list another has too.
func common[T comparable](list, other []T) (out []T) {
	has := make(map[T]bool, len(other))
	for _, v := range other {
		has[v] = true
	}
	for _, v := range list {
		if has[v] {
			out = append(out, v)
		}
	}
	return out
}

func (w *Watch) sorted() *Watch {
	slices.Sort(w.Names)
	w.Names = slices.Compact(w.Names)
	slices.Sort(w.Stars)
	w.Stars = slices.Compact(w.Stars)
	slices.Sort(w.unclear)
	w.unclear = slices.Compact(w.unclear)
	return w
}

// Watches says, by path, what to compare of files; of others that is all that
// their imports bind.
type Watches map[string]*Watch

func (p *Program) watchOf(n *Node, watch Watches) *Watch {
	if w := watch[n.mod.Path]; w != nil {
		return w
	}
	if n.watched == nil {
		n.watched = &Watch{}
		if o := p.file(n.module).Outline; o != nil {
			n.watched = Watched(o, func(imp *pyfile.Import) string {
				abs, _ := n.mod.Absolute(int(imp.Level), imp.Module)
				return abs
			})
		}
	}
	return n.watched
}
