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
	blockers []string  // that the gate has to name, "KIND PATH"
	byHand   [3]string // a path, what a person takes out of the file, and what takes its place
}

var realEndings = []realEnding{
	{
		base:     codeBases[1],
		Rules:    retire.Rules{Facade: "django.forms", Roots: []string{"django.core.wsgi", "django.core.management"}},
		blockers: []string{"effect-import django/contrib/postgres/forms/array.py", "read django/contrib/gis/forms/__init__.py", "at-rest "},
		byHand: [3]string{"django/contrib/gis/forms/__init__.py", "from django.forms import *  # NOQA\n", `from django.core.exceptions import ValidationError  # NOQA
from django.forms.boundfield import *  # NOQA
from django.forms.fields import *  # NOQA
from django.forms.forms import *  # NOQA
from django.forms.formsets import *  # NOQA
from django.forms.models import *  # NOQA
from django.forms.widgets import *  # NOQA
`},
	},
	{
		base: codeBases[0],
		Rules: retire.Rules{Facade: "sympy.sets", Roots: []string{"sympy"}, Moves: map[string]string{
			"Complexes": "sympy.sets.special", "EmptySet": "sympy.sets.special", "Integers": "sympy.sets.special", "Naturals": "sympy.sets.special",
			"Naturals0": "sympy.sets.special", "Rationals": "sympy.sets.special", "Reals": "sympy.sets.special", "UniversalSet": "sympy.sets.special",
		}},
		blockers: []string{"declared sympy/sets/__init__.py", "unregistered sympy/sets/handlers/comparison.py", "at-rest "},
	},
	{
		base:     codeBases[0],
		Rules:    retire.Rules{Facade: "sympy.physics.mechanics", Roots: []string{"sympy"}},
		blockers: []string{"at-rest "},
	},
}

// Facades of real packages end: the gate names what stands in the way, each step is proven, nothing is left to read from them, and every
// module that could be imported can be, with the same objects in it.
func TestRealFacadesEnd(t *testing.T) {
	for i, c := range realEndings {
		if i > 0 && !*long {
			break // what sympy takes is a minute of a processor for each
		}
		t.Run(c.Facade, func(t *testing.T) {
			before, e := c.end(t)
			if s := e.look(); len(s.Names) > 0 || s.Next != "" {
				t.Errorf("%d names are left, and the next step is %q", len(s.Names), s.Next)
			}
			changes := slices.DeleteFunc(differing(before, e.files), func(c codemod.Change) bool { return c.Path == e.look().Path })
			c.base.compare(t, before, e.files, &codemod.Result{Changes: changes})
		})
	}
}

// end carries the facade through all steps.
func (c realEnding) end(t *testing.T) (before memory, e *ending) {
	t.Helper()
	before = c.base.read(t)
	e = &ending{t: t, rules: codemod.Rules{SourceRoots: []string{""}}, Rules: c.Rules, files: before}
	named := e.blockers()
	if len(c.Moves) > 0 && !e.do(retire.Move) {
		t.Error("nothing moves")
	}
	result := codeBase{facades: []string{c.Facade}}.plan(t, e.files)
	after := maps.Clone(e.files)
	for _, change := range result.Changes {
		after[change.Path] = string(change.After)
	}
	e.files = after
	named = append(named, e.blockers()...)
	for _, want := range c.blockers {
		if !slices.Contains(named, want) {
			t.Errorf("the gate does not name %s", want)
		}
	}
	if path := c.byHand[0]; path != "" {
		e.files[path] = strings.Replace(e.files[path], c.byHand[1], c.byHand[2], 1)
	}
	e.acknowledge(retire.AtRest)
	for _, step := range []retire.Step{retire.Register, retire.Explicit, retire.Narrow, retire.Retire} {
		for e.do(step) {
		}
	}
	return before, e
}

// blockers are what the gate names, "KIND PATH".
func (e *ending) blockers() (named []string) {
	for _, b := range e.look().Blockers {
		named = append(named, string(b.Kind)+" "+b.Path)
	}
	return named
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
