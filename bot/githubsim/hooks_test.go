package githubsim_test

import (
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

// receiver takes webhooks.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []received
	status int // to answer with
}

type received struct {
	header http.Header
	body   []byte
}

func newReceiver(t *testing.T) *receiver {
	rc := &receiver{status: http.StatusAccepted}
	rc.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read a webhook: %v", err)
		}
		rc.mu.Lock()
		defer rc.mu.Unlock()
		rc.got = append(rc.got, received{r.Header.Clone(), body})
		w.WriteHeader(rc.status)
	}))
	t.Cleanup(rc.Close)
	return rc
}

// events flushes and lists "event.action" of all webhooks, then forgets them.
func (rc *receiver) events(t *testing.T, w *world) []string {
	t.Helper()
	must(t, w.Flush(context.Background()))
	rc.mu.Lock()
	defer rc.mu.Unlock()
	var names []string
	for _, r := range rc.got {
		var p struct{ Action string }
		must(t, json.Unmarshal(r.body, &p))
		names = append(names, strings.TrimSuffix(r.header.Get("X-GitHub-Event")+"."+p.Action, "."))
	}
	rc.got = nil
	return names
}

func allEvents() []string {
	return append(githubsim.DefaultEvents(), "pull_request_review", "pull_request_review_thread")
}

func hooked(t *testing.T) (*world, *receiver) {
	rc := newReceiver(t)
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{WebhookURL: rc.URL, WebhookSecret: "s3cret", Events: allEvents()})
	return w, rc
}

func TestEventsOfAPullRequestsLife(t *testing.T) {
	w, rc := hooked(t)
	ada, bob := w.As("ada"), w.As("bob")
	expect := func(want ...string) {
		t.Helper()
		if got := rc.events(t, w); !slices.Equal(got, want) {
			t.Errorf("events %q, want %q", got, want)
		}
	}
	expect("ping", "installation.created")
	_, err := ada.Push(monolith, "fix", "Fix", map[string][]byte{"web/x.py": []byte("x = 2\n")})
	must(t, err)
	expect("push", "check_suite.requested")
	n, err := ada.OpenPull(monolith, githubsim.NewPull{Title: "Fix", Head: "fix"})
	must(t, err)
	expect("pull_request.opened", "pull_request.review_requested")
	_, err = ada.Push(monolith, "fix", "More", map[string][]byte{"a.py": []byte("a\n")})
	must(t, err)
	expect("push", "check_suite.requested", "pull_request.synchronize")
	must(t, ada.SetLabels(monolith, n, "one"))
	expect("pull_request.labeled")
	must(t, ada.EditBody(monolith, n, "new"))
	expect("pull_request.edited")
	_, err = bob.Comment(monolith, n, "/canonicalize")
	must(t, err)
	expect("issue_comment.created")
	must(t, bob.CommentLine(monolith, n, "a.py", 1, "hm"))
	expect("pull_request_review.submitted", "pull_request_review_comment.created")
	must(t, ada.SetDraft(monolith, n, true))
	must(t, ada.SetDraft(monolith, n, false))
	expect("pull_request.converted_to_draft", "pull_request.ready_for_review")
	must(t, bob.Close(monolith, n))
	must(t, bob.Reopen(monolith, n))
	expect("pull_request.closed", "pull_request.reopened")
	run := w.call(w.token(), "POST", "/repos/acme/mono/check-runs", m{"name": "c", "head_sha": headOf(t, w, "fix"), "conclusion": "neutral",
		"actions": []m{{"label": "Fix", "identifier": "fix", "description": "d"}}}).object(t)
	expect("check_run.created", "check_run.completed")
	must(t, ada.RequestAction(monolith, int(run["id"].(float64)), "fix"))
	must(t, ada.Rerequest(monolith, int(run["id"].(float64))))
	expect("check_run.requested_action", "check_run.rerequested")
	must(t, bob.Merge(monolith, n, "merge"))
	expect("pull_request.closed", "push", "check_suite.requested")
	_, err = ada.OpenIssue(monolith, "Title", "Body")
	must(t, err)
	expect("issues.opened")
	must(t, ada.Rename(monolith, "moved"))
	must(t, ada.Archive("acme/moved", true))
	expect("repository.renamed", "repository.archived")
	w.Suspend(w.inst, true)
	w.Suspend(w.inst, false)
	w.Uninstall(w.inst)
	expect("installation.suspend", "installation.unsuspend", "installation.deleted")
}

func headOf(t *testing.T, w *world, branch string) string {
	t.Helper()
	branches, err := w.Branches(monolith)
	must(t, err)
	return branches[branch]
}

// TestPayloadsHaveTheRealShape checks every kind of payload against the
// schemas of @octokit/webhooks-schemas.
func TestPayloadsHaveTheRealShape(t *testing.T) {
	schemas := webhookSchemas(t)
	w, rc := hooked(t)
	playLife(t, w)
	must(t, w.Flush(context.Background()))
	seen := map[string]bool{}
	for _, d := range w.Deliveries(w.app) {
		seen[d.Event+"."+d.Action] = true
		action := d.Action
		if action == "" {
			action = "event"
		}
		schema, err := schemas.Compile("webhooks.json#/definitions/" + d.Event + "$" + action)
		must(t, err)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(d.Payload)))
		must(t, err)
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s.%s: %s", d.Event, d.Action, deepest(err))
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d kinds were checked", len(seen))
	}
	if n := len(rc.events(t, w)); n != len(w.Deliveries(w.app)) {
		t.Errorf("%d arrived of %d", n, len(w.Deliveries(w.app)))
	}
}

// deepest shortens a report of many alternatives to its last lines.
func deepest(err error) string {
	lines := strings.Split(err.Error(), "\n")
	return strings.Join(lines[max(0, len(lines)-6):], "\n")
}

func webhookSchemas(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	f, err := os.Open("testdata/webhooks.json.gz")
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	doc, err := jsonschema.UnmarshalJSON(z)
	must(t, err)
	c := jsonschema.NewCompiler()
	must(t, c.AddResource("webhooks.json", doc))
	return c
}

// playLife causes one webhook of every kind.
func playLife(t *testing.T, w *world) {
	t.Helper()
	ada, bob := w.As("ada"), w.As("bob")
	must(t, ada.Protect(monolith, githubsim.Protection{Branch: "main", MergeQueue: true, AllowForcePushes: true, AllowDeletions: true}))
	for _, branch := range []string{"one", "two"} {
		_, err := ada.Push(monolith, branch, "Change", map[string][]byte{"web/" + branch + ".py": []byte("x = 2\n")})
		must(t, err)
		_, err = ada.OpenPull(monolith, githubsim.NewPull{Title: "Change", Head: branch})
		must(t, err)
	}
	_, err := ada.ForcePush(monolith, "one", "main", "Again", map[string][]byte{"web/one.py": []byte("x = 3\n")})
	must(t, err)
	must(t, ada.SetLabels(monolith, 1, "one", "two"))
	must(t, ada.SetLabels(monolith, 1))
	must(t, ada.EditBody(monolith, 1, "new"))
	id, err := bob.Comment(monolith, 1, "/canonicalize")
	must(t, err)
	must(t, bob.EditComment(monolith, id, "edited"))
	must(t, bob.CommentLine(monolith, 1, "web/one.py", 1, "hm"))
	must(t, bob.Review(monolith, 1, "APPROVE", "good"))
	must(t, ada.SetDraft(monolith, 1, true))
	must(t, ada.SetDraft(monolith, 1, false))
	must(t, ada.Close(monolith, 1))
	must(t, ada.Reopen(monolith, 1))
	must(t, ada.Enqueue(monolith, 1))
	must(t, ada.Dequeue(monolith, 1))
	must(t, ada.Enqueue(monolith, 1))
	must(t, ada.MergeQueued(monolith, 1))
	run := w.call(w.token(), "POST", "/repos/acme/mono/check-runs", m{"name": "c", "head_sha": headOf(t, w, "two"), "conclusion": "neutral",
		"actions": []m{{"label": "Fix", "identifier": "fix", "description": "d"}}}).object(t)
	must(t, ada.RequestAction(monolith, int(run["id"].(float64)), "fix"))
	must(t, ada.Rerequest(monolith, int(run["id"].(float64))))
	must(t, ada.DeleteBranch(monolith, "two"))
	issue, err := ada.OpenIssue(monolith, "Title", "Body")
	must(t, err)
	must(t, ada.EditBody(monolith, issue, "new"))
	must(t, ada.SetLabels(monolith, issue, "one"))
	must(t, ada.Close(monolith, issue))
	must(t, ada.Reopen(monolith, issue))
	must(t, w.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "other", Files: map[string]string{"a": "b"}}))
	must(t, ada.SetDefaultBranch(monolith, "trunk"))
	must(t, ada.Rename(monolith, "moved"))
	must(t, ada.Archive("acme/moved", true))
	must(t, ada.Archive("acme/moved", false))
	w.AddOrg("other")
	must(t, ada.Transfer("acme/other", "other"))
	must(t, ada.DeleteRepo("acme/moved"))
	w.Suspend(w.inst, true)
	w.Suspend(w.inst, false)
	w.Uninstall(w.inst)
}

func TestSignatureRecordAndRedelivery(t *testing.T) {
	w, rc := hooked(t)
	rc.events(t, w)
	rc.mu.Lock()
	rc.status = http.StatusInternalServerError
	rc.mu.Unlock()
	_, err := w.As("ada").OpenIssue(monolith, "x", "")
	must(t, err)
	must(t, w.Flush(context.Background()))
	rc.mu.Lock()
	if len(rc.got) != 1 {
		t.Fatalf("%d webhooks: a failure must not be tried again", len(rc.got))
	}
	first := rc.got[0]
	rc.status = http.StatusAccepted
	rc.mu.Unlock()
	mac := hmac.New(sha256.New, []byte("s3cret"))
	mac.Write(first.body)
	if got := first.header.Get("X-Hub-Signature-256"); got != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
		t.Errorf("signature %q", got)
	}
	list := w.call(w.jwt(), "GET", "/app/hook/deliveries?status=failure", nil)
	var failed []struct {
		ID         int
		GUID       string
		StatusCode int `json:"status_code"`
	}
	must(t, json.Unmarshal([]byte(list.body), &failed))
	if len(failed) != 1 || failed[0].StatusCode != 500 || failed[0].GUID != first.header.Get("X-GitHub-Delivery") {
		t.Fatalf("failed deliveries: %s", list.body)
	}
	if got := w.call(w.jwt(), "POST", "/app/hook/deliveries/"+itoa(failed[0].ID)+"/attempts", nil); got.status != 202 {
		t.Errorf("redelivery: %d %s", got.status, got.body)
	}
	must(t, w.Flush(context.Background()))
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if len(rc.got) != 2 || rc.got[1].header.Get("X-GitHub-Delivery") != failed[0].GUID || string(rc.got[1].body) != string(first.body) {
		t.Errorf("the redelivery differs: %d", len(rc.got))
	}
}

func TestOnlySubscribedAndPermittedAppsHear(t *testing.T) {
	rc := newReceiver(t)
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{WebhookURL: rc.URL, Events: []string{"push", "issues"}, Permissions: map[string]string{"contents": "read"}})
	rc.events(t, w)
	_, err := w.As("ada").OpenIssue(monolith, "x", "")
	must(t, err)
	_, err = w.As("ada").Push(monolith, "b", "x", map[string][]byte{"x": nil, "y": []byte("y")})
	must(t, err)
	if got := rc.events(t, w); !slices.Equal(got, []string{"push"}) {
		t.Errorf("events %q", got)
	}
	w.Suspend(w.inst, true)
	rc.events(t, w)
	_, err = w.As("ada").Push(monolith, "b", "x", map[string][]byte{"y": []byte("z")})
	must(t, err)
	if got := rc.events(t, w); len(got) != 0 {
		t.Errorf("events while suspended: %q", got)
	}
}
