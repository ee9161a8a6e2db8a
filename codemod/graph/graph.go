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
	"cmp"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Graph is the modules of a tree with what each imports while it runs.
type Graph struct {
	index *resolve.Index
	read  func(*resolve.Mod, *pyfile.Outline) *Part
	nodes map[string]*Node
	files []*file
	paths map[string]*file // the same, by path
	order []*Node          // by name
	known bool             // the components are those of the current edges

	last      *entering     // the last simulation, while the edges are the same
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
	Name  string
	main  string // of the names of its file, the one under the longest source root
	mod   *resolve.Mod
	part  *Part // nil without an outline
	steps []step
	// filled says that the steps were read from an outline.
	filled bool
	width  int      // names of the steps
	out    []*Node  // what it makes run: the package above it and imports
	names  *names   // what it binds, once asked for
	exact  bool     // the names are more than the outline says
	all    []string // every name that it may bind, once asked for

	watched *Watch // unless the graph says otherwise

	scc, index, low int // strongly connected component; Tarjan's numbers
	open            bool
	stamp           int // last count that met the module
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
	g := &Graph{read: read, objects: map[Object]*object{}, guesses: map[Object]*object{}}
	g.Update(index, outlines)
	return g
}

// Update makes it the graph of another index, or of other outlines. That costs
// little where they are mostly those of before.
func (g *Graph) Update(index *resolve.Index, outlines []*pyfile.Outline) {
	anew := !g.holds(index)
	switch {
	case anew:
		g.setModules(index)
	case g.index != index:
		g.setPlaces(index)
	}
	g.index = index
	for _, f := range g.files {
		o := outlines[f.place]
		same := o == f.outline
		f.outline = o
		for _, n := range f.nodes {
			if !same || !n.filled {
				g.fill(n, o)
				if !anew {
					g.link(n)
				}
			}
		}
		if !same {
			g.forget()
		}
	}
	if anew {
		for _, n := range g.order {
			g.link(n)
		}
		g.forget()
	}
}

// holds reports whether the modules are those of the index.
func (g *Graph) holds(index *resolve.Index) bool {
	if g.index == index {
		return true
	}
	if len(g.order) != index.Len()+len(index.Outside()) {
		return false
	}
	for _, n := range g.order {
		if n.mod.Name == "" {
			continue
		}
		if m := index.Module(n.Name); m == nil || *m != *n.mod {
			return false
		}
	}
	for _, m := range index.Outside() {
		if g.nodes[script+m.Path] == nil {
			return false
		}
	}
	return true
}

// setModules makes the modules those of the index, and keeps the nodes of
// those that it had.
func (g *Graph) setModules(index *resolve.Index) {
	had, hadFile := g.nodes, g.paths
	g.nodes, g.paths = make(map[string]*Node, index.Len()), make(map[string]*file, index.Len())
	g.order, g.files = g.order[:0], g.files[:0]
	for _, name := range index.Names() {
		m := index.Module(name)
		n := had[name]
		if n == nil || *n.mod != *m {
			n = &Node{Name: name, mod: m}
		}
		n.main = name
		if f := index.File(m.Path); f != nil {
			n.main = f.Name
		}
		g.nodes[name] = n
		g.order = append(g.order, n)
		if m.Path != "" && !m.Stub {
			f := g.paths[m.Path]
			if f == nil {
				f = &file{path: m.Path, outline: hadFile[m.Path].now()}
				g.paths[m.Path] = f
				g.files = append(g.files, f)
			}
			f.nodes = append(f.nodes, n)
		}
	}
	for _, m := range index.Outside() {
		n := cmp.Or(had[script+m.Path], &Node{Name: script + m.Path, main: script + m.Path, mod: m})
		g.nodes[n.Name] = n
		g.order = append(g.order, n)
		f := &file{path: m.Path, outline: hadFile[m.Path].now(), nodes: []*Node{n}}
		g.paths[m.Path] = f
		g.files = append(g.files, f)
	}
	g.setPlaces(index)
}

// setPlaces takes over the places of another index of the same modules.
func (g *Graph) setPlaces(index *resolve.Index) {
	for _, f := range g.files {
		f.place, _ = index.Place(f.path)
	}
}

// now is the outline that a file has, nil without one.
func (f *file) now() *pyfile.Outline {
	if f == nil {
		return nil
	}
	return f.outline
}

// Begin says who supplies what outlines do not say, from now on, and forgets
// what was watched.
func (g *Graph) Begin(f Facts) {
	g.facts, g.watch = f, map[string]*Watch{}
	for _, n := range g.order {
		n.names, n.exact, n.all = nil, false, nil
	}
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
	g.forget()
}

// forget drops what was found out about the edges as they were.
func (g *Graph) forget() { g.known, g.last, g.importers = false, nil, nil }

// fill reads a module's steps from its outline.
func (g *Graph) fill(n *Node, o *pyfile.Outline) {
	n.part, n.steps, n.width, n.names, n.exact, n.watched, n.filled = nil, nil, 0, nil, false, nil, true
	if o == nil {
		return
	}
	part := g.read(n.mod, o)
	n.part = part
	n.steps = make([]step, len(part.statements))
	for i := range part.statements {
		n.steps[i].statement, n.steps[i].first = &part.statements[i], n.width
		n.width += len(part.statements[i].names)
	}
}

// link finds the nodes that a module makes run.
func (g *Graph) link(n *Node) {
	n.out = n.out[:0]
	if p := g.above(n.Name); p != nil {
		n.out = append(n.out, p)
	}
	for i := range n.steps {
		s := &n.steps[i]
		if !s.from {
			for _, name := range s.names {
				if t := g.nodes[name.Name]; t != nil {
					n.out = append(n.out, t)
				}
			}
			continue
		}
		s.resolved = g.nodes[s.module]
		if s.resolved == nil {
			continue
		}
		n.out = append(n.out, s.resolved)
		if !s.resolved.mod.Package {
			continue
		}
		for _, sub := range s.subs {
			if t := g.nodes[sub]; t != nil && t.mod.Path != "" {
				n.out = append(n.out, t)
			}
		}
	}
}

// above returns the package that a module is in.
func (g *Graph) above(name string) *Node {
	if strings.HasPrefix(name, script) {
		return nil
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return g.nodes[name[:i]]
	}
	return nil
}

// Closure returns the names of the modules that importing one executes,
// itself among them, sorted; namespace packages run nothing and do not count.
func (g *Graph) Closure(module string) []string {
	start := g.nodes[module]
	if start == nil {
		return nil
	}
	seen := map[*Node]bool{start: true}
	stack := []*Node{start}
	var out []string
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n.mod.Path != "" {
			out = append(out, n.Name)
		}
		for _, t := range n.out {
			if !seen[t] {
				seen[t] = true
				stack = append(stack, t)
			}
		}
	}
	sort.Strings(out)
	return out
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
func (g *Graph) components() {
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
	for _, n := range g.order {
		n.all = nil
	}
	g.known, g.runs, g.ends = true, map[int][]*run{}, map[settledName]*object{}
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
