package monolith

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestCountsOfTheOriginal(t *testing.T) {
	tree := Generate(Spec{Seed: 1})
	s := tree.Stats
	want := Stats{Files: 5310, Other: s.Other, Submodules: 121, FacadeNames: 890, Accidental: 342, Clobbered: 17,
		MultiHop: 69, Consumers: 1720, References: 4900, Local: 213, TypeOnly: 60, Attributes: 145,
		AttrFiles: 6, Patches: 48, Scripts: 5}
	if s != want {
		t.Errorf("counts\n got %+v\nwant %+v", s, want)
	}
	var total, files int
	for _, path := range tree.Paths() {
		if strings.HasSuffix(path, ".py") || strings.HasPrefix(path, "bin/") {
			total += len(tree.Read(path))
			files++
		}
	}
	if files != s.Files {
		t.Errorf("%d Python files, counted %d", files, s.Files)
	}
	if mb := float64(total) / 1e6; mb < 29 || mb > 34 {
		t.Errorf("%.1f MB of Python, want about 31", mb)
	}
}

// What the facade re-exports is counted anew from its text.
func TestFacadeTextHasTheCountedNames(t *testing.T) {
	tree := Generate(Spec{Seed: 2, PythonOnly: true})
	names, stars := map[string]bool{}, 0
	for line := range strings.Lines(string(tree.Read("src/sentry/models/__init__.py"))) {
		sub := strings.Fields(line)[1]
		stars++
		for _, name := range publicNames(tree.Read("src/sentry/models" + strings.ReplaceAll(sub, ".", "/") + ".py")) {
			names[name] = true
		}
	}
	if len(names) != 890 || stars != 121 {
		t.Errorf("%d names through %d stars, want 890 through 121", len(names), stars)
	}
}

var (
	declares    = regexp.MustCompile(`(?m)^(?:class|def) (\w+)|^(\w+) = `)
	importsFrom = regexp.MustCompile(`(?m)^from [\w.]+ import (?:\(([^)]+)\)|([\w, ]+)$)`)
)

// publicNames are what a star import of a module's text takes.
func publicNames(src []byte) []string {
	var names []string
	for _, m := range declares.FindAllSubmatch(src, -1) {
		names = append(names, string(m[1])+string(m[2]))
	}
	for _, m := range importsFrom.FindAllSubmatch(src, -1) {
		names = append(names, strings.FieldsFunc(string(m[1])+string(m[2]), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })...)
	}
	public := names[:0]
	for _, name := range names {
		if !strings.HasPrefix(name, "_") && name != "annotations" {
			public = append(public, name)
		}
	}
	return public
}

func TestSameSpecGivesTheSameCommit(t *testing.T) {
	var shas []string
	for range 2 {
		sha, err := WriteGit(context.Background(), filepath.Join(t.TempDir(), "r.git"), Generate(Spec{Seed: 7, Files: 300}))
		if err != nil {
			t.Fatal(err)
		}
		shas = append(shas, sha)
	}
	if shas[0] != shas[1] {
		t.Errorf("commits %v differ", shas)
	}
}

// A generated tree is a program: CPython imports every module of it.
func TestCPythonImportsEveryModule(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("python3 is needed to check generated code: install it")
	}
	dir := t.TempDir()
	tree := Generate(Spec{Seed: 3, Files: 400, PythonOnly: true})
	for _, path := range tree.Paths() {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, tree.Read(path), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const program = `
import importlib, pathlib, sys
sys.path[:0] = ["src", "."]
for p in sorted(pathlib.Path(".").rglob("*.py")):
    parts = list(p.with_suffix("").parts)
    parts = parts[1:] if parts[0] == "src" else parts
    importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
for p in pathlib.Path("bin").iterdir():
    exec(compile(p.read_text(), str(p), "exec"), {})
`
	cmd := exec.Command(python, "-c", program)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
