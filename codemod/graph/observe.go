package graph

import (
	"hash/fnv"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// Watch is what of a module is compared between two simulations.
type Watch struct {
	Names []string // of the module
	Moved []string // those of them that come from elsewhere than before
	Slots []Slot   // what imports bind in the bodies of classes
	Stars []string // modules of which star imports take all
	// unclear are names of which an outline, before or after a change, does not
	// say all: more than one statement may bind them.
	unclear []string
}

// Slot is a name that an import binds in a suite.
type Slot struct {
	Suite int32
	Bound string
}

// Watched is what there is to compare in a module with the outline: what its
// imports bind. Absolute spells the module of a from-import.
func Watched(o *pyfile.Outline, absolute func(*pyfile.Import) string) *Watch {
	w := &Watch{}
	for i := range o.Imports {
		imp := &o.Imports[i]
		switch {
		case !runsOnImport(o, imp):
		case imp.Star():
			w.Stars = append(w.Stars, absolute(imp))
		case imp.From:
			for _, n := range imp.Names {
				if imp.Scope == 0 {
					w.Names = append(w.Names, n.Bound())
				} else {
					w.Slots = append(w.Slots, Slot{imp.Suite, n.Bound()})
				}
			}
		}
	}
	w.unclear = unclear(o)
	return w.sorted()
}

// unclear returns the names that imports of the module bind besides others.
func unclear(o *pyfile.Outline) (out []string) {
	times := make(map[string]int, len(o.Imports))
	stars := 0
	for i := range o.Imports {
		switch imp := &o.Imports[i]; {
		case imp.Scope != 0 || !runsOnImport(o, imp):
		case imp.Star():
			stars = 1
		default:
			for _, n := range imp.Names {
				times[n.Bound()]++
			}
		}
	}
	for _, d := range o.Decls {
		if times[d.Name] > 0 {
			times[d.Name]++
		}
	}
	for name, n := range times {
		if n+stars > 1 {
			out = append(out, name)
		}
	}
	return out
}

// Both is what both compare, and further names.
func (w *Watch) Both(other *Watch, more []string) *Watch {
	return (&Watch{
		Names: append(common(w.Names, other.Names), more...),
		Slots: common(w.Slots, other.Slots), Stars: common(w.Stars, other.Stars),
		unclear: slices.Concat(more, w.unclear, other.unclear),
	}).sorted()
}

// common returns what of a list another has too.
func common[T comparable](list, other []T) (out []T) {
	has := make(map[T]bool, len(other))
	for _, v := range other {
		has[v] = true
	}
	for _, v := range list {
		if has[v] {
			out = append(out, v)
		}
	}
	return out
}

func (w *Watch) sorted() *Watch {
	slices.Sort(w.Names)
	w.Names = slices.Compact(w.Names)
	slices.Sort(w.Stars)
	w.Stars = slices.Compact(w.Stars)
	slices.Sort(w.unclear)
	w.unclear = slices.Compact(w.unclear)
	return w
}

// Watch says what to compare of the file at a path; without it that is all
// that its imports bind.
func (g *Graph) Watch(path string, w *Watch) { g.watch[path] = w }

func (g *Graph) watchOf(n *Node) *Watch {
	if w := g.watch[n.mod.Path]; w != nil {
		return w
	}
	if n.watched == nil {
		n.watched = &Watch{}
		if o := g.paths[n.mod.Path].now(); o != nil {
			n.watched = Watched(o, func(imp *pyfile.Import) string {
				abs, _ := n.mod.Absolute(int(imp.Level), imp.Module)
				return abs
			})
		}
	}
	return n.watched
}

// each calls f with everything that is compared of a module that ran: a name
// for it, the object, and a sum of that or of all that a star import took.
// Where branches bind a name, the last of them counts.
func (r *run) each(n *Node, f func(name string, v *object, sum uint64)) {
	w, st := r.g.watchOf(n), r.at(n)
	names := w.Names
	if r.steady {
		names = w.Moved
	}
	for _, name := range names {
		nm := r.g.namesOf(n, name)
		if _, unclear := slices.BinarySearch(w.unclear, name); unclear {
			nm = r.g.namesIn(n)
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
	for _, name := range r.g.all(from) {
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
func (g *Graph) all(n *Node) []string {
	if n.all == nil {
		set := map[string]bool{}
		g.bindable(n, set, map[*Node]bool{})
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

// keptStates bounds how many module states of circles are kept, to answer
// what a name is bound to wherever its circle is entered.
const keptStates = 1 << 17

func (g *Graph) keep(r *run) bool {
	runs := g.runs[r.entry.scc]
	if (len(runs)+1)*g.size[r.entry.scc] > keptStates {
		return false
	}
	g.runs[r.entry.scc] = append(runs, r)
	return true
}

// Observe notes what each module of a circle is bound to, while the graph is
// the one that was simulated.
func (s *Simulation) Observe() {
	s.prints = make(map[string]map[string]uint64, len(s.colds))
	for _, c := range s.colds {
		s.prints[c.entry.Name] = s.g.printsOf(c)
	}
	s.alone = map[string]uint64{}
	for _, n := range s.g.order {
		if s.g.size[n.scc] == 1 && n.Name == n.main && (n.choosy || s.g.watch[n.mod.Path] != nil) {
			s.alone[n.Name] = s.g.printAlone(n)
		}
	}
}

// printsOf sums up each module that ran in the import of a circle.
func (g *Graph) printsOf(c *cold) map[string]uint64 {
	watched := make([]*Watch, 0, g.size[c.entry.scc])
	for _, n := range c.ran {
		watched = append(watched, g.watchOf(n))
	}
	if c.prints != nil && slices.Equal(watched, c.seen) {
		return c.prints
	}
	r := c.run
	if r == nil {
		r = g.simulate(c.entry, true)
	}
	c.ran, c.seen, c.prints = r.ran, make([]*Watch, len(r.ran)), make(map[string]uint64, len(r.ran))
	for i, n := range r.ran {
		c.seen[i], c.prints[n.Name] = g.watchOf(n), r.print(n)
	}
	return c.prints
}

// chooses reports whether a module imports from a circle that can be entered
// at more than one module.
func (g *Graph) chooses(n *Node) bool {
	return slices.ContainsFunc(n.steps, func(s step) bool { return s.resolved != nil && len(g.runs[s.resolved.scc]) > 1 })
}

// printAlone sums up a module that is in no circle. If there is one way only
// to enter the circles that it imports from, what it takes by unchanged
// statements is what it took.
func (g *Graph) printAlone(n *Node) uint64 {
	if w := g.watchOf(n); n.seen != w {
		r := g.alone(n)
		r.aims, r.steady = true, g.watch[n.mod.Path] != nil && !n.choosy
		n.seen, n.print = w, r.print(n)
	}
	return n.print
}

// pair is a module in the import of another.
type pair struct{ entry, module string }

// Compare returns the names that are bound to something else than in an
// earlier simulation, of this graph when it was another or of a graph of its
// own. Flip makes it that one, and back. Imports that fail are not compared.
func (s *Simulation) Compare(was *Simulation, flip func(back bool)) (out []Failure) {
	pairs := s.pairs(was)
	if len(pairs) == 0 {
		return nil
	}
	now := s.g.details(pairs)
	if was.g == s.g {
		flip(false)
		defer flip(true)
	}
	before := was.g.details(pairs)
	for i, p := range pairs {
		out = append(out, differing(p, before[i], now[i])...)
	}
	return out
}

// pairs returns what seems to differ.
func (s *Simulation) pairs(was *Simulation) (out []pair) {
	works := func(entry string) bool { return len(was.Failures[entry])+len(s.Failures[entry]) == 0 }
	add := func(entry, module string, differs bool) {
		if differs && works(entry) {
			out = append(out, pair{entry, module})
		}
	}
	for module, print := range was.alone {
		is, ran := s.print(module, module)
		add(module, module, ran && is != print)
	}
	for module := range s.alone {
		add(module, module, !was.summed(module, module))
	}
	for entry, prints := range was.prints {
		for module, print := range prints {
			is, ran := s.print(entry, module)
			add(entry, module, ran && is != print)
		}
	}
	for entry, prints := range s.prints {
		for module := range prints {
			add(entry, module, !was.summed(entry, module))
		}
	}
	sort.Slice(out, func(i, k int) bool {
		a, b := out[i], out[k]
		return a.entry < b.entry || a.entry == b.entry && a.module < b.module
	})
	return out
}

// summed reports whether a module in the import of an entry was summed up.
func (s *Simulation) summed(entry, module string) bool {
	_, circle := s.prints[entry][module]
	_, alone := s.alone[module]
	return circle || alone && entry == module
}

// print sums up a module in the import of an entry, if it runs there.
func (s *Simulation) print(entry, module string) (sum uint64, ran bool) {
	if sum, ok := s.prints[entry][module]; ok {
		return sum, true
	}
	if sum, ok := s.alone[module]; ok && entry == module {
		return sum, true
	}
	n := s.g.nodes[module]
	for _, at := range s.g.nodes[entry].enters {
		if at.node.scc == n.scc {
			sum, ran = s.prints[at.node.Name][module]
			return sum, ran
		}
	}
	if s.g.size[n.scc] == 1 {
		return s.g.printAlone(n), true
	}
	return 0, false
}

// details imports the entries, and says what the modules' names are bound to.
func (g *Graph) details(pairs []pair) []map[string]*object {
	g.components()
	out := make([]map[string]*object, len(pairs))
	var r *run
	for i, p := range pairs {
		if r == nil || r.entry.Name != p.entry {
			r = g.simulate(g.nodes[p.entry], false)
		}
		n := g.nodes[p.module]
		if r.at(n) == nil {
			continue
		}
		out[i] = map[string]*object{}
		r.each(n, func(name string, v *object, sum uint64) {
			if v == nil && sum > 0 {
				v = &object{Object: Object{"other names", ""}, sum: sum}
			}
			out[i][name] = v
		})
	}
	return out
}

func differing(p pair, was, is map[string]*object) (out []Failure) {
	if was == nil || is == nil {
		return nil
	}
	names := make([]string, 0, len(was))
	for name := range was {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		v, ok := is[name]
		if ok && v.hash() != was[name].hash() {
			out = append(out, Failure{Entry: p.entry, At: p.entry, Importer: p.module, Name: name, Binding: true, want: was[name].hash(), Want: was[name].text(), Got: v.text()})
		}
	}
	return out
}

func (o *object) text() string {
	if o == nil {
		return "nothing"
	}
	return o.String()
}

// shows reports whether the name is bound to something else than it was to.
func (r *run) shows(f Failure) (differs bool) {
	n := r.g.nodes[f.Importer]
	if r.at(n) == nil {
		return false
	}
	r.each(n, func(name string, v *object, sum uint64) {
		differs = differs || name == f.Name && sum != f.want
	})
	return differs
}
