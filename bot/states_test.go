package bot

import (
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

// TestStates goes once through what can become of a pull request of the bot, of
// its branch and of its repository on GitHub: what the passes after it do, and
// that they come to rest.
func TestStates(t *testing.T) {
	moved := map[string]string{"src/billing/part0.py": conflicting(0)}
	for _, c := range []struct {
		name string
		do   func(w *world, pr *githubsim.PullRequest)
		push map[string]string // to main, afterwards
		want string            // actions of the next pass
	}{
		{"locked, and nothing happens", func(w *world, pr *githubsim.PullRequest) { w.must(w.sim.As("boss").Lock(full, pr.Number, true)) }, nil, "leave:3"},
		{"locked, and it conflicts", func(w *world, pr *githubsim.PullRequest) { w.must(w.sim.As("boss").Lock(full, pr.Number, true)) }, moved, "leave:2 update-branch:1"},
		{"locked, and somebody pushed", func(w *world, pr *githubsim.PullRequest) {
			w.must(w.sim.As("boss").Lock(full, pr.Number, true))
			w.push("boss", pr.Head, map[string]string{"NEWS": "x\n"})
		}, nil, "leave:3"},
		{"locked, and nothing is left", func(w *world, pr *githubsim.PullRequest) { w.must(w.sim.As("boss").Lock(full, pr.Number, true)) }, map[string]string{
			"src/billing/part0.py": "x = 1\n", "src/billing/part1.py": "x = 1\n", "src/billing/part2.py": "x = 1\n", "src/billing/part3.py": "x = 1\n",
		}, "close-empty:1 leave:2"},
		{"made a draft", func(w *world, pr *githubsim.PullRequest) { w.must(w.sim.As("boss").SetDraft(full, pr.Number, true)) }, moved, "leave:2 update-branch:1"},
		{"closed", func(w *world, pr *githubsim.PullRequest) { w.must(w.sim.As("boss").Close(full, pr.Number)) }, moved, "leave:3"},
		{"closed, and its branch deleted", func(w *world, pr *githubsim.PullRequest) {
			w.must(w.sim.As("boss").DeleteBranch(full, pr.Head))
		}, moved, "leave:3"},
		{"closed, its branch deleted and restored, and reopened", func(w *world, pr *githubsim.PullRequest) {
			w.must(w.sim.As("boss").DeleteBranch(full, pr.Head))
			w.git("main", []string{"fetch", "-q", "origin", pr.HeadSHA}, []string{"push", "-q", "origin", pr.HeadSHA + ":refs/heads/" + pr.Head})
			w.must(w.sim.As("boss").Reopen(full, pr.Number))
		}, moved, "leave:2 update-branch:1"},
		{"merged", func(w *world, pr *githubsim.PullRequest) { w.must(w.sim.As("boss").Merge(full, pr.Number, "merge")) }, nil, "leave:2"},
		{"merged, and its branch restored", func(w *world, pr *githubsim.PullRequest) {
			w.must(w.sim.As("boss").Merge(full, pr.Number, "squash"))
			w.git("main", []string{"fetch", "-q", "origin", pr.HeadSHA}, []string{"push", "-q", "origin", pr.HeadSHA + ":refs/heads/" + pr.Head})
		}, nil, "leave:2"},
		{"moved to another base", func(w *world, pr *githubsim.PullRequest) {
			w.push("boss", "next", map[string]string{"NEWS": "x\n"})
			w.must(w.sim.As("boss").ChangeBase(full, pr.Number, "next"))
		}, nil, "leave:3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, shop())
			w.pass()
			c.do(w, w.pull("src/billing"))
			if c.push != nil {
				w.push("dev", "main", c.push)
			}
			out := w.pass()
			if kinds(out) != c.want || len(out.Problems) != 1 {
				t.Errorf("%s, want %s; problems %+v", kinds(out), c.want, out.Problems)
			}
			w.quiet()
		})
	}
}

// TestRepositoryMoves: an archived repository is left alone and taken up again,
// one that was renamed or transferred stays the same.
func TestRepositoryMoves(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.must(w.sim.As("boss").Archive(full, true))
	if out := w.quiet(); !strings.Contains(out.Refused, "archived") {
		t.Errorf("archived: %q", out.Refused)
	}
	w.must(w.sim.As("boss").Archive(full, false))
	if out := w.quiet(); kinds(out) != "leave:3" {
		t.Errorf("unarchived: %s", kinds(out))
	}
	w.must(w.sim.As("boss").Rename(full, "store"))
	if out := w.quiet(); kinds(out) != "leave:3" {
		t.Errorf("renamed: %s", kinds(out))
	}
}

// TestForkIsGone: a pull request whose fork was deleted is reviewed no more, and
// stops nothing.
func TestForkIsGone(t *testing.T) {
	w := commandWorld(t)
	w.must(w.sim.As("eve").Fork(full))
	_, err := w.sim.As("eve").Push("eve/shop", "feature", "Work", map[string][]byte{"src/search/fresh.py": []byte(fresh)})
	w.must(err)
	n, err := w.sim.As("eve").OpenPull(full, githubsim.NewPull{Title: "From a fork", Head: "eve:feature"})
	w.must(err)
	w.must(w.sim.As("eve").DeleteRepo("eve/shop"))
	w.review(n)
	w.says(w.command("ada", n, "/canonicalize"), "I do not push to forks")
	if out := w.pass(); kinds(out) != "open:3" {
		t.Errorf("%s", kinds(out))
	}
}
