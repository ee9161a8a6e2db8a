package importorder

import (
	"slices"
	"strings"
)

// outcome is what was found out about the cold import of a module. It depends on
// the module and on all that it leads to, and so holds in every program that has
// the module's component.
type outcome struct {
	enters   []entry   // where it enters circles, in that order
	failures []Failure // that it shows
	told     bool      // that these were looked for
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

// entry is a module at which the import of another enters a circle.
type entry struct {
	node   *Node
	caught bool // each statement that enters it stands where an error may be caught
}

// failures returns what the cold import of a module shows: what the circles
// show that it enters, and what itself takes from them.
//
// A module can only be met half initialised by one that it leads to itself,
// that is within one circle; and whichever module is asked for, the packages
// above it run first. So each circle is simulated once for each module at which
// it can be entered, and every other module meets what the circles that it
// enters do, at the modules where it enters them.
func (p *Program) failures(n *Node) []Failure {
	p.complete(n.comp)
	enters := p.entries(n)
	switch {
	case p.stopped():
		return nil
	case n.told:
		return n.outcome.failures
	}
	out := []Failure{}
	for _, at := range enters {
		for _, f := range at.node.cold.found {
			if f.Missing && at.node != n {
				continue // the module of entry tells
			}
			f.Entry, f.At, f.Caught = n.Name, at.node.Name, f.Caught || at.caught
			out = append(out, f)
		}
	}
	if !n.comp.circle() {
		out = append(out, p.misses(n)...)
		n.choosy = p.chooses(n)
	}
	n.outcome.failures, n.told = out, true
	return out
}

// complete simulates the circles that a component leads to, and then itself, so
// that everything can be said of what names are bound to in the end.
func (p *Program) complete(c *component) {
	if c.whole || p.stopped() {
		return
	}
	for _, to := range c.leads {
		p.complete(to)
	}
	if c.circle() {
		p.unsettled = false
		for _, n := range c.nodes {
			p.entries(n)
		}
		if p.unsettled {
			clear(p.ends) // what was asked on the way met a circle of which not all was known
		}
	}
	c.whole = !p.stopped()
}

// entries returns the modules at which the import of n enters circles, in the
// order in which it does.
func (p *Program) entries(n *Node) []entry {
	switch {
	case n.outcome != nil:
		return n.enters
	case p.stopped():
		return nil
	}
	o := &outcome{}
	n.outcome = o // where it is met again, it is being entered
	if !n.comp.circle() {
		o.enters = p.outOf(n)
	} else {
		top := n
		for up := n.up; up != nil; up = up.up {
			if up.comp == n.comp {
				top = up
			}
		}
		if top == n {
			o.enters = p.enter(n)
		} else {
			o.enters = p.entries(top)
		}
	}
	if p.stopped() {
		n.outcome = nil
	}
	return o.enters
}

// outOf returns where a module that is in no circle enters some.
func (p *Program) outOf(n *Node) (out []entry) {
	for i, t := range n.out {
		out = merge(out, p.entries(t), n.tries(i))
	}
	return out
}

// enter simulates the circle of n, entered there, and returns that entry and
// those of the circles that it leads to.
func (p *Program) enter(n *Node) (out []entry) {
	if n.up != nil {
		out = merge(out, p.entries(n.up), false)
	}
	r := p.simulate(n, true)
	n.cold = &cold{entry: n}
	if p.keep(r) {
		n.cold.run = r
	}
	for _, f := range r.found {
		n.cold.found = append(n.cold.found, f)
	}
	slices.SortFunc(n.cold.found, func(a, b Failure) int { return strings.Compare(a.Key(), b.Key()) })
	out = merge(out, []entry{{node: n}}, false)
	for _, t := range r.outside {
		out = merge(out, p.entries(t), r.met[t])
	}
	return out
}

// keptStates bounds how many module states of circles are kept, to answer
// what a name is bound to wherever its circle is entered.
const keptStates = 1 << 17

func (p *Program) keep(r *run) bool {
	c := r.entry.comp
	if p.stopped() || (len(c.runs)+1)*len(c.nodes) > keptStates {
		return false
	}
	c.runs = append(c.runs, r)
	return true
}

// runs are those of a component, on behalf of this program.
func (p *Program) runs(c *component) []*run {
	for _, r := range c.runs {
		r.p = p
	}
	return c.runs
}

// runOf returns the run of the circle that n is in, as the import of another
// module enters it; nil if it does not, or if that was not kept.
func (p *Program) runOf(entry, n *Node) *run {
	for _, at := range p.entries(entry) {
		if at.node.comp == n.comp && at.node.cold.run != nil {
			at.node.cold.run.p = p
			return at.node.cold.run
		}
	}
	return nil
}

// merge adds the entries of circles that are not yet entered. Caught says that
// all of them are entered where an error may be caught; then a circle may be
// entered at another module after that.
func merge(into, more []entry, caught bool) []entry {
next:
	for _, m := range more {
		m.caught = m.caught || caught
		for i := range into {
			if into[i].node.comp == m.node.comp {
				into[i].caught = into[i].caught && (m.caught || m.node != into[i].node)
				continue next
			}
		}
		into = append(into[:len(into):len(into)], m)
	}
	return into
}

// tries reports whether the statement that an edge comes from stands where an
// error may be caught.
func (n *Node) tries(edge int) bool {
	return slices.ContainsFunc(n.tried, func(s span) bool { return s.first <= edge && edge < s.end })
}
