package importgraph

import (
	"slices"
	"sort"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Module is one module of a tree.
type Module struct {
	Name    string // dotted; of a file that is no module, its path
	Path    string
	Imports []Import // in the order of the text
}

// Import is one import statement of a module.
type Import struct {
	Line     int      // from 1
	Runs     []string // modules that it names, in order; the packages above them are understood
	Deferred bool     // it stands in a function, and runs when that is called
}

// Graph is the modules of a tree with what each makes run. It is not modified,
// and safe for concurrent use.
type Graph struct {
	nodes []node
	ids   map[string]int
	paths map[string]int
}

// node is a module; one of another tree has no path, and runs nothing that is
// known here.
type node struct {
	name, path string
	above      []int // packages that it is in, outermost first
	statements []statement
}

// statement is an import that runs with its module, or when a function of it
// does.
type statement struct {
	line     int
	deferred bool
	runs     []int
}

// New makes the graph of the modules of a tree. Where several have the path of
// one file, the first is its module, and the others are names by which it can
// be imported, too. What is imported from outside of the tree is part of the
// graph, and counts for nothing.
func New(modules []Module) *Graph {
	g := &Graph{ids: make(map[string]int, len(modules)), paths: make(map[string]int, len(modules))}
	tops := map[string]bool{}
	for _, m := range modules {
		if _, twice := g.ids[m.Name]; twice {
			continue
		}
		g.ids[m.Name] = len(g.nodes)
		if _, known := g.paths[m.Path]; !known {
			g.paths[m.Path] = len(g.nodes)
		}
		g.nodes = append(g.nodes, node{name: m.Name, path: m.Path})
		tops[top(m.Name)] = true
	}
	for _, m := range modules {
		n := g.ids[m.Name]
		if g.nodes[n].statements != nil || g.nodes[n].above != nil {
			continue
		}
		g.nodes[n].above = g.packages(m.Name, tops)
		statements := make([]statement, len(m.Imports))
		for i, imp := range m.Imports {
			statements[i] = statement{imp.Line, imp.Deferred, g.targets(imp.Runs, tops)}
		}
		g.nodes[n].statements = statements
	}
	return g
}

// targets returns what a statement makes run, each module once.
func (g *Graph) targets(names []string, tops map[string]bool) (out []int) {
	for _, name := range names {
		for _, n := range g.packages(name+".", tops) {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// packages returns the modules whose names a dotted name begins with, without
// that name itself. Of what is outside of the tree, each is a module.
func (g *Graph) packages(name string, tops map[string]bool) (out []int) {
	for end := range len(name) {
		if name[end] != '.' {
			continue
		}
		n, known := g.ids[name[:end]]
		if !known && tops[top(name)] {
			continue // a folder without an `__init__.py`
		}
		if !known {
			n = len(g.nodes)
			g.ids[name[:end]] = n
			g.nodes = append(g.nodes, node{name: name[:end]})
		}
		out = append(out, n)
	}
	return out
}

func top(name string) string {
	if at := strings.IndexByte(name, '.'); at >= 0 && !strings.Contains(name, "/") {
		return name[:at]
	}
	return name
}

// Find returns the name of the module that is called so, or whose file has
// that path; "" if there is none.
func (g *Graph) Find(nameOrPath string) string {
	if _, ok := g.ids[nameOrPath]; ok {
		return nameOrPath
	}
	if n, ok := g.paths[nameOrPath]; ok {
		return g.nodes[n].name
	}
	return ""
}

// Near returns up to three modules of the tree whose names are like one that
// is not there.
func (g *Graph) Near(name string) (near []string) {
	distance := map[string]int{}
	for i := range g.nodes {
		other := g.nodes[i].name
		d := levenshtein.ComputeDistance(name, other)
		if d <= max(2, len(name)/4) || strings.HasSuffix(other, "."+name) {
			distance[other] = d
			near = append(near, other)
		}
	}
	sort.Slice(near, func(i, j int) bool {
		a, b := distance[near[i]], distance[near[j]]
		return a < b || a == b && near[i] < near[j]
	})
	return near[:min(len(near), 3)]
}

// main reports whether a node is the module of a file.
func (g *Graph) main(n int) bool { return g.nodes[n].path != "" && g.paths[g.nodes[n].path] == n }

// Modules returns the names of the modules of the tree, one for each file,
// sorted.
func (g *Graph) Modules() (names []string) {
	for i := range g.nodes {
		if g.main(i) {
			names = append(names, g.nodes[i].name)
		}
	}
	sort.Strings(names)
	return names
}

// Path returns the path of a module's file, "" for one outside of the tree.
func (g *Graph) Path(module string) string {
	if n, ok := g.ids[module]; ok {
		return g.nodes[n].path
	}
	return ""
}

// Closure returns the modules of the tree that importing one executes, itself
// and the packages above it among them, sorted; nil if it is not there.
func (g *Graph) Closure(module string) (names []string) {
	n, ok := g.ids[module]
	if !ok {
		return nil
	}
	for m := range g.reached([]int{n}, false) {
		if g.nodes[m].path != "" {
			names = append(names, g.nodes[m].name)
		}
	}
	sort.Strings(names)
	return names
}

// reached returns what runs once some modules are imported. Deferred says that
// imports in functions count too.
func (g *Graph) reached(start []int, deferred bool) map[int]bool {
	seen := map[int]bool{}
	stack := slices.Clone(start)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		stack = append(stack, g.nodes[n].above...)
		for _, s := range g.nodes[n].statements {
			if deferred || !s.deferred {
				stack = append(stack, s.runs...)
			}
		}
	}
	return seen
}

// Without returns the graph in which some modules import nothing when they are
// imported: facades that are retired. Imports in their functions stay.
func (g *Graph) Without(modules ...string) *Graph {
	out := &Graph{nodes: slices.Clone(g.nodes), ids: g.ids, paths: g.paths}
	for _, name := range modules {
		if n, ok := g.ids[name]; ok {
			out.nodes[n].statements = slices.DeleteFunc(slices.Clone(g.nodes[n].statements), func(s statement) bool { return !s.deferred })
		}
	}
	return out
}

// next returns what a module makes run by its own statements, in order, each
// once, and the lines of these.
func (g *Graph) next(n int) (targets []int, lines map[int][]int) {
	lines = map[int][]int{}
	for _, s := range g.nodes[n].statements {
		if s.deferred {
			continue
		}
		for _, m := range s.runs {
			if lines[m] == nil {
				targets = append(targets, m)
			}
			lines[m] = append(lines[m], s.line)
		}
	}
	return targets, lines
}
