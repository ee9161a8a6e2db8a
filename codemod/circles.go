package codemod

import (
	"context"

	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// graphFacts tells the simulation of imports what outlines do not say.
type graphFacts struct{ *planner }

// parsedCircle is the size of a circle of imports up to which all its files
// are parsed. In a larger one only those are known that names were followed
// through, and of the others what their outlines say.
const parsedCircle = 200

// Bindings implements graph.Facts. A file is known as well after its change as
// before: what only one of them says is no difference.
func (g graphFacts) Bindings(path string, o *pyfile.Outline, circle int) (m *pyfile.Module) {
	wanted := circle > 0 && circle <= parsedCircle
	if g.source(path).outline == o {
		if _, parsed := g.modules.Load(path); parsed && g.changing == nil || wanted {
			g.exact[path] = true
		}
		if !g.exact[path] {
			return nil
		}
		return g.Module(path)
	}
	if c := g.changing[path]; c != nil && c.change != nil && c.outlineAfter == o && (wanted || g.exact[path]) {
		g.parser(func(ps *pyfile.Parser) { m, _ = ps.Module(context.Background(), c.change.After, o) })
	}
	return m
}

// All implements graph.Facts.
func (g graphFacts) All(module string) ([]string, bool) { return g.resolver.All(module) }

// Computed implements graph.Facts.
func (g graphFacts) Computed(module, name string) (o graph.Object, there, known bool) {
	m := g.index.Module(module)
	facts := g.Module(m.Path)
	if facts == nil || facts.Table == nil {
		return graph.Object{}, false, false
	}
	entry, there := facts.Table[name]
	if !there {
		return graph.Object{}, false, true
	}
	module, attr, ok := g.resolver.Entry(m, entry, name)
	return graph.Object{Module: module, Name: attr}, ok, ok
}
