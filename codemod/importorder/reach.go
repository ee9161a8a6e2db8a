package importorder

import (
	"slices"
	"strings"
)

// Closure returns the names of the modules that importing one executes,
// itself among them, sorted; namespace packages run nothing and do not count.
func (p *Program) Closure(module string) (out []string) {
	n := p.nodes[module]
	if n == nil {
		return nil
	}
	for n := range reached([]*Node{n}) {
		if n.mod.Path != "" {
			out = append(out, n.Name)
		}
	}
	slices.Sort(out)
	return out
}

// Loads returns the names of the modules that are there once the file at a path
// has run, and further modules have been imported.
func (p *Program) Loads(path string, further []string) map[string]bool {
	var start []*Node
	for _, t := range p.paths[path] {
		start = append(start, p.order[t])
	}
	for _, module := range further {
		if n := p.nodes[module]; n != nil {
			start = append(start, n)
		}
	}
	out := map[string]bool{}
	for n := range reached(start) {
		out[n.Name] = true
	}
	return out
}

// reached returns the modules that importing some executes, themselves among
// them.
func reached(start []*Node) map[*Node]bool {
	seen := map[*Node]bool{}
	stack := slices.Clone(start)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !seen[n] {
			seen[n] = true
			stack = append(stack, n.out...)
		}
	}
	return seen
}

// Circles returns the paths of the modules in circles of which all that can be
// known is used.
func (p *Program) Circles() (paths []string) {
	for _, n := range p.order {
		if n.comp.circle() && len(n.comp.nodes) <= parsedCircle && n.mod.Path != "" {
			paths = append(paths, n.mod.Path)
		}
	}
	return paths
}

// Circular reports whether each of two modules leads to the other.
func (p *Program) Circular(a, b string) bool {
	x, y := p.nodes[a], p.nodes[b]
	return x != nil && y != nil && x.comp == y.comp
}

// Reaches reports whether the statements of one module lead to the other: the
// packages that a module is in have run, or are running, before it is. It may
// be called from several goroutines.
func (p *Program) Reaches(from, to string) bool {
	start, goal := p.nodes[from], p.nodes[to]
	if start == nil || goal == nil || start.comp != goal.comp {
		return false
	}
	seen := map[*Node]bool{start: true}
	stack := []*Node{start}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, t := range n.out {
			for ; t != nil && !strings.HasPrefix(n.Name, t.Name+"."); t = t.up {
				if t == goal {
					return true
				}
				if !seen[t] {
					seen[t] = true
					stack = append(stack, t)
				}
			}
		}
	}
	return false
}

// Counter counts how many modules importing one executes.
type Counter struct {
	p     *Program
	seen  []int // the last count that met each module
	count int
	stack []int32
}

// Counter returns a counter of the program's modules.
func (p *Program) Counter() *Counter { return &Counter{p: p, seen: make([]int, len(p.links))} }

// Count returns how many modules importing one executes, itself and the
// packages above it among them; namespace packages run nothing and do not
// count. It is 0 for a module that is not there.
func (c *Counter) Count(module string) (count int) {
	start, ok := c.p.numbers[module]
	if !ok {
		return 0
	}
	c.count++
	c.seen[start] = c.count
	c.stack = append(c.stack[:0], start)
	for len(c.stack) > 0 {
		n := c.stack[len(c.stack)-1]
		c.stack = c.stack[:len(c.stack)-1]
		if c.p.modules[n].mod.Path != "" {
			count++
		}
		for _, t := range c.p.links[n].out {
			if c.seen[t] != c.count {
				c.seen[t] = c.count
				c.stack = append(c.stack, t)
			}
		}
	}
	return count
}
