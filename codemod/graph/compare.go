package graph

import (
	"slices"
	"sort"
)

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
	works := func(entry string) bool { return !was.fails(entry) && !s.fails(entry) }
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
			if was.summed(entry, module) {
				continue
			}
			add(entry, module, true)
			add(module, module, entry != module && !was.summed(module, module)) // it may have run in no circle, and after the entry
		}
	}
	sort.Slice(out, func(i, k int) bool {
		a, b := out[i], out[k]
		return a.entry < b.entry || a.entry == b.entry && a.module < b.module
	})
	return out
}

// fails reports whether the import of a module fails.
func (s *Simulation) fails(entry string) bool {
	return slices.ContainsFunc(s.Failures[entry], func(f Failure) bool { return !f.Missing })
}

// Ran reports whether a module ran in the import of a circle at another, as far
// as that was observed.
func (s *Simulation) Ran(entry, module string) bool {
	_, ran := s.prints[entry][module]
	return ran
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
	n, from := s.g.nodes[module], s.g.nodes[entry]
	if n == nil || from == nil {
		return 0, false // it came or went
	}
	for _, at := range from.enters {
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
		entry, n := g.nodes[p.entry], g.nodes[p.module]
		if entry == nil || n == nil {
			continue // the other graph alone has it
		}
		if r == nil || r.entry != entry {
			r = g.simulate(entry, false)
		}
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
