package graph

import (
	"math"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Update makes it the graph of another index, or of other outlines. That costs
// little where they are mostly those of before.
func (g *Graph) Update(index *resolve.Index, outlines []*pyfile.Outline) {
	others := g.setModules(index)
	for _, f := range g.files {
		o := outlines[f.place]
		same := o == f.outline
		f.outline = o
		for _, n := range f.nodes {
			if !same || n.part == nil && o != nil {
				g.fill(n, o)
				g.link(n)
			}
		}
	}
	if len(others.names) > 0 {
		g.relink(&others)
	}
	g.changed()
}

// setModules makes the modules those of the index, and returns the names of
// those that came, went, or are another file.
func (g *Graph) setModules(index *resolve.Index) (others nameSet) {
	had := g.index
	g.index = index
	switch {
	case had == index:
		return others
	case had != nil:
		if modules, paths, ok := index.Since(had); ok {
			return g.exchange(modules, paths)
		}
	}
	clear(g.nodes)
	clear(g.paths)
	g.order, g.files = nil, nil
	var scripts []string
	for _, m := range index.Outside() {
		scripts = append(scripts, m.Path)
	}
	return g.exchange(index.Names(), scripts)
}

// exchange takes out the modules of these names, and the files at these paths
// that are none, and puts in those that the index has.
func (g *Graph) exchange(modules, paths []string) (others nameSet) {
	var news []*Node
	change := func(name string, m *resolve.Mod) {
		if n := g.nodes[name]; n != nil {
			g.remove(n)
			others.add(name)
		}
		if m != nil {
			news = append(news, g.add(name, m))
			others.add(name)
		}
	}
	for _, name := range modules {
		change(name, g.index.Module(name))
	}
	for _, path := range paths {
		if _, ok := g.index.Place(path); ok && g.index.File(path) == nil {
			change(script+path, &resolve.Mod{Path: path})
		} else {
			change(script+path, nil)
		}
	}
	g.order = slices.DeleteFunc(g.order, func(n *Node) bool { return g.nodes[n.Name] != n })
	g.order = append(g.order, news...)
	slices.SortFunc(g.order, func(a, b *Node) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range g.files {
		f.place, _ = g.index.Place(f.path)
	}
	g.known = false
	return others
}

func (g *Graph) add(name string, m *resolve.Mod) *Node {
	n := &Node{Name: name, main: name, mod: m, view: &view{}}
	if f := g.index.File(m.Path); f != nil {
		n.main = f.Name
	}
	g.nodes[name] = n
	if m.Path == "" {
		return n
	}
	f := g.paths[m.Path]
	if f == nil {
		f = &file{path: m.Path}
		g.paths[m.Path] = f
		g.files = append(g.files, f)
	}
	f.nodes = append(f.nodes, n)
	return n
}

// remove takes a module out, but not out of the order.
func (g *Graph) remove(n *Node) {
	delete(g.nodes, n.Name)
	f := g.paths[n.mod.Path]
	if f == nil {
		return
	}
	f.nodes = slices.DeleteFunc(f.nodes, func(m *Node) bool { return m == n })
	if len(f.nodes) == 0 {
		delete(g.paths, f.path)
		g.files = slices.DeleteFunc(g.files, func(other *file) bool { return other == f })
	}
}

// relink finds anew what those modules make run that name others which came or
// went, and marks what can bind something else because of these: packages that
// had or have them, and modules with a `__getattr__`, which may name any.
func (g *Graph) relink(others *nameSet) {
	var above nameSet // the modules that they are in
	for name := range others.names {
		if p := g.above(name); p != nil {
			p.moved = true
			above.add(p.Name)
		}
	}
	for _, n := range g.order {
		if others.has(n.Name) || others.hasAbove(n.Name) || n.imports(others, &above) {
			n.moved = g.link(n) || n.moved
		}
		n.moved = n.moved || n.names != nil && n.names.getattr < math.MaxInt32
	}
}

// imports reports whether the module's imports name one of the others. Above
// are the modules that these are in.
func (n *Node) imports(others, above *nameSet) bool {
	for i := range n.steps {
		switch s := &n.steps[i]; {
		case !s.from:
			if slices.ContainsFunc(s.names, func(name pyfile.Name) bool { return others.has(name.Name) }) {
				return true
			}
		case others.has(s.module) || above.has(s.module) && slices.ContainsFunc(s.subs, others.has):
			return true
		}
	}
	return false
}

// nameSet is a small set of names that many are looked up in: most of these
// are told apart by length and last letter already.
type nameSet struct {
	names map[string]bool
	tails [256]bool
}

func (s *nameSet) add(name string) {
	if s.names == nil {
		s.names = map[string]bool{}
	}
	s.names[name] = true
	s.tails[tail(name)] = true
}

// hasAbove reports whether the set has a package that a module is in.
func (s *nameSet) hasAbove(name string) bool {
	for name = parent(name); name != "" && !s.has(name); name = parent(name) {
	}
	return name != ""
}

func (s *nameSet) has(name string) bool { return s.tails[tail(name)] && s.names[name] }

func tail(name string) byte {
	if name == "" {
		return 0
	}
	return byte(31*len(name)) + name[len(name)-1]
}

// now is the outline that a file has, nil without one.
func (f *file) now() *pyfile.Outline {
	if f == nil {
		return nil
	}
	return f.outline
}

// fill reads a module's steps from its outline.
func (g *Graph) fill(n *Node, o *pyfile.Outline) {
	n.view = &view{out: n.out}
	if o == nil {
		return
	}
	n.part = g.read(n.mod, o)
	n.steps = make([]step, len(n.part.statements))
	for i := range n.part.statements {
		n.steps[i].statement, n.steps[i].first = &n.part.statements[i], n.width
		n.width += len(n.part.statements[i].names)
	}
}

// link finds the nodes that a module makes run, and reports whether they are
// others than before.
func (g *Graph) link(n *Node) (others bool) {
	had := n.out
	n.tried = nil
	n.out = make([]*Node, 0, max(len(had), len(n.steps)+1))
	if p := g.above(n.Name); p != nil {
		n.out = append(n.out, p)
	}
	for i := range n.steps {
		first := len(n.out)
		g.linkStep(n, &n.steps[i])
		if n.steps[i].soft {
			n.tried = append(n.tried, span{first, len(n.out)})
		}
	}
	if others = !slices.Equal(n.out, had); others {
		g.known = false
	}
	return others
}

func (g *Graph) linkStep(n *Node, s *step) {
	if s.lazy {
		s.resolved = g.nodes[s.module]
		return
	}
	if !s.from {
		for _, name := range s.names {
			if t := g.nodes[name.Name]; t != nil {
				n.out = append(n.out, t)
			}
		}
		return
	}
	s.resolved = g.nodes[s.module]
	if s.resolved == nil {
		return
	}
	n.out = append(n.out, s.resolved)
	if !s.resolved.mod.Package {
		return
	}
	for _, sub := range s.subs {
		if t := g.nodes[sub]; t != nil && t.mod.Path != "" {
			n.out = append(n.out, t)
		}
	}
}

// span is a part of a list.
type span struct{ first, end int }

// tries reports whether the statement that an edge comes from stands where an
// error may be caught.
func (n *Node) tries(edge int) bool {
	return slices.ContainsFunc(n.tried, func(s span) bool { return s.first <= edge && edge < s.end })
}

// above returns the package that a module is in. A folder without an
// `__init__.py` has a node under the longest source root only: what it is in
// counts for the others.
func (g *Graph) above(name string) *Node {
	for name = parent(name); name != ""; name = parent(name) {
		if p := g.nodes[name]; p != nil {
			return p
		}
	}
	return nil
}

// parent is the name of the package that a module is in, or "".
func parent(name string) string {
	if strings.HasPrefix(name, script) {
		return ""
	}
	return name[:max(0, strings.LastIndexByte(name, '.'))]
}
