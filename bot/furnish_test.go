package bot

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/githubsim"
)

// with is the shop with more lines under pull_requests.
func with(lines string) map[string]string {
	files := shop()
	files[config.Path] = conf + lines
	return files
}

// longer is a consumer with more to change far from the rest: its own diff is
// another one, and nothing conflicts.
func longer(i int) string {
	return consumer(i) + "\n\ndef g():\n    from app.models import User\n    return User\n"
}

func (w *world) milestone(title string) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.sim.URL+"/repos/"+full+"/milestones", strings.NewReader(`{"title": "`+title+`"}`))
	w.must(err)
	req.Header.Set("Authorization", "token "+w.sim.UserToken("boss"))
	res, err := http.DefaultClient.Do(req)
	w.must(err)
	res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		w.t.Fatal(res.Status)
	}
}

// openingCosts counts the calls that write: of a pass that opens one pull
// request, and of one that opens two. The label is there already.
func openingCosts(t *testing.T, lines string) (one, two int) {
	files, later := with(lines), map[string]string{}
	for path, src := range files {
		if strings.HasPrefix(path, "src/search/") || strings.HasPrefix(path, "src/misc/") {
			later[path] = src
			delete(files, path)
		}
	}
	w := newWorld(t, files)
	w.must(w.sim.As("boss").Configure(full, githubsim.Settings{AllowAutoMerge: true}))
	w.must(w.sim.As("boss").Protect(full, githubsim.Protection{Branch: "main", RequiredReviews: 1, Bypass: []string{"dev"}}))
	w.milestone("v2")
	n, err := w.sim.As("boss").OpenIssue(full, "An issue", "")
	w.must(err)
	w.must(w.sim.As("boss").SetLabels(full, n, "canonicalize"))
	count := func(opened int) int {
		w.sim.ForgetCalls()
		if out := w.pass(); !strings.Contains(kinds(out), fmt.Sprintf("open:%d", opened)) || len(out.Problems) != 1 {
			t.Errorf("%s, %+v", kinds(out), out.Problems)
		}
		return w.writes()
	}
	one = count(1)
	w.push("dev", "main", later)
	two = count(2)
	for _, pr := range w.pulls() {
		if strings.Contains(lines, "assignees") != (len(pr.Assignees) == 1) || strings.Contains(lines, "milestone") != (pr.Milestone == "v2") ||
			strings.Contains(lines, "auto_merge") != pr.AutoMerge || strings.Contains(lines, "verified") != pr.Commits[0].Verified || len(pr.Labels) != 1 || len(pr.Reviewers) != 1 {
			t.Errorf("%q gives %+v", lines, pr)
		}
	}
	w.quiet()
	return one, two
}

// TestWritesOfAnOpening counts what one pull request costs with whatever is
// configured: at most six calls that write, alone in its pass. The guide tells
// the numbers.
func TestWritesOfAnOpening(t *testing.T) {
	guide, err := os.ReadFile("../docs/campaign.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{"assignees: [boss]", "milestone: v2", "auto_merge: squash"}
	for set := range 1 << len(parts) {
		for _, commits := range []string{"pushed", "verified"} {
			lines := "  commits: " + commits + "\n"
			for i, part := range parts {
				if set&(1<<i) != 0 {
					lines += "  " + part + "\n"
				}
			}
			t.Run(strings.Join(strings.Fields(lines), " "), func(t *testing.T) {
				one, two := openingCosts(t, lines)
				row := fmt.Sprintf("| `commits: %s` | %d | %d |", commits, two-one, one-(two-one))
				if one > 6 || !strings.Contains(string(guide), row) {
					t.Errorf("%d for one, %d for two: the guide has no row %s", one, two, row)
				}
			})
		}
	}
}

// TestAutoMerge where the repository allows it; where not, it is told and costs nothing.
func TestAutoMerge(t *testing.T) {
	w := newWorld(t, with("  auto_merge: squash\n"))
	w.must(w.sim.As("boss").Protect(full, githubsim.Protection{Branch: "main", RequiredReviews: 1, Bypass: []string{"dev"}}))
	if out := w.pass(); len(out.Problems) != 2 || !strings.Contains(out.Problems[1].Text, "does not allow auto-merge") || w.pulls()[0].AutoMerge {
		t.Errorf("not allowed: %+v", out.Problems)
	}
	w.quiet()
	w.must(w.sim.As("boss").Configure(full, githubsim.Settings{AllowAutoMerge: true}))
	w.push("dev", "main", map[string]string{"src/other/a.py": consumer(1), "src/other/b.py": consumer(2)})
	if out := w.pass(); len(out.Problems) != 1 {
		t.Errorf("allowed: %+v", out.Problems)
	}
	pr := w.pull("src/other")
	if !pr.AutoMerge {
		t.Error("auto-merge is not on")
	}
	w.quiet()
	// what is set to auto-merge is left alone, and merges once it is approved
	w.push("dev", "main", map[string]string{"src/other/a.py": longer(1)})
	if out := w.quiet(); !strings.Contains(actionsOf(out), "set to auto-merge") {
		t.Errorf("%s", actionsOf(out))
	}
}

// TestMilestoneAndAssignees, also where one of them cannot be had.
func TestMilestoneAndAssignees(t *testing.T) {
	w := newWorld(t, with("  assignees: ['@boss', stranger]\n  milestone: v2\n"))
	w.milestone("V2")
	if out := w.pass(); len(out.Problems) != 2 || !strings.Contains(out.Problems[1].Text, "assign stranger") {
		t.Errorf("%+v", out.Problems)
	}
	for _, pr := range w.pulls() {
		if !slices.Equal(pr.Assignees, []string{"boss"}) || pr.Milestone != "V2" {
			t.Errorf("#%d: %v, %s", pr.Number, pr.Assignees, pr.Milestone)
		}
	}
	w.expect(firstPulls)
	w.quiet()
}

func TestMilestoneIsMissing(t *testing.T) {
	w := newWorld(t, with("  milestone: v3\n"))
	out := w.pass()
	if len(out.Problems) != 2 || !strings.Contains(out.Problems[1].Text, "v3") {
		t.Errorf("%+v", out.Problems)
	}
	w.expect(firstPulls)
	w.quiet()
}

// TestMergeQueue: a pull request in the queue is left alone.
func TestMergeQueue(t *testing.T) {
	w := newWorld(t, shop())
	w.must(w.sim.As("boss").Protect(full, githubsim.Protection{Branch: "main", MergeQueue: true, Bypass: []string{"dev"}}))
	w.pass()
	n := w.pull("src/misc").Number
	w.must(w.sim.As("boss").Enqueue(full, n))
	head := w.pull("src/misc").HeadSHA
	w.push("dev", "main", map[string]string{"src/misc/file0.py": longer(0)})
	out := w.quiet()
	if !w.pull("src/misc").Queued || w.pull("src/misc").HeadSHA != head || !strings.Contains(actionsOf(out), "in the merge queue") {
		t.Errorf("%s", actionsOf(out))
	}
}

// TestSignedCommits: a key signs what is pushed; and though each signature is
// another one, an interrupted opening is not pushed again.
func TestSignedCommits(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := git.NewSigner(pem.EncodeToMemory(block), nil)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, shop())
	w.opts.Sign = signer
	w.restart()
	w.interruptOpening()
	w.expect(firstPulls)
	dir, err := w.sim.GitDir(full)
	w.must(err)
	for _, pr := range w.pulls() {
		out, err := exec.Command("git", "-C", dir, "cat-file", "commit", pr.HeadSHA).Output()
		if err != nil || !strings.Contains(string(out), "gpgsig -----BEGIN SSH SIGNATURE-----") {
			t.Errorf("#%d: %s %v", pr.Number, out, err)
		}
	}
	w.quiet()
}

// TestVerifiedInterrupted: GitHub's clock gives every commit another name.
func TestVerifiedInterrupted(t *testing.T) {
	w := newWorld(t, with("  commits: verified\n  sign_off: true\n"))
	w.interruptOpening()
	w.expect(firstPulls)
	if c := w.pulls()[0].Commits[0]; !c.Verified || !strings.Contains(c.Message, "Signed-off-by: canonicalize[bot]") {
		t.Errorf("%+v", c)
	}
	w.quiet()
}

// TestVerifiedRefused: a rule refuses one branch of several, which are moved in
// one call; the others are opened, and the refusal is told.
func TestVerifiedRefused(t *testing.T) {
	w := newWorld(t, with("  commits: verified\n"))
	w.must(w.sim.As("boss").Protect(full, githubsim.Protection{Branch: "canonicalize/billing-*", Ruleset: "no", RestrictCreations: true}))
	out := w.pass()
	w.expect(firstPulls[1:])
	if len(out.Problems) != 2 || !strings.Contains(out.Problems[1].Text, "restricts who creates such branches") || !strings.HasPrefix(out.Problems[1].Branch, "canonicalize/billing-") {
		t.Errorf("%+v", out.Problems)
	}
	w.must(w.sim.As("boss").Unprotect(full))
	w.pass()
	w.expect(firstPulls)
	w.quiet()
}

// interruptOpening fails the first pass after its branches are there; the next
// one must not push them again.
func (w *world) interruptOpening() {
	w.t.Helper()
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/pulls") {
			return &githubsim.Fault{Status: http.StatusBadGateway}
		}
		return nil
	})
	if _, err := w.try(); err == nil {
		w.t.Fatal("the failure is not told")
	}
	w.sim.Fail(nil)
	w.restart()
	w.sim.ForgetCalls()
	w.pass()
	for _, call := range w.sim.Calls() {
		if call.Method == "PUSH" || call.Method == http.MethodPost && strings.Contains(call.Path, "/git/") || call.Method == http.MethodPatch && strings.Contains(call.Path, "/git/") {
			w.t.Errorf("pushed again: %s", fmt.Sprint(call.Method, " ", call.Path))
		}
	}
}
