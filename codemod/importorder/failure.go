package importorder

import (
	"fmt"
	"math"
	"strings"
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
	Caught   bool // a statement that waits for the one that fails may catch the error
	// Missing says that the module has run, and that nothing seems to bind the
	// name, however its circle is entered. By itself that is no failure: who can
	// tell what a module does. It is one if the name was there before.
	Missing bool
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

// misses returns what a module that is in no circle takes from one and does
// not find there, because of where it enters that.
func (p *Program) misses(n *Node) (out []Failure) {
	for i := range n.steps {
		s := &n.steps[i]
		if !s.from || s.lazy || s.star || s.soft || s.resolved == nil || !s.resolved.comp.circle() {
			continue
		}
		r := p.runOf(n, s.resolved)
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
	return r.at(n) != nil && r.value(n, name, math.MaxInt32, math.MaxInt32) == nil && r.p.nodes[n.Name+"."+name] == nil &&
		r.computed(n, name, math.MaxInt32) == nil && r.p.binds(n, name, nil)
}

// Failures returns what the cold imports of modules show that are not the same
// in another program, by module; of all if there is no other.
func (p *Program) Failures(other *Program) map[string][]Failure {
	p.memo.mu.Lock()
	defer p.memo.mu.Unlock()
	out := map[string][]Failure{}
	for _, n := range p.order {
		if other != nil && other.nodes[n.Name] == n {
			continue
		}
		if found := p.failures(n); len(found) > 0 {
			out[n.Name] = found
		}
	}
	return out
}

// FailsAlone reports whether the cold import of a failure's entry would show it
// if the entry had another text, where that can be said without a simulation:
// nothing imports the entry, and so nothing else depends on its text.
func (p *Program) FailsAlone(f Failure, text File) (fails, known bool) {
	p.memo.mu.Lock()
	defer p.memo.mu.Unlock()
	n := p.nodes[f.Entry]
	if n.comp.circle() || f.Binding || f.Importer == f.Entry || p.imported(n) {
		return false, false
	}
	l := p.linkText(n.module, text)
	lone := &Node{Name: n.Name, module: n.module, comp: n.comp, tried: l.tried}
	for _, t := range l.out {
		lone.out = append(lone.out, p.order[t])
	}
	for _, at := range p.outOf(lone) {
		for _, found := range at.node.cold.found {
			if found.Key() == f.Key() && (f.Caught || !found.Caught && !at.caught) {
				return true, true
			}
		}
	}
	return false, true
}

// imported reports whether a module imports the node, or lies in it.
func (p *Program) imported(n *Node) bool {
	if p.importers == nil {
		p.importers = make([]bool, len(p.links))
		for _, l := range p.links {
			for _, t := range l.out {
				p.importers[t] = true
			}
		}
	}
	return p.importers[p.numbers[n.Name]]
}

// Fails reports whether the cold import of a failure's entry shows it.
func (p *Program) Fails(f Failure) bool {
	p.memo.mu.Lock()
	defer p.memo.mu.Unlock()
	r := p.simulate(p.nodes[f.Entry], false)
	if f.Binding {
		return r.shows(f)
	}
	found, ok := r.found[f.Key()]
	return ok && (f.Caught || !found.Caught)
}

// at is how far a module has run; nil if it does not.
func (r *run) at(n *Node) *state {
	if r.solo != nil && n == r.entry {
		return r.solo
	}
	return r.state[n]
}
