package resolve

import (
	"math"
	"slices"
	"sort"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// Facts supplies what single files say. Module returns nil for a file that
// could not be parsed. Both are called from one goroutine.
type Facts interface {
	Outline(path string) *pyfile.Outline
	Module(path string) *pyfile.Module
}

// Home is where an object is declared.
type Home struct {
	Module string
	Attr   string // "" if the object is the module itself
	// External says that the module is not in the tree.
	External bool
}

func (h Home) String() string {
	if h.Attr == "" {
		return h.Module
	}
	return h.Module + ":" + h.Attr
}

// Status says how far a name could be followed.
type Status uint8

// How far a name could be followed.
const (
	Found          Status = iota
	NoReexport            // a submodule that the module does not bind
	Declared              // the module declares the name itself
	Ambiguous             // branches of the module bind different objects
	Dynamic               // the module computes its names
	OrderDependent        // both a binding and a submodule
	Unresolved            // nothing binds the name
)

// Hop is one step on the way to a home.
type Hop struct {
	Module string
	Path   string
	Name   string
}

// Resolution is the answer about one name of one module.
type Resolution struct {
	Status Status
	Home   Home
	Losers []Home // bound to the name before, and no more
	Hops   []Hop  // from the module asked to the home
	// Uncertain says that a binding on the way does not take place in every
	// run: only a part of the branches binds the name.
	Uncertain bool
	// circle is what the chain of a noop leads back to, met the module whose
	// import does so, and fallback the value if nothing is bound by then.
	circle   query
	met      string
	fallback *Resolution
}

// Resolver follows names to their homes. It is not safe for concurrent use.
type Resolver struct {
	Index   *Index
	facts   Facts
	written *written // the facts, of a resolver that sees what is computed
	stop    map[string]bool
	homes   map[string]Home // "module.name"
	names   map[string]map[string]bool
	memo    map[query]Resolution
	bound   map[*Mod]*boundNames
	loads   map[loading]int32 // what firstLoad found
}

// loading asks for the first import of a module that makes another run.
type loading struct{ in, module string }

type query struct {
	module, name string
	typing       bool
}

// New returns a resolver. Names of the modules in stop are their own homes, as
// are those of modules that only a stub describes, since what these import is
// not known; homes overrides the home of "module.name".
func New(x *Index, facts Facts, stop []string, homes map[string]Home) *Resolver {
	r := newResolver(x, facts, homes)
	for _, m := range stop {
		r.stop[m] = true
	}
	r.written = &written{index: x, facts: facts, known: map[string]*spelled{}, plain: newResolver(x, facts, nil)}
	r.facts = r.written
	return r
}

// Spell says what the names of modules are that compute them, by module: all
// that there is to say is Submodules. It is called before anything is asked.
func (r *Resolver) Spell(names map[string]string) { r.written.names = names }

// Outline and Module are the facts of a file, with what it computes written out.
func (r *Resolver) Outline(path string) *pyfile.Outline { return r.facts.Outline(path) }

// Module is what Outline says.
func (r *Resolver) Module(path string) *pyfile.Module { return r.facts.Module(path) }

func newResolver(x *Index, facts Facts, homes map[string]Home) *Resolver {
	return &Resolver{Index: x, facts: facts, stop: map[string]bool{}, homes: homes, names: map[string]map[string]bool{}, memo: map[query]Resolution{}, bound: map[*Mod]*boundNames{},
		loads: map[loading]int32{}}
}

// Lookup says which object the attribute `name` of a module is. Typing asks
// on behalf of a reader that is seen by type checkers only.
func (r *Resolver) Lookup(module, name string, typing bool) Resolution {
	q := query{module, name, typing}
	if res, ok := r.memo[q]; ok {
		return res
	}
	w := walk{Resolver: r, typing: typing, facade: module, asked: name, open: map[query]bool{}}
	res := w.lookup(module, name)
	for res.Status == noop {
		if res.fallback == nil {
			res = Resolution{Status: Unresolved}
			break
		}
		res = *res.fallback
	}
	r.memo[q] = res
	return res
}

// walk is one search for a home.
type walk struct {
	*Resolver
	typing bool
	facade string
	asked  string         // of the facade
	open   map[query]bool // what is being looked up: meeting it again is a circle
	stack  []string       // the modules of these, in order
	steps  int            // taken so far
}

// A walk is given up after that many steps: modules that all import from each other have more ways through them than can be gone. A step
// that looks for the first import of a module counts more, since it looks at many.
const (
	maxSteps  = 1 << 15
	loadSteps = 1 << 8
)

// tired counts steps and reports whether there were too many.
func (w *walk) tired(steps int) bool {
	w.steps += steps
	return w.steps > maxSteps
}

// noop is the status of a chain that leads back to a name that is being looked
// up: its value is what that name has by then.
const noop Status = 255

func (w *walk) lookup(module, name string) Resolution {
	if h, ok := w.homes[module+"."+name]; ok {
		return Resolution{Home: h}
	}
	q := query{module, name, w.typing}
	if w.open[q] {
		return Resolution{Status: noop, circle: q, met: w.stack[len(w.stack)-1]}
	}
	m := w.Index.Module(module)
	if m == nil {
		return Resolution{Home: Home{Module: module, Attr: name, External: true}}
	}
	if module != w.facade && (w.stop[module] || m.Stub && w.Index.Module(module+"."+name) == nil) {
		return Resolution{Home: Home{Module: module, Attr: name}}
	}
	if w.tired(1) {
		return Resolution{Status: OrderDependent}
	}
	w.open[q] = true
	w.stack = append(w.stack, module)
	defer func() {
		delete(w.open, q)
		w.stack = w.stack[:len(w.stack)-1]
	}()
	res := w.inModule(m, name)
	if res.Status == Found {
		res.Hops = append([]Hop{{Module: module, Path: m.Path, Name: name}}, res.Hops...)
	}
	return res
}

// inModule looks among the bindings of m.
func (w *walk) inModule(m *Mod, name string) Resolution {
	sub := m.Name + "." + name
	hasSub := m.Package && w.Index.Module(sub) != nil
	facts := w.moduleFacts(m)
	if facts == nil {
		return w.unparsed(m, sub, hasSub)
	}
	res := w.bindings(m, facts, name)
	switch {
	case (res.Status == Unresolved || res.Status == noop) && hasSub && w.mayHide(m, facts, name):
		return Resolution{Status: OrderDependent}
	case (res.Status == Unresolved || res.Status == noop) && hasSub:
		return w.submodule(sub)
	case res.Status == Found && hasSub && res.Home != (Home{Module: sub}) && w.boundAfter(m, facts, name, sub):
		return res
	case res.Status == Found && hasSub && res.Home != (Home{Module: sub}):
		return Resolution{Status: OrderDependent}
	case res.Status == Found && hasSub:
		return w.submodule(sub)
	case res.Status == Unresolved:
		return w.computed(m, facts, name)
	}
	return res
}

// boundAfter reports whether a package binds the name of a submodule to another
// object for good: behind the statement that loads the submodule, which is when
// the import system sets it, once. Both have to run whenever the package does.
//
//	# shop/__init__.py
//	from .checkout import checkout
func (w *walk) boundAfter(m *Mod, facts *pyfile.Module, name, sub string) bool {
	events := slices.DeleteFunc(w.binding(m, facts, name), func(b *pyfile.Binding) bool { return !w.counts(b) })
	if len(events) == 0 {
		return false
	}
	last := events[len(events)-1]
	if last.Guard&pyfile.Conditional != 0 || last.Kind == pyfile.Rebound || last.Kind == pyfile.Deleted {
		return false
	}
	o := w.facts.Outline(m.Path)
	for i := range o.Imports {
		imp := &o.Imports[i]
		if imp.Scope != 0 || !imp.Runs() || imp.Guard&pyfile.Conditional != 0 || imp.Start > last.At || imp.Start == last.At && i > int(last.Import) {
			continue
		}
		if slices.ContainsFunc(w.targets(m, imp), func(t string) bool { return t == sub || w.runs(t, sub, m.Name) }) {
			return true
		}
	}
	return false
}

func (w *walk) unparsed(m *Mod, sub string, hasSub bool) Resolution {
	if hasSub {
		return w.submodule(sub)
	}
	return Resolution{Status: Unresolved}
}

func (r *Resolver) moduleFacts(m *Mod) *pyfile.Module {
	if m.Path == "" {
		return &pyfile.Module{}
	}
	return r.facts.Module(m.Path)
}

// counts reports whether the binding takes place for this reader.
func (w *walk) counts(b *pyfile.Binding) bool {
	if w.typing {
		return b.Guard&pyfile.NotTyping == 0
	}
	return b.Guard&pyfile.TypeChecking == 0
}

func (r *Resolver) findLoad(m *Mod, module string) int32 {
	o := r.facts.Outline(m.Path)
	for i := range o.Imports {
		imp := &o.Imports[i]
		if imp.Scope != 0 || !imp.Runs() {
			continue
		}
		for _, target := range r.targets(m, imp) {
			if r.runs(target, module, m.Name) {
				return imp.Start
			}
		}
	}
	return math.MaxInt32
}

// runs reports whether the import of a module runs the target, other than
// through a module that is running.
func (r *Resolver) runs(module, target, running string) bool {
	seen := map[string]bool{running: true, module: true}
	for queue := []string{module}; len(queue) > 0; queue = queue[1:] {
		if queue[0] == target {
			return true
		}
		m := r.Index.Module(queue[0])
		o := r.facts.Outline(m.Path)
		for i := range o.Imports {
			imp := &o.Imports[i]
			if imp.Scope != 0 || !imp.Runs() {
				continue
			}
			for _, t := range r.targets(m, imp) {
				if !seen[t] {
					seen[t] = true
					queue = append(queue, t)
				}
			}
		}
	}
	return false
}

// boundNames finds the bindings of a name in a module that is asked for many.
type boundNames struct {
	asked  int
	byName map[string][]*pyfile.Binding
}

// manyNames is how many names of a module are looked for among all of its
// bindings, before it is worth the while to sort these by name.
const manyNames = 4

// binding returns the bindings of the name in m, in order.
func (w *walk) binding(m *Mod, facts *pyfile.Module, name string) (events []*pyfile.Binding) {
	known := w.bound[m]
	if known == nil {
		known = &boundNames{}
		w.bound[m] = known
	}
	if known.asked++; known.asked > manyNames {
		if known.byName == nil {
			known.byName = w.bindingsByName(m, facts)
		}
		return slices.Clone(known.byName[name])
	}
	for i := range facts.Bindings {
		if b := &facts.Bindings[i]; w.binds(m, b, name) {
			events = append(events, b)
		}
	}
	return events
}

func (w *walk) bindingsByName(m *Mod, facts *pyfile.Module) map[string][]*pyfile.Binding {
	out := make(map[string][]*pyfile.Binding, len(facts.Bindings))
	for i := range facts.Bindings {
		b := &facts.Bindings[i]
		if b.Kind != pyfile.StarImported {
			out[b.Name] = append(out[b.Name], b)
			continue
		}
		for name := range w.brings(m, b) {
			out[name] = append(out[name], b)
		}
	}
	return out
}

// source is the module that an import binding imports from.
func (r *Resolver) source(m *Mod, b *pyfile.Binding) (string, bool) {
	imp := r.statement(m, b)
	return m.Absolute(int(imp.Level), imp.Module)
}

func (r *Resolver) statement(m *Mod, b *pyfile.Binding) *pyfile.Import {
	return &r.facts.Outline(m.Path).Imports[b.Import]
}

// follow resolves one binding of the name in m.
func (w *walk) follow(m *Mod, b *pyfile.Binding, name string) Resolution {
	switch b.Kind {
	case pyfile.Declared, pyfile.Deleted:
		return w.declared(m, name, Declared)
	case pyfile.Rebound:
		return w.declared(m, name, Dynamic)
	}
	imp := w.statement(m, b)
	if !imp.From {
		return w.plainImport(imp.Names[b.Index])
	}
	src, ok := m.Absolute(int(imp.Level), imp.Module)
	if !ok {
		return Resolution{Status: Unresolved}
	}
	if b.Kind == pyfile.StarImported {
		return w.lookup(src, name)
	}
	return w.lookup(src, imp.Names[b.Index].Name)
}

// declared answers for a name that m declares: in the module asked it is no
// re-export, further along the way it is the home.
func (w *walk) declared(m *Mod, name string, own Status) Resolution {
	h := Home{Module: m.Name, Attr: name}
	if m.Name == w.facade {
		return Resolution{Status: own, Home: h}
	}
	return Resolution{Home: h}
}

func (w *walk) plainImport(n pyfile.Name) Resolution {
	module := n.Name
	if n.As == "" {
		module = n.Bound()
	}
	return Resolution{Home: Home{Module: module, External: w.Index.Module(module) == nil}}
}

// SortedNames returns the names of a set, sorted.
func SortedNames(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for n := range set {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}
