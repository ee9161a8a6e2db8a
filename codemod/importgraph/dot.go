package importgraph

import (
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
)

// WriteDOT writes what importing a module executes in Graphviz's language: an
// edge for each module that a statement names, with its lines. What is not
// executed any more in the retired graph is grey, and its edges are dashed.
func WriteDOT(w io.Writer, now, retired *Graph, module string) error {
	stays := map[string]bool{}
	for _, name := range retired.Closure(module) {
		stays[name] = true
	}
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %q {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fillcolor=\"#eef4ff\", color=\"#4a6fa5\", fontname=\"Helvetica\"];\n", module)
	b.WriteString("  edge [color=\"#4a6fa5\", fontname=\"Helvetica\", fontsize=9];\n")
	closure := now.Closure(module)
	for _, name := range closure {
		attributes := ""
		if !stays[name] {
			attributes = ` [fillcolor="#f3f3f3", color="#999999", fontcolor="#777777"]`
		}
		fmt.Fprintf(&b, "  %q%s;\n", name, attributes)
	}
	for _, name := range closure {
		now.writeEdges(&b, name, retired)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (g *Graph) writeEdges(b *strings.Builder, module string, retired *Graph) {
	n := g.ids[module]
	targets, lines := g.next(n)
	sort.Slice(targets, func(i, j int) bool { return g.nodes[targets[i]].name < g.nodes[targets[j]].name })
	for _, m := range targets {
		if g.nodes[m].path == "" || m == n {
			continue
		}
		label := make([]string, len(lines[m]))
		for i, line := range lines[m] {
			label[i] = fmt.Sprint(line)
		}
		style := ""
		if !retired.names(module, g.nodes[m].name) {
			style = `, style=dashed, color="#999999"`
		}
		fmt.Fprintf(b, "  %q -> %q [label=%q%s];\n", module, g.nodes[m].name, strings.Join(label, " "), style)
	}
}

// names reports whether a module's own statements make another run.
func (g *Graph) names(module, other string) bool {
	n, ok := g.ids[module]
	m, there := g.ids[other]
	if !ok || !there {
		return false
	}
	return slices.ContainsFunc(g.nodes[n].statements, func(s statement) bool { return !s.deferred && slices.Contains(s.runs, m) })
}
