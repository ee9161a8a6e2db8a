package codemod

import (
	"bytes"
	"encoding/json"
	"testing"
)

// Every left reference is a result whose rule exists, at its place, with a
// fingerprint of its own that survives a move.
func TestWriteSARIF(t *testing.T) {
	res := &Result{Left: []Left{
		{Path: "app/a b.py", Line: 3, Column: 5, Facade: "app.models", Name: "User", Reason: Ambiguous, Detail: "Name it."},
		{Path: "app/a b.py", Line: 9, Column: 5, Facade: "app.models", Name: "User", Reason: Ambiguous, Detail: "Name it."},
		{Path: "z.py", Line: 1, Column: 1, Facade: "app.models", Name: "app.models", Reason: ProofFailed, Detail: "Tell us."},
	}}
	first := sarifOfResult(t, res)
	run := first.Runs[0]
	if len(run.Results) != len(res.Left) {
		t.Fatalf("%d results for %d left references", len(run.Results), len(res.Left))
	}
	prints := map[string]bool{}
	for i, got := range run.Results {
		if run.Tool.Driver.Rules[got.RuleIndex].ID != string(res.Left[i].Reason) {
			t.Errorf("result %d has the rule %s", i, run.Tool.Driver.Rules[got.RuleIndex].ID)
		}
		prints[got.Fingerprints["leftReference/v1"]] = true
	}
	if len(prints) != len(res.Left) {
		t.Errorf("%d fingerprints for %d left references", len(prints), len(res.Left))
	}
	if got := run.Results[0].Locations[0].Physical; got.Artifact.URI != "app/a%20b.py" || got.Region.Line != 3 || got.Region.Column != 5 {
		t.Errorf("the first is at %+v", got)
	}
	if run.Results[2].Level != "error" || run.Results[2].Message.Text != "app.models is still read through the facade. Tell us." {
		t.Errorf("the last is %+v", run.Results[2])
	}
	res.Left[0].Line += 10
	if moved := sarifOfResult(t, res); moved.Runs[0].Results[0].Fingerprints["leftReference/v1"] != run.Results[0].Fingerprints["leftReference/v1"] {
		t.Error("the fingerprint does not survive a move")
	}
}

func sarifOfResult(t *testing.T, res *Result) sarifLog {
	t.Helper()
	var b bytes.Buffer
	if err := res.WriteSARIF(&b, "1.0"); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("version %s with %d runs", log.Version, len(log.Runs))
	}
	return log
}

// Every reason says what a person can do.
func TestReasonsHaveAdvice(t *testing.T) {
	if len(Reasons()) != 13 {
		t.Errorf("%d reasons", len(Reasons()))
	}
	for _, why := range Reasons() {
		if why.Advice() == "" {
			t.Errorf("no advice for %s", why)
		}
	}
}
