package githubsim_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

func TestRenameTransferArchive(t *testing.T) {
	w := withPull(t, githubsim.Options{})
	token := w.token()
	must(t, w.As("ada").Rename(monolith, "poly"))
	moved := w.call(token, "GET", "/repos/acme/mono/pulls?state=all", nil)
	if moved.status != 301 || !strings.Contains(moved.header.Get("Location"), "/repositories/") {
		t.Fatalf("old name: %d %s", moved.status, moved.body)
	}
	followed := w.call(token, "GET", strings.TrimPrefix(moved.header.Get("Location"), w.URL), nil)
	if followed.status != 200 || !strings.Contains(followed.body, `"full_name":"acme/poly"`) {
		t.Errorf("followed: %d %.100s", followed.status, followed.body)
	}
	pr, _, err := w.gh.PullRequests.Get(context.Background(), "acme", "mono", 1)
	must(t, err)
	if pr.GetBase().GetRepo().GetName() != "poly" {
		t.Errorf("go-github follows to %v", pr.GetBase().GetRepo().GetFullName())
	}
	w.clone(token) // git follows the old name, too
	must(t, w.As("ada").Archive("acme/poly", true))
	if got := w.call(token, "POST", "/repos/acme/poly/issues", m{"title": "x"}); got.status != 403 || !strings.Contains(got.body, "archived") {
		t.Errorf("archived: %d %s", got.status, got.body)
	}
	if got := w.call(token, "GET", "/repos/acme/poly/issues", nil); got.status != 200 {
		t.Errorf("reading what is archived: %d", got.status)
	}
	w.AddOrg("other")
	must(t, w.As("ada").Transfer("acme/poly", "other"))
	if got := w.call(token, "GET", "/repos/other/poly", nil); got.status != http.StatusNotFound {
		t.Errorf("after the transfer: %d %s", got.status, got.body)
	}
}

func TestForks(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	must(t, w.SetCollaborator("fred", monolith, "pull"))
	fred := w.As("fred")
	must(t, fred.Fork(monolith))
	_, err := fred.Push("fred/mono", "idea", "Idea", map[string][]byte{"idea.py": []byte("i\n")})
	must(t, err)
	n, err := fred.OpenPull(monolith, githubsim.NewPull{Title: "Idea", Head: "fred:idea"})
	must(t, err)
	pr, _, err := w.gh.PullRequests.Get(context.Background(), "acme", "mono", n)
	must(t, err)
	if pr.GetHead().GetRepo().GetFullName() != "fred/mono" || pr.GetHead().GetLabel() != "fred:idea" || pr.GetChangedFiles() != 1 {
		t.Errorf("pull request of a fork: %v", pr)
	}
	dir := w.clone(w.token())
	mustGit(t, dir, "fetch", "-q", "origin", fmt.Sprintf("refs/pull/%d/head", n))
	url := strings.Replace(w.CloneURL("fred/mono"), "://", "://x-access-token:"+w.token()+"@", 1)
	if out, err := git(t, dir, "push", url, "FETCH_HEAD:refs/heads/idea"); err == nil {
		t.Errorf("pushed to a fork: %s", out)
	}
	must(t, w.As("ada").Merge(monolith, n, "squash"))
}

func TestCodeOwners(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	owners := "* @nobody\n/web/ @acme/web\n/docs/*.md @acme/outside\nx.py bad\n"
	_, err := w.As("ada").Push(monolith, "main", "Owners", map[string][]byte{".github/CODEOWNERS": []byte(owners)})
	must(t, err)
	got := w.call(w.token(), "GET", "/repos/acme/mono/codeowners/errors", nil).object(t)["errors"].([]any)
	var found []string
	for _, e := range got {
		found = append(found, fmt.Sprint(e.(m)["line"], " ", e.(m)["kind"], " ", e.(m)["column"]))
	}
	if want := "[1 Unknown owner 3 3 Unknown owner 12 4 Invalid owner 6]"; fmt.Sprint(found) != want {
		t.Errorf("errors %v, want %s", found, want)
	}
	_, err = w.As("ada").Push(monolith, "b", "b", map[string][]byte{"web/deep/y.py": []byte("y")})
	must(t, err)
	n, err := w.As("ada").OpenPull(monolith, githubsim.NewPull{Title: "b", Head: "b", Draft: true})
	must(t, err)
	page, err := w.PullRequest("acme", "mono", n)
	must(t, err)
	if len(page.Reviewers) != 0 {
		t.Errorf("a draft asked %v", page.Reviewers)
	}
	must(t, w.As("ada").SetDraft(monolith, n, false))
	page, err = w.PullRequest("acme", "mono", n)
	must(t, err)
	if fmt.Sprint(page.Reviewers) != "[acme/web]" {
		t.Errorf("reviewers %v", page.Reviewers)
	}
}

func TestRequiredReviewsAndChecks(t *testing.T) {
	w := withPull(t, githubsim.Options{})
	ada := w.As("ada")
	must(t, ada.Protect(monolith, githubsim.Protection{Branch: "main", RequiredReviews: 1, RequiredChecks: []string{"ci"}, Strict: true, DismissStale: true}))
	expect := func(want string) {
		t.Helper()
		page, err := w.PullRequest("acme", "mono", 1)
		must(t, err)
		if page.Mergeable != want {
			t.Errorf("%s, want %s", page.Mergeable, want)
		}
		if err := ada.Merge(monolith, 1, "merge"); (err == nil) != (want == "clean") {
			t.Errorf("merge while %s: %v", want, err)
		}
	}
	expect("blocked")
	must(t, w.As("bob").Review(monolith, 1, "APPROVE", ""))
	expect("blocked")
	must(t, ada.Status(monolith, "fix", "ci", "success"))
	must(t, w.As("bob").Review(monolith, 1, "REQUEST_CHANGES", "no"))
	expect("blocked")
	must(t, w.As("bob").Review(monolith, 1, "APPROVE", ""))
	must(t, ada.Unprotect(monolith))
	_, err := ada.Push(monolith, "main", "Meanwhile", map[string][]byte{"m": []byte("m")})
	must(t, err)
	must(t, ada.Protect(monolith, githubsim.Protection{Branch: "main", RequiredReviews: 1, RequiredChecks: []string{"ci"}, Strict: true, DismissStale: true}))
	expect("behind")
	must(t, ada.Unprotect(monolith))
	must(t, ada.Status(monolith, "fix", "lint", "failure"))
	page, err := w.PullRequest("acme", "mono", 1)
	must(t, err)
	if page.Mergeable != "unstable" {
		t.Errorf("%s, want unstable", page.Mergeable)
	}
	must(t, ada.Status(monolith, "fix", "lint", "success"))
	expect("clean")
}
