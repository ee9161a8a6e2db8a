package canonicalize

import (
	"os"
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

// The tour of the codemod names files that are there, and leaves out none that a plan goes through.
func TestTourNamesFiles(t *testing.T) {
	tour, err := os.ReadFile("codemod/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, name := range regexp.MustCompile(`\w+\.go\b`).FindAllString(string(tour), -1) {
		named[name] = true
		if _, err := os.Stat("codemod/" + name); err != nil {
			t.Errorf("codemod/doc.go leads to %s: %v", name, err)
		}
	}
	for _, name := range []string{"load.go", "find.go", "apply.go", "prove.go", "order.go", "report.go"} {
		if !named[name] {
			t.Errorf("codemod/doc.go does not lead to %s", name)
		}
	}
}
