package pyfile

import (
	"slices"
	"strings"

	sitter "github.com/smacker/go-tree-sitter"
)

// evaluator reads code as far as it can be told what it gives without running
// it: literals, what is made of them, and what the import system is asked for.
// It knows no other module. What it does not understand is unknown, and so is
// all that depends on it.
type evaluator struct {
	*Tree
	o       *Outline
	imports map[int32]int32 // of the outline, by keyword
	module  map[string]value
	defs    map[string]*sitter.Node
	local   map[string]value // of the function that is read; nil: the module itself
	param   map[string]bool  // names that only the function's own scope has
	out     []Computed
	read    []Extent // functions whose code was followed
	at      int32    // offset of the module's statement
	tests   []condition
	steps   int
	depth   int
	asking  bool // `__getattr__` is asked for a name that the module does not bind
	lost    bool // something was done to a namespace that is not understood
	may     int  // branches around that need not run
}

// maxEvaluated bounds the steps for one file.
const maxEvaluated = 200_000

// value is what an expression gives: one of the types below, nil if that is
// unknown.
type value any

type (
	none    struct{}
	boolean bool
	num     int
	text    string // may hold marks
	// origin is a module (no name), or an attribute of one.
	origin struct{ module, name string }
	// list is a list, tuple or set of them.
	list struct{ items []value }
	// table is a dictionary with strings for keys.
	table struct {
		keys []string
		of   map[string]value
	}
	builtin string
	method  struct {
		of   value
		name string
	}
	// walk is the submodules that a loop visits.
	walk struct {
		path, prefix string
		deep, loose  bool
		files        bool // it gives names of files
	}
	// subName is the name of the submodule that a loop is at, subModule that
	// module, subPackage whether it is a package, finder what could load it.
	subName struct {
		*walk
		prefix, suffix string
		file           bool
	}
	subModule  struct{ subName }
	subPackage struct{ *walk }
	finder     struct{ *walk }
	// names are the names of a module, or a dictionary of them; key and item
	// the one that a loop is at.
	names struct {
		of   value
		keep Keep
	}
	key  struct{ names }
	item struct{ names }
	// condition is what a symbolic test asks.
	condition struct {
		of   value
		test Test
	}
	conditions []condition
	// foreign is the namespace of a frame: of whom, is not known.
	foreign struct{}
)

// get returns what a name is bound to.
func (e *evaluator) get(name string) value {
	if e.local != nil {
		if v, ok := e.local[name]; ok || e.param[name] {
			return v
		}
	}
	if v, ok := e.module[name]; ok {
		return v
	}
	if e.defs[name] != nil {
		return nil
	}
	switch name {
	case "__name__":
		return text(NameMark)
	case "__package__":
		return text(PackageMark)
	case "__path__":
		return text(PathMark)
	case "__file__":
		return text(FileMark)
	}
	return builtin(name)
}

// set binds a name. Where that need not run, a name keeps what it is only if
// it is the same.
func (e *evaluator) set(name string, v value) {
	scope := e.module
	if e.local != nil {
		scope = e.local
	}
	if was, ok := scope[name]; ok && e.may > 0 && !same(was, v) {
		v = nil
	}
	scope[name] = v
}

// same reports whether two values are known and equal.
func same(a, b value) bool {
	switch a := a.(type) {
	case text, boolean, num, none, origin, builtin:
		return a == b
	case *list:
		other, ok := b.(*list)
		return ok && slices.EqualFunc(a.items, other.items, same)
	}
	return false
}

// copied returns a value that changes of the given one do not reach.
func (t *table) copied() *table {
	out := newTable()
	for _, k := range t.keys {
		out.put(k, t.of[k])
	}
	return out
}

func newTable() *table { return &table{of: map[string]value{}} }

func (t *table) put(k string, v value) {
	if _, ok := t.of[k]; !ok {
		t.keys = append(t.keys, k)
	}
	t.of[k] = v
}

// isSpace reports whether a text is the mark of a namespace that names are
// bound in.
func isSpace(v value) bool {
	t, ok := v.(text)
	return ok && (t == SpaceMark || len(t) == 2 && strings.HasPrefix(string(t), ArgMark))
}

// record notes what the code does at the statement that is being read.
func (e *evaluator) record(c Computed) {
	c.At = e.at
	e.lost = e.lost || e.may > 0
	e.out = append(e.out, c)
}

// bindIn binds a name in a namespace: that of the module, or one that a function
// is given.
func (e *evaluator) bindIn(space, k, v value) {
	into := string(space.(text))
	switch k := k.(type) {
	case text:
		e.bindName(into, string(k), v)
	case subName: // the dotted name of a submodule, or what the import system binds there itself
		if m, ok := v.(subModule); !ok || m.subName != k && (m.subName.walk != k.walk || k.suffix != "") {
			e.lost = true
		}
	case key:
		e.bindKey(into, k, v)
	default:
		e.lost = true
	}
}

func (e *evaluator) bindName(into, name string, v value) {
	c := Computed{Kind: Binds, Into: into, Name: name}
	if o, ok := v.(origin); ok {
		c.Prefix, c.Attr = o.module, o.name
	}
	e.record(c)
}

// bindKey copies the name of a module that a loop is at.
func (e *evaluator) bindKey(into string, k key, v value) {
	it, ok := v.(item)
	keep, fits := e.kept(k)
	if !ok || it.of != k.of || !fits {
		e.lost = true
		return
	}
	e.copyNames(into, names{k.of, keep})
}

// kept is which names the conditions around leave of those that a loop visits.
func (e *evaluator) kept(k key) (keep Keep, ok bool) {
	keep = k.keep
	for _, c := range e.tests {
		of, is := c.of.(key)
		switch {
		case !is:
		case of.names != k.names:
			return keep, false
		case c.test.Kind == TestPrefix && c.test.Not && slices.Contains(c.test.Text, "_"):
			if keep == KeepAll {
				keep = KeepPublic
			}
		case c.test.Kind == TestPrefix && c.test.Not && slices.Equal(c.test.Text, []string{"__"}):
		case c.test.Kind == TestIs && !c.test.Not && len(c.test.Text) == 0:
			keep = KeepListed
		default:
			return keep, false
		}
	}
	return keep, true
}

// copyNames binds the names of a module in a namespace.
func (e *evaluator) copyNames(into string, n names) {
	switch m := n.of.(type) {
	case origin:
		if m.name != "" {
			m.module += "." + m.name
		}
		e.record(Computed{Kind: Copies, Into: into, Prefix: m.module, Keep: n.keep})
	case subModule:
		c := Computed{Kind: Walks, Into: into, Prefix: m.prefix, Suffix: m.suffix, Keep: n.keep, Path: m.path, Deep: m.deep, Loose: m.loose}
		for _, t := range e.tests {
			switch of := t.of.(type) {
			case subName:
				t.test.Prefix, t.test.Suffix, t.test.File = of.prefix, of.suffix, of.file
				c.Only = append(c.Only, t.test)
			case subPackage:
				c.Only = append(c.Only, t.test)
			}
		}
		e.record(c)
	default:
		e.lost = true
	}
}

// tired counts a step and reports whether there were too many.
func (e *evaluator) tired() bool {
	e.steps++
	if e.steps > maxEvaluated {
		e.lost = true
	}
	return e.steps > maxEvaluated
}
