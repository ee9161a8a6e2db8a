package bot

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/pass"
	"github.com/canonicalize/canonicalize/codemod"
)

// found discovers one module that is worth it and two that are not.
func found(context.Context, codemod.Tree, codemod.Rules, codemod.Options) ([]codemod.Candidate, error) {
	return []codemod.Candidate{
		{Module: "app.models", Names: 5, Consumers: 11, Executes: 3},
		{Module: "app.few", Names: 4, Consumers: 11},
		{Module: "app.unread", Names: 5, Consumers: 4},
	}, nil
}

// newcomer is the shop without a configuration.
func newcomer(t *testing.T) *world {
	files := shop()
	delete(files, config.Path)
	w := newWorld(t, files)
	w.opts.Discover = found
	w.restart()
	return w
}

// TestProposal: one pull request with the whole answer in it; merged, it begins.
func TestProposal(t *testing.T) {
	w := newcomer(t)
	if out := w.pass(); out.Refused == "" || out.Writes != 2 {
		t.Errorf("%q, %d writes; want a push and a pull request", out.Refused, out.Writes)
	}
	pulls := w.pulls()
	if len(pulls) != 1 || len(pulls[0].Files) != 1 || pulls[0].Files[0].Path != config.Path || len(w.boards()) != 0 {
		t.Fatalf("%+v", pulls)
	}
	for _, want := range []string{
		"| `app.models` | 5 | 11 | 3 |", "3 pull requests, for 2 names (22 readings) in 11 files; at most 10 open at a time, and 2 for one team", "```diff\n--- a/src/",
	} {
		if !strings.Contains(pulls[0].Body, want) {
			t.Errorf("no %q in\n%s", want, pulls[0].Body)
		}
	}
	if strings.Contains(pulls[0].Body, "app.few") {
		t.Error("too small a facade is proposed")
	}
	if out := w.quiet(); !strings.Contains(out.Refused, "waits for an answer") {
		t.Errorf("%q", out.Refused)
	}
	w.must(w.sim.As("boss").Merge(full, pulls[0].Number, "squash"))
	if out := w.pass(); !strings.Contains(kinds(out), "open:") {
		t.Errorf("%s %q", kinds(out), out.Refused)
	}
	w.quiet()
}

// TestProposalDeclined: closed means no, also for another process.
func TestProposalDeclined(t *testing.T) {
	w := newcomer(t)
	w.pass()
	w.must(w.sim.As("boss").Close(full, w.pulls()[0].Number))
	w.push("dev", "main", map[string]string{"src/misc/more.py": consumer(7)})
	w.restart()
	if out := w.quiet(); !strings.Contains(out.Refused, "was closed") {
		t.Errorf("%q", out.Refused)
	}
	w.push("dev", "main", map[string]string{config.Path: conf})
	if out := w.pass(); kinds(out) != "open:3" {
		t.Errorf("%s", kinds(out))
	}
}

// TestProposalOvertaken: somebody writes a configuration while it is open.
func TestProposalOvertaken(t *testing.T) {
	w := newcomer(t)
	w.pass()
	w.push("dev", "main", map[string]string{config.Path: conf})
	w.pass()
	if pr := w.pulls()[0]; pr.State != "closed" || len(pr.Comments) != 1 {
		t.Errorf("%+v", pr)
	}
	w.expect(append([]string{"closed Configure Canonicalize [] [] 1 comments, 1 commits: [.github/canonicalize.yml]"}, firstPulls...))
	w.quiet()
}

// TestNoProposal where there is nothing to gain, or where it was not asked for.
func TestNoProposal(t *testing.T) {
	for _, test := range []struct {
		name     string
		discover pass.Discover
		dry      bool
	}{
		{"no candidate", func(context.Context, codemod.Tree, codemod.Rules, codemod.Options) ([]codemod.Candidate, error) {
			return nil, nil
		}, false},
		{"no Python", func(context.Context, codemod.Tree, codemod.Rules, codemod.Options) ([]codemod.Candidate, error) {
			return nil, &codemod.RulesError{Problems: []string{"no Python files"}}
		}, false},
		{"nothing to change", func(context.Context, codemod.Tree, codemod.Rules, codemod.Options) ([]codemod.Candidate, error) {
			return []codemod.Candidate{{Module: "app.other", Names: 50, Consumers: 50}}, nil
		}, false},
		{"dry run", found, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newcomer(t)
			w.opts.Discover, w.opts.DryRun = test.discover, test.dry
			w.restart()
			if out := w.quiet(); out.Refused == "" || len(w.pulls()) != 0 {
				t.Errorf("%q, %d pull requests", out.Refused, len(w.pulls()))
			}
		})
	}
}

// TestProposalInterrupted: there is one, whatever call fails.
func TestProposalInterrupted(t *testing.T) {
	for _, path := range []string{"/pulls", "/git-receive-pack"} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint(path, after), func(t *testing.T) { newcomer(t).interrupted(path, after) })
		}
	}
}

func (w *world) interrupted(path string, after bool) {
	failed := false
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if failed || r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, path) {
			return nil
		}
		failed = true
		return &githubsim.Fault{Status: http.StatusBadGateway, After: after}
	})
	if _, err := w.try(); err == nil {
		w.t.Error("the failure is not told")
	}
	w.restart()
	w.pass()
	w.quiet()
	if n := len(w.pulls()); n != 1 {
		w.t.Errorf("%d pull requests", n)
	}
}

// TestProposalBesideABranch: the proposal does without the name that is taken,
// and proposes the same for later.
func TestProposalBesideABranch(t *testing.T) {
	w := newcomer(t)
	w.push("dev", "canonicalize", map[string]string{"NEWS": "x\n"})
	w.pass()
	list := w.pulls()
	if len(list) != 1 || list[0].Head != "canonicalize-configure" || !strings.Contains(list[0].Files[0].Patch, "branch_prefix: canonicalize-") {
		t.Fatalf("%+v", list)
	}
	w.quiet()
	w.must(w.sim.As("boss").Merge(full, list[0].Number, "squash"))
	if out := w.pass(); !strings.Contains(kinds(out), "open") || len(out.Problems) > 1 {
		t.Errorf("%s %+v", kinds(out), out.Problems)
	}
}
