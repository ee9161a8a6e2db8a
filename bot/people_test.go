package bot

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/plan"
)

// TestSomebodyUndoesAMerge: the same files again are a new pull request, on
// the branch that is still there.
func TestSomebodyUndoesAMerge(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	old := w.pull("src/misc").Number
	w.must(w.sim.As("boss").Merge(full, old, "merge"))
	undo := map[string]string{}
	for path, src := range shop() {
		if strings.HasPrefix(path, "src/misc/") {
			undo[path] = src
		}
	}
	w.push("dev", "main", undo)
	w.pass()
	if pr := w.pull("src/misc"); pr.Number == old || pr.State != "open" {
		t.Errorf("%+v", pr)
	}
	w.quiet()
}

// TestClosedMeansNo: also when the files change elsewhere, until it is opened again.
func TestClosedMeansNo(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	n := w.pull("src/billing").Number
	w.must(w.sim.As("boss").Close(full, n))
	if out := w.quiet(); kinds(out) != "leave:3" || out.Open != 2 {
		t.Errorf("closed: %s", kinds(out))
	}
	w.push("dev", "main", map[string]string{"src/billing/part0.py": w.read("src/billing/part0.py") + "\ny = 2\n"})
	w.restart()
	w.quiet()
	w.must(w.sim.As("boss").Reopen(full, n))
	w.quiet()
	w.expect(firstPulls)
}

// TestNoIsANo: not even an edit of an import in a declined file brings it back;
// the dashboard tells of it, and its box does.
func TestNoIsANo(t *testing.T) {
	w := newWorld(t, boarded(""))
	w.pass()
	n := w.pull("src/billing").Number
	w.must(w.sim.As("boss").Close(full, n))
	w.pass()
	for i := range 3 {
		w.push("dev", "main", map[string]string{"src/billing/part0.py": consumer(0) + strings.Repeat("\nfrom app.models import Cart\n", i+1)})
		if out := w.pass(); kinds(out) != "leave:3" {
			t.Errorf("edit %d: %s", i, kinds(out))
		}
	}
	w.quiet()
	if body := w.dashboard().Body; !strings.Contains(body, "1 file would change in another way now") {
		t.Errorf("dashboard:\n%s", body)
	}
	w.says(w.command("boss", n, "/canonicalize reopen"), fmt.Sprintf("#%d is open", n))
	if out := w.pass(); out.Open != 3 {
		t.Errorf("reopened: %s", kinds(out))
	}
	if src, err := w.sim.ReadFile(full, w.get(n).Head, "src/billing/part0.py"); err != nil || strings.Contains(string(src), "app.models") {
		t.Errorf("the branch does not have the new edit: %s %v", src, err)
	}
}

func TestDeletedBranchMeansNo(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.must(w.sim.As("boss").DeleteBranch(full, w.pull("src/billing").Head))
	w.quiet()
}

// TestPersonPushes: the bot steps aside, says so once, and never overwrites.
func TestPersonPushes(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	pr := w.pull("src/billing")
	w.push("dev", pr.Head, map[string]string{"src/billing/part0.py": "mine = 1\n"})
	// the base conflicts with the branch, too
	w.push("dev", "main", map[string]string{"src/billing/part1.py": strings.Replace(consumer(1), "User\n", "User  # now\n", 1)})
	if out := w.pass(); !strings.Contains(kinds(out), "detach:1") {
		t.Errorf("%s", kinds(out))
	}
	w.quiet()
	w.restart()
	w.quiet()
	after := w.pull("src/billing")
	if len(after.Comments) != 1 || len(after.Commits) != 2 || !strings.Contains(after.Comments[0].Body, "/canonicalize take-over") {
		t.Errorf("%d comments, %d commits", len(after.Comments), len(after.Commits))
	}
}

// git does things to a branch in a clone of boss's.
func (w *world) git(branch string, commands ...[]string) {
	w.t.Helper()
	dir := w.t.TempDir()
	remote := strings.Replace(w.sim.CloneURL(full), "://", "://boss:"+w.sim.UserToken("boss")+"@", 1)
	first := []string{"clone", "-q", "--branch", branch, remote, "."}
	for _, args := range append([][]string{first}, commands...) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=boss", "-c", "user.email=boss@example.com"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			w.t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
}

// updateBranch presses the button "Update branch".
func (w *world) updateBranch(by string, number int) {
	w.t.Helper()
	r, err := http.NewRequest(http.MethodPut, fmt.Sprintf("%s/repos/%s/pulls/%d/update-branch", w.sim.URL, full, number), strings.NewReader("{}"))
	w.must(err)
	r.Header.Set("Authorization", "Bearer "+w.sim.UserToken(by))
	answer, err := http.DefaultClient.Do(r)
	w.must(err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		w.t.Fatal(answer.Status)
	}
}

// TestUpdateBranchIsNoTakeover: what GitHub does to a branch for people leaves
// what the bot proposed as it was, so the bot goes on with it. A suggestion that
// somebody commits does not.
func TestUpdateBranchIsNoTakeover(t *testing.T) {
	for _, c := range []struct {
		name    string
		do      func(w *world, pr *githubsim.PullRequest)
		foreign bool
	}{
		{"Update branch", func(w *world, pr *githubsim.PullRequest) { w.updateBranch("boss", pr.Number) }, false},
		{"rebase", func(w *world, pr *githubsim.PullRequest) {
			w.git(pr.Head, []string{"rebase", "-q", "origin/main"}, []string{"push", "-q", "--force", "origin", "HEAD"})
		}, false},
		{"amended message", func(w *world, pr *githubsim.PullRequest) {
			w.git(pr.Head, []string{"commit", "-q", "--amend", "-m", "Better"}, []string{"push", "-q", "--force", "origin", "HEAD"})
		}, false},
		{"a suggestion is committed", func(w *world, pr *githubsim.PullRequest) {
			w.push("boss", pr.Head, map[string]string{"src/billing/part0.py": "from app.user import User as U\n"})
		}, true},
		{"one file is taken back", func(w *world, pr *githubsim.PullRequest) {
			w.push("boss", pr.Head, map[string]string{"src/billing/part0.py": consumer(0)})
		}, true},
		{"one file more", func(w *world, pr *githubsim.PullRequest) {
			w.push("boss", pr.Head, map[string]string{"NEWS": "x\n"})
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, shop())
			w.pass()
			w.push("dev", "main", map[string]string{"README": "more\n", "src/billing/part1.py": consumer(1) + "\nlast = 1\n"})
			pr := w.pull("src/billing")
			c.do(w, pr)
			if got := strings.Contains(kinds(w.pass()), "detach"); got != c.foreign {
				t.Fatalf("taken for a takeover: %t", got)
			}
			w.quiet()
			if c.foreign {
				return
			}
			w.push("dev", "main", map[string]string{"src/billing/part0.py": conflicting(0)})
			if out := w.pass(); !strings.Contains(kinds(out), "update-branch:1") {
				t.Errorf("the bot does not go on: %s", actionsOf(out))
			}
			w.quiet()
		})
	}
}

// TestPersonAmends: the commit still names the bot as its author, but it is a
// person's work, and is not overwritten.
func TestPersonAmends(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	pr := w.pull("src/billing")
	w.git(pr.Head, []string{"rm", "-q", "src/billing/part3.py"},
		[]string{"commit", "-q", "--amend", "--no-edit"}, []string{"push", "-q", "--force", "origin", "HEAD"})
	amended := w.pull("src/billing").HeadSHA
	w.push("dev", "main", map[string]string{"src/billing/part1.py": longer(1)}) // a reason to push again
	if out := w.pass(); !strings.Contains(kinds(out), "detach:1") {
		t.Errorf("%s", actionsOf(out))
	}
	w.quiet()
	if now := w.pull("src/billing").HeadSHA; now == pr.HeadSHA || now != amended {
		t.Errorf("the branch is at %s, amended %s", now, amended)
	}
}

// TestApprovedIsLeftAlone unless it conflicts.
func TestApprovedIsLeftAlone(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	pr := w.pull("src/billing")
	w.must(w.sim.As("billing-member").Review(full, pr.Number, "APPROVE", "fine"))
	w.push("dev", "main", map[string]string{"src/billing/part0.py": longer(0)})
	if out := w.quiet(); !strings.Contains(actionsOf(out), "it is approved") || w.pull("src/billing").HeadSHA != pr.HeadSHA {
		t.Errorf("its own diff changes: %s", actionsOf(out))
	}
	w.push("dev", "main", map[string]string{"src/billing/part1.py": conflicting(1)})
	if out := w.pass(); !strings.Contains(actionsOf(out), "it conflicts with the base branch") || w.pull("src/billing").HeadSHA == pr.HeadSHA {
		t.Errorf("it conflicts: %s", actionsOf(out))
	}
	w.quiet()
}

// conflicting is a consumer that somebody edited right beside the changed line.
func conflicting(i int) string {
	return strings.Replace(consumer(i), "from app.models import User", "import os\nfrom app.models import User", 1)
}

// TestNothingLeft: a person did the same by hand.
func TestNothingLeft(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	pr := w.pull("src/misc")
	done := map[string]string{}
	for _, f := range pr.Files {
		src := strings.ReplaceAll(shop()[f.Path], "from app.models import User", "from app.user import User")
		done[f.Path] = strings.ReplaceAll(src, "from app.models import Cart", "from app.cart import Cart")
	}
	w.push("dev", "main", done)
	if out := w.pass(); kinds(out) != "close-empty:1 leave:2" {
		t.Errorf("%s", kinds(out))
	}
	closed := w.pulls()[pr.Number-1]
	if closed.State != "closed" || len(closed.Comments) != 1 || !strings.Contains(closed.Comments[0].Body, "Thank you") {
		t.Errorf("%+v", closed)
	}
	if slices.Contains(w.branches(), pr.Head) {
		t.Error("its branch stays")
	}
	w.quiet()
	// closed by the bot is no "no"
	w.push("dev", "main", map[string]string{"src/misc/file0.py": consumer(0), "src/misc/file1.py": consumer(1), "src/misc/file2.py": consumer(2)})
	w.pass()
	w.pull("src/misc")
	w.quiet()
}

func TestTeamIsMissing(t *testing.T) {
	files := shop()
	files[".github/CODEOWNERS"] = "/src/billing/ @acme/nobody @boss\n/src/search/ @other/team x@y.example\n"
	w := newWorld(t, files)
	out := w.pass()
	if len(out.Problems) != 3 {
		t.Errorf("problems %+v", out.Problems)
	}
	w.expect([]string{
		strings.Replace(firstPulls[0], "[acme/billing]", "[boss]", 1), firstPulls[1], strings.Replace(firstPulls[2], "[acme/search]", "[]", 1)})
	if body := w.pull("src/billing").Body; !strings.Contains(body, "`@acme/nobody` (the team does not exist") {
		t.Errorf("body %s", body)
	}
	w.quiet()
}

// TestPersonsPullRequest: files that somebody works on wait.
func TestPersonsPullRequest(t *testing.T) {
	w := newWorld(t, shop())
	w.push("dev", "work", map[string]string{"src/misc/file1.py": consumer(1) + "\nmore = 1\n"})
	n, err := w.sim.As("dev").OpenPull(full, githubsim.NewPull{Title: "Work", Head: "work", Base: "main"})
	w.must(err)
	out := w.pass()
	if kinds(out) != "open:3 wait:1" || !strings.Contains(actionsOf(out), "touches the same files") {
		t.Errorf("%s", actionsOf(out))
	}
	w.quiet()
	now := w.now
	w.now = now.Add(15 * 24 * time.Hour) // nobody works on it any more
	w.opts.DryRun = true
	w.restart()
	if out := w.pass(); !strings.Contains(kinds(out), "open:1") {
		t.Errorf("old: %s", kinds(out))
	}
	w.now, w.opts.DryRun = now, false
	w.restart()
	w.must(w.sim.As("dev").Merge(full, n, "merge"))
	if out := w.pass(); !strings.Contains(kinds(out), "open:1") {
		t.Errorf("%s", kinds(out))
	}
	w.quiet()
}

func TestBudgetsAndBranchesInUse(t *testing.T) {
	files := shop()
	files[config.Path] = conf + "  max_open: 2\n"
	w := newWorld(t, files)
	if out := w.pass(); kinds(out) != "open:2 wait:1" || out.Open != 2 {
		t.Errorf("%s", kinds(out))
	}
	w.quiet()
}

func TestBranchOfSomebody(t *testing.T) {
	w := newWorld(t, shop())
	w.opts.DryRun = true
	w.restart()
	branch := w.pass().Actions[0].Branch
	w.push("dev", branch, map[string]string{"mine.txt": "mine\n"})
	w.opts.DryRun = false
	w.restart()
	out := w.pass()
	if len(w.pulls()) != 2 || len(out.Problems) != 2 || !strings.Contains(out.Problems[1].Text, "not the bot's") {
		t.Errorf("%d pull requests, %+v", len(w.pulls()), out.Problems)
	}
	w.quiet()
}

func TestRedDefaultBranch(t *testing.T) {
	w := newWorld(t, shop())
	w.check("failure")
	if out := w.quiet(); kinds(out) != "wait:3" || !strings.Contains(actionsOf(out), "checks of main fail") {
		t.Errorf("%s", actionsOf(out))
	}
	w.check("success")
	if out := w.pass(); kinds(out) != "open:3" {
		t.Errorf("%s", kinds(out))
	}
}

// TestRedStatus: commit statuses count where they can be read without a
// permission that the App does not ask for.
func TestRedStatus(t *testing.T) {
	w := newWorld(t, shop())
	w.must(w.sim.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "open", Public: true, Files: shop()}))
	for name, want := range map[string]string{"open": "wait:3", "shop": "open:3"} {
		w.must(w.sim.As("dev").Status("acme/"+name, "main", "ci/old", "failure"))
		out, err := w.bot.Pass(t.Context(), w.repo(name))
		w.must(err)
		if kinds(out) != want {
			t.Errorf("%s: %s", name, actionsOf(out))
		}
	}
	w.must(w.sim.As("dev").Status("acme/open", "main", "ci/old", "success"))
	if out, err := w.bot.Pass(t.Context(), w.repo("open")); err != nil || kinds(out) != "open:3" {
		t.Errorf("green again: %v", err)
	}
}

// check reports on the default branch as another App.
func (w *world) check(conclusion string) {
	w.t.Helper()
	if w.ci == nil {
		app, err := w.sim.AddApp(githubsim.AppSpec{Slug: "ci"})
		w.must(err)
		inst, err := w.sim.Install(app, "acme")
		w.must(err)
		w.ci = w.client(app).Client(int64(inst.ID)).Repo("acme", "shop")
	}
	branches, err := w.sim.Branches(full)
	w.must(err)
	_, err = w.ci.CreateCheck(context.Background(), github.CheckRun{Name: "tests", SHA: branches["main"], Status: "completed", Conclusion: conclusion})
	w.must(err)
}

func TestStaleRemindsOnce(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	_, err := w.sim.As("search-member").Comment(full, w.pull("src/search").Number, "soon")
	w.must(err)
	w.now = w.now.Add(15 * 24 * time.Hour)
	if out := w.pass(); kinds(out) != "leave:1 remind:2" {
		t.Errorf("%s", actionsOf(out))
	}
	w.quiet()
	w.restart()
	w.quiet()
	for _, pr := range w.pulls() {
		if len(pr.Comments) != 1 {
			t.Errorf("#%d has %d comments", pr.Number, len(pr.Comments))
		}
	}
}

// TestPeopleChangeTheirMindAtOnce: labels and requests that were taken off a
// minute after the opening are not put back, and a base branch that a person
// chose stays.
func TestPeopleChangeTheirMindAtOnce(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	pr := w.pull("src/billing")
	w.must(w.sim.As("boss").SetLabels(full, pr.Number))
	w.dismiss(pr.Number, "billing")
	w.quiet()
	if after := w.pull("src/billing"); len(after.Labels)+len(after.Reviewers) != 0 {
		t.Errorf("labels %v, reviewers %v", after.Labels, after.Reviewers)
	}
	w.push("dev", "release", map[string]string{"NEWS": "release\n"})
	w.must(w.sim.As("boss").ChangeBase(full, pr.Number, "release"))
	w.push("dev", "main", map[string]string{"src/billing/part0.py": longer(0)})
	if out := w.quiet(); !strings.Contains(actionsOf(out), "somebody had it merge into release") {
		t.Errorf("%s", actionsOf(out))
	}
}

// dismiss takes back that a team is asked for a review.
func (w *world) dismiss(number int, team string) {
	w.t.Helper()
	address := fmt.Sprintf("%s/repos/%s/pulls/%d/requested_reviewers", w.sim.URL, full, number)
	req, err := http.NewRequest(http.MethodDelete, address, strings.NewReader(`{"reviewers": [], "team_reviewers": ["`+team+`"]}`))
	w.must(err)
	req.Header.Set("Authorization", "token "+w.sim.UserToken("boss"))
	res, err := http.DefaultClient.Do(req)
	w.must(err)
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		w.t.Fatal(res.Status)
	}
}

// TestPeopleChangeTheirMind: labels and requests that a person takes off, and
// bodies and titles that a person edits, stay so.
func TestPeopleChangeTheirMind(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	pr := w.pull("src/billing")
	w.must(w.sim.As("boss").EditBody(full, pr.Number, "Look at this!\n\n"+pr.Body))
	w.quiet()
	w.now = w.now.Add(25 * time.Hour)
	w.must(w.sim.As("boss").SetLabels(full, pr.Number))
	w.quiet()
	// without the marker it is theirs
	w.must(w.sim.As("boss").EditBody(full, pr.Number, "Mine now."))
	w.pass()
	w.quiet()
	if after := w.pull("src/billing"); len(after.Comments) != 1 || after.Body != "Mine now." {
		t.Errorf("%+v", after)
	}
}

// TestSuperseded: two pull requests with the same files, as two processes
// could make them.
func TestSuperseded(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	pr := w.pull("src/misc")
	marker, _ := plan.ParseMarker(pr.Body)
	marker.Chunk = "0badcafe"
	_, err := w.sim.As("canonicalize[bot]").ForcePush(full, "canonicalize/copy-0badcafe", pr.Head, "copy", map[string][]byte{"x": []byte("y")})
	w.must(err)
	_, err = w.sim.As("canonicalize[bot]").OpenPull(full, githubsim.NewPull{Title: "Copy", Body: marker.String(), Head: "canonicalize/copy-0badcafe", Base: "main"})
	w.must(err)
	if out := w.pass(); !strings.Contains(kinds(out), "close-superseded:1") {
		t.Errorf("%s", actionsOf(out))
	}
	closed := w.pulls()[len(w.pulls())-1]
	if closed.State != "closed" || len(closed.Comments) != 1 || !strings.HasPrefix(closed.Comments[0].Body, fmt.Sprintf("#%d changes these files now", pr.Number)) {
		t.Errorf("%+v", closed)
	}
	w.quiet()
}
