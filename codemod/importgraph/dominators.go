package importgraph

import (
	"cmp"
	"slices"
)

// Cut is something that a module's import could do without: one statement, or
// all the statements of one module.
type Cut struct {
	Module string
	Path   string
	Line   int      // of the statement; 0: all that the module imports
	Runs   []string // what the statement names, or nil
	Saves  int      // modules of the tree that would not be executed any more
}

// Branch is a part of what importing a module executes: a module, or a
// statement of one, with what runs only because of it.
type Branch struct {
	Module   string // of the tree or not; of a statement, the module that it stands in
	Path     string
	Line     int // of a statement; 0 for a module
	Size     int // modules of the tree in this branch, itself included
	Parts    []*Branch
	External bool // the module is not in the tree
}

// Only returns what importing a module executes as a tree: whatever is below a
// branch runs because of that branch alone, and would not if that went; nil if
// the module is not there. In the terms of graphs it is the dominator tree of
// modules and statements.
func (g *Graph) Only(module string) *Branch {
	start, ok := g.ids[module]
	if !ok {
		return nil
	}
	return g.flow(start).tree()
}

// Cuts returns what saves most if it goes, at most so many, statements and
// whole modules each with what they save; the module itself is none of them.
func (g *Graph) Cuts(module string, most int) (cuts []Cut) {
	root := g.Only(module)
	if root == nil {
		return nil
	}
	var visit func(b *Branch)
	visit = func(b *Branch) {
		for _, part := range b.Parts {
			if saves := part.saves(); saves > 0 {
				cuts = append(cuts, Cut{Module: part.Module, Path: part.Path, Line: part.Line, Runs: part.named(), Saves: saves})
			}
			visit(part)
		}
	}
	visit(root)
	slices.SortStableFunc(cuts, func(a, b Cut) int {
		return cmp.Or(cmp.Compare(b.Saves, a.Saves), cmp.Compare(a.Module, b.Module), cmp.Compare(a.Line, b.Line))
	})
	return cuts[:min(len(cuts), most)]
}

// saves is what goes with a statement, or with all statements of a module.
func (b *Branch) saves() int {
	if b.Line == 0 && !b.External {
		return b.Size - 1
	}
	return b.Size
}

func (b *Branch) named() (names []string) {
	if b.Line == 0 {
		return nil
	}
	for _, part := range b.Parts {
		names = append(names, part.Module)
	}
	return names
}

// flow is what runs with one module: modules and, between a module and what it
// makes run, its statements. The first node is that module.
type flow struct {
	g     *Graph
	nodes []flowNode
	succ  [][]int
}

type flowNode struct {
	module int
	line   int // of a statement; 0 for a module
}

func (g *Graph) flow(start int) *flow {
	f := &flow{g: g}
	of := map[int]int{}
	node := func(m int) int {
		n, ok := of[m]
		if !ok {
			n = f.add(flowNode{module: m})
			of[m] = n
		}
		return n
	}
	node(start)
	for at := 0; at < len(f.nodes); at++ {
		n := f.nodes[at]
		if n.line != 0 {
			continue
		}
		if at == 0 {
			for _, p := range g.nodes[start].above {
				f.succ[0] = append(f.succ[0], node(p))
			}
		}
		for _, s := range g.nodes[n.module].statements {
			if s.deferred || len(s.runs) == 0 {
				continue
			}
			statement := f.add(flowNode{n.module, s.line})
			f.succ[at] = append(f.succ[at], statement)
			for _, m := range s.runs {
				f.succ[statement] = append(f.succ[statement], node(m))
			}
		}
	}
	return f
}

func (f *flow) add(n flowNode) int {
	f.nodes, f.succ = append(f.nodes, n), append(f.succ, nil)
	return len(f.nodes) - 1
}

// tree makes branches of what each node dominates.
func (f *flow) tree() *Branch {
	idom, order := dominators(f.succ)
	branches := make([]*Branch, len(f.nodes))
	for i, n := range f.nodes {
		m := &f.g.nodes[n.module]
		branches[i] = &Branch{Module: m.name, Path: m.path, Line: n.line, External: m.path == ""}
	}
	for _, n := range slices.Backward(order) { // what is dominated comes behind what dominates it
		b := branches[n]
		if b.Line == 0 && !b.External {
			b.Size++
		}
		if n != 0 {
			up := branches[idom[n]]
			up.Size += b.Size
			up.Parts = append(up.Parts, b)
		}
	}
	for _, b := range branches {
		slices.SortStableFunc(b.Parts, func(x, y *Branch) int {
			return cmp.Or(cmp.Compare(y.Size, x.Size), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Module, y.Module))
		})
	}
	return branches[0]
}

// dominators returns the immediate dominator of every node of a graph that is
// entered at node 0 and in which each node can be reached, and the nodes in
// reverse postorder (K. D. Cooper, T. J. Harvey, K. Kennedy, "A Simple, Fast
// Dominance Algorithm", 2001).
func dominators(succ [][]int) (idom, order []int) {
	order = reversePostorder(succ)
	rank := make([]int, len(succ))
	preds := make([][]int, len(succ))
	for i, n := range order {
		rank[n] = i
		for _, m := range succ[n] {
			preds[m] = append(preds[m], n)
		}
	}
	idom = make([]int, len(succ))
	for i := range idom {
		idom[i] = -1
	}
	idom[0] = 0
	for changed := true; changed; {
		changed = false
		for _, n := range order[1:] {
			is := -1
			for _, p := range preds[n] {
				switch {
				case idom[p] < 0:
				case is < 0:
					is = p
				default:
					is = meet(idom, rank, is, p)
				}
			}
			changed = changed || is != idom[n]
			idom[n] = is
		}
	}
	return idom, order
}

// meet returns the last node that dominates both.
func meet(idom, rank []int, a, b int) int {
	for a != b {
		for rank[a] > rank[b] {
			a = idom[a]
		}
		for rank[b] > rank[a] {
			b = idom[b]
		}
	}
	return a
}

// reversePostorder goes depth first, without recursion: a chain of imports can
// be long.
func reversePostorder(succ [][]int) (order []int) {
	entered := make([]bool, len(succ))
	next := make([]int, len(succ))
	entered[0] = true
	for stack := []int{0}; len(stack) > 0; {
		n := stack[len(stack)-1]
		if next[n] == len(succ[n]) {
			order = append(order, n)
			stack = stack[:len(stack)-1]
			continue
		}
		m := succ[n][next[n]]
		next[n]++
		if !entered[m] {
			entered[m] = true
			stack = append(stack, m)
		}
	}
	slices.Reverse(order)
	return order
}
