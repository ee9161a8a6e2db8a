package codemod

import (
	"path/filepath"
	"slices"
	"testing"
)

// covered are, for each form, the outcomes that a golden case has to show: that it is rewritten, and the reasons for which it is left.
// A reason that is missing cannot be that of the form: only a string has a callee, the module itself is no name.
var covered = map[string][]Reason{
	FormFrom: {"", RunsForEffect, LazyModules, ReplacedElsewhere, DeclaredInFacade, Ambiguous, Dynamic, OrderDependent, Unresolved, SyntaxError, ImportCycle, ModuleUsedAsValue, NameTaken,
		Excluded, TooLarge, ProofFailed},
	FormAttribute: {"", RunsForEffect, LazyModules, ReplacedElsewhere, DeclaredInFacade, Ambiguous, Dynamic, OrderDependent, Unresolved, ImportCycle, ModuleUsedAsValue, NameTaken,
		Excluded, TooLarge, ProofFailed},
	FormStar:   {"", RunsForEffect, StarReExported, Ambiguous, Dynamic, OrderDependent, Unresolved, ImportCycle, ModuleUsedAsValue, Excluded, TooLarge, ProofFailed},
	FormModule: {ModuleUsedAsValue, SyntaxError},
	FormString: {"", ReplacedElsewhere, DeclaredInFacade, Ambiguous, Dynamic, OrderDependent, Unresolved, ModuleUsedAsValue, UnknownCallable, Excluded, TooLarge},
}

// Every form and every reason has a golden case, and every pair of them that there can be.
func TestGoldenCoversFormsAndReasons(t *testing.T) {
	type outcome struct {
		form   string
		reason Reason
	}
	seen := map[outcome]bool{}
	paths, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		g := readGolden(t, path)
		res := g.plan(t, g.before)
		for _, c := range res.Changes {
			for _, n := range c.Names {
				seen[outcome{n.Form, ""}] = true
			}
		}
		for _, l := range res.Left {
			seen[outcome{l.Form, l.Reason}] = true
		}
	}
	reasons := map[Reason]bool{}
	for _, form := range Forms() {
		if len(covered[form]) == 0 {
			t.Errorf("nothing says what can become of %s", form)
		}
		for _, reason := range covered[form] {
			reasons[reason] = true
			if !seen[outcome{form, reason}] {
				t.Errorf("no golden case has a reference of form %s with reason %q", form, reason)
			}
		}
	}
	for _, r := range Reasons() {
		if !reasons[r] {
			t.Errorf("no form is left for the reason %s", r)
		}
	}
	for o := range seen {
		if !slices.Contains(covered[o.form], o.reason) {
			t.Errorf("a reference of form %s has the reason %q, which is not listed for it", o.form, o.reason)
		}
	}
}
