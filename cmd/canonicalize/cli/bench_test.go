package cli_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/codemod/evidence/monolith"
)

// BenchmarkApply writes the change of a generated code base of 5,310 Python
// files into its checkout, and in the same run only plans it there: both as
// whole processes.
func BenchmarkApply(b *testing.B) {
	dir := b.TempDir()
	binary, checkout := filepath.Join(dir, "canonicalize"), filepath.Join(dir, "checkout")
	command(b, "..", "go", "build", "-o", binary, ".")
	bare := filepath.Join(dir, "monolith.git")
	sha, err := monolith.WriteGit(context.Background(), bare, monolith.Generate(monolith.Spec{Seed: 1}))
	if err != nil {
		b.Fatal(err)
	}
	command(b, dir, "git", "clone", "-q", "--no-checkout", bare, checkout)
	command(b, checkout, "git", "checkout", "-q", sha)
	var plan time.Duration
	for b.Loop() {
		b.StopTimer()
		command(b, checkout, "git", "checkout", "-q", "--force", sha, "--", ".")
		start := time.Now()
		command(b, checkout, binary, "plan", "--facade", monolith.Facade)
		plan += time.Since(start)
		b.StartTimer()
		command(b, checkout, binary, "apply", "--facade", monolith.Facade)
	}
	b.ReportMetric(plan.Seconds()/float64(b.N), "plan-s")
	b.ReportMetric(float64(b.Elapsed())/float64(plan), "x-plan")
}

func command(b *testing.B, dir, name string, args ...string) {
	b.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "NO_COLOR=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
}
