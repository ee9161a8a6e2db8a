package evidence

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// nodeProgram is the command that runs a program of testdata/node, given what
// npm installed. Where node or npm are not, or what is needed cannot be
// fetched, the test is skipped, or fails in CI.
func nodeProgram(t testing.TB, program string, args ...string) *exec.Cmd {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing(t, "%s is not installed, so %s is not asked: %v", tool, program, err)
		}
	}
	script, err := filepath.Abs(filepath.Join("testdata/node", program))
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command("node", append([]string{script, nodePackages(t)}, args...)...)
}

// nodePackages is the folder in which npm installed the packages that
// testdata/node names. It is kept in the user's cache folder.
func nodePackages(t testing.TB) string {
	t.Helper()
	lock, err := os.ReadFile("testdata/node/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "canonicalize-evidence", fmt.Sprintf("node-%.8x", sha256.Sum256(lock)))
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	if err := installNode(folder); err != nil {
		missing(t, "what testdata/node names cannot be installed by npm: %v", err)
	}
	return folder
}

// installNode lets npm install the packages into a folder, which appears when
// it is complete.
func installNode(folder string) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(folder), "npm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join("testdata/node", name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(work, name), text, 0o644); err != nil {
			return err
		}
	}
	if err := run(work, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"); err != nil {
		return err
	}
	if err := os.Rename(work, folder); err != nil && !os.IsExist(err) {
		return err
	}
	return nil
}

// startPythonOnNode starts the driver under the CPython of an npm package,
// cpython314 or cpython315, which have syntax that the installed one has not.
func startPythonOnNode(t testing.TB, name string) *python {
	t.Helper()
	driver, err := filepath.Abs("testdata/driver.py")
	if err != nil {
		t.Fatal(err)
	}
	return startDriver(t, nodeProgram(t, "python.mjs", name, driver))
}

// ruff is a process that lints. It is used by one goroutine at a time.
type ruff struct{ *python }

// finding is what a linter says of a line.
type finding struct {
	Code, Message string
	Row           int
}

func startRuff(t testing.TB) *ruff {
	t.Helper()
	return &ruff{startDriver(t, nodeProgram(t, "ruff.mjs"))}
}

// lint says what ruff finds in files, with options as ruff.toml has them.
func (r *ruff) lint(t testing.TB, files map[string]string, options map[string]any) map[string][]finding {
	t.Helper()
	var answer struct{ Findings map[string][]finding }
	if err := r.call(map[string]any{"op": "lint", "files": files, "options": options}, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Findings
}
