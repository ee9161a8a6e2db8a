package evidence

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// ending is a facade on its way out of a tree.
type ending struct {
	t     *testing.T
	rules codemod.Rules
	retire.Rules
	files memory
}

// look says where the facade stands.
func (e *ending) look() *retire.State {
	e.t.Helper()
	r, err := codemod.Retire(context.Background(), e.files, e.rules, codemod.RetireOptions{Facade: e.Rules})
	if err != nil {
		e.t.Fatalf("look at %s: %v", e.Facade, err)
	}
	return r.State
}

// do carries a step out, and reports whether there was anything to do.
func (e *ending) do(step retire.Step) bool {
	e.t.Helper()
	r, err := codemod.Retire(context.Background(), e.files, e.rules, codemod.RetireOptions{Facade: e.Rules, Step: step})
	if err != nil {
		for _, b := range e.open(step) {
			e.t.Logf("%s %s:%d %s %s", b.Kind, b.Path, b.Line, b.Name, b.Detail)
		}
		e.t.Fatalf("%s of %s: %v", step, e.Facade, err)
	}
	for _, refused := range r.Result.Refused {
		e.t.Logf("%s refuses %s: %s", step, refused.Name, refused.Why)
	}
	after := maps.Clone(e.files)
	for _, f := range r.Result.Files {
		after[f.Path] = string(f.After)
	}
	e.files = after
	return len(r.Result.Files) > 0
}

// acknowledge says of each blocker of a kind that it is as it should be.
func (e *ending) acknowledge(kinds ...retire.Kind) {
	for _, b := range e.look().Blockers {
		for _, kind := range kinds {
			if b.Kind == kind && b.By == nil {
				e.Acknowledged = append(e.Acknowledged, retire.Acknowledgement{Blocker: b.Kind, Path: b.Path, Name: b.Name, Line: b.Text, Reason: "checked", By: "somebody"})
			}
		}
	}
}

// open are the blockers that nobody has acknowledged.
func (e *ending) open(step retire.Step) (out []retire.Blocker) {
	for _, b := range e.look().Blockers {
		if b.By == nil && b.Blocks(step) {
			out = append(out, b)
		}
	}
	return out
}

// askPython runs python3 and reads the JSON that it prints.
func askPython(t *testing.T, answer any, args ...string) {
	t.Helper()
	cmd := exec.Command("python3", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3 %v: %v: %s", args, err, out)
	}
	if err := json.Unmarshal(out, answer); err != nil {
		t.Fatalf("python3 %v: %v: %s", args, err, out)
	}
}
