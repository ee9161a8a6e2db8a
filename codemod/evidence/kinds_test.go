package evidence

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// kind is something that real programs do with a facade beyond reading names
// of it in the ordinary ways.
type kind struct {
	name  string
	since int // minor version of Python 3 that has the syntax; 0 if the oldest that judges has it
	// write adds the kind to a program: readings by file c of names of facade f.
	write func(g *gen, c, f *known, names []string)
}

// allKinds are the kinds, as they are described in the files of this package.
func allKinds() []kind {
	return slices.Concat(patchKinds(), branchKinds(), starKinds(), frameworkKinds(), effectKinds(), computedKinds(), oddKinds(), syntaxKinds())
}

// kindsLike are the kinds whose name matches and that a version of Python has.
func kindsLike(name string, python int) []kind {
	match := regexp.MustCompile(name)
	return slices.DeleteFunc(allKinds(), func(k kind) bool {
		return k.since > python || !match.MatchString(k.name) || name == "" && unmended.MatchString(k.name)
	})
}

// kindly adds one or two kinds to most programs.
func (g *gen) kindly() {
	if len(g.kinds) == 0 {
		return
	}
	for n := g.r.IntN(8); n > 1; n -= 4 {
		k := g.kinds[g.r.IntN(len(g.kinds))]
		f := g.known[g.pick(g.facades)]
		if names := g.readable(f); len(names) > 0 {
			g.kind = k.name
			k.write(g, g.reading(f), f, g.some(names, 3))
			g.kind = ""
		}
	}
}

// readable are the names that a consumer can read through a facade.
func (g *gen) readable(f *known) []string {
	names := named(f.bound)
	for _, name := range classNames {
		if f.aux["Lazy"+name] {
			names = append(names, "Lazy"+name)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return g.known[f.name+"."+name] != nil })
}

// reading is a module that may read a facade: one that is there, or a new one.
func (g *gen) reading(f *known) *known {
	var there []*known
	for _, c := range g.consuming {
		if c.name != f.name && !c.isScript() && !c.isStub() {
			there = append(there, c)
		}
	}
	if len(there) > 0 && g.chance(50) {
		return there[g.r.IntN(len(there))]
	}
	return g.create(g.free(g.pick(g.places()), readNames), false)
}

// testing is a new module of tests. It does not run where modules are imported
// but where it is asked to.
func (g *gen) testing() *known {
	place := "tests"
	if !slices.Contains(g.p.roots, "") {
		place = g.places()[0]
	}
	return g.consumerIn(place, g.free(place, testNames))
}

var testNames = strings.Fields("test_views test_tasks test_models test_api")

// consumerIn creates a module, below the root of the tree if it is a test.
func (g *gen) consumerIn(place, name string) *known {
	if place == "tests" {
		return g.createAt(strings.ReplaceAll(name, ".", "/")+".py", name)
	}
	return g.create(name, false)
}

// fill writes a template of a kind: FACADE, PARENT, LAST, NAME (the first
// name), NAMES, and PROBE and N, which are new in every statement.
func (g *gen) fill(template string, f *known, names []string) string {
	parent, last := parentOf(f.name), f.name[strings.LastIndexByte(f.name, '.')+1:]
	probe := g.probe()
	return strings.NewReplacer("FACADE", f.name, "PARENT", parent, "LAST", last, "NAMES", strings.Join(names, ", "), "NAME", names[0],
		"PROBE", probe, "TEST", "test"+probe[5:], "N__", probe[6:]).Replace(template)
}

// written is a kind that adds one statement to a file, from one of the
// templates.
func written(name string, since int, template string, more ...string) kind {
	return kind{name, since, func(g *gen, c, f *known, names []string) {
		text := g.pick(append([]string{template}, more...))
		if strings.Contains(text, "PARENT") && parentOf(f.name) == "" {
			return
		}
		refs := refsTo("attribute", f, names)
		g.append(c, stmt{text: g.fill(text, f, names), vanish: moduleNames(f), grows: true, refs: refs, replaces: mayStay.MatchString(text)})
	}}
}

// mayStay matches what may stay as it is: a value that a pattern compares with,
// an expression whose text a string keeps, a name beside one that is not there.
var mayStay = regexp.MustCompile(`case m\.|\br?t["']|absent`)

// moduleNames are the names that a module import of a facade may bind, which
// go with it.
func moduleNames(f *known) []string {
	top, _, _ := strings.Cut(f.name, ".")
	return []string{top, f.name[strings.LastIndexByte(f.name, '.')+1:], "m"}
}

// importing are the ways in which a module comes under a name, with that name.
func (g *gen) importing(f *known) (text, as string) {
	parent, last := parentOf(f.name), f.name[strings.LastIndexByte(f.name, '.')+1:]
	switch n := g.r.IntN(4); {
	case n == 0:
		return "import " + f.name, f.name
	case n == 1 || parent == "":
		return fmt.Sprintf("import %s as m", f.name), "m"
	case n == 2:
		return fmt.Sprintf("from %s import %s", parent, last), last
	}
	return fmt.Sprintf("from %s import %s as m", parent, last), "m"
}

// kindsLine says which kinds a program has, and what is replaced in it.
func (p *program) kindsLine() string {
	var replaced []string
	for _, r := range p.replacing() {
		replaced = append(replaced, r.facade+"."+r.name)
	}
	return fmt.Sprintf("Kinds: %s; replaced: %s.", strings.Join(p.kinds(), " "), strings.Join(replaced, " "))
}

// kinds are those that are left in a program.
func (p *program) kinds() []string {
	names := slices.Clone(p.kindsRead)
	for _, f := range p.files {
		for _, st := range f.body {
			if st.kind != "" && !slices.Contains(names, st.kind) {
				names = append(names, st.kind)
			}
		}
	}
	return names
}

// replacing are the names of facades that statements of the program replace,
// or read while something does: what belongs together may stay.
func (p *program) replacing() []ref {
	refs := slices.Clone(p.replaced)
	for _, f := range p.files {
		for _, st := range f.body {
			for _, r := range st.refs {
				r.form = ""
				if st.replaces && !slices.Contains(refs, r) {
					refs = append(refs, r)
				}
			}
		}
	}
	return refs
}
