package evidence

import (
	"fmt"
	"slices"
	"strings"
)

// providers adds the modules whose names the i-th facade re-exports: homes
// that declare, and modules that pass on.
func (g *gen) providers(i int, pkgs []string) {
	g.done = i
	for range 2 + g.r.IntN(4) {
		k := g.create(g.free(g.pick(pkgs), homeNames), false)
		if g.chance(40) {
			g.passOn(k)
		}
		for range 1 + g.r.IntN(4) {
			g.declare(k)
		}
		g.maybeAll(k)
		g.order = append(g.order, k)
		g.compiled(k)
	}
	for range g.r.IntN(3) {
		k := g.create(g.free(g.pick(pkgs), hopNames), false)
		for range 1 + g.r.IntN(3) {
			g.passOn(k)
		}
		if g.chance(30) {
			g.declare(k)
		}
		g.maybeAll(k)
		g.order = append(g.order, k)
	}
}

// sources are the modules that k may import from.
func (g *gen) sources(k *known) []*known {
	var from []*known
	for _, m := range g.order {
		if m.inside < g.done || m.inside == k.inside {
			from = append(from, m)
		}
	}
	return from
}

// facade adds the i-th facade.
func (g *gen) facade(i int, pkg bool) {
	k := g.create(g.facades[i], pkg)
	k.inside = i
	for range 2 + g.r.IntN(6) {
		g.passOn(k)
	}
	if g.chance(25) {
		g.declare(k)
	}
	if g.chance(20) {
		g.lazy(k)
	}
	g.maybeAll(k)
	g.order = append(g.order, k)
	g.done = i + 1
	if !g.p.acyclic {
		g.circles(k)
	}
}

// circles lets modules that the facade was made from read the facade.
func (g *gen) circles(f *known) {
	names := f.public()
	for _, m := range g.order {
		if m == f || len(names) == 0 || !g.chance(25) || strings.HasSuffix(m.path, ".pyi") {
			continue
		}
		list := g.some(names, 2)
		st := fromStmt(g.spell(m, f.name), list)
		at := len(m.body)
		switch g.r.IntN(3) {
		case 0:
			at = 0
		case 1:
			st = stmt{text: fmt.Sprintf("def probe_circle():\n%s    return [%s]\n", indented(st.text), strings.Join(list, ", "))}
		default:
			if g.chance(30) {
				st = stmt{text: fmt.Sprintf("from %s import *\n", g.spell(m, f.name)), shrinks: true}
			}
		}
		m.body = slices.Insert(m.body, at, st)
	}
}

// fromStmt is a plain from-import that shrinks by its names.
func fromStmt(module string, names []string) stmt {
	st := stmt{text: fmt.Sprintf("from %s import %s\n", module, strings.Join(names, ", "))}
	st.smaller = func() []stmt {
		var less []stmt
		for i := range names {
			if len(names) > 1 {
				less = append(less, fromStmt(module, slices.Delete(slices.Clone(names), i, i+1)))
			}
		}
		return less
	}
	return st
}

func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
}

// declare lets a module declare a name, in any way that binds one.
func (g *gen) declare(k *known) {
	name, marks := g.pick(otherNames), []mark(nil)
	if g.chance(60) {
		name = g.pick(classNames)
	}
	tag := g.tag(k, name)
	var text string
	switch n := g.r.IntN(15); {
	case n == 0:
		text = fmt.Sprintf("%s = %q\n", name, tag)
	case n == 1:
		text = fmt.Sprintf("%s: str = %q\n", name, tag)
	case n == 2:
		text = fmt.Sprintf("%s, _rest = %q, 0\n", name, tag)
		k.bind("_rest")
	case n == 3:
		text = fmt.Sprintf("for %s in [%q]:\n    pass\n", name, tag)
	case n == 4:
		text = fmt.Sprintf("(%s := %q)\n", name, tag)
	case n == 5:
		text = fmt.Sprintf("match %q:\n    case %s:\n        pass\n", tag, name)
	case n == 6:
		text = fmt.Sprintf("%s = %q\n%s += \"\"\n", name, tag, name)
	case n == 7:
		text = fmt.Sprintf("if len(__name__) > 1000:\n    %s = None\nelse:\n    %s = %q\n", name, name, tag)
		marks = []mark{{name, fork}}
	case n == 8:
		text = fmt.Sprintf("try:\n    %s = %q\nexcept Exception:\n    raise\n", name, tag)
	case n == 9:
		text = fmt.Sprintf("_one = %s = %q\n", name, tag)
		k.bind("_one")
	case n == 10:
		text = fmt.Sprintf("[%s] = [%q]\n", name, tag)
	case n < 13:
		text = fmt.Sprintf("def %s():\n    %q\n", name, tag)
	default:
		text = fmt.Sprintf("class %s:\n    %q\n", name, tag)
	}
	k.bind(name)
	simple := stmt{text: fmt.Sprintf("%s = %q\n", name, tag), marks: marks}
	g.append(k, stmt{text: text, marks: marks, smaller: func() []stmt { return []stmt{simple} }})
}

func (g *gen) append(k *known, st stmt) {
	st.kind = g.kind
	k.body = append(k.body, st)
}

// externals are names that come from outside of the tree, as the last import
// spells them.
var externals = []struct{ text, name, described, home string }{
	{"from typing import Any\n", "Any", "_AnyMeta", "typing:Any"},
	{"from collections import OrderedDict\n", "OrderedDict", "type collections.OrderedDict None", "collections:OrderedDict"},
	{"from functools import partial as bind\n", "bind", "type functools.partial None", "functools:partial"},
	{"import logging\n", "logging", "module logging", "logging"},
	{"import json as codec\n", "codec", "module json", "json"},
	{"from os import path\n", "path", "module posixpath", "os:path"},
	{"import collections.abc\n", "collections", "module collections", "collections"},
}

// passOn lets a module import names that it thereby re-exports.
func (g *gen) passOn(k *known) {
	from := g.sources(k)
	if len(from) == 0 || g.chance(12) {
		e := externals[g.r.IntN(len(externals))]
		k.bind(e.name)
		g.append(k, stmt{text: e.text})
		return
	}
	m := from[g.r.IntN(len(from))]
	names := named(m.bound)
	if len(names) == 0 {
		return
	}
	if len(m.public()) > 0 && g.chance(35) {
		k.bind(m.public()...)
		facade := slices.Contains(g.facades, m.name) && !slices.Contains(g.facades, k.name)
		g.append(k, stmt{text: fmt.Sprintf("from %s import *%s\n", g.spell(k, m.name), g.comment()), shrinks: facade})
		return
	}
	g.explicit(k, m, names)
}

func (g *gen) comment() string {
	return []string{"", "", "", "  # NOQA", "  # noqa: F401,F403"}[g.r.IntN(5)]
}

// explicit imports names one by one, plainly or in branches.
func (g *gen) explicit(k, m *known, names []string) {
	list := g.some(names, 3)
	module := g.spell(k, m.name)
	switch g.r.IntN(12) {
	case 0:
		as := g.pick(classNames)
		k.bind(as)
		g.append(k, stmt{text: fmt.Sprintf("from %s import %s as %s\n", module, list[0], as)})
	case 1:
		g.moduleValued(k, m)
	case 2:
		g.branches(k, m, module, list[0])
	case 3:
		as := g.pick(classNames)
		k.bind(list[0], as)
		g.append(k, stmt{text: fmt.Sprintf("from %s import %s\n%s = %s\n", module, list[0], as, list[0]),
			marks: []mark{{as, alias}}})
	case 4:
		k.bind(list...)
		g.append(k, stmt{text: fmt.Sprintf("from %s import (\n    %s,\n)\n", module, strings.Join(list, ",\n    "))})
	case 5:
		k.bind(list[0])
		g.append(k, stmt{text: fmt.Sprintf("from %s import %s as %s%s\n", module, list[0], list[0], g.comment())})
	default:
		k.bind(list...)
		g.append(k, fromStmt(module, list))
	}
}

// moduleValued imports a module as a value.
func (g *gen) moduleValued(k, m *known) {
	parent, last := parentOf(m.name), m.name[strings.LastIndexByte(m.name, '.')+1:]
	as := g.pick([]string{"mod", "impl", last})
	switch {
	case parent == "" || g.chance(30):
		as = g.pick([]string{"mod", "impl"})
		g.append(k, stmt{text: fmt.Sprintf("import %s as %s\n", m.name, as)})
	case parent == k.name && as == last:
		g.append(k, stmt{text: fmt.Sprintf("from . import %s\n", last)})
		return // a submodule is no re-export
	default:
		g.append(k, stmt{text: fmt.Sprintf("from %s import %s as %s\n", g.spell(k, parent), last, as)})
	}
	k.bind(as)
	g.valued[k.name+"."+as] = m.name
}

// branches imports a name in an if or try statement.
func (g *gen) branches(k, m *known, module, name string) {
	st := stmt{}
	switch g.r.IntN(6) {
	case 0: // differs: the branches decide
		st.text = fmt.Sprintf("try:\n    from %s import %s\nexcept ImportError:\n    %s = None\n", module, name, name)
		st.marks = []mark{{name, fork}}
	case 1: // agrees
		st.text = fmt.Sprintf("try:\n    from %s import %s\nexcept ImportError:\n    from %s import %s\n", module, name, m.name, name)
	case 2:
		st.text = fmt.Sprintf("if len(__name__) < 1000:\n    from %s import %s\n", module, name)
		st.marks = []mark{{name, lenient}}
	case 3: // as asyncio does for platforms
		star := m.public()
		st.text = fmt.Sprintf("if len(__name__) > 1000:\n    from nowhere import *\n    from nowhere import Missing\nelse:\n    from %s import *\n", module)
		st.marks = []mark{{"*", lenient}} // nowhere may bind any name, too
		k.bind(star...)
		k.missing = true
		g.append(k, st)
		return
	case 4:
		st.text = fmt.Sprintf("if len(__name__) > 1000:\n    %s = None\nelse:\n    from %s import %s\n", name, module, name)
		st.marks = []mark{{name, fork}}
	default:
		st.text = fmt.Sprintf("with open(\"/dev/null\"):\n    from %s import %s\n", module, name)
	}
	k.bind(name)
	g.append(k, st)
}

// named are the names that are not only there to make a statement odd.
func named(bound []string) []string {
	return slices.DeleteFunc(slices.Clone(bound), func(n string) bool { return n == "_rest" || n == "_one" })
}
