package preview

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// missing skips a test for want of what is not installed; where CI=true it fails.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// axe is the program that looks for what keeps people from using a page (https://github.com/dequelabs/axe-core), as
// npm installs it into the user's cache folder.
func axe(t *testing.T) string {
	t.Helper()
	lock, err := os.ReadFile("testdata/node/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "canonicalize-pages", fmt.Sprintf("node-%.8x", sha256.Sum256(lock)))
	program := filepath.Join(folder, "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(program); err != nil {
		if _, err := exec.LookPath("npm"); err != nil {
			missing(t, "npm is not installed, so axe is not asked about the pages: %v", err)
		}
		if err := install(folder); err != nil {
			missing(t, "npm cannot install axe, so it is not asked about the pages: %v", err)
		}
	}
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// install lets npm install what testdata/node names into a folder, which appears when it is complete.
func install(folder string) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(folder), "npm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.CopyFS(work, os.DirFS("testdata/node")); err != nil {
		return err
	}
	cmd := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	if err := os.Rename(work, folder); err != nil && !os.IsExist(err) {
		return err
	}
	return nil
}

// violation is a rule of axe that a page breaks.
type violation struct {
	ID, Help string
	Nodes    []struct{ HTML string }
}

// violations asks axe about the page that is shown, by every rule of WCAG 2.1 AA (https://www.w3.org/TR/WCAG21/) and
// of good practice.
func violations(ctx context.Context, program string) ([]violation, error) {
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[int](program+";0")); err != nil {
		return nil, err
	}
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	if err != nil {
		return nil, err
	}
	var found []violation
	return found, json.Unmarshal([]byte(answer), &found)
}
