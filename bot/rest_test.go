package bot

import (
	"net/http"
	"strings"
	"testing"

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
