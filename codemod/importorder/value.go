package importorder

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// value returns what a name of a module is bound to when the module has run
// up to pos; nil if it is not. Seq is how many submodules were bound then.
func (r *run) value(n *Node, name string, pos, seq int32) *object {
	st := r.at(n)
	if st == nil {
		return r.ended(n, name)
	}
	if pos < math.MaxInt32 || seq < math.MaxInt32 || r.finals == nil {
		return r.valueAt(n, st, name, pos, seq)
	}
	k := settledName{n, name}
	v, ok := r.finals[k]
	if !ok {
		loops := r.p.loops
		v = r.valueAt(n, st, name, pos, seq)
		if r.p.holdsAlways(loops) {
			r.finals[k] = v
		}
	}
	return v
}

// holdsAlways reports whether what was found since so many loops is so whenever
// it is asked for: what leads back to a question that is open depends on which
// was asked first.
func (p *Program) holdsAlways(loops int) bool {
	return p.loops == loops || p.asked+len(p.computing) == 0
}

func (r *run) valueAt(n *Node, st *state, name string, pos, seq int32) *object {
	c := r.choose(n, st, r.p.namesOf(n, name), name, pos, seq)
	if c.differs {
		return r.p.object(n.Name, name)
	}
	return c.latest()
}

// choose walks back over what binds a name.
func (r *run) choose(n *Node, st *state, nm *names, name string, pos, seq int32) *choice {
	c := &choice{forks: nm.forks}
	explicit, stars, subs := nm.of[name], st.stars, st.subs
	for !c.done {
		for len(explicit) > 0 && explicit[len(explicit)-1].at >= pos {
			explicit = explicit[:len(explicit)-1]
		}
		for len(stars) > 0 && stars[len(stars)-1].step.at >= pos {
			stars = stars[:len(stars)-1]
		}
		for len(subs) > 0 && (subs[len(subs)-1].seq > seq || subs[len(subs)-1].name != name) {
			subs = subs[:len(subs)-1]
		}
		e, s, u := int32(-1), int32(-1), int32(-1)
		if len(explicit) > 0 {
			e = explicit[len(explicit)-1].at
		}
		if len(stars) > 0 {
			s = stars[len(stars)-1].step.at
		}
		if len(subs) > 0 {
			u = subs[len(subs)-1].at
		}
		switch {
		case e < 0 && s < 0 && u < 0:
			c.done = true
		case u > e && u > s:
			c.take(r.p.object(n.Name+"."+name, ""), always)
		case e >= s:
			b := &explicit[len(explicit)-1]
			explicit = explicit[:len(explicit)-1]
			c.binding(b, r.bound(n, st, b, name))
		default:
			star := &stars[len(stars)-1]
			stars = stars[:len(stars)-1]
			if v := r.starred(star, name); v != nil {
				c.take(v, star.step.in)
			}
		}
	}
	return c
}

// choice is what a name may be bound to, from the last binding back to the
// last one that always takes place.
type choice struct {
	forks   []pyfile.Fork
	covered []arm // arms that bind the name
	value   *object
	guess   *object
	differs bool
	done    bool
}

func (c *choice) take(v *object, in arm) {
	if v.guess {
		c.guess = cmp.Or(c.guess, v)
		return
	}
	c.differs = c.differs || c.value != nil && c.value != v
	if c.value == nil {
		c.value = v
	}
	c.done = c.covers(in)
}

// covers notes that an arm binds the name, and reports whether one is bound by
// then in every run.
func (c *choice) covers(in arm) bool {
	for in.fork > 0 {
		if !slices.Contains(c.covered, in) {
			c.covered = append(c.covered, in)
		}
		f := &c.forks[in.fork-1]
		if !f.Exhaustive {
			return false
		}
		for a := range f.Arms {
			if !slices.Contains(f.Ended, a) && !slices.Contains(c.covered, arm{in.fork, a}) {
				return false
			}
		}
		in = arm{f.Parent, f.ParentArm}
	}
	return in == always
}

func (c *choice) binding(b *binding, v *object) {
	switch {
	case b.kind == pyfile.Deleted && b.in == always:
		c.done = true
	case b.kind != pyfile.Deleted && v != nil:
		c.take(v, b.in)
	}
}

// latest is what the last binding binds, if its branch is taken; nil if there
// is none.
func (c *choice) latest() *object { return cmp.Or(c.value, c.guess) }

// bound is what a statement that ran bound a name to.
func (r *run) bound(n *Node, st *state, b *binding, name string) *object {
	switch {
	case b.kind != pyfile.Imported:
		return r.p.object(n.Name, name)
	case st.values == nil:
		return r.taken(&n.steps[b.step], b.index)
	}
	return st.values[n.steps[b.step].first+b.index]
}

// taken is what a name of an import statement is bound to when the module that
// it is from is not among those that run.
func (r *run) taken(s *step, index int) *object {
	p, name := r.p, s.names[index]
	switch {
	case !s.from && name.As == "":
		return p.object(name.Bound(), "")
	case !s.from:
		return p.object(name.Name, "")
	case p.nodes[s.module] == nil:
		return p.object(s.module, name.Name)
	}
	from := s.resolved
	if s.lazy {
		from = p.nodes[s.module] // it leads there once it is used
	}
	v := r.ended(from, name.Name)
	if sub := p.nodes[s.module+"."+name.Name]; sub != nil && (v == nil || v.guess) {
		return p.object(sub.Name, "")
	}
	return cmp.Or(v, r.computed(from, name.Name, math.MaxInt32), p.object(s.module, name.Name))
}

// ended is what a name of a module is bound to that has run before.
func (r *run) ended(n *Node, name string) *object {
	if r.aims && len(n.comp.nodes) > 1 {
		if circle := r.p.runOf(r.entry, n); circle != nil {
			return circle.value(n, name, math.MaxInt32, math.MaxInt32)
		}
	}
	return r.p.settled(n, name)
}

// computed is what the `__getattr__` of a module gives for a name, if it has
// one when it has run up to pos; nil if it gives nothing.
func (r *run) computed(n *Node, name string, pos int32) *object {
	p := r.p
	if p.namesOf(n, name).getattr >= pos {
		return nil
	}
	if p.facts == nil {
		return p.object(n.Name, name)
	}
	o, there, known := p.facts.Computed(n.Name, name)
	from := p.nodes[o.Module]
	switch {
	case !known:
		return p.object(n.Name, name)
	case !there:
		return nil
	case from == nil || o.Name == "":
		return p.object(o.Module, o.Name)
	}
	asked := settledName{n, name}
	if slices.Contains(p.computing, asked) {
		p.loops++
		return nil // it asks itself: that ends in an error
	}
	p.computing = append(p.computing, asked)
	defer func() { p.computing = p.computing[:len(p.computing)-1] }()
	if len(r.stack) > 0 {
		r.load(from)
	}
	return cmp.Or(r.value(from, o.Name, r.pos(from), r.seq), p.object(o.Module, o.Name))
}

// starred is what a star import that ran bound a name to.
func (r *run) starred(s *seenStar, name string) *object {
	from := s.step.resolved
	if from == nil {
		if strings.HasPrefix(name, "_") {
			return nil
		}
		return r.p.intern(Object{s.step.module, name}, true)
	}
	if !r.p.gives(from, name, s.pos, s.step.keep) {
		return nil
	}
	return r.value(from, name, s.pos, s.seq)
}

// settled returns what a name of a module is bound to once that has run, from
// wherever its circle is entered; nil if nothing is. Where that makes a
// difference, it is an object of its own.
func (p *Program) settled(n *Node, name string) *object {
	k := settledName{n, name}
	v, ok := p.ends[k]
	switch {
	case v == asking:
		p.loops++
		return nil // in a circle of its own
	case ok:
		return v
	}
	loops := p.loops
	p.ends[k] = asking
	p.asked++
	if len(n.comp.nodes) > 1 {
		v = p.settledIn(n, name)
	} else {
		v = p.alone(n).value(n, name, math.MaxInt32, math.MaxInt32)
	}
	p.asked--
	if p.ends[k] = v; !p.holdsAlways(loops) {
		delete(p.ends, k)
	}
	return v
}

// asking stands for what is being asked for.
var asking = &object{}

type settledName struct {
	n    *Node
	name string
}

// Settled returns what a name of a module is bound to once that has run, from
// wherever a circle of imports is entered; ok is false if nothing is, as far
// as can be seen: a star import of a module that is not here does not count.
// It holds for the tree that was simulated last. Where it depends on where a
// circle is entered, that is an object of its own.
func (p *Program) Settled(module, name string) (o Object, ok bool) {
	p.memo.mu.Lock()
	defer p.memo.mu.Unlock()
	n := p.nodes[module]
	switch {
	case name == "" || n == nil:
		return p.object(module, name).Object, true
	case n.mod.Path == "":
		return Object{}, false
	}
	p.complete(n.comp)
	v := p.settled(n, name)
	switch {
	case v != nil && !v.guess:
		return v.Object, true
	case p.nodes[module+"."+name] != nil:
		return p.object(module+"."+name, "").Object, true
	}
	if v := p.alone(n).computed(n, name, math.MaxInt32); v != nil {
		return v.Object, true
	}
	return Object{}, false
}

// Works reports whether there is a way to import a module, as far as can be
// seen.
func (p *Program) Works(module string) bool {
	p.memo.mu.Lock()
	defer p.memo.mu.Unlock()
	n := p.nodes[module]
	if n == nil || !n.comp.circle() {
		return true
	}
	p.complete(n.comp)
	ran := false
	for _, r := range p.runs(n.comp) {
		if r.at(n) != nil {
			ran = true
			if !r.fails {
				return true
			}
		}
	}
	return !ran
}

// settledIn asks every run of a circle that does not fail.
func (p *Program) settledIn(n *Node, name string) (v *object) {
	p.unsettled = p.unsettled || !n.comp.whole
	first := true
	for _, r := range p.runs(n.comp) {
		if r.at(n) == nil || r.fails {
			continue
		}
		is := r.value(n, name, math.MaxInt32, math.MaxInt32)
		if !first && is != v {
			return p.object("?"+n.Name, name)
		}
		v, first = is, false
	}
	return v
}

// alone is the run of a module that is in no circle: all that it imports has
// run by then.
func (p *Program) alone(n *Node) *run {
	st := &state{pos: math.MaxInt32}
	for _, b := range p.starsOf(n) {
		if n.steps[b.step].resolved == n {
			continue // it has all its names already
		}
		st.stars = append(st.stars, seenStar{step: &n.steps[b.step], pos: math.MaxInt32, seq: math.MaxInt32})
	}
	return &run{p: p, entry: n, solo: st}
}
