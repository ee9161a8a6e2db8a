package world

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Lookup says which object a name of a module is, see resolve.Resolver.
func (w *World) Lookup(module, name string, typing bool) resolve.Resolution {
	w.asking.Lock()
	defer w.asking.Unlock()
	return w.resolver.Lookup(module, name, typing)
}

// Public returns the names of a star import of the module.
func (w *World) Public(module string) map[string]bool {
	w.asking.Lock()
	defer w.asking.Unlock()
	return w.resolver.Public(module)
}

// Bound returns the names that the module binds.
func (w *World) Bound(module string) map[string]bool {
	w.asking.Lock()
	defer w.asking.Unlock()
	return w.resolver.Bound(module)
}

// All returns the value of `__all__`, if that is known.
func (w *World) All(module string) ([]string, bool) {
	w.asking.Lock()
	defer w.asking.Unlock()
	return w.resolver.All(module)
}

// Computes reports whether a star import of the module may bring names that no
// statement spells.
func (w *World) Computes(module string) bool {
	w.asking.Lock()
	defer w.asking.Unlock()
	return w.resolver.Computes(module)
}

// Computed returns which name of which module the `__getattr__` of a module
// gives for a name, or says that it gives nothing; known is false where that
// cannot be told.
func (w *World) Computed(module, name string) (h resolve.Home, there, known bool) {
	w.asking.Lock()
	defer w.asking.Unlock()
	m := w.Index.Module(module)
	facts := w.resolver.Module(m.Path)
	if facts == nil || facts.Table == nil {
		return resolve.Home{}, false, false
	}
	entry, there := facts.Table[name]
	if !there {
		return resolve.Home{}, false, true
	}
	h.Module, h.Attr, there = w.resolver.Entry(m, entry)
	return h, there, there
}

// Spelled returns the facts of a file in which what its module computes is
// written out, as imports behind those of its text.
func (w *World) Spelled(path string) (*pyfile.Outline, *pyfile.Module) {
	w.asking.Lock()
	defer w.asking.Unlock()
	return w.resolver.Outline(path), w.resolver.Module(path)
}

// IsModule reports whether the tree or a provider has the module.
func (w *World) IsModule(module string) bool { return w.Index.Module(module) != nil }

// IsRuled reports whether a home is one that the rules give a name, whatever
// its bindings say.
func (g *ground) IsRuled(home resolve.Home) bool {
	for _, h := range g.Homes {
		if h == home {
			return true
		}
	}
	return false
}

// prefetch parses the modules that the facades lead to in parallel; the
// resolver would otherwise ask for them one after the other.
func (w *World) prefetch(ctx context.Context) error {
	seen := map[string]bool{}
	var level []string
	for _, f := range w.Facades {
		level = append(level, f.Mod.Path)
		seen[f.Mod.Path] = true
	}
	for depth := 0; depth < 3 && len(level) > 0; depth++ {
		slices.Sort(level)
		if err := w.ParseAll(ctx, level); err != nil {
			return err
		}
		level = w.reExported(level, seen)
	}
	return nil
}

// ParseAll parses the modules at the paths, on as many goroutines as there are
// workers: what will be asked for is best parsed before somebody waits for it.
func (w *World) ParseAll(ctx context.Context, paths []string) error {
	var done atomic.Int64
	return w.Each(ctx, len(paths), func(_ context.Context, i int) error {
		w.Module(paths[i])
		if n := int(done.Add(1)); n%64 == 0 || n == len(paths) {
			w.Progress("parsing", n, len(paths))
		}
		return nil
	})
}

// reExported returns the files that those of a level import names from where
// a facade may pass them on: packages and star imports.
func (w *World) reExported(level []string, seen map[string]bool) (next []string) {
	for _, path := range level {
		s := w.Source(path)
		for k := range s.Outline.Imports {
			imp := &s.Outline.Imports[k]
			if !imp.From || imp.Scope != 0 {
				continue
			}
			abs, ok := s.Absolute(imp)
			m := w.Index.Module(abs)
			if !ok || m == nil || m.Path == "" || seen[m.Path] || !imp.Star() && !m.Package && !w.isFacade(path) {
				continue
			}
			seen[m.Path] = true
			next = append(next, m.Path)
		}
	}
	return next
}

func (w *World) isFacade(path string) bool {
	m := w.Index.File(path)
	return m != nil && w.named[m.Name] != nil
}
