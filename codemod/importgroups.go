package codemod

import (
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// boundName is a name that a scope binds.
type boundName struct {
	scope int
	name  string
}

// importGroups are the imports of a file by the scope and the name that they
// bind, in the order of the text. However many bind one name, none of what is
// asked of them goes through all of them once for each.
type importGroups struct {
	imports []pyfile.Import
	bound   map[boundName][]position
	plain   map[boundName][]position // `import a.b` alone, by the dotted name
	longest int                      // parts of such a name
	forms   map[boundName]map[form]extremes
}

// groups returns the imports of the file by what they bind.
func (c *consumer) groups() *importGroups {
	if c.index.groups != nil {
		return c.index.groups
	}
	g := &importGroups{
		imports: c.outline.Imports, bound: map[boundName][]position{}, plain: map[boundName][]position{}, forms: map[boundName]map[form]extremes{},
	}
	for i := range g.imports {
		imp := &g.imports[i]
		scope := c.scopeAt(int(imp.Start))
		for k, n := range imp.Names {
			at := boundName{scope, n.Bound()}
			g.bound[at] = append(g.bound[at], position{i, k})
			if !imp.From && n.As == "" {
				at.name = n.Name
				g.plain[at] = append(g.plain[at], position{i, k})
				g.longest = max(g.longest, strings.Count(n.Name, ".")+1)
			}
		}
	}
	c.index.groups = g
	return g
}

// nearest returns, of the imports of a scope that bind the name of a use, the
// one that the use reads, nowhere if there is none: of those whose dotted name
// covers most of the use's chain, the last before it, or the first where none
// is before.
func (g *importGroups) nearest(scope int, u *pyfile.Use) position {
	chain, ends := u.Name, []int{len(u.Name)}
	for _, a := range u.Attrs[:min(len(u.Attrs), max(g.longest-1, 0))] {
		chain += "." + a.Name
		ends = append(ends, len(chain))
	}
	for _, end := range slices.Backward(ends) {
		if list := g.plain[boundName{scope, chain[:end]}]; len(list) > 0 {
			return g.lastBefore(list, u.Start)
		}
	}
	return g.lastBefore(g.bound[boundName{scope, u.Name}], u.Start)
}

// lastBefore returns the last of the listed imports before the offset, or the
// first of all, nowhere if there is none.
func (g *importGroups) lastBefore(list []position, at int) position {
	if len(list) == 0 {
		return nowhere
	}
	k := sort.Search(len(list), func(k int) bool { return int(g.imports[list[k].imp].Start) >= at })
	return list[max(k-1, 0)]
}

// nowhere is the position of no import.
var nowhere = position{-1, -1}

// form is what an import binds a name to, as far as its statement says.
type form struct {
	from     bool
	level    int32
	module   string // that it is taken from
	name, as string // no name for `import a.b`, which binds a
}

// extremes are the first and the last import of a form.
type extremes struct{ first, last int }

// formOf returns in which form an import binds a name.
func (g *importGroups) formOf(at position) form {
	imp := &g.imports[at.imp]
	n := imp.Names[at.name]
	if !imp.From && n.As == "" {
		return form{}
	}
	return form{imp.From, imp.Level, imp.Module, n.Name, n.As}
}

// formsOf returns the forms in which a name of a scope is bound.
func (g *importGroups) formsOf(at boundName) map[form]extremes {
	forms, ok := g.forms[at]
	if !ok {
		forms = map[form]extremes{}
		for _, p := range g.bound[at] {
			f := g.formOf(p)
			e, seen := forms[f]
			if !seen {
				e.first = p.imp
			}
			forms[f] = extremes{e.first, p.imp}
		}
		g.forms[at] = forms
	}
	return forms
}

// rebinds reports whether another import of the scope binds the name of a
// module to another, without which the name would be that; and whether a
// function can see it bound to that: not where one block of imports binds it
// again and again, and the last time to this one.
func (g *importGroups) rebinds(m *moduleUse) (rebinds, seen bool) {
	at, own := boundName{m.scope, m.bound}, &g.imports[m.imp]
	for f, e := range g.formsOf(at) {
		if f != g.formOf(position{m.imp, m.index}) && (e.first != m.imp || e.last != m.imp) {
			rebinds = true
			break
		}
	}
	group := g.bound[at]
	if !rebinds || group[len(group)-1].imp > m.imp {
		return rebinds, rebinds
	}
	return true, slices.ContainsFunc(group, func(p position) bool {
		imp := &g.imports[p.imp]
		return imp.Suite != own.Suite || own.Ordinal-imp.Ordinal != int32(m.imp-p.imp)
	})
}
