package fixpoint

import (
	"context"
	"maps"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
)

// findDead finds, among the names that one block of imports binds more than
// once, those that a later one overwrites: nothing can read them in between,
// so they go, also where the facade declares them.
//
//	from shop import Cart          # goes
//	from shop.basket import Cart
//
// That the last one stays the last is for the proof to see.
func (l *loop) findDead(ctx context.Context) error {
	dead := make([][]*refs.Reference, len(l.Files))
	err := l.World.Each(ctx, len(l.Files), func(_ context.Context, i int) error {
		dead[i] = l.deadIn(l.Files[i])
		return nil
	})
	for i, f := range l.Files {
		for _, r := range dead[i] {
			l.verdicts[f][r.N].Dead = true
			delete(l.Left, r.Key()) // it goes, whatever it is
		}
	}
	return err
}

// references are those of a file by the name of a statement that they are.
type references map[refs.Position]*refs.Reference

func (l *loop) deadIn(f *refs.File) (dead []*refs.Reference) {
	if f.Excluded != "" {
		return nil
	}
	at := references{}
	for _, r := range f.Refs {
		if r.Form == refs.FormFrom && r.Index >= 0 {
			at[refs.Position{Imp: r.Imp, Name: r.Index}] = r
		}
	}
	imports := f.Outline.Imports
	for first := 0; first < len(imports); {
		last := first
		for last+1 < len(imports) && refs.Adjacent(&imports[last], &imports[last+1]) {
			last++
		}
		if at.any(f, first, last) {
			dead = append(dead, l.deadInBlock(f, first, last, at)...)
		}
		first = last + 1
	}
	return dead
}

// any reports whether one of the references stands in a block.
func (at references) any(f *refs.File, first, last int) bool {
	for i := first; i <= last; i++ {
		for k := range f.Outline.Imports[i].Names {
			if at[refs.Position{Imp: i, Name: k}] != nil {
				return true
			}
		}
	}
	return false
}

// binding is one binding of a name, and the reference that it is, if any.
type binding struct {
	imp, name int
	ref       *refs.Reference
}

// watchers counts, of a block, the imports that run a module which can see how
// far this one has run: at index i those before the i-th.
func (l *loop) watchers(f *refs.File, first, last int, at references) []int {
	reaches := map[string]bool{}
	count := make([]int, 1, last-first+2)
	for i := first; i <= last; i++ {
		imp, sees := &f.Outline.Imports[i], 0
		for k, n := range imp.Names {
			module, ok := n.Name, true
			if r := at[refs.Position{Imp: i, Name: k}]; r != nil && !l.Left.stays(r) {
				module = r.Res.Home.Module
			} else if imp.From {
				module, ok = f.Absolute(imp)
			}
			if !ok {
				continue
			}
			is, known := reaches[module]
			if !known {
				is = l.order.Reaches(module, f.Mod.Name)
				reaches[module] = is
			}
			if is {
				sees = 1
			}
		}
		count = append(count, count[i-first]+sees)
	}
	return count
}

// starOverwrites returns which of the names seen before a star import binds.
func (l *loop) starOverwrites(f *refs.File, imp *pyfile.Import, seen map[string][]binding) map[string]bool {
	abs, ok := f.Absolute(imp)
	if !ok || l.order.Reaches(abs, f.Mod.Name) || !anyOf(seen) {
		return nil
	}
	out, public := map[string]bool{}, l.World.Public(abs)
	for n := range seen {
		out[n] = public[n]
	}
	maps.DeleteFunc(out, func(_ string, bound bool) bool { return !bound })
	return out
}

// anyOf reports whether a reference is among the bindings.
func anyOf(seen map[string][]binding) bool {
	for _, all := range seen {
		for _, b := range all {
			if b.ref != nil {
				return true
			}
		}
	}
	return false
}

func (l *loop) deadInBlock(f *refs.File, first, last int, at references) (dead []*refs.Reference) {
	seen := map[string][]binding{}
	for i := first; i <= last; i++ {
		imp := &f.Outline.Imports[i]
		if imp.Star() {
			for n := range l.starOverwrites(f, imp, seen) {
				seen[n] = append(seen[n], binding{i, 0, nil})
			}
			continue
		}
		for k, n := range imp.Names {
			if !imp.From && n.As == "" {
				continue // binds a package, as others may
			}
			seen[n.Bound()] = append(seen[n.Bound()], binding{i, k, at[refs.Position{Imp: i, Name: k}]})
		}
	}
	var watchers []int
	for _, all := range seen {
		end := all[len(all)-1].imp
		for _, b := range all[:len(all)-1] {
			if b.ref == nil {
				continue
			}
			if why := l.Left[b.ref.Key()].Reason; why != "" && why != refs.DeclaredInFacade {
				continue
			}
			if watchers == nil {
				watchers = l.watchers(f, first, last, at)
			}
			if watchers[end+1-first] == watchers[b.imp+1-first] {
				dead = append(dead, b.ref)
			}
		}
	}
	return dead
}
