package githubsim_test

import (
	"fmt"
	"net/http"
	"sort"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/githubsim/apidoc"
)

// TestEveryRoute calls every operation once with success. The server is
// strict: an answer that is not as GitHub describes it fails the test.
func TestEveryRoute(t *testing.T) {
	permissions := githubsim.DefaultPermissions()
	permissions["statuses"] = "write"
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{Permissions: permissions})
	openFix(t, w)
	must(t, w.As("ada").Protect(monolith, githubsim.Protection{Branch: "prot*", RequiredReviews: 1, RequiredChecks: []string{"ci"}, Strict: true}))
	must(t, w.As("ada").Protect(monolith, githubsim.Protection{Branch: "prot*", Ruleset: "all", RequiredReviews: 1, RequiredChecks: []string{"ci"},
		RequireSignatures: true, MergeQueue: true, LinearHistory: true, RestrictCreations: true}))
	must(t, w.SetCollaborator("zoe", monolith, "triage"))
	x := &explorer{world: w, t: t, token: w.mint(nil).object(t)["token"].(string), vars: map[string]any{}}
	x.app()
	x.accounts()
	x.repository()
	x.git()
	x.issues()
	x.checks()
	x.pulls()
	x.cleanup()
	doc, err := apidoc.Load()
	must(t, err)
	hit := map[string]bool{}
	for _, c := range w.Calls() {
		if c.Status < 400 {
			hit[c.Method+" "+c.Route] = true
		}
	}
	var missed []string
	for _, op := range doc.Operations() {
		if !hit[op] {
			missed = append(missed, op)
		}
	}
	sort.Strings(missed)
	if len(missed) > 0 {
		t.Errorf("not called with success:\n%s", strings.Join(missed, "\n"))
	}
}

// explorer makes calls; "{name}" in a path stands for a value kept before.
type explorer struct {
	*world
	t     *testing.T
	token string
	vars  map[string]any
}

// try makes a call below the repository (or anywhere, with a leading "/").
func (x *explorer) try(method, path string, body any, headers ...string) map[string]any {
	x.t.Helper()
	return x.with(x.token, method, path, body, headers...)
}

func (x *explorer) with(token, method, path string, body any, headers ...string) map[string]any {
	x.t.Helper()
	for k, v := range x.vars {
		path = strings.ReplaceAll(path, "{"+k+"}", fmt.Sprint(v))
	}
	if !strings.HasPrefix(path, "/") {
		path = "/repos/acme/mono/" + path
	}
	got := x.call(token, method, strings.TrimSuffix(path, "/"), body, headers...)
	if got.status >= 300 {
		x.t.Errorf("%s %s: %d %s", method, path, got.status, got.body)
	}
	if got.status == http.StatusNoContent || !strings.HasPrefix(got.body, "{") {
		return nil
	}
	return got.object(x.t)
}

// keep remembers a number of an answer.
func (x *explorer) keep(name string, answer map[string]any, field string) {
	switch v := answer[field].(type) {
	case float64:
		x.vars[name] = int(v)
	default:
		x.vars[name] = v
	}
}

func (x *explorer) app() {
	code, err := x.PrepareManifest(githubsim.AppSpec{Slug: "fresh", Key: testKey()})
	must(x.t, err)
	converted := x.with("", "POST", "/app-manifests/"+code+"/conversions", nil)
	if !strings.Contains(converted["pem"].(string), "RSA PRIVATE KEY") {
		x.t.Errorf("conversion: %v", converted)
	}
	rc := newReceiver(x.t)
	x.SetWebhook(x.world.app, rc.URL, "s")
	_, err = x.As("ada").OpenIssue(monolith, "event", "")
	must(x.t, err)
	rc.events(x.t, x.world)
	jwt := x.jwt()
	x.vars["delivery"], x.vars["installation"] = x.Deliveries(x.world.app)[0].ID, x.inst.ID
	for _, path := range []string{"/app", "/app/hook/config", "/app/hook/deliveries", "/app/hook/deliveries/{delivery}", "/app/installations",
		"/app/installations/{installation}", "/orgs/acme/installation", "/users/acme/installation", "/repos/acme/mono/installation"} {
		x.with(jwt, "GET", path, nil)
	}
	x.with(jwt, "POST", "/app/hook/deliveries/{delivery}/attempts", nil)
	rc.events(x.t, x.world)
	x.SetWebhook(x.world.app, "", "")
	x.with(jwt, "POST", "/app/installations/{installation}/access_tokens", m{"repositories": []string{"mono"}})
}

func (x *explorer) accounts() {
	x.with(x.UserToken("bob"), "GET", "/user", nil)
	for _, path := range []string{"/meta", "/rate_limit", "/users/bob", "/users/canon%5Bbot%5D", "/orgs/acme", "/orgs/acme/teams", "/orgs/acme/teams/web",
		"/orgs/acme/teams/web/members", "/orgs/acme/teams/web/memberships/bob", "/orgs/acme/teams/web/repos", "/orgs/acme/teams/web/repos/acme/mono",
		"/installation/repositories"} {
		x.try("GET", path, nil)
	}
	x.try("GET", "/orgs/acme/teams/web/repos/acme/mono", nil, "Accept", "application/vnd.github.v3.repository+json")
}

func (x *explorer) repository() {
	_, err := x.As("ada").Push(monolith, "spare", "Spare", map[string][]byte{"s": []byte("s")})
	must(x.t, err)
	x.with(x.UserToken("ada"), "GET", "branches/prot1/protection", nil)
	for _, path := range []string{"", "assignees/bob", "branches", "branches/fix", "rules/branches/prot1", "rulesets", "codeowners/errors", "collaborators",
		"collaborators/zoe", "collaborators/zoe/permission", "teams", "commits", "commits?path=a.py&sha=fix", "commits/fix", "compare/main...fix",
		"compare/main...acme:fix", "contents/a.py", "contents/", "contents/web", "contents/web/x.py?ref=fix"} {
		x.try("GET", path, nil)
	}
	x.try("POST", "merges", m{"base": "spare", "head": "main"})
	put := x.try("PUT", "contents/new/file.txt", m{"message": "New", "content": "eA==", "branch": "spare"})
	x.try("DELETE", "contents/new/file.txt", m{"message": "Old", "sha": put["content"].(m)["sha"], "branch": "spare"})
}

func (x *explorer) git() {
	x.keep("blob", x.try("POST", "git/blobs", m{"content": "eA==", "encoding": "base64"}), "sha")
	x.keep("main", x.try("GET", "git/ref/heads/main", nil)["object"].(m), "sha")
	x.keep("tree", x.try("POST", "git/trees", m{"base_tree": x.vars["main"], "tree": []m{{"path": "n", "mode": "100755", "type": "blob", "sha": x.vars["blob"]}}}), "sha")
	x.keep("commit", x.try("POST", "git/commits", m{"message": "m", "tree": x.vars["tree"], "parents": []any{x.vars["main"]}}), "sha")
	x.try("POST", "git/refs", m{"ref": "refs/heads/made/here", "sha": x.vars["main"]})
	x.try("PATCH", "git/refs/heads/made/here", m{"sha": x.vars["commit"]})
	for _, path := range []string{"git/blobs/{blob}", "git/commits/{commit}", "git/trees/{tree}", "git/trees/main?recursive=1", "git/matching-refs/heads/made",
		"git/matching-refs/", "branches/made%2Fhere"} {
		x.try("GET", path, nil)
	}
	x.try("DELETE", "git/refs/heads/made/here", nil)
}

func (x *explorer) issues() {
	x.try("POST", "labels", m{"name": "a b/c", "color": "00ff00", "description": "d"})
	x.try("PATCH", "labels/a%20b%2Fc", m{"new_name": "abc"})
	x.keep("milestone", x.try("POST", "milestones", m{"title": "1.0", "due_on": "2030-01-01T00:00:00Z"}), "number")
	x.keep("issue", x.try("POST", "issues", m{"title": "T", "body": "B", "labels": []any{"abc", m{"name": "bug"}}, "assignees": []string{"bob", "eve"}, "milestone": 1}), "number")
	x.keep("comment", x.try("POST", "issues/{issue}/comments", m{"body": "C"}), "id")
	x.try("PATCH", "issues/comments/{comment}", m{"body": "D"})
	x.try("PATCH", "issues/{issue}", m{"state": "closed", "state_reason": "not_planned", "title": "U", "body": nil})
	x.try("POST", "issues/{issue}/assignees", m{"assignees": []string{"ada"}})
	x.try("DELETE", "issues/{issue}/assignees", m{"assignees": []string{"ada"}})
	x.try("POST", "issues/{issue}/labels", []string{"one"})
	x.try("POST", "issues/{issue}/labels", m{"labels": []string{"two", "abc"}})
	for _, path := range []string{"labels", "labels/abc", "milestones", "milestones/1", "issues?labels=abc&state=all&creator=app/canon&sort=updated&direction=asc",
		"issues/{issue}", "issues/{issue}/events", "issues/comments", "issues/comments/{comment}", "issues/{issue}/comments?since=2000-01-01T00:00:00Z",
		"issues/{issue}/labels"} {
		x.try("GET", path, nil)
	}
	x.try("PUT", "issues/{issue}/labels", m{"labels": []string{"two"}})
	x.try("DELETE", "issues/{issue}/labels/two", nil)
	x.try("DELETE", "issues/{issue}/labels", nil)
	x.try("PUT", "issues/{issue}/lock", nil)
	x.try("DELETE", "issues/{issue}/lock", nil)
	x.reactions("issues/{issue}/reactions")
	x.reactions("issues/comments/{comment}/reactions")
}

func (x *explorer) reactions(path string) {
	x.keep("reaction", x.try("POST", path, m{"content": "eyes"}), "id")
	x.try("POST", path, m{"content": "eyes"})
	x.try("GET", path, nil)
	x.try("DELETE", path+"/{reaction}", nil)
}

func (x *explorer) checks() {
	branches, err := x.Branches(monolith)
	must(x.t, err)
	x.vars["head"] = branches["fix"]
	x.keep("run", x.try("POST", "check-runs", m{"name": "c", "head_sha": x.vars["head"], "status": "in_progress", "output": m{"title": "t", "summary": "s",
		"annotations": []m{{"path": "b.py", "start_line": 10, "end_line": 10, "start_column": 1, "end_column": 2, "annotation_level": "failure", "message": "m", "title": "t"}}}}), "id")
	done := x.try("PATCH", "check-runs/{run}", m{"conclusion": "failure", "output": m{"title": "t", "summary": "s",
		"annotations": []m{{"path": "b.py", "start_line": 11, "end_line": 12, "annotation_level": "notice", "message": "m"}}}})
	if done["output"].(m)["annotations_count"] != 2.0 || done["status"] != "completed" {
		x.t.Errorf("annotations of an update are added: %v", done)
	}
	x.keep("suite", done["check_suite"].(m), "id")
	x.try("POST", "statuses/{head}", m{"state": "success", "context": "ci", "description": "d", "target_url": "https://example.com"})
	x.try("POST", "check-suites", m{"head_sha": x.vars["main"]})
	for _, path := range []string{"check-runs/{run}", "check-runs/{run}/annotations", "commits/fix/check-runs", "commits/{head}/check-runs?check_name=c&filter=all",
		"commits/fix/check-suites", "commits/fix/status", "commits/fix/statuses", "check-suites/{suite}", "check-suites/{suite}/check-runs"} {
		x.try("GET", path, nil)
	}
	x.try("POST", "check-runs/{run}/rerequest", nil)
	x.try("POST", "check-suites/{suite}/rerequest", nil)
}

func (x *explorer) pulls() {
	must(x.t, x.As("bob").CommentLine(monolith, 1, "b.py", 10, "why?"))
	x.keep("review", x.try("POST", "pulls/1/reviews", m{"comments": []m{{"path": "b.py", "start_line": 8, "line": 11, "body": "x"}, {"path": "b.py", "line": 10, "side": "LEFT", "body": "y"}}}), "id")
	x.try("GET", "pulls/1/reviews/{review}/comments", nil)
	x.try("PUT", "pulls/1/reviews/{review}", m{"body": "summary"})
	x.try("POST", "pulls/1/reviews/{review}/events", m{"event": "COMMENT"})
	x.keep("pending", x.try("POST", "pulls/1/reviews", m{"body": "not sent"}), "id")
	x.try("DELETE", "pulls/1/reviews/{pending}", nil)
	x.keep("line", x.try("POST", "pulls/1/comments", m{"body": "b", "path": "b.py", "line": 50, "side": "RIGHT", "commit_id": x.vars["head"]}), "id")
	x.try("POST", "pulls/1/comments", m{"body": "b", "path": "b.py", "subject_type": "file", "commit_id": x.vars["head"]})
	x.try("POST", "pulls/1/comments/{line}/replies", m{"body": "r"})
	x.try("PATCH", "pulls/comments/{line}", m{"body": "edited"})
	x.reactions("pulls/comments/{line}/reactions")
	must(x.t, x.As("bob").Review(monolith, 1, "APPROVE", ""))
	page, err := x.PullRequest("acme", "mono", 1)
	must(x.t, err)
	x.vars["approval"] = page.Reviews[len(page.Reviews)-1].ID
	x.try("PUT", "pulls/1/reviews/{approval}/dismissals", m{"message": "stale"})
	x.try("POST", "pulls/1/requested_reviewers", m{"reviewers": []string{"ada"}, "team_reviewers": []string{"web"}})
	for _, path := range []string{"pulls?head=acme:fix&base=main&state=all", "pulls/1", "pulls/1/commits", "pulls/1/files", "pulls/1/reviews", "pulls/1/reviews/{review}",
		"pulls/1/comments", "pulls/comments", "pulls/comments/{line}", "pulls/1/requested_reviewers", "commits/{head}/pulls"} {
		x.try("GET", path, nil)
	}
	x.try("DELETE", "pulls/1/requested_reviewers", m{"reviewers": []string{"ada"}, "team_reviewers": []string{"web"}})
	x.try("PATCH", "pulls/1", m{"title": "New title", "body": "New body"})
	x.try("POST", "pulls", m{"title": "Spare", "head": "spare", "base": "main", "draft": true})
	_, err = x.As("ada").Push(monolith, "main", "Move", map[string][]byte{"moved": []byte("m")})
	must(x.t, err)
	x.try("PUT", "pulls/1/update-branch", m{})
	x.try("PUT", "pulls/1/merge", m{"merge_method": "squash"})
	x.try("GET", "pulls/1/merge", nil)
	x.try("GET", "pulls/1", nil)
}

func (x *explorer) cleanup() {
	x.try("DELETE", "pulls/comments/{line}", nil)
	x.try("DELETE", "issues/comments/{comment}", nil)
	x.try("DELETE", "labels/abc", nil)
	x.try("DELETE", "/installation/token", nil)
	if got := x.call(x.token, "GET", "/repos/acme/mono", nil); got.status != 401 {
		x.t.Errorf("a revoked token: %d", got.status)
	}
}
