package canonicalize

import (
	"os"
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
