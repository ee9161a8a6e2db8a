package graph

import (
	"fmt"
	"math"
	"slices"
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

	g *Graph
	e *entering
	// prints sum up what each module is bound to after the imports that enter
	// a circle, by the module of entry.
	prints map[string]map[string]uint64
}

// Simulate imports every module.
func (g *Graph) Simulate() *Simulation {
	g.components()
	g.runs, g.ends = map[int][]*run{}, map[settledName]*object{}
	e := &entering{g: g, memo: make(map[*Node][]entry, len(g.order)), failures: map[*Node][]Failure{}, runs: map[*Node]*run{}, size: g.size}
	g.last = e
	sim := &Simulation{Failures: map[string][]Failure{}, g: g, e: e}
	for _, n := range g.bottomUp() {
		e.entries(n)
	}
	for _, n := range g.order {
		for _, at := range e.entries(n) {
			for _, f := range e.failures[at.node] {
				f.Entry, f.At = n.Name, at.node.Name
				sim.Failures[n.Name] = append(sim.Failures[n.Name], f)
			}
		}
		if g.size[n.scc] == 1 {
			sim.Failures[n.Name] = append(sim.Failures[n.Name], e.misses(n)...)
			if len(sim.Failures[n.Name]) == 0 {
				delete(sim.Failures, n.Name)
			}
		}
	}
	return sim
}

// bottomUp returns the modules of circles, so that each circle comes behind
// those that it leads to.
func (g *Graph) bottomUp() (out []*Node) {
	for _, n := range g.order {
		if g.size[n.scc] > 1 {
			out = append(out, n)
		}
	}
	sort.SliceStable(out, func(i, k int) bool { return out[i].scc < out[k].scc })
	return out
}

// FailsWith reports whether the cold import of the failure's entry would still
// show it if the module at the path had this outline, as of the last
// simulation of all.
func (g *Graph) FailsWith(f Failure, path string, o *pyfile.Outline) bool {
	n := g.nodes[f.Entry]
	if n.mod.Path != path || g.last == nil || f.Binding || f.Importer == f.Entry || g.imported(n) {
		was := g.paths[path].now()
		g.Set(path, o)
		defer g.Set(path, was)
		return g.Fails(f)
	}
	// Nothing imports it: it is in no circle, whatever it imports.
	alone := &Node{Name: n.Name, mod: n.mod, scc: n.scc}
	g.fill(alone, o)
	g.link(alone)
	var all []entry
	for _, t := range alone.out {
		all = merge(all, g.last.entries(t))
	}
	for _, at := range all {
		for _, found := range g.last.failures[at.node] {
			if found.Key() == f.Key() {
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

// entry is a component and the module at which it is entered.
type entry struct {
	scc  int
	node *Node
}

// entering finds where each module enters the components that its import runs.
type entering struct {
	g        *Graph
	size     []int
	entered  []*Node // where a circle is
	runs     map[*Node]*run
	memo     map[*Node][]entry
	failures map[*Node][]Failure // of the components, by the module of entry
}

// entries returns where the import of n enters components of more than one
// module, in the order in which it does.
func (e *entering) entries(n *Node) []entry {
	if out, ok := e.memo[n]; ok {
		return out
	}
	e.memo[n] = nil
	var out []entry
	if e.size[n.scc] < 2 {
		for _, t := range n.out {
			out = merge(out, e.entries(t))
		}
		e.memo[n] = out
		return out
	}
	top := n
	for p := e.g.above(n.Name); p != nil; p = e.g.above(p.Name) {
		if p.scc == n.scc {
			top = p
		}
	}
	if top == n {
		out = e.component(n)
	} else {
		out = e.entries(top)
	}
	e.memo[n] = out
	return out
}

// component simulates the component of n, entered there, and returns that
// entry and those of the components that it leads to.
func (e *entering) component(n *Node) []entry {
	var out []entry
	if p := e.g.above(n.Name); p != nil {
		out = merge(out, e.entries(p))
	}
	r := e.g.simulate(n, true)
	if e.g.keep(r) {
		e.runs[n] = r
	}
	e.entered = append(e.entered, n)
	for _, f := range r.found {
		e.failures[n] = append(e.failures[n], f)
	}
	sort.Slice(e.failures[n], func(i, j int) bool { return e.failures[n][i].Key() < e.failures[n][j].Key() })
	out = merge(out, []entry{{n.scc, n}})
	for _, t := range r.outside {
		out = merge(out, e.entries(t))
	}
	return out
}

// runOf returns the run of the circle that n is in, as the import of another
// module enters it; nil if it does not, or if that was not kept.
func (e *entering) runOf(entry, n *Node) *run {
	for _, at := range e.entries(entry) {
		if at.scc == n.scc {
			return e.runs[at.node]
		}
	}
	return nil
}

// misses returns what a module that is in no circle takes from one and does
// not find there, because of where it enters that.
func (e *entering) misses(n *Node) (out []Failure) {
	for i := range n.steps {
		s := &n.steps[i]
		if !s.from || s.star || s.soft || s.resolved == nil || e.size[s.resolved.scc] == 1 {
			continue
		}
		r := e.runOf(n, s.resolved)
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

// merge adds the entries of components that are not yet entered.
func merge(into, more []entry) []entry {
next:
	for _, m := range more {
		for _, i := range into {
			if i.scc == m.scc {
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
	_, ok := r.found[f.Key()]
	return ok
}

// simulate runs the cold import of a module, in its own component only or in
// all.
func (g *Graph) simulate(n *Node, own bool) *run {
	r := &run{g: g, entry: n, own: own, state: map[*Node]*state{}, found: map[string]Failure{}, met: map[*Node]bool{}}
	r.load(n)
	r.finals = map[settledName]*object{}
	return r
}

// run is the simulation of one cold import.
type run struct {
	g     *Graph
	e     *entering // tells where the entry enters circles; nil: wherever
	entry *Node
	own   bool // modules of other components count as loaded
	state map[*Node]*state
	solo  *state // of the entry, where nothing else runs
	stack []*Node
	found map[string]Failure
	seq   int32 // submodules that were bound

	outside []*Node // of the component, in the order in which they are met
	met     map[*Node]bool
	steady  bool                    // only names that come from elsewhere are compared
	finals  map[settledName]*object // what names are bound to in the end, once all has run
	sums    map[*Node]uint64        // what star imports of whole modules took
}

// at is how far a module has run; nil if it does not.
func (r *run) at(n *Node) *state {
	if r.solo != nil && n == r.entry {
		return r.solo
	}
	return r.state[n]
}

// state is how far a module has run.
type state struct {
	pos    int32     // offset of the statement that it is at; done: math.MaxInt32
	imp    int       // index of that statement
	values []*object // what the imports that ran took, by step.first; nil: see Graph.taken
	stars  []seenStar
	subs   []boundSub
}

// seenStar is a star import that ran, and how far its source had run then.
type seenStar struct {
	step     *step
	pos, seq int32
}

// boundSub is a submodule that was bound in its package: when it had run, with
// the package at the statement at that offset.
type boundSub struct {
	name    string
	at, seq int32
}

// load imports a module: packages above it first. Modules of other components
// have no part in a circle with this one.
func (r *run) load(n *Node) {
	p := r.g.above(n.Name)
	if p != nil {
		r.load(p)
	}
	if r.own && n.scc != r.entry.scc {
		if !r.met[n] {
			r.met[n] = true
			r.outside = append(r.outside, n)
		}
		return
	}
	if r.at(n) != nil {
		return
	}
	r.g.starsOf(n)
	st := &state{values: make([]*object, n.width)}
	r.state[n] = st
	r.stack = append(r.stack, n)
	for i := range n.steps {
		s := &n.steps[i]
		st.pos, st.imp = s.at, s.imp
		r.step(n, st, s)
	}
	st.pos = math.MaxInt32
	r.stack = r.stack[:len(r.stack)-1]
	if pst := r.at(p); p != nil && pst != nil && n.mod.Path != "" {
		r.seq++
		pst.subs = append(pst.subs, boundSub{n.Name[len(p.Name)+1:], pst.pos, r.seq})
	}
}

// step runs one import statement of n.
func (r *run) step(n *Node, st *state, s *step) {
	if !s.from {
		for i, name := range s.names {
			if t := r.g.nodes[name.Name]; t != nil {
				r.load(t)
			}
			st.values[s.first+i] = r.taken(s, i)
		}
		return
	}
	if s.resolved != nil {
		r.load(s.resolved)
	}
	if s.star {
		star := seenStar{step: s, pos: math.MaxInt32, seq: r.seq}
		if s.resolved != nil {
			star.pos = r.pos(s.resolved)
		}
		st.stars = append(st.stars, star)
		return
	}
	for i := range s.names {
		st.values[s.first+i] = r.name(n, s, i)
	}
}

// pos is how far a module has run.
func (r *run) pos(n *Node) int32 {
	if st := r.at(n); st != nil {
		return st.pos
	}
	return math.MaxInt32
}

// name takes one name from the module that a statement imports from; nil if
// that fails.
func (r *run) name(n *Node, s *step, i int) *object {
	from, name := s.resolved, s.names[i].Name
	if from == nil {
		return r.taken(s, i)
	}
	if r.at(from) == nil { // in another circle, or in none
		if sub := r.g.nodes[from.Name+"."+name]; sub != nil {
			if v := r.g.settled(from, name); v == nil || v.guess {
				r.load(sub)
			}
		}
		return r.taken(s, i)
	}
	pos := r.pos(from)
	v := r.value(from, name, pos, r.seq)
	if sub := r.g.nodes[from.Name+"."+name]; sub != nil && (v == nil || v.guess) {
		r.load(sub)
		return r.g.object(sub.Name, "")
	}
	if v != nil {
		return v
	}
	if v := r.computed(from, name, pos); v != nil {
		return v
	}
	if pos == math.MaxInt32 && !r.g.binds(from, name, nil) {
		return r.g.object(from.Name, name) // if it is not there, that is no matter of order
	}
	if s.soft {
		return nil // the error is expected
	}
	f := Failure{Entry: r.entry.Name, Importer: n.Name, Import: s.imp, Module: from.Name, Name: name, Cycle: r.cycle(from)}
	if _, ok := r.found[f.Key()]; !ok {
		r.found[f.Key()] = f
	}
	return nil
}

// binds reports whether the module binds the name once it has run, from
// wherever its circle is entered.
func (g *Graph) binds(n *Node, name string, seen []*Node) bool {
	if slices.Contains(seen, n) {
		return false
	}
	nm := g.namesOf(n, name)
	if len(nm.of[name]) > 0 {
		return true
	}
	seen = append(seen, n)
	return slices.ContainsFunc(nm.stars, func(b binding) bool {
		from := n.steps[b.step].resolved
		return from != nil && g.gives(from, name, math.MaxInt32) && g.binds(from, name, seen)
	})
}

// cycle returns the suspended modules from the given one on.
func (r *run) cycle(from *Node) (out []Suspended) {
	for _, n := range r.stack {
		if n == from || len(out) > 0 {
			out = append(out, Suspended{n.Name, r.at(n).imp})
		}
	}
	return out
}
