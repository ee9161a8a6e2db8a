package graph

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// Failure is an import that meets a module half initialised: the name is not
// bound yet.
type Failure struct {
	Entry    string // the module whose cold import shows it
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

// Failures simulates the cold import of every module and returns what fails.
//
// A module can only be met half initialised by one that it leads to itself,
// that is within one strongly connected component; and whichever module is
// asked for, the packages above it run first. So for each component it is
// enough to enter it at each of its modules that has no package above it in
// the same component.
func (g *Graph) Failures() []Failure {
	g.components()
	found := map[string]Failure{}
	for _, entry := range g.entries() {
		g.simulate(entry, found)
	}
	out := make([]Failure, 0, len(found))
	for _, f := range found {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Key() < out[j].Key() })
	return out
}

// Fails reports whether the cold import of the failure's entry still shows it.
func (g *Graph) Fails(f Failure) bool {
	g.components()
	entry := g.nodes[f.Entry]
	found := map[string]Failure{}
	g.simulate(entry, found)
	_, ok := found[f.Key()]
	return ok
}

func (g *Graph) simulate(entry *Node, found map[string]Failure) {
	r := run{g: g, entry: entry, state: map[*Node]*state{}, found: found}
	r.load(entry)
}

// entries returns the modules at which components of more than one module can
// be entered.
func (g *Graph) entries() (out []*Node) {
	size := map[int]int{}
	for _, n := range g.nodes {
		size[n.scc]++
	}
	for _, n := range g.order {
		if size[n.scc] < 2 {
			continue
		}
		inside := false
		for p := g.above(n.Name); p != nil; p = g.above(p.Name) {
			inside = inside || p.scc == n.scc
		}
		if !inside {
			out = append(out, n)
		}
	}
	return out
}

// run is the simulation of one cold import.
type run struct {
	g     *Graph
	entry *Node
	state map[*Node]*state
	stack []*Node
	found map[string]Failure
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
// have no part in a circle with this one, and count as loaded.
func (r *run) load(n *Node) {
	if p := r.g.above(n.Name); p != nil {
		r.load(p)
	}
	if n.scc != r.entry.scc || r.state[n] != nil {
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
