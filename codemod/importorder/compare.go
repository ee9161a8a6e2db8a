package importorder

import (
	"slices"
	"sort"
)

// Comparison holds what names are bound to in one program against another: as
// the tree is, and as it would be.
type Comparison struct {
	was, is *Program
	watch   Watches
}

// Compare compares two programs of the same index and memo.
func Compare(was, is *Program, watch Watches) *Comparison { return &Comparison{was, is, watch} }

// pair is a module in the import of another.
type pair struct{ entry, module string }

// Differences returns the names that are bound to something else than they were.
// Imports that fail are not compared.
func (c *Comparison) Differences() (out []Failure) {
	c.was.memo.mu.Lock()
	defer c.was.memo.mu.Unlock()
	pairs := c.pairs()
	if len(pairs) == 0 {
		return nil
	}
	now, before := c.is.details(pairs, c.watch), c.was.details(pairs, c.watch)
	for i, p := range pairs {
		out = append(out, differing(p, before[i], now[i])...)
	}
	return out
}

// Ran reports whether a module ran, before, in the import of a circle at
// another.
func (c *Comparison) Ran(entry, module string) bool {
	c.was.memo.mu.Lock()
	defer c.was.memo.mu.Unlock()
	_, ran := c.prints(c.was, entry)[module]
	return ran
}

// same reports whether a module is the same in both programs, with all that it
// leads to.
func (c *Comparison) same(module string) bool { return c.was.nodes[module] == c.is.nodes[module] }

// prints are the sums of what a circle binds when it is entered at a module.
func (c *Comparison) prints(p *Program, entry string) map[string]uint64 {
	n := p.nodes[entry]
	if n == nil {
		return nil
	}
	p.complete(n.comp)
	if p.entries(n); n.outcome == nil || n.cold == nil {
		return nil
	}
	return p.printsOf(n.cold, c.watch)
}

// alone returns the modules that are in no circle and may be bound to something
// else than they were.
func (c *Comparison) alone(p *Program) (out []*Node) {
	for _, n := range p.order {
		if c.same(n.Name) || n.comp.circle() || n.Name != n.main {
			continue
		}
		p.failures(n) // says whether it is choosy
		if n.outcome != nil && n.choosy || c.watch[n.mod.Path] != nil {
			out = append(out, n)
		}
	}
	return out
}

// entered returns the modules at which circles are entered that are not the
// same in both.
func (c *Comparison) entered(p *Program) (out []*Node) {
	for _, n := range p.order {
		if !c.same(n.Name) && n.comp.circle() && c.prints(p, n.Name) != nil {
			out = append(out, n)
		}
	}
	return out
}

// pairs returns what seems to differ.
func (c *Comparison) pairs() (out []pair) {
	works := map[string]bool{}
	add := func(entry, module string, differs bool) {
		if !differs {
			return
		}
		ok, known := works[entry]
		if !known {
			ok = !c.was.failsHard(entry) && !c.is.failsHard(entry)
			works[entry] = ok
		}
		if ok {
			out = append(out, pair{entry, module})
		}
	}
	had, has := map[string]bool{}, map[string]bool{}
	for _, n := range c.alone(c.was) {
		had[n.Name] = true
	}
	for _, n := range c.alone(c.is) {
		has[n.Name] = true
	}
	for module := range had {
		is, ran := c.print(c.is, module, module)
		add(module, module, ran && is != c.was.printAlone(c.was.nodes[module], c.watch))
	}
	summed := func(entry, module string) bool {
		_, circle := c.prints(c.was, entry)[module]
		return circle || had[module] && entry == module
	}
	for module := range has {
		add(module, module, !summed(module, module))
	}
	for _, n := range c.entered(c.was) {
		for module, print := range c.prints(c.was, n.Name) {
			is, ran := c.print(c.is, n.Name, module)
			add(n.Name, module, ran && is != print)
		}
	}
	for _, n := range c.entered(c.is) {
		for module := range c.prints(c.is, n.Name) {
			if summed(n.Name, module) {
				continue
			}
			add(n.Name, module, true)
			add(module, module, n.Name != module && !summed(module, module)) // it may have run in no circle, and after the entry
		}
	}
	sort.Slice(out, func(i, k int) bool {
		a, b := out[i], out[k]
		return a.entry < b.entry || a.entry == b.entry && a.module < b.module
	})
	return slices.Compact(out)
}

// failsHard reports whether the import of a module fails.
func (p *Program) failsHard(entry string) bool {
	n := p.nodes[entry]
	return n != nil && slices.ContainsFunc(p.failures(n), func(f Failure) bool { return !f.Missing })
}

// print sums up a module in the import of an entry, if it runs there.
func (c *Comparison) print(p *Program, entry, module string) (sum uint64, ran bool) {
	if sum, ok := c.prints(p, entry)[module]; ok {
		return sum, true
	}
	n, from := p.nodes[module], p.nodes[entry]
	if n == nil || from == nil {
		return 0, false
	}
	for _, at := range p.entries(from) {
		if at.node.comp == n.comp {
			sum, ran = p.printsOf(at.node.cold, c.watch)[module]
			return sum, ran
		}
	}
	if !n.comp.circle() {
		return p.printAlone(n, c.watch), true
	}
	return 0, false
}

// details imports the entries, and says what the modules' names are bound to.
func (p *Program) details(pairs []pair, watch Watches) []map[string]*object {
	out := make([]map[string]*object, len(pairs))
	var r *run
	for i, pair := range pairs {
		entry, n := p.nodes[pair.entry], p.nodes[pair.module]
		if entry == nil || n == nil {
			continue // the other program alone has it
		}
		if r == nil || r.entry != entry {
			r = p.simulate(entry, false)
			r.watch = watch
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
	n := r.p.nodes[f.Importer]
	if r.at(n) == nil {
		return false
	}
	r.each(n, func(name string, v *object, sum uint64) {
		differs = differs || name == f.Name && sum != f.want
	})
	return differs
}
