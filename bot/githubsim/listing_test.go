package githubsim_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestPagination(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	for i := range 205 {
		_, err := w.As("ada").OpenIssue(monolith, fmt.Sprint("issue ", i), "")
		must(t, err)
	}
	opts := &github.IssueListByRepoOptions{ListOptions: github.ListOptions{PerPage: 1000}}
	var sizes []int
	for {
		list, resp, err := w.gh.Issues.ListByRepo(context.Background(), "acme", "mono", opts)
		must(t, err)
		sizes = append(sizes, len(list))
		if resp.NextPage == 0 {
			break
		}
		opts.Page = resp.NextPage
	}
	if fmt.Sprint(sizes) != "[100 100 5]" {
		t.Errorf("pages of %v", sizes)
	}
	got := w.call(w.token(), "GET", "/repos/acme/mono/issues?page=2&per_page=50&state=all", nil)
	link := got.header.Get("Link")
	for _, want := range []string{`page=1&per_page=50&state=all>; rel="prev"`, `page=3&per_page=50&state=all>; rel="next"`, `page=5&per_page=50&state=all>; rel="last"`, `rel="first"`} {
		if !strings.Contains(link, want) {
			t.Errorf("no %s in %s", want, link)
		}
	}
	if got := w.call(w.token(), "GET", "/repos/acme/mono/issues?page=9", nil); got.body != "[]" {
		t.Errorf("behind the end: %s", got.body)
	}
}

func TestETagsAndTheHourlyLimit(t *testing.T) {
	clock := time.Now()
	w := newWorld(t, githubsim.Options{HourlyLimit: 5, Now: func() time.Time { return clock }}, githubsim.AppSpec{})
	token := w.token()
	first := w.call(token, "GET", "/repos/acme/mono/issues", nil)
	again := w.call(token, "GET", "/repos/acme/mono/issues", nil, "If-None-Match", first.header.Get("ETag"))
	if again.status != 304 || again.body != "" || again.header.Get("X-RateLimit-Remaining") != first.header.Get("X-RateLimit-Remaining") {
		t.Errorf("%d %s, remaining %s after %s", again.status, again.body, again.header.Get("X-RateLimit-Remaining"), first.header.Get("X-RateLimit-Remaining"))
	}
	_, err := w.As("ada").OpenIssue(monolith, "new", "")
	must(t, err)
	if changed := w.call(token, "GET", "/repos/acme/mono/issues", nil, "If-None-Match", first.header.Get("ETag")); changed.status != 200 {
		t.Errorf("after a change: %d", changed.status)
	}
	for range 3 {
		w.call(token, "GET", "/repos/acme/mono", nil)
	}
	over := w.call(token, "GET", "/repos/acme/mono", nil)
	if over.status != 403 || over.header.Get("X-RateLimit-Remaining") != "0" || !strings.Contains(over.body, "API rate limit exceeded for installation ID") {
		t.Errorf("over the limit: %d %s", over.status, over.body)
	}
	if got := w.call(token, "GET", "/rate_limit", nil); got.status != 200 {
		t.Errorf("GET /rate_limit: %d", got.status)
	}
	_, _, err = w.gh.Repositories.Get(context.Background(), "acme", "mono")
	var limited *github.RateLimitError
	if !errors.As(err, &limited) {
		t.Errorf("go-github reads it as %v", err)
	}
	clock = clock.Add(time.Hour)
	if got := w.call(w.mint(nil).object(t)["token"].(string), "GET", "/repos/acme/mono", nil); got.status != 200 {
		t.Errorf("an hour later: %d", got.status)
	}
}

func TestContentLimit(t *testing.T) {
	clock := time.Now()
	w := newWorld(t, githubsim.Options{ContentPerMinute: 2, ContentPerHour: 3, Now: func() time.Time { return clock }}, githubsim.AppSpec{})
	token := w.token()
	create := func() answer { return w.call(token, "POST", "/repos/acme/mono/issues", m{"title": "x"}) }
	for _, want := range []int{201, 201, 403} {
		if got := create(); got.status != want {
			t.Errorf("status %d, want %d", got.status, want)
		}
	}
	if got := create(); got.header.Get("Retry-After") != "60" || !strings.Contains(got.body, "secondary rate limit") {
		t.Errorf("%v %s", got.header, got.body)
	}
	clock = clock.Add(time.Minute)
	for _, want := range []int{201, 403} {
		if got := create(); got.status != want {
			t.Errorf("a minute later: %d, want %d", got.status, want)
		}
	}
	_, _, err := w.gh.Issues.Create(context.Background(), "acme", "mono", &github.IssueRequest{Title: github.String("x")})
	var abuse *github.AbuseRateLimitError
	if !errors.As(err, &abuse) || abuse.RetryAfter == nil {
		t.Errorf("go-github reads it as %v", err)
	}
}

func TestFaultsAndTheLogOfCalls(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	token := w.token()
	create := func() (int, error) {
		req, err := http.NewRequest("POST", w.URL+"/repos/acme/mono/issues", strings.NewReader(`{"title": "x"}`))
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, err
		}
		return resp.StatusCode, resp.Body.Close()
	}
	issues := func() int {
		list, err := w.Issues("acme", "mono")
		must(t, err)
		return len(list)
	}
	w.ForgetCalls()
	for _, c := range []struct {
		fault          githubsim.Fault
		status, issues int
	}{
		{githubsim.Fault{Status: 502}, 502, 0},
		{githubsim.Fault{Status: 502, After: true}, 502, 1},
		{githubsim.Fault{}, 0, 1},
		{githubsim.Fault{After: true}, 0, 2},
		{githubsim.Fault{Status: 403, RetryAfter: 7}, 403, 2},
		{githubsim.Fault{Status: 422, Message: "no"}, 422, 2},
	} {
		w.FailNth(1, c.fault)
		if status, err := create(); status != c.status || (err != nil) != (c.status == 0) {
			t.Errorf("%+v: %d, %v", c.fault, status, err)
		}
		if n := issues(); n != c.issues {
			t.Errorf("%+v: %d issues, want %d", c.fault, n, c.issues)
		}
	}
	w.Fail(nil)
	if status, err := create(); status != 201 || err != nil {
		t.Errorf("without faults: %d, %v", status, err)
	}
	calls := w.Calls()
	if len(calls) != 7 || calls[6] != (githubsim.Call{Method: "POST", Route: "/repos/{owner}/{repo}/issues", Path: "/repos/acme/mono/issues", Status: 201, Actor: "canon[bot]"}) || !calls[6].Write() {
		t.Errorf("calls: %+v", calls)
	}
}

func TestFaultsOfGit(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	dir := w.clone(w.token())
	n := 0
	w.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if strings.HasSuffix(r.URL.Path, "git-receive-pack") && r.Method == "POST" {
			if n++; n == 1 {
				return &githubsim.Fault{Status: 502}
			} else if n == 2 {
				return &githubsim.Fault{After: true}
			}
		}
		return nil
	})
	for i, there := range []bool{false, true} {
		if out, err := git(t, dir, "push", "origin", "HEAD:x"); err == nil {
			t.Errorf("push %d went through: %s", i, out)
		}
		if branches, err := w.Branches(monolith); err != nil || (branches["x"] != "") != there {
			t.Errorf("after push %d: %v %v", i, branches, err)
		}
	}
}

func TestDiffsThatAreTooLarge(t *testing.T) {
	w := newWorld(t, githubsim.Options{MaxDiffFiles: 3, MaxDiffLines: 5}, githubsim.AppSpec{})
	files := map[string][]byte{}
	for i := range 5 {
		files[fmt.Sprint("f", i)] = []byte("1\n2\n")
	}
	_, err := w.As("ada").Push(monolith, "big", "Big", files)
	must(t, err)
	_, err = w.As("ada").OpenPull(monolith, githubsim.NewPull{Title: "Big", Head: "big"})
	must(t, err)
	var list []struct {
		Additions int
		Patch     string
	}
	must(t, json.Unmarshal([]byte(w.call(w.token(), "GET", "/repos/acme/mono/pulls/1/files", nil).body), &list))
	if len(list) != 3 || list[0].Additions != 0 || list[0].Patch != "" {
		t.Errorf("files: %+v", list)
	}
	got := w.call(w.token(), "GET", "/repos/acme/mono/pulls/1", nil, "Accept", "application/vnd.github.diff")
	if got.status != 406 || !strings.Contains(got.body, "too_large") {
		t.Errorf("diff: %d %s", got.status, got.body)
	}
}
