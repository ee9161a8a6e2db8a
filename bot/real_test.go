package bot

import (
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/codemod"
)

// sampleShop reads the sample repository that the command line carries.
func sampleShop(t *testing.T) map[string]string {
	t.Helper()
	const root = "../cmd/canonicalize/sample/tree"
	files := make(map[string]string)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(name)] = string(src)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestRealCodemod: the whole way with the real codemod, merging everything
// until nothing is left to change.
func TestRealCodemod(t *testing.T) {
	w := newWorld(t, sampleShop(t))
	w.opts.Codemod = codemod.Plan
	w.opts.Facades = []string{"shop.models", "shop.app"}
	w.restart()
	out := w.pass()
	if out.Refused != "" || len(out.Result.Changes) == 0 || len(w.pulls()) == 0 {
		t.Fatalf("refused %q, %d changes", out.Refused, len(out.Result.Changes))
	}
	for _, pr := range w.pulls() {
		for _, f := range pr.Files {
			if strings.Contains(f.Patch, "+from shop.models import") && !strings.Contains(f.Patch, "-from shop.models import") {
				t.Errorf("%s: %s", f.Path, f.Patch)
			}
		}
	}
	w.quiet()
	merged := 0
	for range 20 {
		open := 0
		for _, pr := range w.pulls() {
			if pr.State == "open" {
				open++
				merged++
				w.must(w.sim.As("boss").Merge(full, pr.Number, "squash"))
			}
		}
		if open == 0 {
			break
		}
		out = w.pass()
	}
	if len(out.Result.Changes) != 0 || out.Open != 0 {
		t.Errorf("after merging %d pull requests %d files are left to change", merged, len(out.Result.Changes))
	}
	files := make(map[string]bool)
	for _, pr := range w.pulls() {
		for _, f := range pr.Files {
			if files[f.Path] {
				t.Errorf("%s was changed by two pull requests", f.Path)
			}
			files[f.Path] = true
		}
	}
	w.quiet()
}

// TestAnyOrder: every pull request merges alone and in any order. After each
// merge the program's own tests pass under CPython, and in the end every order
// has made the same program.
func TestAnyOrder(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("python3 is needed to run the merged programs: install it")
	}
	var mu sync.Mutex
	trees := map[string]bool{}
	t.Run("orders", func(t *testing.T) {
		for seed := range int64(3) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				files := sampleShop(t)
				files[config.Path] = "facades: [shop.app, shop.models]\npull_requests: {max_open: 0, max_open_per_team: 0, max_files: 12}\n"
				w := newWorld(t, files)
				w.opts.Codemod = codemod.Plan
				w.restart()
				w.pass()
				pulls := w.pulls()
				if len(pulls) < 5 {
					t.Fatalf("%d pull requests", len(pulls))
				}
				for _, i := range rand.New(rand.NewSource(seed)).Perm(len(pulls)) {
					w.must(w.sim.As("boss").Merge(full, pulls[i].Number, "squash"))
					w.runs(python)
				}
				mu.Lock()
				trees[w.tree()] = true
				mu.Unlock()
				if out := w.pass(); len(out.Result.Changes) != 0 {
					t.Errorf("%d files are left to change", len(out.Result.Changes))
				}
				w.quiet()
			})
		}
	})
	if len(trees) != 1 {
		t.Errorf("the orders made %d trees", len(trees))
	}
}

func (w *world) tree() string {
	dir, err := w.sim.GitDir(full)
	w.must(err)
	out, err := exec.Command("git", "-C", dir, "rev-parse", "main^{tree}").Output()
	w.must(err)
	return string(out)
}

// runs checks the program on the default branch out, and runs its tests.
func (w *world) runs(python string) {
	w.t.Helper()
	dir, err := w.sim.GitDir(full)
	w.must(err)
	work := w.t.TempDir()
	for _, args := range [][]string{
		{"sh", "-c", "git -C " + dir + " archive main | tar -x -C " + work},
		{python, "-m", "unittest", "-q"},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = work
		if out, err := cmd.CombinedOutput(); err != nil {
			w.t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
}

// TestReadsAreFew: how much is asked of GitHub for one pull request, so that a
// large changeset stays within the limits.
func TestReadsAreFew(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	count := func() (rest, push, fetch int) {
		for _, call := range w.sim.Calls() {
			switch {
			case call.Method == "PUSH":
				push++
			case call.Method == "FETCH":
				fetch++
			case !tokens(call):
				rest++
			}
		}
		return rest, push, fetch
	}
	rest, push, _ := count()
	t.Logf("first pass with three pull requests: %d requests, %d pushes", rest, push)
	// who the bot is and its number, repository (and twice more to see that fresh tokens work for git), pull requests, issues, three
	// teams, checks, statuses, labels, a label that is missing; then three for each
	if rest > 14+3*3 || push != 1 {
		t.Errorf("%d requests, %d pushes", rest, push)
	}
	w.sim.ForgetCalls()
	w.pass()
	rest, push, _ = count()
	t.Logf("second pass: %d requests", rest)
	if rest > 6 || push != 0 {
		t.Errorf("second pass: %d requests, %d pushes", rest, push)
	}
}

func tokens(call githubsim.Call) bool { return strings.HasSuffix(call.Path, "/access_tokens") }
