package retire

import (
	"cmp"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// groupLines is how many lines of the facade one group may take away.
const groupLines = 200

// groups sorts the free names: those of one home together, those of one owner
// together up to a size, first those without which the import of the facade
// shrinks most.
func (s *survey) groups() []Group {
	byHome := map[string]*Group{}
	for _, n := range s.facade.sorted {
		if !n.Free || !s.facade.removable(n) {
			continue
		}
		g := byHome[n.home.Module]
		if g == nil {
			g = &Group{Modules: []string{n.home.Module}, Owner: s.owner(n.home.Module)}
			byHome[n.home.Module] = g
		}
		g.Names = append(g.Names, n.Name.Name)
	}
	var all []Group
	for _, m := range sortedKeys(byHome) {
		g := byHome[m]
		g.Shrinks = len(s.before) - s.executedWithout(g.Names)
		all = append(all, *g)
	}
	slices.SortStableFunc(all, func(a, b Group) int { return cmp.Compare(b.Shrinks, a.Shrinks) })
	return s.joined(all)
}

func (s *survey) owner(module string) string {
	m := s.Index().Module(module)
	if s.asked.Owner == nil || m == nil {
		return ""
	}
	return s.asked.Owner(m.Path)
}

// joined puts the groups of one owner together.
func (s *survey) joined(all []Group) (out []Group) {
	open := map[string]int{} // owner to the group that takes more, plus 1
	for _, g := range all {
		if i := open[g.Owner] - 1; i >= 0 && len(out[i].Names)+len(g.Names) <= groupLines && (g.Shrinks > 0) == (out[i].Shrinks > 0) {
			out[i].Names = append(out[i].Names, g.Names...)
			out[i].Modules = append(out[i].Modules, g.Modules...)
			continue
		}
		out = append(out, g)
		open[g.Owner] = len(out)
	}
	for i := range out {
		slices.Sort(out[i].Names)
		slices.Sort(out[i].Modules)
		out[i].Shrinks = len(s.before) - s.executedWithout(out[i].Names)
	}
	slices.SortStableFunc(out, func(a, b Group) int { return cmp.Compare(b.Shrinks, a.Shrinks) })
	return out
}

// executedWithout is how many modules importing the facade executes when it
// does not import some names.
func (s *survey) executedWithout(names []string) int {
	skip := map[int]bool{}
	for i := range s.facade.outline.Imports {
		imp := &s.facade.outline.Imports[i]
		skip[i] = imp.Scope == 0 && !slices.ContainsFunc(imp.Names, func(n pyfile.Name) bool { return !slices.Contains(names, n.Bound()) })
	}
	order, _ := run(s.world(), map[string]map[int]bool{s.facade.mod.Path: skip}, s.facade.mod.Name)
	return len(order)
}

// Executes returns the modules of the tree that importing a module executes, in
// the order in which they begin.
func Executes(w World, module string) []string {
	order, _ := run(w, nil, module)
	return order
}
