package sample

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/owners"
)

// python finds an interpreter, or skips; where CI=true there must be one.
func python(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no python3 on this machine: install Python 3.9 or newer")
	}
	t.Skip("no python3 on this machine: the sample's own tests are not run")
	return ""
}

func TestSampleTestsPass(t *testing.T) {
	interpreter, dir := python(t), t.TempDir()
	if err := Write(dir); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), interpreter, "-B", "-m", "unittest")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "OK") {
		t.Errorf("the sample's tests: %v\n%s", err, out)
	}
}

func TestFiles(t *testing.T) {
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	teams := map[string]int{}
	by := map[string]File{}
	for _, f := range files {
		by[f.Path] = f
	}
	codeowners := owners.Parse(".github/CODEOWNERS", by[".github/CODEOWNERS"].Content)
	if len(codeowners.Errors) > 0 {
		t.Errorf("CODEOWNERS: %v", codeowners.Errors)
	}
	for _, f := range files {
		for _, o := range codeowners.Owners(f.Path) {
			teams[o.Name]++
		}
		if len(codeowners.Owners(f.Path)) == 0 {
			teams[""]++
		}
	}
	for _, team := range []string{"@acme/identity", "@acme/catalog", "@acme/checkout", ""} {
		if teams[team] < 5 {
			t.Errorf("%q owns %d files", team, teams[team])
		}
	}
	if !by["scripts/shop-stats"].Executable || by["shop/app.py"].Executable {
		t.Error("only scripts are executable")
	}
	if _, ok := by["shop/models/__init__.py"]; !ok {
		t.Error("the facade is not embedded")
	}
}

func TestWriteModes(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "scripts", "shop-stats"))
	if err != nil || info.Mode().Perm()&0o111 == 0 {
		t.Errorf("scripts/shop-stats: %v, %v", info, err)
	}
}
