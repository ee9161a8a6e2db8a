//go:build unix

package evidence

import (
	"context"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/evidence/monolith"
)

var large = flag.Bool("evidence.large", false, "plan generated code bases of up to 50,000 files too")

// BenchmarkGenerated plans a generated code base from a bare repository: listing,
// reading, facts, resolution, rewrite, proof, simulated import order, report.
// In the same run `git grep -l` looks for the facade over the same commit,
// which is the limit of what reading everything once can cost.
func BenchmarkGenerated(b *testing.B) {
	for _, files := range []int{monolith.DefaultFiles, 10_000, 20_000, 50_000} {
		b.Run(strconv.Itoa(files), func(b *testing.B) {
			if files > monolith.DefaultFiles && !*large {
				b.Skip("needs -evidence.large")
			}
			dir := filepath.Join(b.TempDir(), "monolith.git")
			sha, err := monolith.WriteGit(context.Background(), dir, monolith.Generate(monolith.Spec{Seed: 1, Files: files}))
			if err != nil {
				b.Fatal(err)
			}
			var grep time.Duration
			peak := watchMemory()
			for b.Loop() {
				planOnce(b, dir, sha)
				b.StopTimer()
				grep += grepOnce(b, dir, sha)
				b.StartTimer()
			}
			b.ReportMetric(float64(peak())/1e6, "peak-MB")
			b.ReportMetric(float64(b.Elapsed())/float64(grep), "x-grep")
		})
	}
}

// BenchmarkGeneratedPush plans after a push that changes ten files, from what
// the passes before it kept, and, in the same run, from nothing: pushes that
// move lines, that change what files import and declare, and that bring files.
func BenchmarkGeneratedPush(b *testing.B) {
	for _, p := range []struct {
		name string
		push func(path, src string, push int) (string, string)
	}{
		{"lines", func(path, src string, push int) (string, string) {
			return path, fmt.Sprintf("# pushed %d\n%s\n# pushed %d\n", push, src, push)
		}},
		{"imports", func(path, src string, push int) (string, string) {
			return path, fmt.Sprintf("%s\nimport pushed_%d\n\n\ndef pushed_%d():\n    return pushed_%d\n", src, push, push, push)
		}},
		{"files", func(path, src string, push int) (string, string) {
			return strings.TrimSuffix(path, ".py") + fmt.Sprintf("_pushed_%d.py", push), src
		}},
	} {
		b.Run(p.name, func(b *testing.B) { planAfterPushes(b, p.push) })
	}
}

func planAfterPushes(b *testing.B, change func(path, src string, push int) (string, string)) {
	dir := filepath.Join(b.TempDir(), "monolith.git")
	t := monolith.Generate(monolith.Spec{Seed: 1})
	sha, err := monolith.WriteGit(context.Background(), dir, t)
	if err != nil {
		b.Fatal(err)
	}
	cache := codemod.NewCache()
	known := &git.Listing{}
	planAgain(b, dir, sha, cache, known)
	var full time.Duration
	for push := 0; b.Loop(); push++ {
		b.StopTimer()
		sha = pushTen(b, dir, sha, t, push, change)
		runtime.GC() // neither pays for the garbage of the other
		start := time.Now()
		planOnce(b, dir, sha)
		full += time.Since(start)
		runtime.GC()
		b.StartTimer()
		planAgain(b, dir, sha, cache, known)
	}
	b.ReportMetric(100*float64(b.Elapsed())/float64(full), "%-of-full")
}

func planOnce(b *testing.B, dir, sha string) *codemod.Result {
	b.Helper()
	return planAgain(b, dir, sha, nil, &git.Listing{})
}

// planAgain plans with what was kept of earlier commits.
func planAgain(b *testing.B, dir, sha string, cache *codemod.Cache, known *git.Listing) *codemod.Result {
	b.Helper()
	repo, err := git.Local(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer repo.Close()
	repo.Remember(known)
	t, err := repo.Tree(b.Context(), sha)
	if err != nil {
		b.Fatal(err)
	}
	result, err := codemod.Plan(context.Background(), t, codemod.Rules{Facades: []string{monolith.Facade}}, codemod.Options{Cache: cache})
	if err != nil {
		b.Fatal(err)
	}
	if len(result.Changes) == 0 {
		b.Fatal("the plan changes nothing")
	}
	return result
}

func grepOnce(b *testing.B, dir, sha string) time.Duration {
	b.Helper()
	start := time.Now()
	if out, err := exec.Command("git", "-C", dir, "grep", "-l", monolith.Facade, sha).Output(); err != nil || len(out) == 0 {
		b.Fatal("git grep: ", err)
	}
	return time.Since(start)
}

// pushTen commits a change of ten files, the n-th ones of the code base.
func pushTen(b *testing.B, dir, parent string, t *monolith.Tree, push int, change func(path, src string, push int) (string, string)) string {
	b.Helper()
	var in strings.Builder
	fmt.Fprintf(&in, "commit refs/heads/pushed\nmark :1\ncommitter A <a@example.com> 1700000000 +0000\ndata 1\nx\nfrom %s\n", parent)
	paths := t.Paths()
	for k := range 10 {
		path := paths[(push*10+k)*37%len(paths)]
		path, src := change(path, string(t.Read(path)), push)
		fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", path, len(src), src)
	}
	cmd := exec.Command("git", "-C", dir, "fast-import", "--quiet", "--force")
	cmd.Stdin = strings.NewReader(in.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("git fast-import: %v: %s", err, out)
	}
	out, err := exec.Command("git", "-C", dir, "rev-parse", "refs/heads/pushed").Output()
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
