package importgraph

import (
	"math/bits"
	"slices"
)

// Counts returns how many modules of the tree importing each module of the
// tree executes, itself and the packages above it among them.
func (g *Graph) Counts() map[string]int {
	c := g.components()
	counts := make([]int, len(c.of))
	for first := 0; first < len(g.nodes); first += 64 {
		for n, word := range c.reach(first) {
			counts[n] += bits.OnesCount64(word)
		}
	}
	out := make(map[string]int, len(g.nodes))
	for n := range g.nodes {
		if g.nodes[n].path != "" {
			out[g.nodes[n].name] = counts[c.at[n]]
		}
	}
	return out
}

// Largest returns the modules of the tree in the largest circle of imports: the
// strongly connected component with most modules, sorted; nil if there is none.
func (g *Graph) Largest() (names []string) {
	for _, members := range g.components().of {
		if len(members) < 2 || len(members) <= len(names) {
			continue
		}
		names = names[:0]
		for _, n := range members {
			names = append(names, g.nodes[n].name)
		}
	}
	slices.Sort(names)
	return names
}

// components are the strongly connected components, each behind those that it
// leads to.
type components struct {
	g  *Graph
	at []int // of each node
	of [][]int
	to [][]int // components that each leads to
}

// reach returns for each component which of the 64 modules from the given one
// on its import executes, as bits.
func (c *components) reach(first int) []uint64 {
	words := make([]uint64, len(c.of))
	for i := range c.of {
		for _, n := range c.of[i] {
			if n >= first && n < first+64 && c.g.nodes[n].path != "" {
				words[i] |= 1 << (n - first)
			}
		}
		for _, to := range c.to[i] {
			words[i] |= words[to]
		}
	}
	return words
}

// components finds them by Tarjan's algorithm, without recursion.
func (g *Graph) components() *components {
	t := tarjan{components: components{g: g, at: make([]int, len(g.nodes))}, index: make([]int, len(g.nodes)), low: make([]int, len(g.nodes))}
	t.succ = make([][]int, len(g.nodes))
	for n := range g.nodes {
		t.at[n] = -1
		t.succ[n] = slices.Clone(g.nodes[n].above)
		for _, s := range g.nodes[n].statements {
			if !s.deferred {
				t.succ[n] = append(t.succ[n], s.runs...)
			}
		}
	}
	for n := range g.nodes {
		if t.index[n] == 0 {
			t.visit(n)
		}
	}
	t.to = make([][]int, len(t.of))
	for n := range g.nodes {
		for _, m := range t.succ[n] {
			if from, to := t.at[n], t.at[m]; from != to {
				t.to[from] = append(t.to[from], to)
			}
		}
	}
	for i := range t.to {
		slices.Sort(t.to[i])
		t.to[i] = slices.Compact(t.to[i])
	}
	return &t.components
}

type tarjan struct {
	components
	succ       [][]int
	index, low []int
	stack      []int
	next       int
}

func (t *tarjan) visit(root int) {
	edges := make(map[int]int)
	t.enter(root)
	for work := []int{root}; len(work) > 0; {
		n := work[len(work)-1]
		if e := edges[n]; e < len(t.succ[n]) {
			edges[n]++
			switch m := t.succ[n][e]; {
			case t.index[m] == 0:
				t.enter(m)
				work = append(work, m)
			case t.at[m] < 0:
				t.low[n] = min(t.low[n], t.index[m])
			}
			continue
		}
		work = work[:len(work)-1]
		if len(work) > 0 {
			up := work[len(work)-1]
			t.low[up] = min(t.low[up], t.low[n])
		}
		if t.low[n] == t.index[n] {
			t.leave(n)
		}
	}
}

func (t *tarjan) enter(n int) {
	t.next++
	t.index[n], t.low[n] = t.next, t.next
	t.stack = append(t.stack, n)
}

// leave takes the component off whose first node is n.
func (t *tarjan) leave(n int) {
	at := slices.Index(t.stack, n)
	for _, m := range t.stack[at:] {
		t.at[m] = len(t.of)
	}
	t.of = append(t.of, slices.Clone(t.stack[at:]))
	t.stack = t.stack[:at]
}
