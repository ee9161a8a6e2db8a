package evidence

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// gen builds a random program: homes, modules that pass names on, facades,
// then consumers. In an acyclic program each module imports only modules that
// were there before it.
type gen struct {
	r         *rand.Rand
	p         *program
	forms     []form
	kinds     []kind
	kind      string // that is being added
	tags      int
	root      string            // of the modules that are made
	own       string            // of those of the consumers
	extra     *rand.Rand        // draws what the rules and a layout add to a program
	valued    map[string]string // homes that are known of names that are hard to follow, by module.name
	known     map[string]*known
	order     []*known // modules that may be imported from, in order of creation
	facades   []string // planned, complete ones first
	done      int      // how many facades are complete
	consuming []*known // files that read facades
}

// known is what the generator knows of a module while it builds it.
type known struct {
	*pyModule
	bound  []string        // names that it binds, in order
	all    []string        // `__all__`, nil if it has none
	tuple  bool            // that is a tuple
	inside int             // index of the facade whose package it is in, -1: none
	aux    map[string]bool // helpers that were already imported
	// missing says that it imports Missing from a module that is not there,
	// in a branch that is not taken.
	missing bool
}

// public are the names that a star import of the module takes.
func (k *known) public() []string {
	if k.all != nil {
		return k.all
	}
	var names []string
	for _, name := range k.bound {
		if !strings.HasPrefix(name, "_") {
			names = append(names, name)
		}
	}
	return names
}

func (k *known) bind(names ...string) {
	for _, name := range names {
		if !slices.Contains(k.bound, name) {
			k.bound = append(k.bound, name)
		}
	}
}

// The vocabulary is small so that names meet.
var (
	classNames = strings.Fields("User Group Team Event Rule")
	otherNames = strings.Fields("load save find LIMIT DEFAULTS registry _hidden _State")
	homeNames  = strings.Fields("user group team base utils consts helpers event")
	hopNames   = strings.Fields("compat shortcuts common legacy types_")
	readNames  = strings.Fields("views tasks cli admin signals forms_ report")
)

// facadeSets are the facades of a program; each with the packages below which
// modules are put.
var facadeSets = []struct {
	facades []string // a trailing "/" says package
	homes   []string // packages of homes, "" is the top level
}{
	{[]string{"app.models/"}, []string{"app.models", "app.db", "lib"}},
	{[]string{"app.models/"}, []string{"app.models", "app.models.sub", ""}},
	{[]string{"app.api"}, []string{"app", "app.impl", "lib"}},
	{[]string{"lib/"}, []string{"lib", "lib.core", "app"}},
	{[]string{"shim"}, []string{"app", "", "lib.core"}},
	{[]string{"app.core.fields/"}, []string{"app.core.fields", "app.core", "lib"}},
	{[]string{"app.models/", "app.api"}, []string{"app.models", "app.db", "app"}},
	{[]string{"lib/", "app.models/"}, []string{"lib", "app.models", "app.db"}},
	{[]string{"lib.util/", "app.forms/", "shim"}, []string{"lib.util", "app.forms", "app.db", "lib"}},
}

// generate makes the program of a seed. Its forms are those that consumers
// may read in, its kinds what it may do besides.
func generate(seed uint64, forms []form, kinds []kind) *program {
	r := rand.New(rand.NewPCG(seed, 0x5eed))
	g := &gen{r: r, extra: rand.New(rand.NewPCG(seed, 0xe117a)), forms: forms, kinds: kinds, known: map[string]*known{}, valued: map[string]string{}, p: &program{seed: seed, acyclic: r.IntN(100) < 65}}
	g.layout()
	set := facadeSets[r.IntN(len(facadeSets))]
	for _, f := range set.facades {
		g.facades = append(g.facades, strings.TrimSuffix(f, "/"))
	}
	for i, f := range set.facades {
		g.providers(i, set.homes)
		g.facade(i, strings.HasSuffix(f, "/"))
	}
	g.p.facades = g.facades
	g.root = g.own
	g.consumers()
	g.kindly()
	g.packages()
	g.extras()
	return g.p
}

// layout draws the source roots.
func (g *gen) layout() {
	switch n := g.r.IntN(10); {
	case n < 6:
		g.p.roots = []string{""}
	case n < 8:
		g.p.roots, g.root = []string{"src"}, "src"
	default:
		g.p.roots, g.root = []string{"src", ""}, "src"
	}
	g.p.found = g.root == "" && g.r.IntN(2) == 0
	g.own = g.root
	if g.extra.IntN(100) < 12 {
		g.apart()
	}
}

// create adds a module below the main source root.
func (g *gen) create(name string, pkg bool) *known {
	path := strings.ReplaceAll(name, ".", "/")
	if pkg {
		path += "/__init__"
	}
	if g.root != "" {
		path = g.root + "/" + path
	}
	return g.createAt(path+".py", name)
}

func (g *gen) createAt(path, name string) *known {
	k := &known{pyModule: &pyModule{path: path, name: name}, inside: -1, aux: map[string]bool{}}
	for i, f := range g.facades {
		if name == f || strings.HasPrefix(name, f+".") {
			k.inside = i
		}
	}
	g.known[name] = k
	g.p.files = append(g.p.files, k.pyModule)
	return k
}

// free draws a module name that is not taken.
func (g *gen) free(pkg string, names []string) string {
	for i := 0; ; i++ {
		name := g.pick(names)
		if i > 8 {
			name += fmt.Sprint(i)
		}
		if pkg != "" {
			name = pkg + "." + name
		}
		if g.known[name] == nil && !slices.Contains(g.facades, name) {
			return name
		}
	}
}

// packages adds the `__init__.py` that are missing; some folders stay
// namespace packages.
func (g *gen) packages() {
	var missing []string
	for name := range g.known {
		for pkg := parentOf(name); pkg != "" && !strings.HasPrefix(name, "!"); pkg = parentOf(pkg) {
			if g.known[pkg] == nil && !slices.Contains(missing, pkg) {
				missing = append(missing, pkg)
			}
		}
	}
	slices.Sort(missing)
	for _, pkg := range missing {
		if pkg != "tests" && g.r.IntN(5) > 0 {
			g.root = g.rootOf(pkg)
			g.create(pkg, true)
		}
	}
}

func (g *gen) pick(from []string) string { return from[g.r.IntN(len(from))] }

// chance is true n times out of a hundred.
func (g *gen) chance(n int) bool { return g.r.IntN(100) < n }

// some draws up to n different names, at least one if there are any.
func (g *gen) some(from []string, n int) []string {
	if len(from) == 0 {
		return nil
	}
	from = slices.Clone(from)
	g.r.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
	return from[:1+g.r.IntN(min(n, len(from)))]
}

// tag is the mark of a new object that says where it is declared.
func (g *gen) tag(k *known, name string) string {
	g.tags++
	return fmt.Sprintf("%s:%s#%d", k.name, name, g.tags)
}

// spell is how module k spells another in a from-import: absolute or, where
// it can, relative.
func (g *gen) spell(k *known, target string) string {
	if k.isScript() || g.chance(45) {
		return target
	}
	return relative(k.pyModule, target)
}

// relative spells a module with leading dots, or as it is if it is in another
// top-level package.
func relative(m *pyModule, target string) string {
	pkg := m.dotted()
	if !m.isPackage() {
		pkg = parentOf(pkg)
	}
	for dots := "."; pkg != ""; dots, pkg = dots+".", parentOf(pkg) {
		if target == pkg {
			return dots
		}
		if rest, ok := strings.CutPrefix(target, pkg+"."); ok {
			return dots + rest
		}
	}
	return target
}
