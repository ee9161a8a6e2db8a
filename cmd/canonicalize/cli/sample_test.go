package cli

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/sample"
)

// The sample's own tests pass after its imports were rewritten, and a second run finds nothing to rewrite.
func TestApplySample(t *testing.T) {
	dir := t.TempDir()
	if err := sample.Write(dir); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		var out, log bytes.Buffer
		env := environment(t, &out, &log)
		env.Dir = dir
		if code := Run(t.Context(), env, append(args, "--facade", "shop.models", "--facade", "shop.app")); code != exitDone {
			t.Fatalf("%v ends with %d\n%s%s", args, code, &out, &log)
		}
		return out.String()
	}
	if out := run("apply"); !strings.Contains(out, "Rewrote ") {
		t.Errorf("apply says\n%s", out)
	}
	if out := run("apply", "--check"); !strings.Contains(out, "Nothing to rewrite") {
		t.Errorf("a second run says\n%s", out)
	}
	python, err := exec.LookPath("python3")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("no python3 on this machine: install Python 3.9 or newer")
	}
	if err != nil {
		t.Skip("no python3 on this machine: the sample's own tests are not run")
	}
	cmd := exec.CommandContext(t.Context(), python, "-B", "-m", "unittest")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "OK") {
		t.Errorf("the sample's tests: %v\n%s", err, out)
	}
}
