package githubsim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

// TestManyPullRequests opens as many as a large monolith needs: 5,000 files,
// 60 branches and pull requests, one merged.
func TestManyPullRequests(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	files := map[string]string{}
	for i := range 5000 {
		files[fmt.Sprintf("pkg%d/m%d.py", i%70, i)] = fmt.Sprintf("x = %d\n%s", i, strings.Repeat("y = 1\n", 20))
	}
	must(t, w.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "big", Files: files}))
	for i := range 60 {
		_, err := w.As("bob").Push("acme/big", fmt.Sprint("b", i), "Change", map[string][]byte{fmt.Sprintf("pkg%d/m%d.py", i, i): []byte("x = 'new'\n")})
		must(t, err)
	}
	token := w.token()
	for i := range 60 {
		if got := w.call(token, "POST", "/repos/acme/big/pulls", m{"title": "T", "head": fmt.Sprint("b", i), "base": "main"}); got.status != 201 {
			t.Fatalf("pull request %d: %d %s", i, got.status, got.body)
		}
	}
	must(t, w.As("ada").Merge("acme/big", 7, "merge"))
	pages, err := w.PullRequests("acme", "big")
	must(t, err)
	open := 0
	for _, p := range pages {
		if p.State == "open" && p.Mergeable == "clean" && len(p.Files) == 1 {
			open++
		}
	}
	if open != 59 {
		t.Errorf("%d are open and clean", open)
	}
}
