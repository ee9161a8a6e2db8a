package githubsim_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

func (w *world) query(token, query string, vars m) (data m, errors string) {
	w.t.Helper()
	got := w.call(token, "POST", "/graphql", m{"query": query, "variables": vars})
	if got.status != 200 {
		w.t.Fatalf("GraphQL: %d %s", got.status, got.body)
	}
	o := got.object(w.t)
	data, _ = o["data"].(m)
	if o["errors"] != nil {
		errors = fmt.Sprint(o["errors"])
	}
	return data, errors
}

const threads = `query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { id ...state
    reviewThreads(first: 1, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { id isResolved path line comments(first: 10) { nodes { id databaseId author { __typename login } } } } } } } }
fragment state on PullRequest { isDraft mergeStateStatus isInMergeQueue mergeQueueEntry { position } autoMergeRequest { mergeMethod } }`

func (w *world) threads(after any) m {
	w.t.Helper()
	data, errors := w.query(w.token(), threads, m{"owner": "acme", "name": "mono", "number": 1, "after": after})
	if errors != "" {
		w.t.Fatal(errors)
	}
	return data["repository"].(m)["pullRequest"].(m)
}

func TestGraphQLThreads(t *testing.T) {
	w := withPull(t, githubsim.Options{})
	must(t, w.As("bob").CommentLine(monolith, 1, "b.py", 10, "one"))
	must(t, w.As("bob").CommentLine(monolith, 1, "b.py", 50, "two"))
	first := w.threads(nil)["reviewThreads"].(m)
	second := w.threads(first["pageInfo"].(m)["endCursor"])["reviewThreads"].(m)
	thread := second["nodes"].([]any)[0].(m)
	if first["totalCount"] != 2.0 || first["pageInfo"].(m)["hasNextPage"] != true || second["pageInfo"].(m)["hasNextPage"] != false || thread["line"] != 50.0 {
		t.Errorf("threads: %v, %v", first, second)
	}
	comment := thread["comments"].(m)["nodes"].([]any)[0].(m)
	if fmt.Sprint(comment["author"]) != "map[__typename:User login:bob]" {
		t.Errorf("comment: %v", comment)
	}
	const resolve = `mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved resolvedBy { login } } } }`
	data, errors := w.query(w.token(), resolve, m{"id": thread["id"]})
	if fmt.Sprint(data) != "map[resolveReviewThread:map[thread:map[isResolved:true resolvedBy:map[login:canon]]]]" || errors != "" {
		t.Errorf("resolve: %v %s", data, errors)
	}
	weak := w.mint(m{"permissions": m{"pull_requests": "write"}}).object(t)["token"].(string)
	if _, errors := w.query(weak, resolve, m{"id": thread["id"]}); !strings.Contains(errors, "FORBIDDEN") {
		t.Errorf("without contents: %s", errors)
	}
	if _, errors := w.query(w.token(), resolve, m{"id": "PRRT_none"}); !strings.Contains(errors, "NOT_FOUND") {
		t.Errorf("unknown thread: %s", errors)
	}
	if _, errors := w.query(w.token(), `{ repository(owner: "acme", name: "mono") { stars } }`, nil); !strings.Contains(errors, `Cannot query field "stars"`) {
		t.Errorf("unknown field: %s", errors)
	}
	if _, errors := w.query(w.token(), resolve, nil); errors == "" {
		t.Error("a missing variable was accepted")
	}
	data, errors = w.query(w.token(), `mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { minimizedComment { isMinimized minimizedReason ... on PullRequestReviewComment { body } } } }`, m{"id": comment["id"]})
	if fmt.Sprint(data) != "map[minimizeComment:map[minimizedComment:map[body:two isMinimized:true minimizedReason:outdated]]]" {
		t.Errorf("minimize: %v %s", data, errors)
	}
}

func TestGraphQLDraftsAutoMergeAndQueue(t *testing.T) {
	w := withPull(t, githubsim.Options{})
	id := w.threads(nil)["id"]
	mutate := func(call, rest string) string {
		t.Helper()
		field := "pullRequestId"
		if call == "dequeuePullRequest" {
			field = "id"
		}
		_, errors := w.query(w.token(), fmt.Sprintf("mutation($id: ID!) { %s(input: {%s: $id %s}) { clientMutationId } }", call, field, rest), m{"id": id})
		return errors
	}
	for _, call := range []string{"convertPullRequestToDraft", "markPullRequestReadyForReview"} {
		if errors := mutate(call, ""); errors != "" {
			t.Errorf("%s: %s", call, errors)
		}
		if got := w.threads(nil)["isDraft"]; got != (call == "convertPullRequestToDraft") {
			t.Errorf("after %s: %v", call, got)
		}
	}
	if errors := mutate("enablePullRequestAutoMerge", ""); !strings.Contains(errors, "not allowed for this repository") {
		t.Errorf("auto-merge: %s", errors)
	}
	must(t, w.As("ada").Configure(monolith, githubsim.Settings{AllowAutoMerge: true, DeleteBranchOnMerge: true}))
	if errors := mutate("enablePullRequestAutoMerge", ""); !strings.Contains(errors, "clean status") {
		t.Errorf("auto-merge of what can be merged: %s", errors)
	}
	must(t, w.As("ada").Protect(monolith, githubsim.Protection{Branch: "main", RequiredReviews: 1}))
	if errors := mutate("enablePullRequestAutoMerge", ", mergeMethod: SQUASH"); errors != "" {
		t.Errorf("auto-merge: %s", errors)
	}
	if got := w.threads(nil); got["autoMergeRequest"].(m)["mergeMethod"] != "SQUASH" || got["mergeStateStatus"] != "BLOCKED" {
		t.Errorf("waiting: %v", got)
	}
	must(t, w.As("bob").Review(monolith, 1, "APPROVE", ""))
	page, err := w.PullRequest("acme", "mono", 1)
	must(t, err)
	branches, err := w.Branches(monolith)
	must(t, err)
	if page.State != "merged" || branches["fix"] != "" {
		t.Errorf("after the approval: %s, branches %v", page.State, branches)
	}
}

func TestMergeQueue(t *testing.T) {
	w, rc := hooked(t)
	openFix(t, w)
	must(t, w.As("ada").Protect(monolith, githubsim.Protection{Branch: "main", MergeQueue: true}))
	if err := w.As("ada").Merge(monolith, 1, "merge"); err == nil {
		t.Error("merged around the queue")
	}
	rc.events(t, w)
	must(t, w.As("ada").Enqueue(monolith, 1))
	if got := rc.events(t, w); !slices.Contains(got, "merge_group.checks_requested") {
		t.Errorf("events %q", got)
	}
	if got := w.threads(nil); got["isInMergeQueue"] != true || got["mergeQueueEntry"].(m)["position"] != 1.0 {
		t.Errorf("queued: %v", got)
	}
	must(t, w.As("ada").MergeQueued(monolith, 1))
	page, err := w.PullRequest("acme", "mono", 1)
	must(t, err)
	branches, err := w.Branches(monolith)
	must(t, err)
	if page.State != "merged" || page.Queued || len(branches) != 2 {
		t.Errorf("%s, branches %v", page.State, branches)
	}
	must(t, w.Flush(context.Background()))
}
