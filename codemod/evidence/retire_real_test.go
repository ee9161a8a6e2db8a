package evidence

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// realEnding is a package facade of real code that ends.
type realEnding struct {
	base codeBase
	retire.Rules
	blockers []string // that the gate has to name, "KIND PATH"
	steps    []retire.Step
	registry string
}

var realEndings = []realEnding{
	{
		base: codeBases[0],
		Rules: retire.Rules{Facade: "sympy.sets", Roots: []string{"sympy"}, Moves: map[string]string{
			"Complexes": "sympy.sets.special", "EmptySet": "sympy.sets.special", "Integers": "sympy.sets.special", "Naturals": "sympy.sets.special",
			"Naturals0": "sympy.sets.special", "Rationals": "sympy.sets.special", "Reals": "sympy.sets.special", "UniversalSet": "sympy.sets.special",
		}},
		blockers: []string{"declared sympy/sets/__init__.py", "unregistered sympy/sets/handlers/comparison.py", "at-rest "},
		steps:    []retire.Step{retire.Move, retire.Register},
		registry: "sympy/sets/_registry.py",
	},
	{
		base:     codeBases[0],
		Rules:    retire.Rules{Facade: "sympy.physics.mechanics", Roots: []string{"sympy"}},
		blockers: []string{"at-rest "},
	},
	{
		base:     codeBases[1],
		Rules:    retire.Rules{Facade: "django.forms", Roots: []string{"django.core.wsgi", "django.core.management"}},
		blockers: []string{"effect-import django/contrib/postgres/forms/array.py", "unregistered django/templatetags/static.py", "at-rest "},
		steps:    []retire.Step{retire.Register},
		registry: "django/forms/_registry.py",
	},
}

// Facades of real packages end: the gate names what stands in the way, each step is proven, nothing is left to read from them, and every
// module that could be imported can be, with the same objects in it.
func TestRealFacadesEnd(t *testing.T) {
	for _, c := range realEndings {
		t.Run(c.Facade, func(t *testing.T) {
			before, e := c.end(t)
			if s := e.look(); len(s.Names) > 0 || s.Next != "" {
				t.Errorf("%d names are left, and the next step is %q", len(s.Names), s.Next)
			}
			c.base.compare(t, before, e.files, &codemod.Result{Changes: differing(before, e.files)})
		})
	}
}

// end carries the facade through all steps.
func (c realEnding) end(t *testing.T) (before memory, e *ending) {
	t.Helper()
	before = c.base.read(t)
	e = &ending{t: t, rules: codemod.Rules{SourceRoots: []string{""}}, Rules: c.Rules, files: before}
	e.namesBlockers(c.blockers)
	e.acknowledge(retire.AtRest)
	for _, step := range c.steps {
		if !e.do(step) {
			t.Errorf("%s changes nothing", step)
		}
	}
	result := codeBase{facades: []string{c.Facade}}.plan(t, e.files)
	after := maps.Clone(e.files)
	for _, change := range result.Changes {
		after[change.Path] = string(change.After)
	}
	e.files = after
	for _, step := range []retire.Step{retire.Explicit, retire.Narrow, retire.Retire} {
		for e.do(step) {
		}
	}
	return before, e
}

func (e *ending) namesBlockers(want []string) {
	e.t.Helper()
	named := map[string]bool{}
	for _, b := range e.look().Blockers {
		named[string(b.Kind)+" "+b.Path] = true
	}
	for _, w := range want {
		if !named[w] {
			e.t.Errorf("the gate does not name %s", w)
		}
	}
}

// differing are the Python files that one tree has as another has them not.
func differing(before, after memory) (changes []codemod.Change) {
	for _, path := range slices.Sorted(maps.Keys(after)) {
		if was, ok := before[path]; ok && was != after[path] && strings.HasSuffix(path, ".py") {
			changes = append(changes, codemod.Change{Path: path})
		}
	}
	return changes
}
