package importgraph

import "slices"

// Affected returns which of some modules execute one of those that changed,
// in the order given. Of a module that is asked about, imports in functions
// count as well: it is a test, and its functions are what runs. Deferred says
// that they count in all modules on the way.
func (g *Graph) Affected(asked, changed []string, deferred bool) (affected []string) {
	meets := g.meeting(changed, deferred)
	for _, name := range asked {
		n, ok := g.ids[name]
		if ok && (meets[n] || g.namesOne(n, meets)) {
			affected = append(affected, name)
		}
	}
	return affected
}

// namesOne reports whether a module makes one of some run, be it in a function.
func (g *Graph) namesOne(n int, some []bool) bool {
	return slices.ContainsFunc(g.nodes[n].statements, func(s statement) bool {
		return slices.ContainsFunc(s.runs, func(m int) bool { return some[m] })
	})
}

// meeting returns the modules whose import executes one of those that changed.
func (g *Graph) meeting(changed []string, deferred bool) []bool {
	into := make([][]int, len(g.nodes))
	for n := range g.nodes {
		for _, p := range g.nodes[n].above {
			into[p] = append(into[p], n)
		}
		for _, s := range g.nodes[n].statements {
			if deferred || !s.deferred {
				for _, m := range s.runs {
					into[m] = append(into[m], n)
				}
			}
		}
	}
	meets := make([]bool, len(g.nodes))
	var queue []int
	for _, name := range changed {
		if n, ok := g.ids[name]; ok && !meets[n] {
			meets[n] = true
			queue = append(queue, n)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, n := range into[queue[0]] {
			if !meets[n] {
				meets[n] = true
				queue = append(queue, n)
			}
		}
	}
	return meets
}
