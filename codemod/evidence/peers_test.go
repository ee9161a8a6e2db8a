package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/evidence/monolith"
)

// astGrep is the package that ships the ast-grep binary.
const astGrep = "@ast-grep/cli-linux-x64-gnu@0.51.1"

// peerRun is the generated code base as the peers need it.
type peerRun struct {
	bare, sha string
	checkout  string
	result    *codemod.Result
}

// BenchmarkPeers times the whole plan from a bare repository, and in the same
// run what others do on a checkout with two processes: each does a part of it.
func BenchmarkPeers(b *testing.B) {
	if !*large {
		b.Skip("needs -evidence.large")
	}
	run := newPeerRun(b)
	plan := run.plan(b)
	b.ReportMetric(plan.Seconds(), "plan-s")
	peers := []struct {
		name string
		run  func(testing.TB) *exec.Cmd
	}{
		{"git-grep", run.gitGrep}, {"ast-grep-search", run.astGrep}, {"isort-of-changed", run.isort}, {"libcst", run.libcst},
	}
	for _, peer := range peers {
		cmd := peer.run(b)
		if cmd == nil {
			b.Logf("%s is not here", peer.name)
			continue
		}
		start := time.Now()
		if out, err := cmd.Output(); err != nil {
			b.Errorf("%s: %v: %.300s", peer.name, err, out)
			continue
		}
		took := time.Since(start)
		b.Logf("%-17s %7.3f s, %6.2f times the plan", peer.name, took.Seconds(), took.Seconds()/plan.Seconds())
		b.ReportMetric(took.Seconds()/plan.Seconds(), peer.name+"/plan")
	}
}

func newPeerRun(b *testing.B) *peerRun {
	run := &peerRun{bare: filepath.Join(b.TempDir(), "m.git"), checkout: b.TempDir()}
	var err error
	if run.sha, err = monolith.WriteGit(context.Background(), run.bare, monolith.Generate(monolith.Spec{Seed: 1})); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", "git -C \"$0\" archive \"$1\" | tar -x -C \"$2\"", run.bare, run.sha, run.checkout)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("check out: %v: %s", err, out)
	}
	return run
}

// plan plans three times and takes the fastest.
func (r *peerRun) plan(b *testing.B) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		tree, err := openBare(r.bare, r.sha)
		if err != nil {
			b.Fatal(err)
		}
		r.result = mustPlan(b, tree)
		tree.close()
		best = min(best, time.Since(start))
	}
	return best
}

func (r *peerRun) gitGrep(testing.TB) *exec.Cmd {
	return exec.Command("git", "-C", r.bare, "grep", "-l", monolith.Facade, r.sha)
}

// astGrep searches only: it cannot be given a table of homes.
func (r *peerRun) astGrep(b testing.TB) *exec.Cmd {
	cache, err := os.UserCacheDir()
	if err != nil {
		b.Fatal(err)
	}
	folder := filepath.Join(cache, "canonicalize-evidence", "ast-grep")
	binary := filepath.Join(folder, "node_modules/@ast-grep/cli-linux-x64-gnu/ast-grep")
	if _, err := os.Stat(binary); err != nil {
		if err := run(".", "npm", "install", "--silent", "--no-save", "--prefix", folder, astGrep); err != nil {
			b.Log(err)
			return nil
		}
	}
	cmd := exec.Command(binary, "run", "--lang", "python", "--pattern", "from "+monolith.Facade+" import $$$NAMES", "--json=stream", "src", "tests")
	cmd.Dir = r.checkout
	return cmd
}

// isort is what others need to run after a rewrite.
func (r *peerRun) isort(b testing.TB) *exec.Cmd {
	cmd := exec.Command("python3", append([]string{"-m", "isort", "--jobs", "2", "--quiet"}, r.modules()...)...)
	cmd.Dir = r.checkout
	cmd.Env = append(os.Environ(), "PYTHONPATH="+debian(b, "python3-isort", "python3-toml"))
	return cmd
}

// libcst gets the table of homes from the plan.
func (r *peerRun) libcst(b testing.TB) *exec.Cmd {
	if err := exec.Command("python3", "-c", "import libcst").Run(); err != nil {
		return nil
	}
	homes := map[string]string{}
	for _, c := range r.result.Changes {
		for _, n := range c.Names {
			homes[n.Name], _, _ = strings.Cut(n.Home, ":")
		}
	}
	request, err := json.Marshal(map[string]any{"facade": monolith.Facade, "homes": homes, "paths": r.modules()})
	if err != nil {
		b.Fatal(err)
	}
	script, err := filepath.Abs("testdata/peer_libcst.py")
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command("python3", script)
	cmd.Dir, cmd.Stdin = r.checkout, bytes.NewReader(request)
	return cmd
}

// modules are the changed files that peers recognise as Python.
func (r *peerRun) modules() []string {
	var paths []string
	for _, path := range changed(r.result) {
		if strings.HasSuffix(path, ".py") {
			paths = append(paths, path)
		}
	}
	return paths
}
