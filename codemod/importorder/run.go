package importorder

import (
	"math"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// simulate runs the cold import of a module, in its own component only or in
// all.
func (p *Program) simulate(n *Node, own bool) *run {
	r := &run{p: p, entry: n, own: own, state: map[*Node]*state{}, found: map[string]Failure{}, met: map[*Node]bool{}}
	r.load(n)
	r.finals = map[settledName]*object{}
	return r
}

// run is the simulation of one cold import.
type run struct {
	p     *Program // that asks
	entry *Node
	watch Watches
	own   bool // modules of other components count as loaded
	aims  bool // other circles are entered where the entry enters them, and not wherever
	state map[*Node]*state
	ran   []*Node // in order
	solo  *state  // of the entry, where nothing else runs
	stack []*Node
	soft  int // statements that wait where an error may be caught
	found map[string]Failure
	fails bool  // one of these is a matter of order
	seq   int32 // submodules that were bound

	outside []*Node                 // of the component, in the order in which they are met
	met     map[*Node]bool          // these, and whether an error may be caught wherever they are
	steady  bool                    // only names that come from elsewhere are compared
	finals  map[settledName]*object // what names are bound to in the end, once all has run
	sums    map[*Node]uint64        // what star imports of whole modules took
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
	up := n.up
	if up != nil {
		r.load(up)
	}
	if r.p.stopped() {
		return
	}
	if r.own && n.comp != r.entry.comp {
		caught, met := r.met[n]
		if !met {
			r.outside = append(r.outside, n)
		}
		r.met[n] = r.soft > 0 && (caught || !met)
		return
	}
	if r.at(n) != nil {
		return
	}
	r.p.starsOf(n)
	st := &state{values: make([]*object, n.width)}
	r.state[n] = st
	r.ran = append(r.ran, n)
	r.stack = append(r.stack, n)
	for i := range n.steps {
		s := &n.steps[i]
		st.pos, st.imp = s.at, s.imp
		if s.soft {
			r.soft++
		}
		r.step(n, st, s)
		if s.soft {
			r.soft--
		}
	}
	st.pos = math.MaxInt32
	r.stack = r.stack[:len(r.stack)-1]
	if pst := r.at(up); up != nil && pst != nil && n.mod.Path != "" {
		r.seq++
		pst.subs = append(pst.subs, boundSub{n.Name[len(up.Name)+1:], pst.pos, r.seq})
	}
}

// step runs one import statement of n.
func (r *run) step(n *Node, st *state, s *step) {
	if s.lazy {
		for i := range s.names {
			st.values[s.first+i] = r.taken(s, i)
		}
		return
	}
	if !s.from {
		for i, name := range s.names {
			if t := r.p.nodes[name.Name]; t != nil {
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
		r.listed(n, s)
		return
	}
	for i := range s.names {
		st.values[s.first+i] = r.name(n, s, i)
	}
}

// listed fails a star import of a module whose `__all__` lists what it has not
// bound.
func (r *run) listed(n *Node, s *step) {
	from := s.resolved
	if from == nil || r.state[from] == nil || s.soft || s.keep != pyfile.KeepStar || r.p.facts == nil {
		return
	}
	pos := r.pos(from)
	if r.p.namesOf(from, "__all__").all >= pos {
		return
	}
	list, _ := r.p.facts.All(from.Name)
	for _, name := range list {
		if r.value(from, name, pos, r.seq) == nil && r.p.nodes[from.Name+"."+name] == nil && r.computed(from, name, pos) == nil && r.p.binds(from, name, nil) {
			r.fail(n, s, name, false)
		}
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
		if sub := r.p.nodes[from.Name+"."+name]; sub != nil {
			if v := r.p.settled(from, name); v == nil || v.guess {
				r.load(sub)
			}
		}
		return r.taken(s, i)
	}
	pos := r.pos(from)
	v := r.value(from, name, pos, r.seq)
	if sub := r.p.nodes[from.Name+"."+name]; sub != nil && (v == nil || v.guess) {
		r.load(sub)
		return r.p.object(sub.Name, "")
	}
	if v != nil {
		return v
	}
	if v := r.computed(from, name, pos); v != nil {
		return v
	}
	if pos == math.MaxInt32 && !r.p.binds(from, name, nil) {
		if !s.soft {
			r.fail(n, s, name, true)
		}
		return r.p.object(from.Name, name) // if it is not there, that is no matter of order
	}
	if s.soft {
		return nil // the error is expected
	}
	r.fail(n, s, name, false)
	return nil
}

// fail notes that a statement does not find a name. Of failures that are the
// same but for who may catch them, the one that nobody does counts.
func (r *run) fail(n *Node, s *step, name string, missing bool) {
	r.fails = r.fails || !missing
	f := Failure{Entry: r.entry.Name, Importer: n.Name, Import: s.imp, Module: s.resolved.Name, Name: name, Cycle: r.cycle(s.resolved)}
	f.Caught, f.Missing = r.soft > 0, missing
	if had, ok := r.found[f.Key()]; !ok || had.Caught && !f.Caught {
		r.found[f.Key()] = f
	}
}

// binds reports whether the module binds the name once it has run, from
// wherever its circle is entered.
func (p *Program) binds(n *Node, name string, seen []*Node) bool {
	if slices.Contains(seen, n) {
		return false
	}
	nm := p.namesOf(n, name)
	if len(nm.of[name]) > 0 {
		return true
	}
	seen = append(seen, n)
	return slices.ContainsFunc(nm.stars, func(b binding) bool {
		from := n.steps[b.step].resolved
		return from != nil && p.gives(from, name, math.MaxInt32, n.steps[b.step].keep) && p.binds(from, name, seen)
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
