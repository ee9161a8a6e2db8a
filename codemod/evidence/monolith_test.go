package evidence

import (
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/evidence/monolith"
)

// What the generator put into the large code base is what the plan finds,
// rewrites and reports: nothing is missed by the scan that decides what is
// read closely.
func TestMonolithIsRewrittenWhole(t *testing.T) {
	generated := monolith.Generate(monolith.Spec{Seed: 1, PythonOnly: true})
	tree := memory{}
	for _, path := range generated.Paths() {
		tree[path] = string(generated.Read(path))
	}
	result, err := codemod.Plan(t.Context(), tree, codemod.Rules{Facades: []string{monolith.Facade}, Effects: "ignore"}, codemod.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := generated.Stats
	forms, files := map[string]int{}, map[string]bool{}
	for _, c := range result.Changes {
		for _, n := range c.Names {
			forms[n.Form]++
			files[c.Path] = true
		}
	}
	for _, l := range result.Left {
		t.Errorf("%s:%d: %s.%s is left: %s", l.Path, l.Line, l.Facade, l.Name, l.Reason)
	}
	counts := []struct {
		what      string
		got, want int
	}{
		{"Python files", result.Files, want.Files},
		{"changed files", len(files), want.Consumers},
		{"names of from-imports", forms[codemod.FormFrom], want.References},
		{"attribute uses", forms[codemod.FormAttribute], want.Attributes},
		{"strings", forms[codemod.FormString], want.Patches},
		{"names of the facade", len(result.Facades[0].Names), want.FacadeNames},
	}
	for _, c := range counts {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
		}
	}
	accidental, clobbered := 0, 0
	for _, n := range result.Facades[0].Names {
		if n.Accidental {
			accidental++
		}
		if len(n.Losers) > 0 {
			clobbered++
		}
	}
	if accidental != want.Accidental || clobbered != want.Clobbered {
		t.Errorf("%d accidental and %d clobbered names, want %d and %d", accidental, clobbered, want.Accidental, want.Clobbered)
	}
}

// The rewritten code base is a program: every module of it binds what it
// bound.
func TestMonolithMeansTheSame(t *testing.T) {
	generated := monolith.Generate(monolith.Spec{Seed: 5, Files: 300, PythonOnly: true})
	p := &program{roots: []string{"src", ""}, facades: []string{monolith.Facade}, acyclic: true}
	for _, path := range generated.Paths() {
		st := stmt{text: string(generated.Read(path)), grows: true, vanish: []string{"models"}, refs: []ref{{}}}
		p.files = append(p.files, &pyModule{path: path, name: moduleOf(path, p.roots), body: []stmt{st}})
	}
	found, _ := p.try(startPython(t))
	for _, f := range found {
		t.Error(f)
	}
}
