package graph

import "slices"

// outcome is what a simulation found out about a module. It depends on the
// module and on all that it leads to, and so holds as long as these are the
// same: from one plan to the next, that is most of them.
type outcome struct {
	enters   []entry   // where its import enters circles, in that order
	failures []Failure // that its cold import shows
	cold     *cold     // of a module at which a circle is entered: that import
	choosy   bool      // it imports from a circle that can be entered at more than one module

	seen  *Watch // what the sum is of; nil: there is none yet
	print uint64 // sums up what it is bound to
}

// cold is the import of a circle at one of its modules.
type cold struct {
	entry  *Node
	run    *run // nil: not kept
	found  []Failure
	ran    []*Node           // the modules that ran; nil: not summed up yet
	seen   []*Watch          // what the sums of these are of
	prints map[string]uint64 // what they are bound to, summed up
}

// refresh looks which modules are not what they were in the last simulation,
// and drops the outcomes that depend on one of them.
func (g *Graph) refresh() {
	stale := make([]bool, len(g.size)) // by component
	again := false
	for _, n := range g.order {
		if !g.holdsStill(n) {
			stale[n.scc], again = true, true
			n.also = nil
		}
		n.simulated, n.moved = n.view, false
	}
	for again {
		again = false
		for _, n := range g.rising {
			if stale[n.scc] {
				continue
			}
			for _, t := range n.out {
				stale[n.scc] = stale[n.scc] || stale[t.scc]
			}
			for _, t := range n.also {
				stale[n.scc] = stale[n.scc] || stale[t.scc]
			}
			again = again || stale[n.scc]
		}
	}
	for _, n := range g.order {
		if stale[n.scc] {
			n.outcome = nil
		}
	}
}

// restedStates bounds how many module states of circles stay from one plan to
// the next: what they take is memory of a program that sleeps most of the time.
const restedStates = 1 << 15

// Rest lets go of the plan that the graph was lent to, and keeps what may hold
// in the next one.
func (g *Graph) Rest() {
	g.Begin(nil)
	states := 0
	for _, n := range g.order {
		if n.outcome != nil && n.cold != nil && n.cold.run != nil {
			states += len(n.cold.run.state)
		}
	}
	if states > restedStates {
		for _, n := range g.order {
			n.outcome = nil
		}
	}
}

// holdsStill reports whether a module looks as it did to the last simulation.
func (g *Graph) holdsStill(n *Node) bool {
	v := n.view
	if n.simulated == nil || n.outcome == nil || n.moved || !v.same(n.simulated) {
		v.forget()
		return false
	}
	had := *n.simulated
	if had.looked {
		v.looked, v.known = true, g.knows(n)
	}
	if had.exact != nil {
		if facts := g.bindings(n); facts != had.facts || v != n.simulated {
			v.exact, v.facts = n.exactly(facts), facts
		}
	}
	if v.known == had.known && (had.exact == nil || v.exact.same(had.exact)) {
		return true
	}
	v.forget()
	return false
}

// same reports whether importing a module that looks like this does the same.
func (v *view) same(other *view) bool {
	return v == other || slices.Equal(v.out, other.out) && v.part.same(other.part)
}

// forget drops what facts said.
func (v *view) forget() { v.looked, v.known, v.exact, v.facts = false, false, nil, nil }
