package importorder

import (
	"math"
	"slices"
	"sort"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// Facts supplies what an outline does not say of a file.
type Facts interface {
	// Known reports whether more than the outline of a file is at hand, and to
	// be used.
	Known(path string) bool
	// Bindings returns every binding of the file, or nil.
	Bindings(path string) *pyfile.Module
	// All returns the value of the module's `__all__`, if that is known.
	All(module string) ([]string, bool)
	// Computed returns which name of which module the `__getattr__` of a module
	// gives for a name, or says that it gives nothing; known is false where
	// that cannot be told.
	Computed(module, name string) (o Object, there, known bool)
}

// Object is what a name is bound to: what a module declares under a name, or
// the module itself if the name is "". A file that is a module under several
// source roots counts as the one under the longest. Where branches of a module decide what
// its name is bound to, that is an object of its own.
type Object struct{ Module, Name string }

func (o Object) String() string {
	if o.Name == "" {
		return o.Module
	}
	return o.Module + ":" + o.Name
}

// object is an Object of a graph: equal ones are the same pointer.
type object struct {
	Object
	sum uint64
	// guess says that a star import of a module that is not here may bind the
	// name, and nothing else does.
	guess bool
}

// Object is what the module declares under the name.
func (p *Program) Object(module, name string) Object { return Object{p.main(module), name} }

// main is the name under which a module counts.
func (p *Program) main(module string) string {
	if n, ok := p.numbers[module]; ok {
		return p.modules[n].main
	}
	return module
}

func (p *Program) object(module, name string) *object {
	return p.intern(Object{p.main(module), name}, false)
}

func (p *Program) intern(k Object, guess bool) *object {
	known := p.memo.objects
	if guess {
		known = p.memo.guesses
	}
	o := known[k]
	if o == nil {
		o = &object{k, text(k.Module + ":" + k.Name), guess}
		known[k] = o
	}
	return o
}

// binding is one way in which a module binds a name.
type binding struct {
	at    int32 // position of the statement
	kind  pyfile.BindingKind
	step  int // of an import: index into the steps of the module
	index int // and into the names of the statement
	in    arm
}

// arm is the arm of a fork that a statement stands in.
type arm struct{ fork, arm int32 }

// always is the arm of a statement that runs whenever its module does;
// perhaps that of one of which no more is known than that it need not.
var always, perhaps = arm{}, arm{fork: -1}

// names is what a module binds.
type names struct {
	of      map[string][]binding // by name, in order; without star imports
	stars   []binding
	all     int32 // position from which on `__all__` is bound; math.MaxInt32: it is not
	getattr int32 // and `__getattr__`
	forks   []pyfile.Fork
}

// parsedCircle is the size of a circle of imports up to which all its files
// are parsed. In a larger one only those are that are known, and of the others
// counts what their outlines say.
const parsedCircle = 200

// namesOf reads what a module binds, from its outline as long as that says all
// there is to say about the name. Which of the two it is depends on the module
// and the name alone, and not on what was asked before.
func (p *Program) namesOf(n *Node, name string) *names {
	out := n.outlined()
	if !n.looked {
		n.looked, n.known = true, p.knows(n.module)
	}
	size := len(n.comp.nodes)
	if n.known || size <= parsedCircle && (size > 1 || len(out.stars) > 0 || len(out.of[name]) != 1) {
		return p.namesIn(n)
	}
	return out
}

// namesIn reads all that a module binds.
func (p *Program) namesIn(n *Node) *names {
	if n.exact == nil {
		n.exact = n.exactly(p.bindings(n))
	}
	return n.exact
}

// bindings are what the facts know of a module, or nil.
func (p *Program) bindings(n *Node) *pyfile.Module {
	if n.part == nil || p.facts == nil {
		return nil
	}
	return p.facts.Bindings(n.mod.Path)
}

// starsOf returns the star imports of a module.
func (p *Program) starsOf(n *Node) []binding {
	if len(n.outlined().stars) == 0 {
		return nil
	}
	return p.namesOf(n, "").stars
}

// outlined is what the outline of a module says.
func (n *Node) outlined() *names {
	switch {
	case n.names != nil:
	case n.part == nil:
		n.names = &names{of: map[string][]binding{}, all: math.MaxInt32, getattr: math.MaxInt32}
	default:
		n.names = n.part.names()
		for _, b := range n.names.stars {
			n.steps[b.step].in = b.in
		}
	}
	return n.names
}

func (p *Part) readNames(o *pyfile.Outline) *names {
	out := &names{of: make(map[string][]binding, len(o.Decls)), all: math.MaxInt32, getattr: math.MaxInt32}
	for _, d := range o.Decls {
		out.add(d.Name, binding{at: p.position(d.At), kind: pyfile.Declared})
	}
	for _, name := range p.described {
		out.add(name, binding{at: p.position(0), kind: pyfile.Declared})
	}
	for i := range p.statements {
		s := &p.statements[i]
		imp := &o.Imports[s.imp]
		if imp.Scope != 0 {
			continue
		}
		b := binding{at: s.at, kind: pyfile.Imported, step: i}
		if imp.Guard&pyfile.Conditional != 0 {
			b.in = perhaps
		}
		if s.star {
			out.stars = append(out.stars, b)
			continue
		}
		for k, name := range s.names {
			b.index = k
			out.add(name.Bound(), b)
		}
	}
	out.sort()
	return out
}

// exactly is what all facts of a module say, or, if there are none, what its
// outline does.
func (n *Node) exactly(m *pyfile.Module) *names {
	if m == nil {
		return n.outlined()
	}
	out := &names{of: map[string][]binding{}, all: math.MaxInt32, getattr: math.MaxInt32, forks: m.Forks}
	steps := map[int]int{}
	for i := range n.steps {
		steps[n.steps[i].imp] = i
	}
	for i := range m.Bindings {
		b := &m.Bindings[i]
		if b.Guard&pyfile.TypeChecking != 0 {
			continue
		}
		to := binding{at: n.part.position(b.At), kind: b.Kind, index: int(b.Index), in: arm{b.Fork, b.Arm}}
		if n.mod.Stub && b.Kind == pyfile.Imported {
			to.kind = pyfile.Declared
		}
		if b.Kind == pyfile.Rebound {
			to.in = perhaps
		}
		if to.kind == pyfile.Imported || to.kind == pyfile.StarImported {
			step, ok := steps[int(b.Import)]
			if !ok {
				continue
			}
			to.step = step
		}
		if b.Kind == pyfile.StarImported {
			n.steps[to.step].in = to.in
			out.stars = append(out.stars, to)
			continue
		}
		out.add(b.Name, to)
	}
	out.sort()
	return out
}

func (n *names) add(name string, b binding) {
	switch name {
	case "__all__":
		n.all = min(n.all, b.at)
	case "__getattr__":
		n.getattr = min(n.getattr, b.at)
	}
	n.of[name] = append(n.of[name], b)
}

func (n *names) sort() {
	for _, list := range n.of {
		sort.SliceStable(list, func(i, k int) bool { return list[i].at < list[k].at })
	}
}

// gives reports whether a star import of the module, when that has run up to
// pos, takes a name that it binds.
func (p *Program) gives(n *Node, name string, pos int32, keep pyfile.Keep) bool {
	listed := keep == pyfile.KeepStar || keep == pyfile.KeepListed
	if listed && p.namesOf(n, name).all < pos && p.facts != nil {
		if list, ok := p.facts.All(n.Name); ok {
			return slices.Contains(list, name)
		}
	}
	return name != "" && name[0] != '_'
}

// bindable adds every name that the module may bind.
func (p *Program) bindable(n *Node, into map[string]bool, seen map[*Node]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	nm := p.namesOf(n, "")
	for name := range nm.of {
		into[name] = true
	}
	for _, b := range nm.stars {
		if from := n.steps[b.step].resolved; from != nil {
			p.bindable(from, into, seen)
		}
	}
}
