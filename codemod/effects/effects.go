package effects

import (
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Kind is what an effect is, for people and for those who treat kinds
// differently.
type Kind string

// The kinds of effects.
const (
	DjangoModel Kind = "django-model"
	Receiver    Kind = "receiver"   // of a signal
	Admin       Kind = "admin"      // of Django
	Task        Kind = "task"       // of Celery and others
	SQLAlchemy  Kind = "sqlalchemy" // a mapped class or a table
	Subclass    Kind = "subclass"   // of a class that keeps track of its subclasses
	Registers   Kind = "registers"  // something else that is registered
	Decorated   Kind = "decorated"  // by what may do anything
	Called      Kind = "called"     // what may do anything
	Assigned    Kind = "assigned"   // to an attribute or item of something imported
	Configured  Kind = "configured" // named in the configuration
	Unparsed    Kind = "unparsed"   // nothing is known of the file
	Passed      Kind = "passed"     // what it imported is an argument of a call
	Computed    Kind = "computed"   // a call whose callee has no name
)

// Effect is one thing that a module does when it is imported.
type Effect struct {
	Kind Kind
	Path string
	At   int    // offset
	What string // the base, decorator, callee or target, as dotted as it could be followed
	Name string // of what is defined there; "" if nothing is
}

// Facts supplies what single files do, nil for one that could not be parsed,
// and what names mean: a *resolve.Resolver, or what asks one.
type Facts interface {
	Acts(path string) *pyfile.Acts
	Lookup(module, name string, typing bool) resolve.Resolution
}

// Rules are the words of the configuration. Each names a decorator, a callee
// or a base, as the last part of a dotted name or as all of it.
type Rules struct {
	Effects   []string // have one
	NoEffects []string // have none
}

// Finder finds effects. It is not safe for concurrent use.
type Finder struct {
	index   *resolve.Index
	facts   Facts
	rules   Rules
	classes map[resolve.Home]*class
	funcs   map[string]map[string]pyfile.Func // by path and name
	effects map[string][]Effect
	// following are the names that are being followed: assignments can go in circles.
	following map[resolve.Home]bool
}

// class is a class of the tree with what its statement says.
type class struct {
	bases, metaclasses []string // as pyfile.Act.What
	mod                *resolve.Mod
	kind               Kind // that subclassing it has, once asked for; "" for none
	asked              bool
}

// New returns a finder over the modules of an index.
func New(x *resolve.Index, f Facts, rules Rules) *Finder {
	return &Finder{
		index: x, facts: f, rules: rules,
		classes: map[resolve.Home]*class{}, funcs: map[string]map[string]pyfile.Func{}, effects: map[string][]Effect{},
		following: map[resolve.Home]bool{},
	}
}

// Of returns what the statements of a module do when it is imported, by
// position; nothing for a namespace package or a module outside the tree.
func (f *Finder) Of(module string) []Effect {
	if out, ok := f.effects[module]; ok {
		return out
	}
	m := f.index.Module(module)
	if m == nil || m.Path == "" || m.Stub {
		return nil
	}
	out := f.find(m)
	slices.SortStableFunc(out, func(a, b Effect) int { return a.At - b.At })
	f.effects[module] = out
	return out
}

func (f *Finder) find(m *resolve.Mod) (out []Effect) {
	acts := f.facts.Acts(m.Path)
	if acts == nil {
		return []Effect{{Kind: Unparsed, Path: m.Path, What: m.Name}}
	}
	for i := range acts.List {
		a := &acts.List[i]
		o := f.object(m, a.What)
		kind := f.configured(a, o)
		if kind == undecided {
			kind = f.judge(m, acts, a, o)
		}
		if kind != "" {
			out = append(out, Effect{Kind: kind, Path: m.Path, At: int(a.At), What: o.String(), Name: a.Name})
		}
	}
	return out
}

// undecided is what the configuration says of most things.
const undecided Kind = "undecided"

func (f *Finder) configured(a *pyfile.Act, o object) Kind {
	names := func(list []string) bool {
		return slices.ContainsFunc(list, func(n string) bool { return o.named(n) })
	}
	switch {
	case names(f.rules.NoEffects):
		return ""
	case names(f.rules.Effects):
		return Configured
	}
	return undecided
}

// judge says which kind of effect an act has, "" for none.
func (f *Finder) judge(m *resolve.Mod, acts *pyfile.Acts, a *pyfile.Act, o object) Kind {
	switch a.Kind {
	case pyfile.Subclasses:
		return f.subclassed(o)
	case pyfile.Metaclass:
		if f.hooked(o) {
			return Subclass
		}
	case pyfile.Decorates:
		return f.decorated(m, acts, a, o)
	case pyfile.Calls:
		return f.called(m, acts, a, o)
	case pyfile.Sets:
		if o.imported(m) {
			return Assigned
		}
	}
	return ""
}

func (f *Finder) decorated(m *resolve.Mod, acts *pyfile.Acts, a *pyfile.Act, o object) Kind {
	if f.owned(m, acts, o) {
		return ""
	}
	if kind, ok := known(o); ok {
		return kind
	}
	if fn, ok := f.function(o); ok {
		if fn.Leaks || a.Invoked && fn.Inner {
			return Decorated
		}
		return ""
	}
	if o.pure() {
		return ""
	}
	return Decorated
}

func (f *Finder) called(m *resolve.Mod, acts *pyfile.Acts, a *pyfile.Act, o object) Kind {
	if f.owned(m, acts, o) {
		return ""
	}
	if kind, ok := known(o); ok && (kind != "" || !a.Used) {
		return kind
	}
	if a.Used || o.pure() {
		return ""
	}
	if fn, ok := f.function(o); ok && !fn.Leaks {
		return ""
	}
	if o.dotted == "" {
		return Computed
	}
	return Called
}

// owned reports whether what a method is called on is the module's own: a list,
// a dictionary or an instance that it made. Who wants that imports the module.
func (f *Finder) owned(m *resolve.Mod, acts *pyfile.Acts, o object) bool {
	if o.home.Module != m.Name || o.home.External || len(o.rest) == 0 {
		return false
	}
	found := false
	for _, v := range acts.Values {
		if v.Name == o.home.Attr {
			found = v.Literal || constructed(v.Of)
		}
	}
	return found
}

// constructed reports whether a value is a call of what is named as classes
// are (PEP 8): it makes something new, where another callable may look up what
// others know.
func constructed(of string) bool {
	class, called := strings.CutSuffix(of, "()")
	class = class[strings.LastIndexByte(class, '.')+1:]
	return called && class != "" && class[0] >= 'A' && class[0] <= 'Z' && !strings.ContainsAny(class, "()[]")
}

// function returns what is known of a function or class of the tree that is
// called.
func (f *Finder) function(o object) (fn pyfile.Func, ok bool) {
	m := f.index.Module(o.home.Module)
	if o.home.External || m == nil || m.Path == "" || o.home.Attr == "" {
		return fn, false
	}
	known := f.funcs[m.Path]
	if known == nil {
		known = map[string]pyfile.Func{}
		if acts := f.facts.Acts(m.Path); acts != nil {
			for _, fn := range acts.Funcs {
				known[fn.Name] = fn
			}
		}
		f.funcs[m.Path] = known
	}
	name := strings.Join(append([]string{o.home.Attr}, o.rest...), ".")
	if fn, ok = known[name]; ok {
		return fn, true
	}
	if f.class(o.home) == nil || len(o.rest) > 0 {
		return fn, false
	}
	for _, method := range []string{"__init__", "__new__", "__call__"} {
		made := known[name+"."+method]
		fn.Leaks, fn.Inner = fn.Leaks || made.Leaks, fn.Inner || made.Inner
	}
	return fn, true
}

// On returns what the statements of a module do to an object when it is
// imported: those that subclass it, decorate with it or with a method of it,
// call it or a method of it, pass it to a call that may keep or change it, or set
// an attribute or item of it, by position.
func (f *Finder) On(module string, of resolve.Home) (out []Effect) {
	m := f.index.Module(module)
	if m == nil || m.Path == "" || m.Stub {
		return nil
	}
	acts := f.facts.Acts(m.Path)
	if acts == nil {
		return []Effect{{Kind: Unparsed, Path: m.Path, What: m.Name}}
	}
	kinds := map[pyfile.ActKind]Kind{
		pyfile.Subclasses: Subclass, pyfile.Metaclass: Subclass, pyfile.Decorates: Decorated, pyfile.Calls: Called, pyfile.Sets: Assigned,
	}
	for i := range acts.List {
		a := &acts.List[i]
		if o := f.object(m, a.What); o.home == of {
			out = append(out, Effect{Kind: kinds[a.Kind], Path: m.Path, At: int(a.At), What: o.String(), Name: a.Name})
			continue
		}
		passed := func(arg string) bool { return f.object(m, arg).home == of }
		if a.Kind == pyfile.Calls && !harmless[a.What] && slices.ContainsFunc(a.Args, passed) {
			out = append(out, Effect{Kind: Passed, Path: m.Path, At: int(a.At), What: a.What, Name: a.Name})
		}
	}
	return out
}

// harmless are built-in functions that neither keep nor change what they are
// given.
var harmless = map[string]bool{
	"all": true, "any": true, "bool": true, "callable": true, "dict": true, "dir": true, "frozenset": true, "getattr": true, "hasattr": true, "hash": true,
	"id": true, "isinstance": true, "issubclass": true, "iter": true, "len": true, "list": true, "max": true, "min": true, "print": true, "repr": true,
	"set": true, "sorted": true, "str": true, "sum": true, "super": true, "tuple": true, "type": true, "vars": true, "zip": true,
}

// Calling returns the calls that the statements of a module make when it is
// imported, whatever becomes of the result, of callables that are named as in
// Rules, by position.
func (f *Finder) Calling(module string, callables []string) (out []Effect) {
	m := f.index.Module(module)
	if m == nil || m.Path == "" || m.Stub {
		return nil
	}
	acts := f.facts.Acts(m.Path)
	for i := 0; acts != nil && i < len(acts.List); i++ {
		a := &acts.List[i]
		if a.Kind != pyfile.Calls {
			continue
		}
		o := f.object(m, a.What)
		if slices.ContainsFunc(callables, o.named) {
			out = append(out, Effect{Kind: Called, Path: m.Path, At: int(a.At), What: o.String()})
		}
	}
	return out
}
