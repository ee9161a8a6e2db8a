package resolve

import (
	"slices"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// again answers for a binding that leads back to a name that is being looked
// up. In that name's own module it binds what was bound when the module that
// leads back ran first; in another it passes that on.
func (w *walk) again(m *Mod, facts *pyfile.Module, name string, events []*pyfile.Binding, in int32, res Resolution, found []Resolution) ([]Resolution, int) {
	if (res.circle != query{m.Name, name, w.typing}) {
		if rest, _ := w.last(m, facts, name, events, in); len(rest) > 0 {
			res = res.orElse(rest[0])
		}
		return append(found, res), len(events)
	}
	if w.tired(loadSteps) {
		return append(found, Resolution{Status: OrderDependent}), len(events)
	}
	at := w.firstLoad(m, res.met)
	early := slices.DeleteFunc(slices.Clone(events), func(b *pyfile.Binding) bool { return b.At >= at })
	rest, before := w.last(m, facts, name, early, in)
	if len(rest) == 0 && res.fallback != nil {
		return append(found, *res.fallback), len(events)
	}
	if len(rest) == 0 {
		rest, before = w.last(m, facts, name, events, in)
	}
	return append(found, rest...), before
}

// orElse gives a chain that leads back what is bound if that leads nowhere:
// behind what other chains on the way would bind.
func (r Resolution) orElse(other Resolution) Resolution {
	switch {
	case r.fallback == nil:
		r.fallback = &other
	case r.fallback.Status == noop:
		deeper := r.fallback.orElse(other)
		r.fallback = &deeper
	}
	return r
}

// firstLoad returns the offset of the first import of m that makes the module
// run.
func (r *Resolver) firstLoad(m *Mod, module string) int32 {
	q := loading{m.Name, module}
	at, ok := r.loads[q]
	if !ok {
		at = r.findLoad(m, module)
		r.loads[q] = at
	}
	return at
}

// targets are the modules that an import names, with the packages above them.
func (r *Resolver) targets(m *Mod, imp *pyfile.Import) (out []string) {
	add := func(module string) {
		for ; module != ""; module = parent(module) {
			if t := r.Index.Module(module); t != nil && t.Path != "" && module != m.Name {
				out = append(out, module)
			}
		}
	}
	abs, ok := m.Absolute(int(imp.Level), imp.Module)
	for _, n := range imp.Names {
		switch {
		case !imp.From:
			add(n.Name)
		case ok && r.Index.Module(abs+"."+n.Name) != nil:
			add(abs + "." + n.Name)
		case ok:
			add(abs)
		}
	}
	return out
}
