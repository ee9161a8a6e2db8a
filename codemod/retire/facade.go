package retire

import (
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// NameKind is what a name of the facade is.
type NameKind string

// Kinds of names.
const (
	ReExported NameKind = "re-exported" // declared by another module of the project
	Foreign    NameKind = "foreign"     // of the standard library or of a dependency
	Declared   NameKind = "declared"    // by the facade itself
	Unclear    NameKind = "unclear"     // what it is cannot be told, or it is bound under a condition
)

// Name is one name that the facade binds.
type Name struct {
	Name    string
	Kind    NameKind
	Home    string // "module" or "module:attribute"; "" if that is not known
	Readers int    // readings, in all repositories that were asked
	Free    bool   // nobody reads it, and no blocker names it
	Listed  bool   // `__all__` lists it
	Own     bool   // code of the facade reads it
	Why     string // of one that is unclear
}

// facade is the module as it stands.
type facade struct {
	World
	mod     *resolve.Mod
	src     []byte
	outline *pyfile.Outline
	facts   *pyfile.Module
	body    *pyfile.Body
	names   map[string]*name
	sorted  []*name
	own     map[string]bool // names that its code reads
	all     []string        // `__all__`
	hasAll  bool
}

// name is a name with the statements that bind it.
type name struct {
	Name
	home   resolve.Home
	events []event
	wins   int // which of them gives its value; -1 for none that is an import
}

// event is one binding of a name.
type event struct {
	*pyfile.Binding
	index int // of the name in its import; 0 for a star import
}

// guarded reports whether the binding takes place under a condition, or for
// type checkers only.
func (e event) guarded() bool {
	return e.Guard&(pyfile.Conditional|pyfile.TypeChecking|pyfile.NotTyping) != 0 || e.Fork != 0
}

// read reads the module that is to be retired.
func read(w World, module string) (*facade, error) {
	m := w.Index().Module(module)
	if m == nil || m.Path == "" {
		return nil, fmt.Errorf("read facade %s: the tree has no such module with a file", module)
	}
	src, ok := w.Text(m.Path)
	f := &facade{
		World: w, mod: m, src: src, outline: w.Outline(m.Path), facts: w.Module(m.Path), body: w.Body(m.Path),
		names: map[string]*name{}, own: map[string]bool{},
	}
	if !ok || f.facts == nil || f.body == nil || f.body.Broken {
		return nil, fmt.Errorf("read facade %s: %s does not parse as a whole: mend it first", module, m.Path)
	}
	f.all, f.hasAll = w.All(module)
	f.hasAll = f.hasAll || len(f.facts.All) > 0
	f.collect()
	f.uses()
	f.classify()
	return f, nil
}

// collect finds the names with their bindings, in order.
func (f *facade) collect() {
	add := func(n string, e event) {
		if f.names[n] == nil {
			f.names[n] = &name{Name: Name{Name: n}, wins: -1}
		}
		f.names[n].events = append(f.names[n].events, e)
	}
	for i := range f.facts.Bindings {
		b := &f.facts.Bindings[i]
		switch b.Kind {
		case pyfile.StarImported:
			for _, n := range resolve.SortedNames(f.Public(f.source(b))) {
				add(n, event{b, 0})
			}
		default:
			add(b.Name, event{b, int(b.Index)})
		}
	}
	for n := range f.facts.Table {
		if f.names[n] == nil {
			f.names[n] = &name{Name: Name{Name: n}, wins: -1}
		}
	}
	for _, n := range sortedKeys(f.names) {
		f.sorted = append(f.sorted, f.names[n])
	}
}

// source is the module that an import binding imports from.
func (f *facade) source(b *pyfile.Binding) string {
	imp := &f.outline.Imports[b.Import]
	abs, _ := f.mod.Absolute(int(imp.Level), imp.Module)
	return abs
}

// uses finds the names that the facade's own code reads, also in what type
// checkers read.
func (f *facade) uses() {
	names := f.Names(f.mod.Path)
	if names == nil {
		for n := range f.names { // in doubt all
			f.own[n] = true
		}
		return
	}
	for i := range names.Uses {
		u := &names.Uses[i]
		if u.Import || u.Access != pyfile.Load {
			continue
		}
		if scope, ok := names.Binding(u.Name, u.Scope); !ok || scope == 0 {
			f.own[u.Name] = true
		}
	}
	for _, q := range names.Quoted {
		for n := range f.names {
			if pyfile.Mentions(f.src[q.Start:q.End], n) {
				f.own[n] = true
			}
		}
	}
}

// classify says what each name is.
func (f *facade) classify() {
	for _, n := range f.sorted {
		n.Own, n.Listed = f.own[n.Name.Name], slices.Contains(f.all, n.Name.Name)
		res := f.Lookup(f.mod.Name, n.Name.Name, false)
		n.home = res.Home
		switch res.Status {
		case resolve.Found:
			n.Kind, n.Name.Home = ReExported, res.Home.String()
			if res.Home.External {
				n.Kind = Foreign
			}
			if !f.tables(n) {
				f.win(n)
			}
		case resolve.Declared, resolve.NoReexport:
			n.Kind, n.Name.Home = Declared, res.Home.String()
		default:
			n.Kind, n.Why = Unclear, unclear[res.Status]
		}
		if len(n.events) == 0 && n.Kind != Unclear && !f.tables(n) {
			n.Kind, n.Why = Unclear, "The facade computes it: write it as an import first."
		}
	}
	f.sorted = slices.DeleteFunc(f.sorted, f.apart)
	for _, n := range sortedKeys(f.names) {
		if f.apart(f.names[n]) {
			delete(f.names, n)
		}
	}
}

// tables reports whether a table of ours has the name.
func (f *facade) tables(n *name) bool {
	return f.generated() && f.facts.Table[n.Name.Name] != (pyfile.Entry{})
}

// apart reports whether a name is none that the facade has for others: a
// submodule, a feature of the language, or one that a table of ours works with.
func (f *facade) apart(n *name) bool {
	if f.generated() && slices.Contains([]string{"_HOMES", "_asker", "_at_prompt", "TYPE_CHECKING"}, n.Name.Name) {
		return true
	}
	return f.isSubmodule(n) || n.home.Module == "__future__"
}

// isSubmodule reports whether a name is a submodule that the facade imports: it
// stays what it is when the facade imports nothing.
func (f *facade) isSubmodule(n *name) bool {
	return n.home == (resolve.Home{Module: f.mod.Name + "." + n.Name.Name}) && f.mod.Package
}

var unclear = map[resolve.Status]string{
	resolve.Ambiguous:      "Branches of the facade bind it to different objects: name its home under `homes`.",
	resolve.Dynamic:        "The facade computes it while it runs: name its home under `homes`.",
	resolve.OrderDependent: "The facade has a submodule of that name too, so what it is depends on what was imported before: rename one of them.",
	resolve.Unresolved:     "Nothing seems to bind it: look whether the import works.",
}

// win finds the statement that gives a name its value: the last that binds it
// to its home, since others are circles or lose.
func (f *facade) win(n *name) {
	for i, e := range n.events {
		if e.Kind != pyfile.Imported && e.Kind != pyfile.StarImported {
			continue
		}
		if e.guarded() {
			n.Kind, n.Why = Unclear, "The facade imports it under a condition: import it once, at the top level, first."
		}
		if f.gives(e, n) {
			n.wins = i
		}
	}
	if n.wins < 0 && n.Kind != Unclear && len(n.events) > 0 {
		n.Kind, n.Why = Unclear, "Which statement of the facade binds it cannot be told."
	}
}

func (f *facade) gives(e event, n *name) bool {
	imp := &f.outline.Imports[e.Import]
	if !imp.From {
		return true
	}
	from := n.Name.Name
	if e.Kind == pyfile.Imported {
		from = imp.Names[e.index].Name
	}
	src := f.source(e.Binding)
	if f.Index().Module(src+"."+from) != nil && n.home == (resolve.Home{Module: src + "." + from}) {
		return true
	}
	return f.Lookup(src, from, false).Home == n.home
}

// passed are the names that are imported for others, sorted.
func (f *facade) passed() (out []*name) {
	for _, n := range f.sorted {
		if (n.Kind == ReExported || n.Kind == Foreign) && !n.Own && !strings.HasPrefix(n.Name.Name, "__") {
			out = append(out, n)
		}
	}
	return out
}

// retired says which imports are gone once nothing is re-exported: those of
// which the facade's own code reads no name.
func (f *facade) retired() map[string]map[int]bool {
	gone := map[int]bool{}
	for i := range f.outline.Imports {
		imp := &f.outline.Imports[i]
		if imp.Scope != 0 || imp.From && imp.Module == "__future__" {
			continue
		}
		gone[i] = !f.needs(i)
	}
	return map[string]map[int]bool{f.mod.Path: gone}
}

// needs reports whether the facade's own code reads a name that an import
// binds.
func (f *facade) needs(i int) bool {
	for _, n := range f.names {
		if !n.Own {
			continue
		}
		if slices.ContainsFunc(n.events, func(e event) bool {
			return (e.Kind == pyfile.Imported || e.Kind == pyfile.StarImported) && int(e.Import) == i
		}) {
			return true
		}
	}
	return false
}

// generated reports whether the facade's names come from a table of ours.
func (f *facade) generated() bool { return f.marked(DeprecatedMark) || f.marked(shellMark) }

func (f *facade) marked(mark string) bool { return strings.Contains(string(f.src), mark) }

// starred reports whether an import at the top level takes all of a module.
func (f *facade) starred() bool {
	return slices.ContainsFunc(f.outline.Imports, func(imp pyfile.Import) bool { return imp.Scope == 0 && imp.Star() })
}
