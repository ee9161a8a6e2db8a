package importorder

import (
	"crypto/sha256"
	"slices"
)

// component is modules that all lead to each other, or a single one that is in
// no circle of imports. It is known by its content: what its modules say and do,
// and the components that it leads to. Programs with the same component share
// it, with all that was found out about it.
type component struct {
	key   [sha256.Size]byte
	nodes []*Node // by name
	leads []*component
	runs  []*run // of a circle: those that are kept, by the module of entry
	whole bool   // the circle was entered at each of its modules
}

func (c *component) circle() bool { return len(c.nodes) > 1 }

// component makes the component of some modules, or finds it in the memo.
func (p *Program) component(members []int32, all *[sha256.Size]byte) *component {
	key, leads := p.key(members, all)
	if c := p.memo.take(key); c != nil {
		return c
	}
	c := &component{key: key, leads: leads}
	for _, n := range members {
		node := &Node{Name: p.modules[n].name, module: p.modules[n], comp: c}
		c.nodes = append(c.nodes, node)
		p.nodes[node.Name] = node
	}
	for i, n := range members {
		p.fill(c.nodes[i], p.links[n])
	}
	p.memo.put(c)
	return c
}

// fill gives a node its steps, and leads it to others.
func (p *Program) fill(n *Node, l *link) {
	at := func(t int32) *Node {
		if t < 0 {
			return nil
		}
		return p.nodes[p.modules[t].name]
	}
	n.up, n.part, n.tried = at(n.module.up), l.part, l.tried
	for _, t := range l.out {
		n.out = append(n.out, at(t))
	}
	n.steps = make([]step, len(l.resolved))
	for i, t := range l.resolved {
		s := &l.part.statements[i]
		n.steps[i] = step{statement: s, first: n.width}
		if n.steps[i].resolved = at(t); t >= 0 && n.steps[i].resolved == nil {
			n.steps[i].resolved = nil // of a lazy import, which leads nowhere by itself
		}
		n.width += len(s.names)
	}
}

// key sums up some modules with the components that they lead to, and returns
// those.
func (p *Program) key(members []int32, all *[sha256.Size]byte) (key [sha256.Size]byte, leads []*component) {
	h := sha256.New()
	for _, n := range members {
		l := p.links[n]
		h.Write(l.sum[:])
		if known := len(members) == 1 || len(members) > parsedCircle; known && l.known {
			h.Write([]byte("known")) // in a circle between these, all is
		}
		if l.lazy {
			h.Write(all[:])
		}
		for _, t := range l.out {
			to := p.nodes[p.modules[t].name]
			if to == nil || slices.Contains(leads, to.comp) {
				continue // it is one of the members
			}
			leads = append(leads, to.comp)
			h.Write(to.comp.key[:])
		}
	}
	h.Sum(key[:0])
	return key, leads
}

// components finds the strongly connected components by Tarjan's algorithm,
// without recursion: a chain of imports can be long. Each comes behind those
// that it leads to, and its modules are sorted.
func (p *Program) components() [][]int32 {
	t := tarjan{links: p.links, index: make([]int32, len(p.links)), low: make([]int32, len(p.links)), open: make([]bool, len(p.links))}
	for n := range p.links {
		if t.index[n] == 0 {
			t.visit(int32(n))
		}
	}
	return t.found
}

type tarjan struct {
	links      []*link
	index, low []int32 // Tarjan's numbers
	open       []bool
	stack      []int32
	next       int32
	found      [][]int32
}

type visitFrame struct {
	n    int32
	edge int
}

func (t *tarjan) visit(root int32) {
	work := []visitFrame{{n: root}}
	t.enter(root)
	for len(work) > 0 {
		f := &work[len(work)-1]
		if out := t.links[f.n].out; f.edge < len(out) {
			to := out[f.edge]
			f.edge++
			if t.index[to] == 0 {
				t.enter(to)
				work = append(work, visitFrame{n: to})
			} else if t.open[to] {
				t.low[f.n] = min(t.low[f.n], t.index[to])
			}
			continue
		}
		n := f.n
		work = work[:len(work)-1]
		if len(work) > 0 {
			up := work[len(work)-1].n
			t.low[up] = min(t.low[up], t.low[n])
		}
		if t.low[n] == t.index[n] {
			t.close(n)
		}
	}
}

func (t *tarjan) enter(n int32) {
	t.next++
	t.index[n], t.low[n], t.open[n] = t.next, t.next, true
	t.stack = append(t.stack, n)
}

// close pops the component whose first module is n.
func (t *tarjan) close(n int32) {
	at := len(t.stack) - 1
	for t.stack[at] != n {
		at--
	}
	members := slices.Clone(t.stack[at:])
	t.stack = t.stack[:at]
	for _, m := range members {
		t.open[m] = false
	}
	slices.Sort(members)
	t.found = append(t.found, members)
}
