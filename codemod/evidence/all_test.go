package evidence

import (
	"fmt"
	"slices"
	"strings"
)

// maybeAll gives some modules an `__all__`, in any form that can be
// evaluated by reading.
func (g *gen) maybeAll(k *known) {
	if len(k.bound) == 0 || !g.chance(35) {
		return
	}
	list := g.some(named(k.bound), len(k.bound))
	if list == nil {
		return
	}
	quoted := make([]string, len(list))
	for i, name := range list {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	first, rest := quoted[0], strings.Join(quoted[1:], ", ")
	all := strings.Join(quoted, ", ")
	var text string
	switch g.r.IntN(9) {
	case 0:
		k.tuple = true
		text = fmt.Sprintf("__all__ = (%s,)\n", all)
	case 1:
		text = fmt.Sprintf("__all__ = [%s] + [%s]\n", first, rest)
	case 2:
		text = fmt.Sprintf("__all__ = [%s]\n__all__ += [%s]\n", first, rest)
	case 3:
		text = fmt.Sprintf("__all__ = [%s]\n__all__.extend([%s])\n", rest, first)
	case 4:
		text = fmt.Sprintf("__all__ = [%s]\n__all__.append(%s)\n", rest, first)
	case 5:
		text = fmt.Sprintf("__all__ = [%s, \"gone\"]\n__all__.remove(\"gone\")\n", all)
	case 6:
		text = g.borrowedAll(k, all)
	default:
		text = fmt.Sprintf("__all__ = [\n    %s,\n]\n", strings.Join(quoted, ",\n    "))
	}
	k.all = list
	g.append(k, stmt{text: text, smaller: func() []stmt {
		return []stmt{{text: fmt.Sprintf("__all__ = [%s]\n", all)}}
	}})
}

// borrowedAll is an `__all__` that takes in that of another module, whose
// names are imported by a star first.
func (g *gen) borrowedAll(k *known, all string) string {
	for _, m := range g.sources(k) {
		parent, last := parentOf(m.name), m.name[strings.LastIndexByte(m.name, '.')+1:]
		if m.all == nil || parent == "" || m.name == k.name {
			continue
		}
		k.bind(m.all...)
		k.bind("borrowed")
		list := fmt.Sprintf("[%s] + borrowed.__all__", all)
		if g.chance(50) || m.tuple {
			list = fmt.Sprintf("[%s, *borrowed.__all__]", all)
		}
		g.append(k, stmt{text: fmt.Sprintf("from %s import *\nfrom %s import %s as borrowed\n", m.name, parent, last),
			shrinks: slices.Contains(g.facades, m.name) && !slices.Contains(g.facades, k.name), vanish: []string{"borrowed"}})
		k.all = nil
		return fmt.Sprintf("__all__ = %s\n", list)
	}
	return fmt.Sprintf("__all__ = [%s]\n", all)
}

// lazy gives a facade a module-level `__getattr__` over a table of homes.
func (g *gen) lazy(k *known) {
	from := g.sources(k)
	if len(from) == 0 {
		return
	}
	m := from[g.r.IntN(len(from))]
	name := "Lazy" + g.pick(classNames)
	if len(m.public()) == 0 || strings.HasPrefix(m.name, k.name+".") && g.chance(50) {
		return
	}
	target := g.pick(m.public())
	table := fmt.Sprintf("_HOMES = {%q: %q}\n\n\ndef __getattr__(name):\n    import importlib\n\n", name, m.name+":"+target)
	table += "    if name not in _HOMES:\n        raise AttributeError(name)\n    module, _, attribute = _HOMES[name].partition(\":\")\n"
	table += "    return getattr(importlib.import_module(module), attribute)\n"
	g.append(k, stmt{text: table, marks: []mark{{name, lenient}}})
	k.aux[name] = true
	g.valued[k.name+"."+name] = m.name + ":" + target
}
