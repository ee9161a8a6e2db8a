package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// fixed is a source with one repository.
type fixed struct {
	repo  *Repository
	pulls map[int]*PullRequest
}

func (f fixed) Repositories(context.Context) ([]Summary, error) {
	return []Summary{f.repo.Summary()}, nil
}

func (f fixed) Repository(_ context.Context, name string) (*Repository, error) {
	if name != f.repo.Name {
		return nil, ErrNotFound
	}
	return f.repo, nil
}

func (f fixed) PullRequest(_ context.Context, _ string, number int) (*PullRequest, error) {
	if p := f.pulls[number]; p != nil {
		return p, nil
	}
	return nil, ErrNotFound
}

const patch = `--- a/shop/accounts/login.py
+++ b/shop/accounts/login.py
@@ -1,7 +1,9 @@ head
 from typing import Optional

-from shop.app import metrics, ratelimiter
-from shop.models import Session, User
+from shop import metrics
+from shop.models.session import Session
+from shop.models.user import User
+from shop.services.ratelimit import ratelimiter

 
 def login(email: str, password: str) -> Optional[Session]:
@@ -20,3 +22,3 @@
 	tab
-x = "<script>alert(1)</script>" + old_name
+x = "<script>alert(1)</script>" + new_name
\ No newline at end of file
`

const body = "Imports go straight to the **declaring** module.\n\n" +
	"| Name | New home | Uses |\n|---|---|---:|\n| `User` | `shop.models.user` | 3 |\n\n" +
	"- [x] every name is the same object\n- [ ] more\n\n" +
	"<details>\n<summary>How to reproduce</summary>\n\n```diff\n-from shop.models import User\n+from shop.models.user import User\n```\n\n</details>\n\n" +
	"<script>alert('x')</script> <img src=x onerror=alert(1)> [bad](javascript:alert(1)) https://example.com\n\n" +
	"<!-- canonicalize: chunk=4f2a -->\n<!-- another comment -->\n"

func newFixed() fixed {
	opened := time.Date(2026, 5, 4, 12, 30, 0, 0, time.UTC)
	labels := []Label{{"canonicalize", "0969da"}, {"refactoring", "fbca04"}}
	first := Pull{Number: 1, Title: "Import shop.accounts from the modules that declare", State: Open,
		Owners: []string{"@acme/identity"}, Labels: labels, Files: 12, Additions: 31, Deletions: 18, Checks: Success, Opened: opened}
	second := Pull{Number: 2, Title: "Import shop.catalog from the modules that declare", State: Merged,
		Owners: []string{"@acme/catalog"}, Labels: labels, Files: 9, Additions: 20, Deletions: 11, Checks: Failure, Opened: opened}
	waiting := Pull{Title: "Import shop.search from the modules that declare", State: Waiting, Owners: []string{"@acme/catalog"}, Files: 3, Additions: 4, Deletions: 4}
	unowned := Pull{Number: 3, Title: "Import scripts from the modules that declare", State: Closed, Files: 4, Additions: 9, Deletions: 5, Opened: opened}
	repo := &Repository{Name: "acme/shop", Branch: "main", Head: "4b825dc642cb6eb9a060e54bf8d69288fbee4904", Note: "Served from a copy.",
		Pulls: []Pull{first, second, unowned, waiting}, References: 120, Pace: &Pace{Open: 10, PerTeam: 2},
		Issues: []Issue{{Number: 9, Title: "Canonicalize dashboard", Author: "canonicalize[bot]", State: Open, Board: true, Body: "- [ ] <!-- canonicalize: pause * -->everybody\n- [x] `@acme/red`\n"}},
		Facades: []Facade{{Module: "shop.models", Path: "shop/models/__init__.py", Consumers: 40, References: 90, Names: []Name{
			{Name: "Any", Home: "typing:Any", Readers: 1, Accidental: true},
			{Name: "Status", Home: "shop.models.shipment:Status", Readers: 2, Losers: []string{"shop.models.order:Status"}},
			{Name: "flag", Reason: "declared-in-facade", Readers: 1}}}},
		Left: []Left{{Path: "shop/reports/export.py", Line: 7, Facade: "shop.models", Name: "", Reason: "module-used-as-value", Detail: "The module is passed on."},
			{Path: "shop/reports/environment.py", Line: 1, Facade: "shop.app", Name: "environment", Reason: "declared-in-facade", Detail: "Move it."},
			{Path: "shop/a.py", Line: 1, Facade: "shop.app", Name: "environment", Reason: "declared-in-facade", Detail: "Move it."}}}
	pull := &PullRequest{Pull: first, Author: "canonicalize[bot]", Body: body, Base: "main", Head: "canonicalize/accounts-4f2a",
		Reviewers: []Reviewer{{"@acme/identity", "requested"}, {"@ada", "approved"}},
		Commits:   []Commit{{SHA: "8d6a1c0f9e", Message: "Import from the declaring modules\n\nEvery name stays the same object.", Author: "canonicalize[bot]", When: opened}},
		Changes: []FileChange{{Path: "shop/accounts/login.py", Additions: 4, Deletions: 2, Patch: patch},
			{Path: "logo.png", Previous: "old.png"}},
		CheckRuns: []Check{{Name: "canonicalize", Conclusion: Success, Title: "Every name is the same object", Summary: "12 files **proven**"}},
		Comments:  []Comment{{Author: "ada", Body: "Nice! /canonicalize rebase", When: opened}}}
	return fixed{repo: repo, pulls: map[int]*PullRequest{1: pull}}
}

func serve(t *testing.T, source Source) *httptest.Server {
	t.Helper()
	handler, err := New(slog.New(slog.DiscardHandler), source, Options{SignOut: "/auth/logout"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}
