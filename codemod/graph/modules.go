package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

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

// now is the outline that a file has, nil without one.
func (f *file) now() *pyfile.Outline {
	if f == nil {
		return nil
	}
	return f.outline
}

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
	n.out, n.tried = n.out[:0], nil
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
}

func (g *Graph) linkStep(n *Node, s *step) {
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
