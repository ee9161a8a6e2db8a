package bot

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
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
	if c.AuthorName != "canonicalize[bot]" || !strings.HasPrefix(c.Message, "Import from declaring modules in src/billing\n\n2 names in 4 files are imported") {
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

func TestNewFilesGoIntoNewPullRequests(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.push("dev", "main", map[string]string{"src/search/a_new.py": consumer(5)})
	w.pass()
	w.expect(append(slices.Clone(firstPulls),
		"open Import from declaring modules in src/search, a_new.py (1 file) [canonicalize] [acme/search] 0 comments, 1 commits: [src/search/a_new.py]"))
	w.quiet()
}

// TestBaseMoves: of twenty pull requests only the two that conflict are pushed
// again; an edit elsewhere in a file is none of their business.
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
		// right beside the changed line
		"src/areaa/a.py": conflicting(0),
		"src/areab/b.py": conflicting(1),
		// elsewhere in files of other pull requests
		"src/areac/a.py": consumer(0) + "\ny = 2\n",
		"src/aread/b.py": consumer(1) + "\nz = 3\n",
	})
	before := w.heads()
	for _, dir := range []string{"src/areaa", "src/areab"} {
		if pr := w.pull(dir); pr.Mergeable != "dirty" {
			t.Errorf("%s is %s, and should conflict", dir, pr.Mergeable)
		}
	}
	w.sim.ForgetCalls()
	out := w.pass()
	if kinds(out) != "leave:18 update-branch:2" || strings.Count(actionsOf(out), "it conflicts with the base branch") != 2 {
		t.Errorf("%s", actionsOf(out))
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

func actionsOf(out *Outcome) string {
	var list []string
	for _, a := range out.Actions {
		list = append(list, a.String())
	}
	return strings.Join(list, "\n")
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
	want := "chore: 2 names\n\nCo-authored-by: A B <a@b.example>\nSigned-off-by: canonicalize[bot] <" + pr.Commits[0].AuthorRaw + ">"
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
	if len(issues) != 1 || issues[0].Title != "Canonicalize: the configuration needs a change" || !strings.Contains(issues[0].Body, "1:1: facade: there is no such field") {
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

func TestRenamed(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.must(w.sim.As("boss").Rename(full, "store"))
	if out := w.quiet(); out.Repository.FullName != "acme/store" || out.Open != 3 {
		t.Errorf("%d open in %s", out.Open, out.Repository.FullName)
	}
	_, err := w.sim.As("dev").Push("acme/store", "main", "More", map[string][]byte{"src/search/a_new.py": []byte(consumer(5))})
	w.must(err)
	if out := w.pass(); kinds(out) != "leave:3 open:1" {
		t.Errorf("after the rename: %s", kinds(out))
	}
	w.quiet()
}

// TestRefusedPushes: what a server refuses is told in words, with what helps,
// and never as the server wrote it.
func TestRefusedPushes(t *testing.T) {
	for _, c := range []struct {
		name string
		rule githubsim.Protection
		want string
	}{
		{"creations", githubsim.Protection{Ruleset: "no", RestrictCreations: true}, "set pull_requests.branch_prefix"},
		{"creations, classic", githubsim.Protection{RestrictCreations: true}, "set pull_requests.branch_prefix"},
		{"signatures", githubsim.Protection{Ruleset: "signed", RequireSignatures: true}, "set pull_requests.commits to verified"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, boarded(""))
			c.rule.Branch = "canonicalize/*"
			w.must(w.sim.As("boss").Protect(full, c.rule))
			out := w.pass()
			body := w.dashboard().Body
			if len(w.pulls()) != 0 || !strings.Contains(body, "branches could not be pushed: ") || !strings.Contains(body, c.want) {
				t.Errorf("%d pull requests, %+v\n%s", len(w.pulls()), out.Problems, body)
			}
			for _, raw := range []string{"GH0", "remote:", "refs/heads", "hook"} {
				if strings.Contains(body, raw) {
					t.Errorf("the dashboard has %q:\n%s", raw, body)
				}
			}
			w.must(w.sim.As("boss").Unprotect(full))
			w.pass()
			w.expect(firstPulls)
		})
	}
}

// TestBranchInTheWay: a branch called canonicalize makes canonicalize/…
// impossible. That is found before anything is pushed, and told.
func TestBranchInTheWay(t *testing.T) {
	w := newWorld(t, boarded(""))
	w.push("dev", "canonicalize", map[string]string{"NEWS": "x\n"})
	w.sim.ForgetCalls()
	w.pass()
	for _, call := range w.sim.Calls() {
		if call.Method == "PUSH" {
			t.Error("pushed in vain")
		}
	}
	if body := w.dashboard().Body; len(w.pulls()) != 0 || !strings.Contains(body, "the branch canonicalize is in the way") || !strings.Contains(body, "such as canonicalize-") {
		t.Errorf("%d pull requests\n%s", len(w.pulls()), body)
	}
	w.quiet()
	w.push("dev", "main", map[string]string{config.Path: boarded("  branch_prefix: canonicalize-\n")[config.Path]})
	w.pass()
	w.expect(firstPulls)
	w.quiet()
}
