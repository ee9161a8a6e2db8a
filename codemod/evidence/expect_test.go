package evidence

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod"
)

// expectation is what must become of the readings of F.X.
type expectation struct {
	homes    []string // any of these is right
	rewrite  bool     // it must be rewritten
	declared bool     // it must be left, as declared in the facade
	none     bool     // it is no re-export, and must not be touched
	open     bool     // nothing can be said
}

// tagged finds the tag in the description of an object.
var tagged = regexp.MustCompile(`([\w.]+:\w+)#\d+`)

// declared matches the description of a class or function that has no tag.
var declared = regexp.MustCompile(`^(?:type|function) ([\w.]+)\.(\w+) None$`)

// expect says what must become of F.X, from what CPython saw.
func (j *judge) expect(facade, name string) expectation {
	if home := j.p.homes[facade+"."+name]; home != "" {
		return j.overridden(facade, name, home)
	}
	if !j.told.Cold[facade].OK || slices.ContainsFunc(j.p.kinds(), importsAll.MatchString) {
		return expectation{open: true}
	}
	desc, ok := j.told.Cold[facade].Names[name]
	if !ok || j.unstable(facade, name, desc) {
		return expectation{none: j.submodule(facade, name)}
	}
	if j.hidden(desc) || j.told != j.seen && !j.p.acyclic {
		return expectation{open: true}
	}
	var e expectation
	if m := tagged.FindStringSubmatch(desc); m != nil {
		e.homes = append(e.homes, m[1])
	} else if m := declared.FindStringSubmatch(desc); m != nil && j.p.module(m[1]) != nil {
		e.homes = append(e.homes, m[1]+":"+m[2])
	} else if module, ok := strings.CutPrefix(desc, "module "); ok && j.p.module(module) != nil {
		e.homes = append(e.homes, module)
	}
	for _, x := range externals {
		if strings.HasPrefix(desc, x.described) {
			e.homes = append(e.homes, x.home)
		}
	}
	e.rewrite = len(e.homes) == 1 && !j.submodule(facade, name)
	if len(e.homes) == 1 && strings.HasPrefix(e.homes[0], facade+":") {
		e.rewrite, e.declared = false, true
	}
	if len(e.homes) == 1 && j.patched(facade, name) && !j.walkable(e.homes[0]) {
		e.rewrite = false
	}
	known := len(e.homes) > 0 || desc == "None"
	if j.marked(&e, facade, name, desc); !known {
		e.homes = nil // nothing in the description says where the object is from
	}
	return e
}

// overridden says what must become of F.X where the rules say where it is.
func (j *judge) overridden(facade, name, home string) expectation {
	e := expectation{homes: []string{home}, rewrite: j.p.acyclic && !j.submodule(facade, name)}
	if j.hidden("module "+strings.SplitN(home, ":", 2)[0]) || j.patched(facade, name) && !j.walkable(home) {
		e.rewrite = false
	}
	return e
}

// walkable reports whether mock finds the home by walking from attribute to
// attribute: a module is one only once something imported it, and a package
// can bind the name of a module of its own to something else.
func (j *judge) walkable(home string) bool {
	module, _, attribute := strings.Cut(home, ":")
	for ; attribute && module != ""; module = parentOf(module) {
		last := module[strings.LastIndexByte(module, '.')+1:]
		if j.hidden("module "+module) || j.imports(parentOf(module), last) {
			return false
		}
	}
	return attribute
}

// patched reports whether a string of the program names F.X, or something
// replaces it otherwise.
func (j *judge) patched(facade, name string) bool {
	if j.replaced(facade, name) {
		return true
	}
	for _, text := range j.before {
		if strings.Contains(text, fmt.Sprintf("%q", facade+"."+name)) {
			return true
		}
	}
	return false
}

// replaced reports whether a statement replaces F.X, in any spelling.
func (j *judge) replaced(facade, name string) bool {
	return slices.ContainsFunc(j.p.replacing(), func(r ref) bool { return r.facade == facade && (r.name == name || r.name == "") })
}

// marked widens an expectation by what the generator knows.
func (j *judge) marked(e *expectation, facade, name, desc string) {
	for _, f := range j.p.files {
		for _, st := range f.body {
			for _, m := range st.marks {
				if f.name == facade && (m.name == name || m.name == "*") {
					e.rewrite, e.declared = false, false
				}
				if !j.bears(f, m.name, desc) {
					continue
				}
				if f.name == facade && m.kind == lenient {
					e.homes = append(e.homes, j.bearers(desc)...)
				}
				if m.name != "*" {
					e.homes = append(e.homes, f.name+":"+m.name)
				}
				for own, bound := range j.told.Cold[f.name].Names {
					if bound == desc {
						e.homes = append(e.homes, f.name+":"+own)
					}
				}
				if slices.Contains(j.p.facades, f.name) || m.kind == lenient {
					e.rewrite, e.declared = false, false
				}
			}
		}
	}
}

// unstable reports whether what F.X is depends on what was imported first.
func (j *judge) unstable(facade, name, desc string) bool {
	for _, state := range j.seen.Cold {
		if names, ok := state.Facades[facade]; ok && names[name] != desc {
			return true
		}
	}
	return false
}

// bears reports whether an object may have come through a name of a module,
// or through any for "*".
func (j *judge) bears(f *pyModule, name, desc string) bool {
	state := j.told.Cold[f.name]
	if name == "*" {
		return slices.Contains(slices.Collect(maps.Values(state.Names)), desc)
	}
	return !state.OK || state.Names[name] == desc
}

// bearers are the names of all modules that an object has.
func (j *judge) bearers(desc string) (homes []string) {
	for module, state := range j.told.Cold {
		for name, bound := range state.Names {
			if bound == desc {
				homes = append(homes, module+":"+name)
			}
		}
	}
	return homes
}

// hidden reports whether an object is, or holds, a module that shares its last name with
// a submodule of a package that binds this name to something: which one an
// import gives depends on what was imported before.
func (j *judge) hidden(desc string) bool {
	for _, module := range modulesIn.FindAllStringSubmatch(desc, -1) {
		last := module[1][strings.LastIndexByte(module[1], '.')+1:]
		for _, f := range j.p.files {
			if !strings.HasSuffix(f.name, "."+last) {
				continue
			}
			if _, taken := j.seen.Cold[parentOf(f.name)].Names[last]; taken || j.mayTake(j.p.module(parentOf(f.name)), last) || f.name != module[1] && j.imports(parentOf(f.name), last) || j.imports(parentOf(f.name), "as "+last) {
				return true
			}
		}
	}
	return false
}

// imports reports whether an import of a package spells a name.
func (j *judge) imports(pkg, name string) bool {
	m := j.p.module(pkg)
	return m != nil && regexp.MustCompile(`(?m)\bimport\b.*\b`+name+`\b`).MatchString(m.text())
}

// mayTake reports whether a star import of a package takes a submodule of that
// name from another package, if something imported it before.
func (j *judge) mayTake(m *pyModule, submodule string) bool {
	if m == nil {
		return false
	}
	for _, star := range starImport.FindAllStringSubmatch(m.text(), -1) {
		from := m.absolute(len(star[1]), star[2])
		if from != m.name && j.p.module(from+"."+submodule) != nil {
			return true
		}
	}
	return false
}

// modulesIn finds the modules in a description.
var modulesIn = regexp.MustCompile(`module ([\w.]+)`)

// submodule reports whether a module of the tree is called F.X.
func (j *judge) submodule(facade, name string) bool {
	for _, f := range j.p.files {
		if f.name == facade+"."+name || strings.HasPrefix(f.name, facade+"."+name+".") {
			return true
		}
	}
	return false
}

// reading is a name in a from-import of a facade.
type reading struct {
	file         *pyModule
	facade, name string
	line         int
	again        bool     // another import of the file binds the name, or may
	beside       []string // the other names of the statement
}

// readings lists the from-imports of facades in the files.
func (j *judge) readings(files map[string]string) []reading {
	facts, err := j.python.astImports(files)
	if err != nil {
		j.fail("driver", "%v", err)
		return nil
	}
	var all []reading
	for _, f := range j.p.files {
		if facts[f.path].Error != "" {
			j.fail("not-python", "%s: %s", f.path, facts[f.path].Error)
		}
		own := facts[f.path]
		if _, ok := j.p.isUpstream(f.path); ok {
			continue
		}
		for i, imp := range own.Imports {
			facade := f.absolute(imp.Level, imp.Module)
			if !imp.From || !slices.Contains(j.p.facades, facade) || f.name == facade {
				continue
			}
			for k, n := range imp.Names {
				r := reading{f, facade, n.Name, imp.Line, own.bindsAgain(i, k), nil}
				for o, other := range imp.Names {
					if o != k {
						r.beside = append(r.beside, other.Name)
					}
				}
				all = append(all, r)
			}
		}
	}
	return all
}

// underTry reports whether the statement in a line stands in the suite of a
// `try`.
func underTry(text string, line int) bool {
	lines := strings.Split(text, "\n")[:line]
	indent := func(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }
	opens := func(s string) bool { return strings.HasPrefix(strings.TrimSpace(s), "try:") }
	own := lines[line-1]
	for _, above := range slices.Backward(lines[:line-1]) {
		if strings.TrimSpace(above) != "" && indent(above) < indent(own) {
			return opens(above)
		}
	}
	return opens(own)
}

// bindsAgain reports whether another name of the file's imports is bound to
// what the name of a statement is bound to, or may be, by a star.
func (f *pyFacts) bindsAgain(statement, index int) bool {
	own := f.Imports[statement].Names[index]
	for i, imp := range f.Imports {
		for k, n := range imp.Names {
			if (i != statement || k != index) && (n.Name == "*" || cmp.Or(n.As, n.Name) == cmp.Or(own.As, own.Name)) {
				return true
			}
		}
	}
	return false
}

// expectations demands that what can be resolved is rewritten, to the right
// home, and that the rest is reported with its reason.
func (j *judge) expectations() {
	left := map[[3]string]codemod.Reason{}
	for _, l := range j.out.Left {
		key := [3]string{l.Path, l.Facade, l.Name}
		if left[key] != codemod.DeclaredInFacade && left[key] != codemod.Ambiguous { // other forms in the file may stay for another reason
			left[key] = l.Reason
		}
	}
	for _, r := range j.readings(j.out.after) {
		reason, reported := left[[3]string{r.file.path, r.facade, r.name}]
		e := j.expect(r.facade, r.name)
		switch {
		case e.open || r.name == "*" || !j.seen.Cold[r.file.name].OK || j.coupled(r.facade, r.name):
		case reason == codemod.NameTaken && r.again: // sorted, another could be the last
		case reason == codemod.OrderDependent && slices.ContainsFunc(r.beside, func(other string) bool {
			why := left[[3]string{r.file.path, r.facade, other}]
			return why == codemod.Unresolved || why == codemod.Dynamic || why == codemod.OrderDependent && !j.p.acyclic
		}) && underTry(j.out.after[r.file.path], r.line): // with one that may not be there
		case e.rewrite && !e.isIn(r.file) && !(j.p.circular(reason)):
			j.fail("resolvable-left", "%s:%d: %s.%s stays (reason %q) although its home is %v", r.file.path, r.line, r.facade, r.name, reason, e.homes)
		case e.declared && reason != codemod.DeclaredInFacade && reason != codemod.Ambiguous:
			j.fail("wrong-reason", "%s:%d: %s.%s is declared in the facade, reported as %q", r.file.path, r.line, r.facade, r.name, reason)
		case !e.rewrite && !e.none && !reported:
			j.fail("unreported", "%s:%d: %s.%s stays and is not reported", r.file.path, r.line, r.facade, r.name)
		}
	}
	for _, c := range j.out.Changes {
		for _, n := range c.Names {
			e := j.expect(n.Facade, n.Name)
			if len(e.homes) > 0 && !contains(e.homes, n.Home) || e.none {
				j.fail("wrong-home", "%s:%d: %s.%s goes to %s, not to one of %v", c.Path, n.Line, n.Facade, n.Name, n.Home, e.homes)
			}
		}
	}
	j.otherForms()
	j.untouched()
}

// isIn reports whether a module is the home, or the file is the stub of that.
func (e *expectation) isIn(f *pyModule) bool {
	return slices.ContainsFunc(e.homes, func(home string) bool {
		module, _, _ := strings.Cut(home, ":")
		return module == f.dotted()
	})
}

// demands reports whether a reading of a file must be rewritten.
func (j *judge) demands(f *pyModule, r ref) bool {
	e := j.expect(r.facade, r.name)
	return e.rewrite && !e.isIn(f)
}

// circular reports whether the reason is one that a program with circular
// imports may have, as one has whose facade imports all that is below it.
func (p *program) circular(reason codemod.Reason) bool {
	loops := slices.ContainsFunc(p.kinds(), importsAll.MatchString)
	return (!p.acyclic || loops) && (reason == codemod.ImportCycle || reason == codemod.OrderDependent)
}

var importsAll = regexp.MustCompile("^computed-(walk|iter|listdir|submodules)$")

// otherForms demands that the readings that are no from-imports are rewritten.
func (j *judge) otherForms() {
	for _, f := range j.p.files {
		if f.reboundModule() || !j.seen.Cold[f.name].OK {
			continue // which module a use reads depends on when it runs, or it never runs
		}
		for _, st := range f.body {
			for _, r := range st.refs {
				for _, l := range j.out.Left {
					if l.Path == f.path && l.Form == r.form && l.Facade == r.facade && l.Name == r.name && j.demands(f, r) && j.p.acyclic && !j.coupled(r.facade, r.name) {
						j.fail("resolvable-left", "%s:%d: %s.%s stays as %s", f.path, l.Line, r.facade, r.name, l.Reason)
					}
				}
			}
		}
	}
}

// coupled reports whether a test patches F.X, and a file that must change with
// it binds the name of a module twice, so that what it reads cannot be told.
func (j *judge) coupled(facade, name string) bool {
	return j.replaced(facade, name) || j.patched(facade, name) && slices.ContainsFunc(j.out.Left, func(l codemod.Left) bool {
		return l.Facade == facade && l.Name == name && slices.ContainsFunc(j.p.files, func(f *pyModule) bool {
			return f.path == l.Path && f.reboundModule()
		})
	})
}

// reboundModule reports whether imports of modules bind a name twice.
func (m *pyModule) reboundModule() bool {
	var bound []string
	for _, st := range m.body {
		for _, name := range st.vanish {
			if slices.Contains(bound, name) {
				return true
			}
			bound = append(bound, name)
		}
	}
	return false
}

// untouched demands that files without attribute uses change in nothing but
// their imports.
func (j *judge) untouched() {
	before, after := j.facts(j.before), j.facts(j.out.after)
	for _, f := range j.p.files {
		uses := j.p.loose || slices.ContainsFunc(f.body, func(st stmt) bool { return len(st.refs) > 0 })
		if before[f.path].Bare != after[f.path].Bare && !uses {
			j.fail("code-changes", "%s: more than imports changed", f.path)
		}
	}
}

// facts asks CPython's parser about those of the files that a plan changed.
func (j *judge) facts(files map[string]string) map[string]pyFacts {
	asked := map[string]string{}
	for _, c := range j.out.Changes {
		asked[c.Path] = files[c.Path]
	}
	facts, err := j.python.astImports(asked)
	if err != nil {
		j.fail("driver", "%v", err)
	}
	return facts
}
