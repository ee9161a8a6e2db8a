package resolve

import (
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// mayHide reports whether a star import of m takes a submodule of that name
// from another package, if something imported that before.
func (w *walk) mayHide(m *Mod, facts *pyfile.Module, name string) bool {
	for i := range facts.Bindings {
		b := &facts.Bindings[i]
		if b.Kind != pyfile.StarImported || !w.counts(b) {
			continue
		}
		src, ok := w.source(m, b)
		if !ok || src == m.Name || w.Index.Module(src+"."+name) == nil {
			continue
		}
		if all, known := w.All(src); !known || slices.Contains(all, name) {
			return true
		}
	}
	return false
}

// submodule answers for a name that is a submodule: for the module asked that
// is no re-export, further along the way it is the home.
func (w *walk) submodule(sub string) Resolution {
	if sub == w.facade+"."+w.asked {
		return Resolution{Status: NoReexport, Home: Home{Module: sub}}
	}
	return Resolution{Home: Home{Module: sub}}
}

// computed answers for a name that no statement binds.
func (w *walk) computed(m *Mod, facts *pyfile.Module, name string) Resolution {
	if h, ok := facts.Table[name]; ok {
		return w.tabled(m, h)
	}
	switch {
	case facts.Flags&(pyfile.HasGetattr|pyfile.WritesSelf) == 0:
		ext, certain := w.externalStar(m, facts)
		if m.Package && ext == m.Name+"."+name {
			return w.submodule(ext) // that is not here, but must be a module
		}
		if ext != "" && !strings.HasPrefix(name, "_") {
			return Resolution{Home: Home{Module: ext, Attr: name, External: true}, Uncertain: !certain}
		}
		if w.computes(m, map[string]bool{}) {
			return Resolution{Status: Dynamic}
		}
		return Resolution{Status: Unresolved}
	case m.Name == w.facade:
		return Resolution{Status: Dynamic}
	}
	return Resolution{Home: Home{Module: m.Name, Attr: name}}
}

// externalStar returns the one module outside the tree that m star-imports,
// and whether it does so in every run.
func (w *walk) externalStar(m *Mod, facts *pyfile.Module) (found string, certain bool) {
	for i := range facts.Bindings {
		b := &facts.Bindings[i]
		if b.Kind != pyfile.StarImported || !w.counts(b) {
			continue
		}
		src, ok := w.source(m, b)
		if !ok || w.Index.Module(src) != nil {
			continue
		}
		if found != "" && found != src {
			return "", false
		}
		found, certain = src, certain || b.Fork == 0
	}
	return found, certain
}

// Computes reports whether a star import of the module may bring names that
// no statement spells: it, or a module that it star-imports, writes to its own
// namespace, and no `__all__` lists them.
func (r *Resolver) Computes(module string) bool {
	m := r.Index.Module(module)
	if m == nil {
		return false
	}
	_, listed := r.All(module)
	return !listed && r.computes(m, map[string]bool{})
}

// computes reports whether m writes to its own namespace, or star-imports over
// any number of hops a module of the tree that does.
func (r *Resolver) computes(m *Mod, seen map[string]bool) bool {
	facts := r.moduleFacts(m)
	if seen[m.Name] || facts == nil {
		return false
	}
	seen[m.Name] = true
	return facts.Flags&pyfile.WritesSelf != 0 || slices.ContainsFunc(facts.Bindings, func(b pyfile.Binding) bool {
		src, ok := "", b.Kind == pyfile.StarImported && b.Guard&pyfile.TypeChecking == 0
		if ok {
			src, ok = r.source(m, &b)
		}
		next := r.Index.Module(src)
		return ok && next != nil && r.computes(next, seen)
	})
}

// tabled follows an entry of a table behind `__getattr__`.
func (w *walk) tabled(m *Mod, entry pyfile.Entry) Resolution {
	module, ok := m.Spelled(entry.Module)
	if !ok || w.Index.Internal(module) && w.Index.Module(module) == nil {
		return Resolution{Status: Dynamic} // what is not here is no home
	}
	if entry.Attr == "" {
		return Resolution{Home: Home{Module: module, External: w.Index.Module(module) == nil}}
	}
	res := w.lookup(module, entry.Attr)
	if res.Status == Unresolved {
		res.Status = Dynamic
	}
	return res
}

// Entry returns what an entry behind the `__getattr__` of m stands for; ok is
// false where that is no module.
func (r *Resolver) Entry(m *Mod, entry pyfile.Entry) (module, attr string, ok bool) {
	module, ok = m.Spelled(entry.Module)
	return module, entry.Attr, ok
}
