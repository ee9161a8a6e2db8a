package codemod

import (
	"context"

	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// graphFacts tells the simulation of imports what outlines do not say.
type graphFacts struct{ *planner }

// parsedCircle is the size of a circle of imports up to which all its files
// are parsed. In a larger one only those are known that names were followed
// through, and of the others what their outlines say.
const parsedCircle = 200

// Bindings implements graph.Facts.
func (g graphFacts) Bindings(path string, o *pyfile.Outline, circle int) (m *pyfile.Module) {
	s := g.byPath[path]
	if s.outline == o {
		if _, parsed := g.modules.Load(path); parsed || circle > 0 && circle <= parsedCircle {
			return g.Module(path)
		}
		return nil
	}
	if c := g.changing[path]; c != nil && c.change != nil && c.outlineAfter == o && circle > 0 && circle <= parsedCircle {
		g.parser(func(ps *pyfile.Parser) { m, _ = ps.Module(context.Background(), c.change.After, o) })
	}
	return m
}

// All implements graph.Facts.
func (g graphFacts) All(module string) ([]string, bool) { return g.resolver.All(module) }

// Computed implements graph.Facts.
func (g graphFacts) Computed(module, name string) (graph.Object, bool) {
	res := g.resolver.Lookup(module, name, false)
	if res.Status != resolve.Found {
		return graph.Object{}, false
	}
	return graph.Object{Module: res.Home.Module, Name: res.Home.Attr}, true
}
