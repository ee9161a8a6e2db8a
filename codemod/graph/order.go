package graph

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// Failure is an import that meets a module half initialised: the name is not
// bound yet.
type Failure struct {
	Entry    string // the module whose cold import shows it
	At       string // the module of the circle that this import runs first
	Importer string // module whose statement fails
	Import   int    // index of the statement in its outline
	Module   string // half initialised
	Name     string
	Caught   bool // a statement that waits for the one that fails may catch the error
	// Missing says that the module has run, and that nothing seems to bind the
	// name, however its circle is entered. By itself that is no failure: who can
	// tell what a module does. It is one if the name was there before.
	Missing bool
	// Binding says that nothing fails, but that the name, of Importer, is bound
	// to something else than it was to.
	Binding   bool
	Want, Got string
	want      uint64
	// Cycle is the chain of suspended modules from Module to Importer, each
	// with the index of the statement that it is suspended at.
	Cycle []Suspended
}

// Suspended is a module that waits for an import of its own.
type Suspended struct {
	Module string
	Import int
}

// Key identifies the failure whatever the position of its statement.
func (f Failure) Key() string { return f.Importer + " " + f.Module + ":" + f.Name }

func (f Failure) String() string {
	if f.Binding {
		return fmt.Sprintf("importing %s binds %s of %s to %s and no more to %s", f.Entry, f.Name, f.Importer, f.Got, f.Want)
	}
	names := make([]string, 0, len(f.Cycle)+1)
	for _, s := range f.Cycle {
		names = append(names, s.Module)
	}
	names = append(names, f.Module)
	return fmt.Sprintf("%s imports %s from %s before that is bound: %s", f.Importer, f.Name, f.Module, strings.Join(names, " → "))
}

// Simulation is the cold import of every module.
//
// A module can only be met half initialised by one that it leads to itself,
// that is within one strongly connected component; and whichever module is
// asked for, the packages above it run first. So each component is simulated
// once for each module at which it can be entered, and every other module
// meets what the components that it enters do, at the modules where it enters
// them.
type Simulation struct {
	Failures map[string][]Failure // by the module that is imported

	g     *Graph
	colds []*cold           // the imports of circles
	alone map[string]uint64 // what modules are bound to that are in no circle, summed up
	// prints are the same sums of circles: by the module of entry, and by module.
	prints map[string]map[string]uint64
}

// Simulate imports every module.
func (g *Graph) Simulate() *Simulation {
	g.changed()
	g.components()
	g.refresh()
	sim := &Simulation{Failures: map[string][]Failure{}, g: g}
	circles := g.circles()
	for _, n := range circles {
		if n.outcome != nil && n.cold != nil && n.cold.run != nil {
			g.runs[n.scc] = append(g.runs[n.scc], n.cold.run)
		}
	}
	for _, n := range circles {
		g.entries(n)
		if n.cold != nil {
			sim.colds = append(sim.colds, n.cold)
		}
	}
	g.ends = map[settledName]*object{} // what was asked on the way may have met circles of which not all was known
	for _, n := range g.order {
		if n.outcome == nil {
			g.entries(n)
		}
		if n.failures == nil {
			n.failures = g.failuresOf(n)
		}
		if len(n.failures) > 0 {
			sim.Failures[n.Name] = n.failures
		}
	}
	g.told = true
	return sim
}

// failuresOf returns what the cold import of a module shows: what the circles
// show that it enters, and what itself takes from them.
func (g *Graph) failuresOf(n *Node) []Failure {
	out := []Failure{}
	for _, at := range n.enters {
		for _, f := range at.node.cold.found {
			if f.Missing && at.node != n {
				continue // the module of entry tells
			}
			f.Entry, f.At, f.Caught = n.Name, at.node.Name, f.Caught || at.caught
			out = append(out, f)
		}
	}
	if g.size[n.scc] == 1 {
		out = append(out, g.misses(n)...)
		n.choosy = g.chooses(n)
	}
	return out
}

// circles returns the modules of circles, so that each circle comes behind
// those that it leads to.
func (g *Graph) circles() (out []*Node) {
	for _, n := range g.rising {
		if g.size[n.scc] > 1 {
			out = append(out, n)
		}
	}
	return out
}

// FailsWith reports whether the cold import of the failure's entry would still
// show it if the module at the path had this outline, as of the last
// simulation of all.
func (g *Graph) FailsWith(f Failure, path string, o *pyfile.Outline) bool {
	n := g.nodes[f.Entry]
	if n.mod.Path != path || !g.told || f.Binding || f.Importer == f.Entry || g.imported(n) {
		was := g.paths[path].now()
		g.Set(path, o)
		defer g.Set(path, was)
		return g.Fails(f)
	}
	// Nothing imports it: it is in no circle, whatever it imports.
	alone := &Node{Name: n.Name, mod: n.mod, scc: n.scc, view: &view{}}
	g.fill(alone, o)
	known := g.known
	g.link(alone)
	g.known = known
	for _, at := range g.outOf(alone) {
		for _, found := range at.node.cold.found {
			if found.Key() == f.Key() && (f.Caught || !found.Caught && !at.caught) {
				return true
			}
		}
	}
	return false
}

// imported reports whether a module imports the node, or lies in it.
func (g *Graph) imported(n *Node) bool {
	if g.importers == nil {
		g.importers = map[*Node]int{}
		for _, m := range g.order {
			for _, t := range m.out {
				g.importers[t]++
			}
		}
	}
	return g.importers[n] > 0
}

// entry is a module at which the import of another enters a component.
type entry struct {
	node   *Node
	caught bool // each statement that enters it stands where an error may be caught
}

// entries returns the modules at which the import of n enters components of
// more than one module, in the order in which it does.
func (g *Graph) entries(n *Node) []entry {
	if n.outcome != nil {
		return n.enters
	}
	n.outcome = &outcome{}
	if g.size[n.scc] < 2 {
		n.enters = g.outOf(n)
		return n.enters
	}
	top := n
	for p := g.above(n.Name); p != nil; p = g.above(p.Name) {
		if p.scc == n.scc {
			top = p
		}
	}
	if top == n {
		n.enters = g.component(n)
	} else {
		n.enters = g.entries(top)
	}
	return n.enters
}

// outOf returns where a module that is in no circle enters some.
func (g *Graph) outOf(n *Node) (out []entry) {
	for i, t := range n.out {
		out = merge(out, g.entries(t), n.tries(i))
	}
	return out
}

// component simulates the component of n, entered there, and returns that
// entry and those of the components that it leads to.
func (g *Graph) component(n *Node) (out []entry) {
	if p := g.above(n.Name); p != nil {
		out = merge(out, g.entries(p), false)
	}
	r := g.simulate(n, true)
	n.cold = &cold{entry: n}
	if g.keep(r) {
		n.cold.run = r
	}
	for _, f := range r.found {
		n.cold.found = append(n.cold.found, f)
	}
	sort.Slice(n.cold.found, func(i, j int) bool { return n.cold.found[i].Key() < n.cold.found[j].Key() })
	out = merge(out, []entry{{node: n}}, false)
	for _, t := range r.outside {
		out = merge(out, g.entries(t), r.met[t])
	}
	return out
}

// runOf returns the run of the circle that n is in, as the import of another
// module enters it; nil if it does not, or if that was not kept.
func (g *Graph) runOf(entry, n *Node) *run {
	for _, at := range g.entries(entry) {
		if at.node.scc == n.scc {
			return at.node.cold.run
		}
	}
	return nil
}

// misses returns what a module that is in no circle takes from one and does
// not find there, because of where it enters that.
func (g *Graph) misses(n *Node) (out []Failure) {
	for i := range n.steps {
		s := &n.steps[i]
		if !s.from || s.lazy || s.star || s.soft || s.resolved == nil || g.size[s.resolved.scc] == 1 {
			continue
		}
		r := g.runOf(n, s.resolved)
		if r == nil {
			continue
		}
		for _, name := range s.names {
			if r.lacks(s.resolved, name.Name) {
				out = append(out, Failure{Entry: n.Name, At: r.entry.Name, Importer: n.Name, Import: s.imp, Module: s.module, Name: name.Name})
			}
		}
	}
	return out
}

// lacks reports whether a module that has run does not bind a name, and would
// if its circle had been entered elsewhere.
func (r *run) lacks(n *Node, name string) bool {
	return r.at(n) != nil && r.value(n, name, math.MaxInt32, math.MaxInt32) == nil && r.g.nodes[n.Name+"."+name] == nil &&
		r.computed(n, name, math.MaxInt32) == nil && r.g.binds(n, name, nil)
}

// merge adds the entries of components that are not yet entered. Caught says
// that all of them are entered where an error may be caught; then a component
// may be entered at another module after that.
func merge(into, more []entry, caught bool) []entry {
next:
	for _, m := range more {
		m.caught = m.caught || caught
		for i := range into {
			if into[i].node.scc == m.node.scc {
				into[i].caught = into[i].caught && (m.caught || m.node != into[i].node)
				continue next
			}
		}
		into = append(into[:len(into):len(into)], m)
	}
	return into
}

// Fails reports whether the cold import of the failure's entry still shows it.
func (g *Graph) Fails(f Failure) bool {
	g.components()
	r := g.simulate(g.nodes[f.Entry], false)
	if f.Binding {
		return r.shows(f)
	}
	found, ok := r.found[f.Key()]
	return ok && (f.Caught || !found.Caught)
}

// at is how far a module has run; nil if it does not.
func (r *run) at(n *Node) *state {
	if r.solo != nil && n == r.entry {
		return r.solo
	}
	return r.state[n]
}
