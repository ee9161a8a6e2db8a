package importorder

import (
	"hash/fnv"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// each calls f with everything that is compared of a module that ran: a name
// for it, the object, and a sum of that or of all that a star import took.
// Where branches bind a name, the last of them counts.
func (r *run) each(n *Node, f func(name string, v *object, sum uint64)) {
	w, st := r.p.watchOf(n, r.watch), r.at(n)
	names := w.Names
	if r.steady {
		names = w.Moved
	}
	for _, name := range names {
		nm := r.p.namesOf(n, name)
		if _, unclear := slices.BinarySearch(w.unclear, name); unclear {
			nm = r.p.namesIn(n)
		}
		v := r.latest(n, st, nm, name)
		f(name, v, v.hash())
	}
	for _, slot := range w.Slots {
		v := r.inSlot(n, st, slot)
		f(slot.Bound+" in suite "+strconv.Itoa(int(slot.Suite)), v, v.hash())
	}
	for i := range st.stars {
		s := &st.stars[i]
		if s.step.resolved != nil && slices.Contains(w.Stars, s.step.module) {
			f("* of "+s.step.module, nil, r.all(s))
		}
	}
}

// latest is what the last of the bindings of a name binds in the end, where
// branches bind it as well.
func (r *run) latest(n *Node, st *state, nm *names, name string) *object {
	if list := nm.of[name]; len(list) == 1 && len(st.stars)+len(st.subs) == 0 && list[0].kind != pyfile.Deleted {
		return r.bound(n, st, &list[0], name)
	}
	return r.choose(n, st, nm, name, math.MaxInt32, math.MaxInt32).latest()
}

func (o *object) hash() uint64 {
	if o == nil {
		return 0
	}
	return o.sum
}

// inSlot is what the last import of a class body bound to a name.
func (r *run) inSlot(n *Node, st *state, slot Slot) (v *object) {
	for i := range n.steps {
		s := &n.steps[i]
		if s.suite != slot.Suite {
			continue
		}
		for k, name := range s.names {
			switch {
			case name.Bound() != slot.Bound:
			case st.values == nil:
				v = r.taken(s, k)
			default:
				v = st.values[s.first+k]
			}
		}
	}
	return v
}

// all sums up what a star import took.
func (r *run) all(s *seenStar) uint64 {
	from := s.step.resolved
	whole := s.pos == math.MaxInt32 && r.at(from) != nil
	if sum, ok := r.sums[from]; ok && whole {
		return sum
	}
	sum := uint64(1)
	for _, name := range r.p.all(from) {
		if v := r.starred(s, name); v != nil && !submodule(v, name) {
			sum = mix(mix(sum, text(name)), v.sum)
		}
	}
	if whole {
		if r.sums == nil {
			r.sums = map[*Node]uint64{}
		}
		r.sums[from] = sum
	}
	return sum
}

// submodule reports whether an object is a module of that name: packages have
// those as names that something imported, whatever it was.
func submodule(o *object, name string) bool {
	return o.Name == "" && strings.HasSuffix(o.Module, "."+name)
}

// all returns the names that a module may bind, sorted.
func (p *Program) all(n *Node) []string {
	if n.all == nil {
		set := map[string]bool{}
		p.bindable(n, set, map[*Node]bool{})
		n.all = make([]string, 0, len(set))
		for name := range set {
			n.all = append(n.all, name)
		}
		sort.Strings(n.all)
	}
	return n.all
}

func text(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

func mix(a, b uint64) uint64 { return (a ^ b) * 0x9e3779b97f4a7c15 }

func (r *run) print(n *Node) uint64 {
	sum := uint64(1)
	r.each(n, func(_ string, _ *object, s uint64) { sum = mix(sum, s) })
	return sum
}

// printsOf sums up each module that ran in the import of a circle.
func (p *Program) printsOf(c *cold, watch Watches) map[string]uint64 {
	watched := make([]*Watch, 0, len(c.ran))
	for _, n := range c.ran {
		watched = append(watched, p.watchOf(n, watch))
	}
	if c.prints != nil && slices.Equal(watched, c.seen) {
		return c.prints
	}
	r := p.coldRun(c)
	r.watch = watch
	seen, prints := make([]*Watch, len(r.ran)), make(map[string]uint64, len(r.ran))
	for i, n := range r.ran {
		seen[i], prints[n.Name] = p.watchOf(n, watch), r.print(n)
	}
	if !p.stopped() {
		c.ran, c.seen, c.prints = r.ran, seen, prints
	}
	return prints
}

// coldRun is the run of a circle's import, which is made anew if it was not
// kept.
func (p *Program) coldRun(c *cold) *run {
	if c.run == nil {
		return p.simulate(c.entry, true)
	}
	c.run.p = p
	return c.run
}

// chooses reports whether a module imports from a circle that can be entered
// at more than one module.
func (p *Program) chooses(n *Node) bool {
	return slices.ContainsFunc(n.steps, func(s step) bool { return s.resolved != nil && len(s.resolved.comp.runs) > 1 })
}

// printAlone sums up a module that is in no circle. If there is one way only
// to enter the circles that it imports from, what it takes by unchanged
// statements is what it took.
func (p *Program) printAlone(n *Node, watch Watches) uint64 {
	if w := p.watchOf(n, watch); n.seen != w {
		r := p.alone(n)
		r.aims, r.watch, r.steady = true, watch, watch[n.mod.Path] != nil && !n.choosy
		n.seen, n.print = w, r.print(n)
	}
	return n.print
}
