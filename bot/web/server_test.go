package web

import (
	"strings"
	"testing"
	"time"
)

// The page of a repository on a server: how far the teams are, over time, what waits for what, and why nothing
// happens; pull requests lead to GitHub.
func TestServerPage(t *testing.T) {
	repo := &Repository{Name: "acme/shop", Branch: "main", Head: "4b825dc642cb6eb9a060e54bf8d69288fbee4904", Updated: time.Date(2026, 5, 4, 12, 30, 0, 0, time.UTC),
		Why: "the checks of main fail", Paused: []string{"@acme/red"}, Problems: []string{"GitHub refuses to ask @acme/secret"},
		Teams:   []Team{{"@acme/red", 3, 10}, {"", 0, 4}},
		History: []Day{{"2026-05-01", 0, 14}, {"2026-05-02", 1, 14}, {"2026-05-04", 3, 14}},
		Pulls: []Pull{{Number: 7, Title: "shop/red", State: Open, Owners: []string{"@acme/red"}, Files: 5, URL: "https://github.com/acme/shop/pull/7"},
			{Title: "shop/blue", State: Waiting, Files: 4, Note: "2 are open for this owner already"}}}
	h := pages(t, fixed{repo: repo})
	body := get(t, h, "/acme/shop").Body.String()
	for _, want := range []string{"Why nothing happens", "the checks of main fail", "Paused: @acme/red", "GitHub refuses to ask @acme/secret",
		"Files left over time", `points="0.00,2.00 50.00,4.71 100.00,10.14"`, "2026-05-01 to 2026-05-04",
		`href="https://github.com/acme/shop/pull/7"`, "2 are open for this owner already", "30 % merged"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	list := get(t, h, "/").Body.String()
	for _, want := range []string{`<a href="/acme/shop">acme/shop</a>`, "21 % of 14 files", "the checks of main fail"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q:\n%s", want, list)
		}
	}
	if burndown(repo.History[:1]) != nil {
		t.Error("one day makes no line")
	}
}
