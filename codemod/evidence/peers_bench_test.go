//go:build unix

package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/codemod/evidence/monolith"
)

// astGrep is the package that ships the ast-grep binary.
const astGrep = "@ast-grep/cli-linux-x64-gnu@0.51.1"

// peerRun is the generated code base as the peers need it.
type peerRun struct {
	bare, sha, checkout string
	homes               map[string]string // name to module
	changed             []string          // files that the plan changes and peers take for Python
}

// BenchmarkPeers times the whole plan from a bare repository, and in the same
// run what others do on a checkout with two processes: each does a part of it.
func BenchmarkPeers(b *testing.B) {
	run := newPeerRun(b)
	plan := fastest(func() { planOnce(b, run.bare, run.sha) })
	b.ReportMetric(plan.Seconds(), "plan-s")
	for _, peer := range []struct {
		name string
		make func(*testing.B) *exec.Cmd
	}{
		{"git-grep", run.gitGrep}, {"ast-grep-search", run.astGrep}, {"isort-of-changed", run.isort}, {"libcst", run.libcst},
	} {
		if peer.make(b) == nil {
			b.Logf("%s is not here", peer.name)
			continue
		}
		took := fastest(func() {
			if out, err := peer.make(b).Output(); err != nil {
				b.Errorf("%s: %v: %.300s", peer.name, err, out)
			}
		})
		b.Logf("%-17s %7.3f s, %6.2f times the plan", peer.name, took.Seconds(), took.Seconds()/plan.Seconds())
		b.ReportMetric(took.Seconds()/plan.Seconds(), peer.name+"/plan")
	}
}

// fastest is how long the fastest of three runs takes.
func fastest(f func()) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	return best
}

func newPeerRun(b *testing.B) *peerRun {
	run := &peerRun{bare: filepath.Join(b.TempDir(), "monolith.git"), checkout: b.TempDir(), homes: map[string]string{}}
	t := monolith.Generate(monolith.Spec{Seed: 1})
	var err error
	if run.sha, err = monolith.WriteGit(context.Background(), run.bare, t); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", `git -C "$0" archive "$1" | tar -x -C "$2"`, run.bare, run.sha, run.checkout)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("check out: %v: %s", err, out)
	}
	for _, c := range planOnce(b, run.bare, run.sha).Changes {
		for _, n := range c.Names {
			run.homes[n.Name], _, _ = strings.Cut(n.Home, ":")
		}
		if strings.HasSuffix(c.Path, ".py") {
			run.changed = append(run.changed, c.Path)
		}
	}
	slices.Sort(run.changed)
	return run
}

func (r *peerRun) gitGrep(*testing.B) *exec.Cmd {
	return exec.Command("git", "-C", r.bare, "grep", "-l", monolith.Facade, r.sha)
}

// astGrep searches only: it cannot be given a table of homes.
func (r *peerRun) astGrep(b *testing.B) *exec.Cmd {
	binary := astGrepBinary(b)
	if binary == "" {
		return nil
	}
	cmd := exec.Command(binary, "run", "--lang", "python", "--pattern", "from "+monolith.Facade+" import $$$NAMES", "--json=stream", "src", "tests")
	cmd.Dir = r.checkout
	return cmd
}

// isort is what others need to run after a rewrite. It changes nothing: the
// files are as they were.
func (r *peerRun) isort(*testing.B) *exec.Cmd {
	if _, err := exec.LookPath("isort"); err != nil {
		return nil
	}
	cmd := exec.Command("isort", append([]string{"--jobs", "2", "--quiet"}, r.changed...)...)
	cmd.Dir = r.checkout
	return cmd
}

// libcst gets the table of homes from the plan.
func (r *peerRun) libcst(b *testing.B) *exec.Cmd {
	if exec.Command("python3", "-c", "import libcst").Run() != nil {
		return nil
	}
	request, err := json.Marshal(map[string]any{"facade": monolith.Facade, "homes": r.homes, "paths": r.changed})
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
