package refs

import (
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// BoundName is a name that a scope binds.
type BoundName struct {
	Scope int
	Name  string
}

// Groups are the imports of a file by the scope and the name that they
// bind, in the order of the text. However many bind one name, none of what is
// asked of them goes through all of them once for each.
type Groups struct {
	imports []pyfile.Import
	Bound   map[BoundName][]Position
	plain   map[BoundName][]Position // `import a.b` alone, by the dotted name
	longest int                      // parts of such a name
	forms   map[BoundName]map[form]extremes
}

// Groups returns the imports of the file by what they bind.
func (c *File) Groups() *Groups {
	if c.index.groups != nil {
		return c.index.groups
	}
	g := &Groups{
		imports: c.Outline.Imports, Bound: map[BoundName][]Position{}, plain: map[BoundName][]Position{}, forms: map[BoundName]map[form]extremes{},
	}
	for i := range g.imports {
		imp := &g.imports[i]
		scope := c.ScopeAt(int(imp.Start))
		for k, n := range imp.Names {
			at := BoundName{scope, n.Bound()}
			g.Bound[at] = append(g.Bound[at], Position{i, k})
			if !imp.From && n.As == "" {
				at.Name = n.Name
				g.plain[at] = append(g.plain[at], Position{i, k})
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
func (g *Groups) nearest(scope int, u *pyfile.Use) Position {
	chain, ends := u.Name, []int{len(u.Name)}
	for _, a := range u.Attrs[:min(len(u.Attrs), max(g.longest-1, 0))] {
		chain += "." + a.Name
		ends = append(ends, len(chain))
	}
	for _, end := range slices.Backward(ends) {
		if list := g.plain[BoundName{scope, chain[:end]}]; len(list) > 0 {
			return g.lastBefore(list, u.Start)
		}
	}
	return g.lastBefore(g.Bound[BoundName{scope, u.Name}], u.Start)
}

// lastBefore returns the last of the listed imports before the offset, or the
// first of all, nowhere if there is none.
func (g *Groups) lastBefore(list []Position, at int) Position {
	if len(list) == 0 {
		return nowhere
	}
	k := sort.Search(len(list), func(k int) bool { return int(g.imports[list[k].Imp].Start) >= at })
	return list[max(k-1, 0)]
}

// nowhere is the position of no import.
var nowhere = Position{-1, -1}

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
func (g *Groups) formOf(at Position) form {
	imp := &g.imports[at.Imp]
	n := imp.Names[at.Name]
	if !imp.From && n.As == "" {
		return form{}
	}
	return form{imp.From, imp.Level, imp.Module, n.Name, n.As}
}

// formsOf returns the forms in which a name of a scope is bound.
func (g *Groups) formsOf(at BoundName) map[form]extremes {
	forms, ok := g.forms[at]
	if !ok {
		forms = map[form]extremes{}
		for _, p := range g.Bound[at] {
			f := g.formOf(p)
			e, seen := forms[f]
			if !seen {
				e.first = p.Imp
			}
			forms[f] = extremes{e.first, p.Imp}
		}
		g.forms[at] = forms
	}
	return forms
}

// rebinds reports whether another import of the scope binds the name of a
// module to another, without which the name would be that; and whether a
// function can see it bound to that: not where one block of imports binds it
// again and again, and the last time to this one.
func (g *Groups) rebinds(m *ModuleUse) (rebinds, seen bool) {
	at, own := BoundName{m.Scope, m.Bound}, &g.imports[m.Imp]
	for f, e := range g.formsOf(at) {
		if f != g.formOf(Position{m.Imp, m.Index}) && (e.first != m.Imp || e.last != m.Imp) {
			rebinds = true
			break
		}
	}
	group := g.Bound[at]
	if !rebinds || group[len(group)-1].Imp > m.Imp {
		return rebinds, rebinds
	}
	return true, slices.ContainsFunc(group, func(p Position) bool {
		imp := &g.imports[p.Imp]
		return imp.Suite != own.Suite || own.Ordinal-imp.Ordinal != int32(m.Imp-p.Imp)
	})
}
