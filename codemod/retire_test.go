package codemod

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/txtar"

	"github.com/canonicalize/canonicalize/codemod/retire"
)

// retireCase is the file "rules" of a case: what the configuration says, and
// the steps to carry out one after the other, the first on the files of the
// case and each on what the one before left.
type retireCase struct {
	Facade       string                  `yaml:"facade"`
	Steps        []string                `yaml:"steps"`
	Names        []string                `yaml:"names"` // of a narrow step
	SourceRoots  []string                `yaml:"source_roots"`
	Exclude      []string                `yaml:"exclude"`
	Moves        map[string]string       `yaml:"moves"`
	Roots        []string                `yaml:"roots"`
	Effects      []string                `yaml:"effects"`
	NoEffects    []string                `yaml:"no_effects"`
	Registering  []string                `yaml:"registering"`
	Acknowledged []retireAcknowledgement `yaml:"acknowledged"`
	Deprecate    *struct {
		Category, Since, Remove string
	} `yaml:"deprecate"`
	Shell bool `yaml:"shell"`
	State bool `yaml:"state"` // the case says where the facade stands in the end
}

type retireAcknowledgement struct {
	Blocker, Path, Name, Line, Reason, By string
}

func (r retireCase) rules() retire.Rules {
	out := retire.Rules{Facade: r.Facade, Moves: r.Moves, Roots: r.Roots, Effects: r.Effects, NoEffects: r.NoEffects, Registering: r.Registering, Shell: r.Shell}
	for _, a := range r.Acknowledged {
		out.Acknowledged = append(out.Acknowledged, retire.Acknowledgement{Blocker: retire.Kind(a.Blocker), Path: a.Path, Name: a.Name, Line: a.Line, Reason: a.Reason, By: a.By})
	}
	if r.Deprecate != nil {
		out.Deprecation = retire.Deprecation{Category: r.Deprecate.Category, Since: r.Deprecate.Since, Remove: r.Deprecate.Remove}
	}
	return out
}

// TestRetire carries out the steps of each case below testdata/retire. Files
// below consumer/NAME/ are another repository. The wanted files are those that
// the steps change, "state" is what Retire says of the facade in the end, and
// "steps" what each step said.
func TestRetire(t *testing.T) {
	cases, err := filepath.Glob("testdata/retire/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { retireGolden(t, path) })
	}
}

func retireGolden(t *testing.T, path string) {
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var c retireCase
	before, others, want := texts{}, map[string]texts{}, map[string]string{}
	for _, f := range a.Files {
		switch {
		case f.Name == "rules":
			if err := yaml.Load(f.Data, &c, yaml.WithKnownFields()); err != nil {
				t.Fatal(err)
			}
		case f.Name == "state" || f.Name == "steps" || strings.HasPrefix(f.Name, "want/"):
			want[f.Name] = string(f.Data)
		case strings.HasPrefix(f.Name, "consumer/"):
			name, file, _ := strings.Cut(strings.TrimPrefix(f.Name, "consumer/"), "/")
			if others[name] == nil {
				others[name] = texts{}
			}
			others[name][file] = string(f.Data)
		default:
			before[f.Name] = string(f.Data)
		}
	}
	if len(bytes.TrimSpace(a.Comment)) == 0 {
		t.Error("the case does not say why it is there")
	}
	got := c.carryOut(t, before, others)
	if *update {
		a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { _, out := want[f.Name]; return out })
		for _, name := range slices.Sorted(maps.Keys(got)) {
			a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(got[name])})
		}
		if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if got[name] != want[name] {
			t.Errorf("%s is\n%s\nwant\n%s", name, got[name], want[name])
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
}

func (c retireCase) carryOut(t *testing.T, tree texts, others map[string]texts) map[string]string {
	out := map[string]string{}
	tree = maps.Clone(tree)
	options := RetireOptions{Facade: c.rules(), Names: c.Names}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		options.Consumers = append(options.Consumers, Consumer{Name: name, Tree: others[name]})
	}
	rules := Rules{SourceRoots: c.SourceRoots, Exclude: c.Exclude}
	for _, step := range c.Steps {
		options.Step = retire.Step(step)
		r, err := Retire(context.Background(), tree, rules, options)
		var notYet *retire.NotYetError
		var notProven *NotProvenError
		switch {
		case errors.As(err, &notYet), errors.As(err, &notProven):
			out["steps"] += err.Error() + "\n"
			continue
		case err != nil:
			t.Fatal(err)
		}
		out["steps"] += fmt.Sprintf("%s gone=%s %s\n", step, strings.Join(r.Result.Gone, ","), spellFigures(r.Figures))
		for _, refused := range r.Result.Refused {
			out["steps"] += fmt.Sprintf("  refused %s: %s\n", refused.Name, refused.Why)
		}
		for _, note := range r.Result.Notes {
			out["steps"] += "  note: " + note + "\n"
		}
		for _, f := range r.Result.Files {
			tree[f.Path], out["want/"+f.Path] = string(f.After), string(f.After)
		}
	}
	if c.State {
		options.Step = ""
		r, err := Retire(context.Background(), tree, rules, options)
		if err != nil {
			t.Fatal(err)
		}
		out["state"] = spellState(r.State)
	}
	return out
}

func spellFigures(all []Figure) string {
	var out []string
	for _, f := range all {
		out = append(out, fmt.Sprintf("%s %d->%d", f.Module, f.Before, f.After))
	}
	return strings.Join(out, ", ")
}

func spellState(s *retire.State) string {
	var b strings.Builder
	for _, n := range s.Names {
		fmt.Fprintf(&b, "%s %s %s readers=%d free=%v\n", n.Name, n.Kind, n.Home, n.Readers, n.Free)
	}
	for _, x := range s.Blockers {
		by := ""
		if x.By != nil {
			by = " acknowledged: " + x.By.Reason
		}
		fmt.Fprintf(&b, "%s %s:%d %s%s\n", x.Kind, strings.TrimPrefix(x.Repository+"/"+x.Path, "/"), x.Line, x.Name, by)
	}
	fmt.Fprintf(&b, "next: %s\n", s.Next)
	for _, st := range s.Steps {
		if st.Why != "" {
			fmt.Fprintf(&b, "not %s: %s\n", st.Step, st.Why)
		}
	}
	return b.String()
}
