package retire

import (
	"slices"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// explicit writes each name that is passed on as one import from its home.
// Names that nobody needs from the facade go: those that keep does not hold.
func (f *facade) explicit(keep func(*name) bool) (*Result, error) {
	d := f.draft()
	stars, refused := f.unclearStars()
	gone := map[string]bool{}
	for _, n := range f.sorted {
		if n.wins < 0 || n.Kind == Unclear || n.Kind == Declared {
			continue
		}
		kept := keep(n) || n.Own
		for i, e := range n.events {
			f.spell(d, n, e, kept && i == n.wins, stars)
		}
		if !kept && !stars[n.events[n.wins].Import] {
			gone[n.Name.Name] = true
		}
	}
	f.emptyStars(d, stars)
	if err := f.relist(d, gone, true); err != nil {
		return nil, err
	}
	return d.result(Explicit, sortedKeys(gone), refused)
}

// unclearStars finds the star imports that have to stay: they bring a name
// whose home is not known.
func (f *facade) unclearStars() (stars map[int32]bool, refused []Refusal) {
	stars = map[int32]bool{}
	for _, n := range f.sorted {
		for _, e := range n.events {
			if e.Kind != pyfile.StarImported {
				continue
			}
			if e.guarded() || f.Index().Module(f.source(e.Binding)) == nil {
				stars[e.Import] = true
			}
			if n.Kind == Unclear {
				stars[e.Import] = true
				refused = append(refused, Refusal{n.Name.Name, n.Why})
			}
		}
	}
	for i := range f.outline.Imports {
		imp := &f.outline.Imports[i]
		if abs, _ := f.mod.Absolute(int(imp.Level), imp.Module); imp.Scope == 0 && imp.Star() && f.Index().Module(abs) == nil {
			stars[int32(i)] = true
			refused = append(refused, Refusal{"*", "What `from " + abs + " import *` brings is not known here: import the names that are needed."})
		}
	}
	return stars, slices.Compact(refused)
}

// spell writes one binding of a name.
func (f *facade) spell(d *draft, n *name, e event, wins bool, stars map[int32]bool) {
	imp := &f.outline.Imports[max(0, min(int(e.Import), len(f.outline.Imports)-1))]
	alias := !f.hasAll && !n.Own
	switch {
	case e.Kind == pyfile.StarImported && stars[e.Import], e.guarded():
	case e.Kind == pyfile.StarImported && wins:
		d.Pass(int(e.Import), 0, n.home, n.Name.Name, alias)
	case e.Kind == pyfile.StarImported, e.Kind != pyfile.Imported, !imp.From, n.Own:
	case !wins:
		d.Remove(int(e.Import), e.index)
	case !f.spelled(n, e, alias):
		d.Pass(int(e.Import), e.index, n.home, n.Name.Name, alias)
	}
}

// spelled reports whether a statement imports the name from its home already.
func (f *facade) spelled(n *name, e event, alias bool) bool {
	imp := &f.outline.Imports[e.Import]
	written := imp.Names[e.index]
	home := n.home
	if home.Attr == "" {
		home.Module, home.Attr = parent(home.Module), last(home.Module)
	}
	return f.source(e.Binding) == home.Module && written.Name == home.Attr && (!alias || written.As != "")
}

// emptyStars takes away star imports whose names nobody needs: what they do
// when they run is the registry's business.
func (f *facade) emptyStars(d *draft, stars map[int32]bool) {
	for i := range f.outline.Imports {
		imp := &f.outline.Imports[i]
		if imp.Scope == 0 && imp.Star() && !stars[int32(i)] && imp.Guard&(pyfile.Conditional|pyfile.TypeChecking|pyfile.NotTyping) == 0 {
			d.Remove(i, 0)
		}
	}
}

// isExplicit reports whether each name that is passed on is one import from
// its home already.
func (f *facade) isExplicit() bool {
	if f.starred() {
		return false
	}
	for _, n := range f.passed() {
		if len(n.events) != 1 || n.events[0].Kind != pyfile.Imported {
			return f.generated()
		}
		e := n.events[0]
		if f.outline.Imports[e.Import].From && !f.spelled(n, e, !f.hasAll) {
			return false
		}
	}
	return true
}

// narrow takes names away. Those of the facade's own code stay.
func (f *facade) narrow(names []string) (*Result, error) {
	d := f.draft()
	gone := map[string]bool{}
	var refused []Refusal
	for _, name := range names {
		n := f.names[name]
		switch {
		case n == nil: // it has gone before
			continue
		case n.Own:
			refused = append(refused, Refusal{name, "Code of the facade itself reads it."})
			continue
		case n.Kind != ReExported && n.Kind != Foreign || !f.removable(n):
			why := n.Why
			if why == "" {
				why = "The facade does not import it in a statement of its own: do the explicit step first."
			}
			refused = append(refused, Refusal{name, why})
			continue
		}
		gone[name] = true
		for _, e := range n.events {
			d.Remove(int(e.Import), e.index)
		}
	}
	if err := f.relist(d, gone, len(gone) > 0); err != nil {
		return nil, err
	}
	return d.result(Narrow, sortedKeys(gone), refused)
}

// removable reports whether all that binds the name are plain imports of it.
func (f *facade) removable(n *name) bool {
	return len(n.events) > 0 && !slices.ContainsFunc(n.events, func(e event) bool {
		return e.Kind != pyfile.Imported || e.guarded()
	})
}
