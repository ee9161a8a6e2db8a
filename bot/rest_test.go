package bot

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/githubsim"
)

// TestRestInterrupted: the comments with what a body has no room for come with
// the next pass, once.
func TestRestInterrupted(t *testing.T) {
	files := shop()
	files["src/misc/file0.py"] += strings.Repeat("    from app.models import Nobody\n", 900)
	w := newWorld(t, files)
	failed := false
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if failed || r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/comments") {
			return nil
		}
		failed = true
		return &githubsim.Fault{Status: http.StatusBadGateway}
	})
	if _, err := w.try(); err == nil || !failed {
		t.Fatal("the failure is not told")
	}
	w.restart()
	w.pass()
	pr := w.pull("src/misc")
	if len(pr.Comments) == 0 || !strings.Contains(pr.Comments[0].Body, "has no room for") || !strings.Contains(pr.Body, "in the comments below") {
		t.Errorf("%d comments", len(pr.Comments))
	}
	w.quiet()
}

// What a body has no room for is in comments, in the order that it had, and
// nothing is lost: every row is in the body or in one of them.
func TestRestOfALongBody(t *testing.T) {
	var table strings.Builder
	table.WriteString("| name | read through |\n|---|---|\n")
	const rows = 4000
	for i := range rows {
		fmt.Fprintf(&table, "| `Name%04d` | `%s` |\n", i, strings.Repeat("facade.", 5))
	}
	body, rest := assemble([]string{"First.\n", table.String(), "Last.\n"}, "<!-- marker -->", github.MaxBody)
	if n := units(body); n > github.MaxBody {
		t.Errorf("the body has %d characters", n)
	}
	comments := pages(rest, github.MaxBody)
	if len(comments) < 2 {
		t.Fatalf("%d comments for %d lines", len(comments), len(rest))
	}
	all := body
	for _, c := range comments {
		if n := units(c); n > github.MaxBody-100 {
			t.Errorf("a comment has %d characters", n)
		}
		all += c
	}
	last := -1
	for i := range rows {
		at := strings.Index(all, fmt.Sprintf("`Name%04d`", i))
		if at < last {
			t.Fatalf("row %d is missing or before the one above it", i)
		}
		last = at
	}
}
