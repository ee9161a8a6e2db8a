package canonicalize

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

// The page for users explains every reason for which a reference is left.
func TestDocumentationNamesEveryReason(t *testing.T) {
	page, err := os.ReadFile("docs/codemod.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range codemod.Reasons() {
		if !strings.Contains(string(page), "| `"+string(r)+"` |") {
			t.Errorf("docs/codemod.md does not explain %s", r)
		}
		if r.Advice() == "" {
			t.Errorf("there is no advice for %s", r)
		}
	}
}

// The tour of the codemod, and of each of its rooms that has one, names every
// file that is there and none that is not.
func TestToursNameEveryFile(t *testing.T) {
	for _, room := range []string{"", "world", "refs", "proof", "rewrite", "importorder", "fixpoint", "review"} {
		folder := filepath.Join("codemod", room)
		tour, err := os.ReadFile(filepath.Join(folder, "doc.go"))
		if err != nil {
			t.Fatal(err)
		}
		named := map[string]bool{"doc.go": true}
		for _, name := range regexp.MustCompile(`\w+\.go\b`).FindAllString(string(tour), -1) {
			named[name] = true
			if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
				t.Errorf("%s/doc.go leads to %s: %v", folder, name, err)
			}
		}
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if name := filepath.Base(file); !named[name] && !strings.HasSuffix(name, "_test.go") {
				t.Errorf("%s/doc.go does not lead to %s", folder, name)
			}
		}
	}
}
