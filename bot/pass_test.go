package bot

import (
	"context"
	"os"
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

var firstPulls = []string{
	"open Import from declaring modules in src/billing (4 files) [canonicalize] [acme/billing] 0 comments, 1 commits: [src/billing/part0.py src/billing/part1.py src/billing/part2.py src/billing/part3.py]",
	"open Import from declaring modules in src/misc (3 files) [canonicalize] [acme/platform] 0 comments, 1 commits: [src/misc/file0.py src/misc/file1.py src/misc/file2.py]",
	"open Import from declaring modules in src/search (4 files) [canonicalize] [acme/search] 0 comments, 1 commits: [src/search/part0.py src/search/part1.py src/search/part2.py src/search/part3.py]",
}

func (w *world) expect(want []string) {
	w.t.Helper()
	got := w.summary()
	if !slices.Equal(got, want) {
		w.t.Errorf("pull requests\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// TestFirstPass: what appears on GitHub, with how many writes, and that a
// second pass leaves it alone.
func TestFirstPass(t *testing.T) {
	w := newWorld(t, shop())
	out := w.pass()
	w.expect(firstPulls)
	if n := w.writes(); n != 2+3*3 || out.Writes != n {
		t.Errorf("%d writes, %d counted; want one push, the label, and create, ask, furnish for each", n, out.Writes)
	}
	if out.Open != 3 || len(out.Problems) != 1 || !strings.Contains(out.Problems[0].Text, "CODEOWNERS: line 3") {
		t.Errorf("outcome %+v", out.Problems)
	}
	pr := w.pull("src/billing")
	c := pr.Commits[0]
	if c.AuthorName != "canonicalize[bot]" || !strings.HasPrefix(c.Message, "Import from declaring modules in src/billing\n\n8 names in 4 files are imported") {
		t.Errorf("commit %+v", c)
	}
	if got := w.quiet(); kinds(got) != "leave:3" || got.Open != 3 {
		t.Errorf("second pass: %s", kinds(got))
	}
}

// TestMemoryIsOnGitHub: without its folder, and as another process, the bot
// knows what it did.
func TestMemoryIsOnGitHub(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.must(os.RemoveAll(w.dir))
	w.restart()
	w.quiet()
	w.expect(firstPulls)
}

func TestDryRun(t *testing.T) {
	w := newWorld(t, shop())
	w.opts.DryRun = true
	w.restart()
	if out := w.quiet(); kinds(out) != "open:3" {
		t.Errorf("%s", kinds(out))
	}
	if len(w.pulls()) != 0 || len(w.branches()) != 0 {
		t.Error("a dry run wrote")
	}
}

func TestMergeOneAndGoOn(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.must(w.sim.As("boss").Merge(full, w.pull("src/billing").Number, "squash"))
	if out := w.quiet(); kinds(out) != "leave:2" {
		t.Errorf("after a merge: %s", kinds(out))
	}
	w.push("dev", "main", map[string]string{"src/billing/new.py": consumer(9), "src/billing/new2.py": consumer(8)})
	w.pass()
	w.expect(append([]string{
		strings.Replace(firstPulls[0], "open", "merged", 1),
		"open Import from declaring modules in src/billing (2 files) [canonicalize] [acme/billing] 0 comments, 1 commits: [src/billing/new.py src/billing/new2.py]",
	}, firstPulls[1:]...))
	w.quiet()
}

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

func TestNewFilesGoIntoNewPullRequests(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.push("dev", "main", map[string]string{"src/search/a_new.py": consumer(5)})
	w.pass()
	w.expect(append(slices.Clone(firstPulls[:2]),
		"open Import from declaring modules in src/search (1 file) [canonicalize] [acme/search] 0 comments, 1 commits: [src/search/a_new.py]",
		firstPulls[2]))
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
	if len(after.Comments) != 1 || len(after.Commits) != 2 || !strings.Contains(after.Comments[0].Body, "yours") {
		t.Errorf("%d comments, %d commits", len(after.Comments), len(after.Commits))
	}
}

// TestPersonAmends: the commit still names the bot as its author, but it is a
// person's work, and is not overwritten.
func TestPersonAmends(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	pr := w.pull("src/billing")
	dir := t.TempDir()
	remote := strings.Replace(w.sim.CloneURL(full), "://", "://boss:"+w.sim.UserToken("boss")+"@", 1)
	for _, args := range [][]string{
		{"clone", "-q", "--branch", pr.Head, remote, "."},
		{"rm", "-q", "src/billing/part3.py"},
		{"-c", "user.name=boss", "-c", "user.email=boss@example.com", "commit", "-q", "--amend", "--no-edit"},
		{"push", "-q", "--force", "origin", "HEAD"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
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

// TestBaseMoves: of several pull requests only those that conflict, or whose
// own diff changes, are pushed again; an edit elsewhere in a file is none of
// their business.
func TestBaseMoves(t *testing.T) {
	files := shop()
	files[config.Path] = conf + "  max_open: 0\n  max_open_per_team: 0\n"
	for i := range 17 {
		dir := "src/area" + string(rune('a'+i)) + "/"
		for j := range 5 {
			files[dir+string(rune('a'+j))+".py"] = consumer(j)
		}
	}
	w := newWorld(t, files)
	if out := w.pass(); kinds(out) != "open:20" {
		t.Fatal(kinds(out))
	}
	w.quiet()
	w.push("dev", "main", map[string]string{
		// right beside the changed line: a conflict
		"src/areaa/a.py": strings.Replace(consumer(0), "from app.models import User", "import os\nfrom app.models import User", 1),
		// the own diff is another one
		"src/areab/a.py": strings.Replace(consumer(0), "    from app.models import Cart\n", "", 1),
		// elsewhere in files of other pull requests
		"src/areac/a.py": consumer(0) + "\ny = 2\n",
		"src/aread/b.py": consumer(1) + "\nz = 3\n",
	})
	before := w.heads()
	w.sim.ForgetCalls()
	out := w.pass()
	if kinds(out) != "leave:18 update-branch:2" {
		t.Errorf("%s", kinds(out))
	}
	moved := 0
	for number, head := range w.heads() {
		if before[number] != head {
			moved++
		}
	}
	if moved != 2 || w.writes() != 3 {
		t.Errorf("%d branches moved with %d writes; want 2 with one push and two bodies", moved, w.writes())
	}
	w.quiet()
	for _, pr := range w.pulls() {
		if pr.Mergeable != "clean" || len(pr.Commits) != 1 {
			t.Errorf("#%d is %s with %d commits", pr.Number, pr.Mergeable, len(pr.Commits))
		}
	}
}

func (w *world) heads() map[int]string {
	heads := make(map[int]string)
	for _, pr := range w.pulls() {
		heads[pr.Number] = pr.HeadSHA
	}
	return heads
}

// TestApprovedIsLeftAlone unless it conflicts.
func TestApprovedIsLeftAlone(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	pr := w.pull("src/billing")
	w.must(w.sim.As("billing-member").Review(full, pr.Number, "APPROVE", "fine"))
	w.push("dev", "main", map[string]string{"src/billing/part0.py": strings.ReplaceAll(consumer(0), "from app.models import Cart", "from app.cart import Cart")})
	out := w.quiet()
	if !strings.Contains(actionsOf(out), "approved") && w.pull("src/billing").Mergeable == "clean" {
		t.Errorf("%s", actionsOf(out))
	}
}

func actionsOf(out *Outcome) string {
	var list []string
	for _, a := range out.Actions {
		list = append(list, a.String())
	}
	return strings.Join(list, "\n")
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

func TestOptions(t *testing.T) {
	files := shop()
	files[config.Path] = strings.Replace(conf, "pull_requests:\n", `pull_requests:
  labels: [imports, "team: all"]
  draft: true
  title: "chore({{.Directory}}): imports"
  commit_message: "chore: {{.Names}} names"
  sign_off: true
  co_authors: ["A B <a@b.example>"]
  assignees: [boss]
  branch_prefix: bot/imports-
`, 1)
	w := newWorld(t, files)
	w.pass()
	pr := w.pulls()[0]
	if !pr.Draft || len(pr.Reviewers) != 0 || len(pr.Labels) != 2 || !slices.Equal(pr.Assignees, []string{"boss"}) ||
		!strings.HasPrefix(pr.Head, "bot/imports-") || !strings.HasPrefix(pr.Title, "chore(src/") {
		t.Errorf("%+v", pr)
	}
	want := "chore: 8 names\n\nCo-authored-by: A B <a@b.example>\nSigned-off-by: canonicalize[bot] <" + w.bot.email + ">"
	if got := strings.TrimSpace(pr.Commits[0].Message); got != want {
		t.Errorf("message %q", got)
	}
	w.quiet()
	w.must(w.sim.As("boss").SetDraft(full, pr.Number, false))
	w.pass()
	if got := w.pulls()[0].Reviewers; len(got) != 1 {
		t.Errorf("ready: %v", got)
	}
	w.quiet()
}

func TestVerifiedCommits(t *testing.T) {
	files := shop()
	files[config.Path] = conf + "  commits: verified\n"
	w := newWorld(t, files)
	w.pass()
	w.expect(firstPulls)
	for _, pr := range w.pulls() {
		if !pr.Commits[0].Verified {
			t.Errorf("#%d is not verified", pr.Number)
		}
	}
	w.quiet()
	w.push("dev", "main", map[string]string{"src/misc/file0.py": strings.Replace(consumer(0), "    from app.models import Cart\n", "", 1)})
	if out := w.pass(); !strings.Contains(kinds(out), "update-branch:1") {
		t.Errorf("%s", kinds(out))
	}
	w.quiet()
}

func TestGlobalMode(t *testing.T) {
	files := shop()
	files[config.Path] = "facades: [app.models]\ndashboard: false\npull_requests: {mode: global, approver: '@acme/platform'}\n"
	delete(files, ".github/CODEOWNERS") // GitHub itself asks those in it
	w := newWorld(t, files)
	w.pass()
	if pulls := w.pulls(); len(pulls) != 1 || len(pulls[0].Files) != 11 || !slices.Equal(pulls[0].Reviewers, []string{"acme/platform"}) {
		t.Errorf("%q", w.summary())
	}
	w.quiet()
}

// TestDefaultBranchChanges: pull requests follow it.
func TestDefaultBranchChanges(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.push("dev", "trunk", map[string]string{"NEWS": "trunk\n"})
	w.must(w.sim.As("boss").SetDefaultBranch(full, "trunk"))
	w.pass()
	for _, pr := range w.pulls() {
		if pr.Base != "trunk" || len(pr.Commits) != 1 {
			t.Errorf("#%d merges %d commits into %s", pr.Number, len(pr.Commits), pr.Base)
		}
	}
	w.quiet()
}

func TestBrokenConfiguration(t *testing.T) {
	files := shop()
	files[config.Path] = "facade: [x]\npull_requests: {max_files: 0}\n"
	w := newWorld(t, files)
	out := w.pass()
	if out.Refused == "" || len(w.pulls()) != 0 {
		t.Errorf("refused %q", out.Refused)
	}
	issues, err := w.sim.Issues("acme", "shop")
	w.must(err)
	if len(issues) != 1 || issues[0].Title != faultTitle || !strings.Contains(issues[0].Body, "1:1: facade: there is no such field") {
		t.Fatalf("issues %+v", issues)
	}
	w.quiet()
	w.push("dev", "main", map[string]string{config.Path: "facades: [elsewhere]\n"})
	w.pass() // another fault, the same issue
	w.quiet()
	w.push("dev", "main", map[string]string{config.Path: conf})
	w.pass()
	issues, err = w.sim.Issues("acme", "shop")
	w.must(err)
	if len(issues) != 1 || issues[0].State != "closed" {
		t.Errorf("issues %+v", issues[0])
	}
	w.expect(firstPulls)
	w.quiet()
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"no configuration", map[string]string{"README": "x\n"}, "there is no configuration"},
		{"no facade", map[string]string{config.Path: "# nothing\n"}, "names no facade"},
		{"empty", nil, "the repository is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.files)
			if out := w.quiet(); !strings.Contains(out.Refused, c.want) {
				t.Errorf("refused %q, want %q", out.Refused, c.want)
			}
		})
	}
}

func TestArchived(t *testing.T) {
	w := newWorld(t, shop())
	w.must(w.sim.As("boss").Archive(full, true))
	if out := w.quiet(); !strings.Contains(out.Refused, "archived") {
		t.Errorf("refused %q", out.Refused)
	}
}

func TestFacadesOfTheCaller(t *testing.T) {
	files := shop()
	delete(files, config.Path)
	w := newWorld(t, files)
	w.opts.Facades = []string{"app.models"}
	w.restart()
	if out := w.pass(); !strings.Contains(kinds(out), "open") {
		t.Errorf("%s", kinds(out))
	}
	w.quiet()
	w.opts.Facades = []string{"nowhere"}
	w.restart()
	if out := w.quiet(); out.Refused == "" {
		t.Error("a facade that is not there is accepted")
	}
}

func TestRenamedAndTransferred(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.must(w.sim.As("boss").Rename(full, "store"))
	w.quiet()
}

func TestProtectedBranches(t *testing.T) {
	w := newWorld(t, shop())
	w.must(w.sim.As("boss").Protect(full, githubsim.Protection{Branch: "canonicalize/*", Ruleset: "no", RestrictCreations: true}))
	out := w.pass()
	if len(w.pulls()) != 0 || len(out.Problems) != 4 {
		t.Errorf("%d pull requests, %+v", len(w.pulls()), out.Problems)
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
	w.quiet()
}
