//go:build unix

package bot

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/review"
	"github.com/canonicalize/canonicalize/bot/reviewer"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/evidence/monolith"
)

// BenchmarkReview reviews pull requests of 20 and of 5,000 changed files on a
// code base of 5,310 Python files, from the commits as they were fetched to
// the texts that are sent. The facts are those that a pass has kept.
func BenchmarkReview(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "monolith.git")
	t := monolith.Generate(monolith.Spec{Seed: 1})
	base, err := monolith.WriteGit(context.Background(), dir, t)
	if err != nil {
		b.Fatal(err)
	}
	cache := codemod.NewCache()
	for _, n := range []int{20, 5000} {
		head := importEverywhere(b, dir, base, t, n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			repo, err := git.Local(dir)
			if err != nil {
				b.Fatal(err)
			}
			defer repo.Close()
			reviewOnce(b, repo, base, base, cache)
			findings, before := 0, processorTime(b)
			for b.Loop() {
				findings = reviewOnce(b, repo, base, head, cache)
			}
			b.ReportMetric(float64(processorTime(b)-before)/1e6/float64(b.N), "cpu-ms/op")
			if findings < n {
				b.Fatalf("%d findings in %d files", findings, n)
			}
			b.ReportMetric(float64(findings), "findings")
		})
	}
}

// processorTime is what this process has used so far. On a busy machine it
// tells more than the time that has passed.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func reviewOnce(b *testing.B, repo *git.Repository, base, head string, cache *codemod.Cache) int {
	b.Helper()
	d, err := site.DiffOf(b.Context(), repo, base, head)
	if err != nil {
		b.Fatal(err)
	}
	rules := codemod.Rules{Facades: []string{monolith.Facade}}
	r, err := codemod.Compare(context.Background(), d.Base, d.Head, d.ReviewFiles(), rules, codemod.Options{Cache: cache, Fixes: reviewer.WorkedOut})
	if err != nil {
		b.Fatal(err)
	}
	files, err := reviewer.Commentable(d, r)
	if err != nil {
		b.Fatal(err)
	}
	review.Sync(review.Comments(r, files, review.Commit), nil, nil, nil)
	review.Check(r, review.Commit)
	return len(r.Findings)
}

// importEverywhere commits one more import through the facade in n files.
func importEverywhere(b *testing.B, dir, base string, t *monolith.Tree, n int) string {
	b.Helper()
	var in bytes.Buffer
	fmt.Fprintf(&in, "commit refs/heads/change%d\nmark :1\ncommitter A <a@example.com> 1700000000 +0000\ndata 1\nx\nfrom %s\n", n, base)
	done := 0
	for _, path := range t.Paths() {
		if done == n || !strings.HasSuffix(path, ".py") || strings.HasSuffix(path, "__init__.py") {
			continue
		}
		done++
		src := string(t.Read(path)) + "\n\ndef newly():\n    from " + monolith.Facade + " import Organization, Project\n    return Organization, Project\n"
		fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", path, len(src), src)
	}
	cmd := exec.Command("git", "-C", dir, "fast-import", "--quiet", "--force")
	cmd.Stdin = &in
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("git fast-import: %v: %s", err, out)
	}
	out, err := exec.Command("git", "-C", dir, "rev-parse", fmt.Sprintf("refs/heads/change%d", n)).Output()
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
