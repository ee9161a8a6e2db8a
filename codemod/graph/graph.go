// Package graph knows what importing a module executes, in which order, and
// whether a module is met half initialised on the way.
//
// The import system (language reference, "The import system") executes the
// packages above a module first, then the module's statements one by one; an
// import among them suspends it until the imported module has run. A module
// that is imported again while it is suspended has only the names that its
// statements have bound so far. Code in functions and under
// `if TYPE_CHECKING:` takes no part.
package graph

import (
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Graph is the modules of a tree with what each imports while it runs.
type Graph struct {
	index  *resolve.Index
	read   func(*resolve.Mod, *pyfile.Outline) *Part
	nodes  map[string]*Node
	files  []*file
	paths  map[string]*file // the same, by path
	order  []*Node          // by name
	rising []*Node          // each component behind those that it leads to, by name in it

	finding sync.Mutex // guards finding the components
	known   bool       // the components are those of the current edges
	fresh   bool       // runs, ends and Node.all are about the modules as they are
	told    bool       // and so are the outcomes of the last simulation

	importers map[*Node]int // how many edges lead to each; nil: not counted
	stamp     int           // of the last count
	stack     []*Node       // of the last count, for the next

	facts   Facts // what outlines do not say; nil: nothing does
	objects map[Object]*object
	guesses map[Object]*object
	watch   map[string]*Watch
	size    []int                   // of the components
	runs    map[int][]*run          // of the components of more than one module
	ends    map[settledName]*object // what names are bound to in the end
	asked   int                     // how many of these are being asked for
	// computing is what `__getattr__`s are being asked for.
	computing []settledName
	loops     int // how often a question led back to itself
}

// file is one file with the modules that it is.
type file struct {
	path    string
	place   int // in the index
	outline *pyfile.Outline
	nodes   []*Node
}

// script comes before the path in the name of a file that is no module, and
// can be run all the same.
const script = "!"

// ScriptPath returns the path of a file that is no module from its name in the
// graph.
func ScriptPath(name string) (path string, ok bool) { return strings.CutPrefix(name, script) }

// Node is one module.
type Node struct {
	Name string
	main string // of the names of its file, the one under the longest source root
	mod  *resolve.Mod
	also []*Node // modules whose names its `__getattr__` gave for its own
	*view
	all []string // every name that it may bind, once asked for

	simulated *view // as of the last simulation
	moved     bool  // a module that it names, or that is in it, has come or gone since then
	*outcome        // of that simulation

	scc, index, low int // strongly connected component; Tarjan's numbers
	open            bool
	stamp           int // last count that met the module
}

// view is what there is to see of a module.
type view struct {
	part    *Part // nil without an outline
	steps   []step
	out     []*Node // what it makes run: the package above it and imports
	tried   []span  // of these, imports that stand where an error may be caught
	width   int     // names of the steps
	watched *Watch  // unless the graph says otherwise

	names         *names         // what it binds by its outline, once asked for
	exact         *names         // and by all that is known, once that was asked for
	facts         *pyfile.Module // what the latter were read from; nil: the outline
	looked, known bool           // whether more is known was asked, and answered
}

// step is a statement, and the module that it names in this graph.
type step struct {
	*statement
	resolved *Node
	first    int // of its names among those of all steps
	in       arm // of a star import
}

// New builds the graph of the modules of an index. The outlines are those of
// the index's files, by place, and read is Read or something that remembers
// what Read returned.
func New(index *resolve.Index, outlines []*pyfile.Outline, read func(*resolve.Mod, *pyfile.Outline) *Part) *Graph {
	g := &Graph{
		read: read, nodes: make(map[string]*Node, index.Len()), paths: make(map[string]*file, index.Len()),
		objects: map[Object]*object{}, guesses: map[Object]*object{},
	}
	g.Update(index, outlines)
	return g
}

// Begin says who supplies what outlines do not say, from now on, and forgets
// what was watched. What was found out about modules stays as long as these
// facts, too, are what they were.
func (g *Graph) Begin(f Facts) {
	g.facts, g.watch = f, map[string]*Watch{}
	g.changed()
}

// Set gives the file at the path another outline.
func (g *Graph) Set(path string, o *pyfile.Outline) {
	f := g.paths[path]
	if f == nil || f.outline == o {
		return
	}
	f.outline = o
	for _, n := range f.nodes {
		g.fill(n, o)
		g.link(n)
	}
	g.changed()
}

// changed says that what was found out may hold no more.
func (g *Graph) changed() { g.fresh, g.told = false, false }

// Closure returns the names of the modules that importing one executes,
// itself among them, sorted; namespace packages run nothing and do not count.
func (g *Graph) Closure(module string) []string {
	if g.nodes[module] == nil {
		return nil
	}
	var out []string
	for n := range g.reached([]*Node{g.nodes[module]}) {
		if n.mod.Path != "" {
			out = append(out, n.Name)
		}
	}
	sort.Strings(out)
	return out
}

// Loads returns the names of the modules that are there once the file at a path
// has run, and further modules have been imported.
func (g *Graph) Loads(path string, further []string) map[string]bool {
	var start []*Node
	if f := g.paths[path]; f != nil {
		start = append(start, f.nodes...)
	}
	for _, module := range further {
		if n := g.nodes[module]; n != nil {
			start = append(start, n)
		}
	}
	out := map[string]bool{}
	for n := range g.reached(start) {
		out[n.Name] = true
	}
	return out
}

// reached returns the modules that importing some executes, themselves among
// them.
func (g *Graph) reached(start []*Node) map[*Node]bool {
	seen := map[*Node]bool{}
	stack := slices.Clone(start)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !seen[n] {
			seen[n] = true
			stack = append(stack, n.out...)
		}
	}
	return seen
}

// Count returns how many modules importing one executes, itself and the
// packages above it among them; namespace packages run nothing and do not
// count. It is 0 for a module that is not there.
func (g *Graph) Count(module string) (count int) {
	start := g.nodes[module]
	if start == nil {
		return 0
	}
	g.stamp++
	start.stamp = g.stamp
	stack := append(g.stack[:0], start)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n.mod.Path != "" {
			count++
		}
		for _, t := range n.out {
			if t.stamp != g.stamp {
				t.stamp = g.stamp
				stack = append(stack, t)
			}
		}
	}
	g.stack = stack
	return count
}

// Circles returns the paths of the modules in circles of which all that can be
// known is used.
func (g *Graph) Circles() (paths []string) {
	g.components()
	for _, n := range g.order {
		if size := g.size[n.scc]; size > 1 && size <= parsedCircle && n.mod.Path != "" {
			paths = append(paths, n.mod.Path)
		}
	}
	return paths
}

// Circular reports whether each of two modules leads to the other.
func (g *Graph) Circular(a, b string) bool {
	g.components()
	x, y := g.nodes[a], g.nodes[b]
	return x != nil && y != nil && x.scc == y.scc
}

// Reaches reports whether the statements of one module lead to the other: the
// packages that a module is in have run, or are running, before it is.
func (g *Graph) Reaches(from, to string) bool {
	start, goal := g.nodes[from], g.nodes[to]
	if start == nil || goal == nil {
		return false
	}
	g.components()
	if start.scc != goal.scc {
		return false
	}
	seen := map[*Node]bool{start: true}
	stack := []*Node{start}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, t := range n.out {
			for ; t != nil && !strings.HasPrefix(n.Name, t.Name+"."); t = g.above(t.Name) {
				if t == goal {
					return true
				}
				if !seen[t] {
					seen[t] = true
					stack = append(stack, t)
				}
			}
		}
	}
	return false
}

// components finds the strongly connected components by Tarjan's algorithm,
// without recursion: a chain of imports can be long.
//
// What asks whether one module reaches another may be many goroutines: the
// first of them finds the components, and the others wait for it.
func (g *Graph) components() {
	g.finding.Lock()
	defer g.finding.Unlock()
	if !g.fresh {
		g.fresh, g.runs, g.ends = true, map[int][]*run{}, map[settledName]*object{}
		for _, n := range g.order {
			n.all = nil
		}
	}
	if g.known {
		return
	}
	for _, n := range g.order {
		n.index, n.open = 0, false
	}
	var t tarjan
	for _, n := range g.order {
		if n.index == 0 {
			t.visit(n)
		}
	}
	g.size = make([]int, t.scc+1)
	for _, n := range g.order {
		g.size[n.scc]++
	}
	g.rising = slices.Clone(g.order)
	slices.SortStableFunc(g.rising, func(a, b *Node) int { return a.scc - b.scc })
	g.known, g.importers = true, nil
}

type tarjan struct {
	stack     []*Node
	next, scc int
}

type visitFrame struct {
	n    *Node
	edge int
}

func (t *tarjan) visit(root *Node) {
	work := []visitFrame{{n: root}}
	t.enter(root)
	for len(work) > 0 {
		f := &work[len(work)-1]
		if f.edge < len(f.n.out) {
			to := f.n.out[f.edge]
			f.edge++
			if to.index == 0 {
				t.enter(to)
				work = append(work, visitFrame{n: to})
			} else if to.open {
				f.n.low = min(f.n.low, to.index)
			}
			continue
		}
		n := f.n
		work = work[:len(work)-1]
		if len(work) > 0 {
			up := work[len(work)-1].n
			up.low = min(up.low, n.low)
		}
		if n.low == n.index {
			t.close(n)
		}
	}
}

func (t *tarjan) enter(n *Node) {
	t.next++
	n.index, n.low, n.open = t.next, t.next, true
	t.stack = append(t.stack, n)
}

// close pops the component whose first node is n.
func (t *tarjan) close(n *Node) {
	t.scc++
	for {
		m := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		m.open = false
		m.scc = t.scc
		if m == n {
			return
		}
	}
}
