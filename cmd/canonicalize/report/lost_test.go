package report

import (
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

// What changed files bind and run no more is listed once a file, and nothing where nothing is lost.
func TestWriteLost(t *testing.T) {
	var b strings.Builder
	WriteLost(&b, []codemod.Change{{Path: "a.py"}, {Path: "b.py", Unbound: []string{"X", "Y"}}, {Path: "c.py", Unbound: []string{"Z"}}}, func(p string) string { return p })
	want := "Public names that modules no longer bind, since a star import became the names that are needed:\n    b.py: X, Y\n    c.py: Z\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
