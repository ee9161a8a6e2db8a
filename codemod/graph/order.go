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
	names := make([]string, 0, len(f.Cycle)+1)
	for _, s := range f.Cycle {
		names = append(names, s.Module)
	}
	names = append(names, f.Module)
	return fmt.Sprintf("%s imports %s from %s before that is bound: %s", f.Importer, f.Name, f.Module, strings.Join(names, " → "))
}

// Failures simulates the cold import of every module and returns what fails,
// by the module that is imported.
//
// A module can only be met half initialised by one that it leads to itself,
// that is within one strongly connected component; and whichever module is
// asked for, the packages above it run first. So each component is simulated
// once for each module at which it can be entered, and every other module
// fails as the components that it enters do, at the modules where it enters
// them.
func (g *Graph) Failures() map[string][]Failure {
	g.components()
	e := &entering{g: g, memo: make(map[*Node][]entry, len(g.order)), failures: map[*Node][]Failure{}}
	g.last = e
	size := map[int]int{}
	for _, n := range g.order {
		size[n.scc]++
	}
	e.size = size
	out := map[string][]Failure{}
	for _, n := range g.order {
		for _, at := range e.entries(n) {
			for _, f := range e.failures[at.node] {
				f.Entry, f.At = n.Name, at.node.Name
				out[n.Name] = append(out[n.Name], f)
			}
		}
	}
	return out
}

// FailsWith reports whether the cold import of the failure's entry would still
// show it if the module at the path had this outline, as of the last
// simulation of all.
func (g *Graph) FailsWith(f Failure, path string, o *pyfile.Outline) bool {
	n := g.nodes[f.Entry]
	if n.mod.Path != path || g.last == nil || g.imported(n) {
		was := g.outlines[path]
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
	size     map[int]int
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
	found := map[string]Failure{}
	outside := e.g.simulate(n, true, found)
	for _, f := range found {
		e.failures[n] = append(e.failures[n], f)
	}
	sort.Slice(e.failures[n], func(i, j int) bool { return e.failures[n][i].Key() < e.failures[n][j].Key() })
	out = merge(out, []entry{{n.scc, n}})
	for _, t := range outside {
		out = merge(out, e.entries(t))
	}
	return out
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
	found := map[string]Failure{}
	g.simulate(g.nodes[f.Entry], false, found)
	_, ok := found[f.Key()]
	return ok
}

// simulate runs the cold import of a module, in its own component only or in
// all, and returns the modules outside of the component in the order in which
// they are met.
func (g *Graph) simulate(n *Node, own bool, found map[string]Failure) (outside []*Node) {
	r := run{g: g, entry: n, own: own, state: map[*Node]*state{}, found: found, met: map[*Node]bool{}}
	r.load(n)
	return r.outside
}

// run is the simulation of one cold import.
type run struct {
	g     *Graph
	entry *Node
	own   bool // modules of other components count as loaded
	state map[*Node]*state
	stack []*Node
	found map[string]Failure

	outside []*Node
	met     map[*Node]bool
}

// state is how far a module has run.
type state struct {
	pos   int32 // offset of the statement that it is at; done: math.MaxInt32
	imp   int   // index of that statement
	stars []seenStar
}

// seenStar is a star import that ran, and how far its source had run then.
type seenStar struct {
	from *Node
	pos  int32
}

// load imports a module: packages above it first. Modules of other components
// have no part in a circle with this one.
func (r *run) load(n *Node) {
	if p := r.g.above(n.Name); p != nil {
		r.load(p)
	}
	if r.own && n.scc != r.entry.scc {
		if !r.met[n] {
			r.met[n] = true
			r.outside = append(r.outside, n)
		}
		return
	}
	if r.state[n] != nil {
		return
	}
	st := &state{}
	r.state[n] = st
	r.stack = append(r.stack, n)
	for i := range n.steps {
		s := &n.steps[i]
		st.pos, st.imp = s.at, s.imp
		r.step(n, st, s)
	}
	st.pos = math.MaxInt32
	r.stack = r.stack[:len(r.stack)-1]
}

// step runs one import statement of n.
func (r *run) step(n *Node, st *state, s *step) {
	if !s.from {
		for _, name := range s.names {
			if t := r.g.nodes[name.Name]; t != nil {
				r.load(t)
			}
		}
		return
	}
	if s.resolved == nil {
		return
	}
	r.load(s.resolved)
	if s.star {
		st.stars = append(st.stars, seenStar{s.resolved, r.pos(s.resolved)})
		return
	}
	for _, name := range s.names {
		r.name(n, s, name.Name)
	}
}

// pos is how far a module has run.
func (r *run) pos(n *Node) int32 {
	if st := r.state[n]; st != nil {
		return st.pos
	}
	return math.MaxInt32
}

// name takes one name from the module that a statement imports from.
func (r *run) name(n *Node, s *step, name string) {
	from := s.resolved
	pos := r.pos(from)
	if r.bound(from, name, pos, nil) {
		return
	}
	if sub := r.g.nodes[from.Name+"."+name]; sub != nil {
		r.load(sub)
		return
	}
	if pos == math.MaxInt32 || s.soft {
		return // loaded: whatever it binds is there; or the error is expected
	}
	f := Failure{Entry: r.entry.Name, Importer: n.Name, Import: s.imp, Module: from.Name, Name: name, Cycle: r.cycle(from)}
	if _, ok := r.found[f.Key()]; !ok {
		r.found[f.Key()] = f
	}
}

// bound reports whether the module had bound the name when it had run up to
// pos.
func (r *run) bound(n *Node, name string, pos int32, seen []*Node) bool {
	if at, ok := n.bound[name]; ok && at < pos {
		return true
	}
	if strings.HasPrefix(name, "_") {
		return false
	}
	st := r.state[n]
	if st == nil {
		return n.exports(name, nil)
	}
	for _, m := range seen {
		if m == n {
			return false
		}
	}
	seen = append(seen, n)
	for _, star := range st.stars {
		if r.bound(star.from, name, star.pos, seen) {
			return true
		}
	}
	return false
}

// exports reports whether the module binds the name once it has run.
func (n *Node) exports(name string, seen []*Node) bool {
	if _, ok := n.bound[name]; ok {
		return true
	}
	for _, m := range seen {
		if m == n {
			return false
		}
	}
	seen = append(seen, n)
	for i := range n.steps {
		if s := &n.steps[i]; s.star && (s.resolved == nil || s.resolved.exports(name, seen)) {
			return true
		}
	}
	return false
}

// cycle returns the suspended modules from the given one on.
func (r *run) cycle(from *Node) (out []Suspended) {
	for _, n := range r.stack {
		if n == from || len(out) > 0 {
			out = append(out, Suspended{n.Name, r.state[n].imp})
		}
	}
	return out
}
