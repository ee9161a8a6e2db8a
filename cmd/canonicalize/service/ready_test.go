package service

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/githubsim"
)

// What keeps the service from its work is told: a wrong key gravely, a GitHub that is away in passing. GitHub is asked
// once a minute at most.
func TestReadiness(t *testing.T) {
	sim := githubsim.ForTest(t, githubsim.Options{})
	sim.AddOrg("acme", "ada")
	app, err := sim.AddApp(githubsim.AppSpec{Slug: "canonicalize"})
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	gone := false
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		if gone {
			panic(http.ErrAbortHandler)
		}
		sim.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	as := func(id int64) *readiness {
		a, err := github.New(slog.New(slog.DiscardHandler), github.Options{BaseURL: proxy.URL, AppID: id, Key: app.PEM})
		if err != nil {
			t.Fatal(err)
		}
		return &readiness{data: t.TempDir(), app: a, now: time.Now}
	}
	r := as(int64(app.ID))
	for range 3 {
		if what, _ := r.look(t.Context()); what != "" {
			t.Errorf("all is well: %q", what)
		}
	}
	if calls != 1 {
		t.Errorf("GitHub was asked %d times", calls)
	}
	if what, grave := as(4711).look(t.Context()); !grave || !strings.Contains(what, "refuses the App ID") {
		t.Errorf("another App's number: %q, %v", what, grave)
	}
	gone = true
	r.until = time.Time{}
	if what, grave := r.look(t.Context()); grave || !strings.Contains(what, "cannot be reached") {
		t.Errorf("GitHub is away: %q, %v", what, grave)
	}
	r.data = "/proc" // it has no room at all
	if what, grave := r.look(t.Context()); !grave || !strings.Contains(what, "the disk is full") {
		t.Errorf("a full disk: %q, %v", what, grave)
	}
}
