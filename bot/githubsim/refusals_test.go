package githubsim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

type answer struct {
	status int
	header http.Header
	body   string
}

// call makes a raw request. A body of nil is none, a string is sent as it is.
func (w *world) call(token, method, path string, body any, headers ...string) answer {
	w.t.Helper()
	var send io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		send = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		must(w.t, err)
		send = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, w.URL+path, send)
	must(w.t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	must(w.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(w.t, err)
	return answer{resp.StatusCode, resp.Header, string(raw)}
}

func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(a.body), &o); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	return o
}

// withPull is a world with an open pull request from branch "fix" that changes
// lines 10 and 50 of b.py, in two hunks.
func withPull(t *testing.T, o githubsim.Options) *world {
	w := newWorld(t, o, githubsim.AppSpec{})
	openFix(t, w)
	return w
}

func openFix(t *testing.T, w *world) {
	t.Helper()
	text := strings.Split(lines(60), "\n")
	text[9], text[49] = "changed ten", "changed fifty"
	_, err := w.As("canon[bot]").Push(monolith, "fix", "Fix", map[string][]byte{"b.py": []byte(strings.Join(text, "\n"))})
	must(t, err)
	_, err = w.As("canon[bot]").OpenPull(monolith, githubsim.NewPull{Title: "Fix", Head: "fix"})
	must(t, err)
}

type m = map[string]any

func TestRefusals(t *testing.T) {
	w := withPull(t, githubsim.Options{})
	token := w.token()
	must(t, w.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "empty"}))
	branches, err := w.Branches(monolith)
	must(t, err)
	head := branches["fix"]
	long := strings.Repeat("é", 65537)
	annotation := m{"path": "b.py", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
	annotations := func(n int) (list []m) {
		for range n {
			list = append(list, annotation)
		}
		return list
	}
	run := func(extra m) m {
		o := m{"name": "c", "head_sha": head}
		for k, v := range extra {
			o[k] = v
		}
		return o
	}
	review := func(comments ...m) m { return m{"event": "COMMENT", "body": "b", "comments": comments} }
	const repo, pr = "/repos/acme/mono", "/repos/acme/mono/pulls/1"
	for name, c := range map[string]struct {
		method, path string
		body         any
		status       int
		says         string
	}{
		"not JSON":                     {"POST", repo + "/issues", "{", 400, "Problems parsing JSON"},
		"title missing":                {"POST", repo + "/issues", m{"body": "x"}, 422, `\"title\" wasn't supplied`},
		"field of the wrong type":      {"PATCH", repo + "/issues/1", m{"state": "gone"}, 422, "Invalid request"},
		"unknown field":                {"POST", repo + "/issues", m{"title": "x", "colour": "red"}, 422, "not a permitted key"},
		"title blank":                  {"POST", repo + "/issues", m{"title": " "}, 422, "missing_field"},
		"issue body too long":          {"POST", repo + "/issues", m{"title": "x", "body": long}, 422, "body is too long (maximum is 65536 characters)"},
		"comment too long":             {"POST", repo + "/issues/1/comments", m{"body": long}, 422, "too long"},
		"comment blank":                {"POST", repo + "/issues/1/comments", m{"body": "  "}, 422, "can't be blank"},
		"pull request body too long":   {"PATCH", pr, m{"body": long}, 422, "too long"},
		"no such issue":                {"GET", repo + "/issues/99", nil, 404, "Not Found"},
		"issue number is a word":       {"GET", repo + "/issues/nine", nil, 422, "Invalid request"},
		"no such repository":           {"GET", "/repos/acme/none", nil, 404, "Not Found"},
		"no commits between":           {"POST", repo + "/pulls", m{"title": "x", "head": "main", "base": "main"}, 422, "No commits between main and main"},
		"pull request exists":          {"POST", repo + "/pulls", m{"title": "x", "head": "fix", "base": "main"}, 422, "A pull request already exists for acme:fix."},
		"head missing":                 {"POST", repo + "/pulls", m{"title": "x", "head": "none", "base": "main"}, 422, `"field":"head"`},
		"base missing":                 {"POST", repo + "/pulls", m{"title": "x", "head": "fix", "base": "none"}, 422, `"field":"base"`},
		"reviewer without access":      {"POST", pr + "/requested_reviewers", m{"reviewers": []string{"eve"}}, 422, "Reviews may only be requested from collaborators"},
		"team without access":          {"POST", pr + "/requested_reviewers", m{"team_reviewers": []string{"web", "outside"}}, 422, "not a collaborator of the acme/mono repository"},
		"review by the author":         {"POST", pr + "/reviews", m{"event": "APPROVE"}, 422, "Can not approve your own pull request"},
		"empty review":                 {"POST", pr + "/reviews", m{"event": "COMMENT"}, 422, "You need to leave a comment"},
		"comment outside of hunks":     {"POST", pr + "/reviews", review(m{"path": "b.py", "line": 30, "body": "x"}), 422, "Line could not be resolved"},
		"comment on an untouched file": {"POST", pr + "/reviews", review(m{"path": "a.py", "line": 1, "body": "x"}), 422, "Path could not be resolved"},
		"range over two hunks":         {"POST", pr + "/reviews", review(m{"path": "b.py", "start_line": 10, "line": 50, "body": "x"}), 422, "same hunk"},
		"range backwards":              {"POST", pr + "/reviews", review(m{"path": "b.py", "start_line": 11, "line": 10, "body": "x"}), 422, "must precede"},
		"one bad comment of two":       {"POST", pr + "/reviews", review(m{"path": "b.py", "line": 10, "body": "x"}, m{"path": "b.py", "line": 1, "body": "x"}), 422, "Line could not be resolved"},
		"single comment outside":       {"POST", pr + "/comments", m{"body": "x", "path": "b.py", "line": 30, "commit_id": head}, 422, "pull_request_review_thread.line must be part of the diff"},
		"comment on a foreign commit":  {"POST", pr + "/comments", m{"body": "x", "path": "b.py", "line": 10, "commit_id": branches["main"]}, 422, "commit_id"},
		"51 annotations":               {"POST", repo + "/check-runs", run(m{"output": m{"title": "t", "summary": "s", "annotations": annotations(51)}}), 422, "No more than 50 items are allowed; 51 were supplied"},
		"4 actions":                    {"POST", repo + "/check-runs", run(m{"actions": []m{{"label": "a", "identifier": "a", "description": "d"}, {"label": "b", "identifier": "b", "description": "d"}, {"label": "c", "identifier": "c", "description": "d"}, {"label": "d", "identifier": "d", "description": "d"}}}), 422, "3"},
		"action label too long":        {"POST", repo + "/check-runs", run(m{"actions": []m{{"label": strings.Repeat("a", 21), "identifier": "a", "description": "d"}}}), 422, "20"},
		"check summary too long":       {"POST", repo + "/check-runs", run(m{"output": m{"title": "t", "summary": strings.Repeat("a", 65536)}}), 422, "65535"},
		"check on an unknown commit":   {"POST", repo + "/check-runs", m{"name": "c", "head_sha": strings.Repeat("1", 40)}, 422, "No commit found for SHA"},
		"completed without conclusion": {"POST", repo + "/check-runs", run(m{"status": "completed"}), 422, "conclusion"},
		"label name too long":          {"POST", repo + "/labels", m{"name": strings.Repeat("a", 51)}, 422, "name is too long (maximum is 50 characters)"},
		"label colour wrong":           {"POST", repo + "/labels", m{"name": "a", "color": "#fff"}, 422, `"field":"color"`},
		"label on issue too long":      {"POST", repo + "/issues/1/labels", []string{strings.Repeat("a", 51)}, 422, "too long"},
		"label not there":              {"DELETE", repo + "/issues/1/labels/none", nil, 404, "Label does not exist"},
		"unknown branch":               {"GET", repo + "/branches/none", nil, 404, "Branch not found"},
		"commits of an unknown ref":    {"GET", repo + "/commits/none/check-runs", nil, 422, "No commit found for SHA: none"},
		"ref exists":                   {"POST", repo + "/git/refs", m{"ref": "refs/heads/fix", "sha": head}, 422, "Reference already exists"},
		"ref not complete":             {"POST", repo + "/git/refs", m{"ref": "fix2", "sha": head}, 422, "Reference name must start with"},
		"ref to nothing":               {"POST", repo + "/git/refs", m{"ref": "refs/heads/x", "sha": strings.Repeat("1", 40)}, 422, "Object does not exist"},
		"ref not a fast forward":       {"PATCH", repo + "/git/refs/heads/fix", m{"sha": branches["main"]}, 422, "Update is not a fast forward"},
		"unknown ref deleted":          {"DELETE", repo + "/git/refs/heads/none", nil, 422, "Reference does not exist"},
		"file changed in between":      {"PUT", repo + "/contents/a.py", m{"message": "x", "content": "eA==", "sha": strings.Repeat("1", 40)}, 409, "does not match"},
		"file is there":                {"PUT", repo + "/contents/a.py", m{"message": "x", "content": "eA=="}, 422, `\"sha\" wasn't supplied`},
		"merge with a stale head":      {"PUT", pr + "/merge", m{"sha": branches["main"]}, 409, "Head branch was modified"},
		"empty repository":             {"GET", "/repos/acme/empty/commits", nil, 409, "Git Repository is empty."},
		"milestone not there":          {"PATCH", repo + "/issues/1", m{"milestone": 7}, 422, `"field":"milestone"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.call(token, c.method, c.path, c.body)
			if got.status != c.status || !strings.Contains(got.body, c.says) {
				t.Errorf("%s %s: %d %s; want %d and %q", c.method, c.path, got.status, got.body, c.status, c.says)
			}
			if o := got.object(t); o["documentation_url"] == "" || o["message"] == "" {
				t.Errorf("error body without message or documentation_url: %s", got.body)
			}
		})
	}
	page, err := w.PullRequest("acme", "mono", 1)
	must(t, err)
	if len(page.Reviews)+len(page.Threads)+len(page.Comments)+len(page.Checks)+len(page.Labels) > 0 {
		t.Errorf("a refused call had an effect: %+v", page)
	}
}

func TestUnknownRouteIsAViolation(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	if got := w.call(w.token(), "GET", "/repos/acme/mono/unheard-of", nil); got.status != 404 {
		t.Errorf("status %d", got.status)
	}
	if v := w.TakeViolations(); len(v) != 1 || !strings.Contains(v[0], "unheard-of") {
		t.Errorf("violations: %q", v)
	}
}
