package github

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestCreatePull(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	made := status(201, `{"number":9,"node_id":"PR_9","state":"open","head":{"ref":"canonicalize/a","sha":"abc","repo":{"full_name":"o/r"}}}`)
	f.inTurn("POST /repos/o/r/pulls",
		status(422, `{"message":"Draft pull requests are not supported in this repository."}`), made)
	got, err := repo.CreatePull(ctx, NewPull{Title: "T", Body: strings.Repeat("x", 70000), Head: "canonicalize/a", Base: "main", Draft: true})
	if err != nil || got.Number != 9 || got.Head != (End{"canonicalize/a", "abc", "o/r"}) {
		t.Fatal(got, err)
	}
	_, bodies := f.took()
	first, second := decode(t, bodies[0]), decode(t, bodies[1])
	if first["draft"] != true || second["draft"] != nil || len(first["body"].(string)) > MaxBody {
		t.Errorf("asked %v, then %v", first["draft"], second["draft"])
	}
	f.answer("POST /repos/o/r/pulls", 422, `{"message":"Validation Failed","errors":[{"resource":"PullRequest","code":"custom","message":"A pull request already exists for o:canonicalize/a."}]}`)
	var refused *ErrValidation
	if _, err := repo.CreatePull(ctx, NewPull{Head: "canonicalize/a"}); !errors.As(err, &refused) || !refused.Says("already exists") {
		t.Error(err)
	}
}

// Annotations beyond fifty go with updates, and none is lost.
func TestCheckAnnotationsAreBatched(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	f.answer("POST /repos/o/r/check-runs", 201, `{"id":3,"name":"canonicalize"}`)
	f.answer("PATCH /repos/o/r/check-runs/3", 200, `{"id":3,"name":"canonicalize"}`)
	check := CheckRun{Name: "canonicalize", SHA: "abc", Status: "completed", Conclusion: "neutral", Title: "t", Summary: "s"}
	for i := range 120 {
		check.Annotations = append(check.Annotations, Annotation{Path: "a.py", StartLine: i + 1, EndLine: i + 1, Level: "warning", Message: "m"})
	}
	if made, err := repo.CreateCheck(ctx, check); err != nil || made.ID != 3 {
		t.Fatal(made, err)
	}
	_, bodies := f.took()
	var counts []int
	for _, body := range bodies {
		counts = append(counts, len(decode(t, body)["output"].(map[string]any)["annotations"].([]any)))
	}
	if !slices.Equal(counts, []int{50, 50, 20}) {
		t.Errorf("annotations by request: %v", counts)
	}
	if decode(t, bodies[1])["conclusion"] != nil {
		t.Error("an update for annotations changes the conclusion")
	}
}

func TestStatusFails(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	for _, c := range []struct {
		status int
		answer string
		want   bool
	}{
		{200, `{"state":"pending","total_count":0}`, false},
		{200, `{"state":"success","total_count":1}`, false},
		{200, `{"state":"failure","total_count":1}`, true},
		{403, `{"message":"Resource not accessible by integration"}`, false},
	} {
		f.answer("GET /repos/o/r/commits/main/status", c.status, c.answer)
		if got, err := repo.StatusFails(ctx, "main"); err != nil || got != c.want {
			t.Errorf("%d %s: %v, %v", c.status, c.answer, got, err)
		}
	}
}

func TestAccess(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	f.answer("GET /orgs/o/teams/a/repos/o/r", 200, `{"permissions":{"pull":true,"push":true,"admin":false}}`)
	f.answer("GET /orgs/o/teams/b/repos/o/r", 404, `{}`)
	f.answer("GET /repos/o/r/collaborators/x/permission", 200, `{"permission":"write","role_name":"maintain"}`)
	f.answer("GET /repos/o/r/collaborators/y/permission", 200, `{"permission":"read","role_name":"custom"}`)
	f.answer("GET /repos/o/r/collaborators/z/permission", 404, `{}`)
	f.on("GET /repos/o/r/collaborators/x", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	f.answer("GET /repos/o/r/collaborators/z", 404, `{}`)
	if level, found, err := repo.TeamAccess(ctx, "a"); level != "push" || !found || err != nil {
		t.Error(level, found, err)
	}
	if level, found, err := repo.TeamAccess(ctx, "b"); level != "" || found || err != nil {
		t.Error(level, found, err)
	}
	for user, want := range map[string]string{"x": "maintain", "y": "read", "z": "none"} {
		if got, err := repo.Permission(ctx, user); got != want || err != nil {
			t.Errorf("%s: %s, %v", user, got, err)
		}
	}
	for user, want := range map[string]bool{"x": true, "z": false} {
		if got, err := repo.IsCollaborator(ctx, user); got != want || err != nil {
			t.Errorf("%s: %v, %v", user, got, err)
		}
	}
}

func TestGoneIsNoErrorWhereItIsMeant(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	f.answer("DELETE /repos/o/r/issues/comments/1", 404, `{}`)
	f.answer("GET /repos/o/r/contents/a.yml", 404, `{}`)
	_, found, contents := repo.Content(ctx, "a.yml", "")
	for _, err := range []error{repo.DeleteComment(ctx, 1), contents} {
		if err != nil {
			t.Error(err)
		}
	}
	if found {
		t.Error("found a file that does not exist")
	}
}

func TestThreads(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	page := `{"data":{"repository":{"pullRequest":{"reviewThreads":{"pageInfo":{"hasNextPage":%t,"endCursor":"c"},"nodes":[
		{"id":"T%d","isResolved":true,"path":"a.py","line":3,"comments":{"nodes":[{"databaseId":5,"id":"C","body":"b","author":{"login":"x"}}]}}]}}}}}`
	f.inTurn("POST /graphql", status(502, ""), status(200, fmt.Sprintf(page, true, 1)), status(200, fmt.Sprintf(page, false, 2)))
	found, err := repo.ListThreads(ctx, 1)
	if err != nil || len(found) != 2 || found[1].ID != "T2" || !found[0].Resolved || found[0].Comments[0].ID != 5 {
		t.Error(found, err)
	}
	if calls, _ := f.took(); len(calls) != 3 {
		t.Errorf("calls %q", calls)
	}
	f.answer("POST /graphql", 200, `{"data":null,"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a node"}]}`)
	if err := repo.ResolveThread(ctx, "T1"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	f.answer("POST /graphql", 200, `{"data":null,"errors":[{"type":"UNPROCESSABLE","message":"Pull request is in clean status"}]}`)
	var refused *ErrValidation
	if err := repo.ResolveThread(ctx, "T1"); !errors.As(err, &refused) || !refused.Says("clean status") {
		t.Error(err)
	}
	f.took()
	f.answer("POST /graphql", 502, ``)
	if err := repo.ResolveThread(ctx, "T1"); !errors.Is(err, ErrUnreachable) {
		t.Error(err)
	}
	if calls, _ := f.took(); len(calls) != 1 {
		t.Errorf("a mutation was repeated: %q", calls)
	}
}

func TestCreateCommit(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	f.answer("GET /repos/o/r/git/commits/p", 200, `{"sha":"p","tree":{"sha":"t0"}}`)
	f.answer("POST /repos/o/r/git/blobs", 201, `{"sha":"b1"}`)
	f.answer("POST /repos/o/r/git/trees", 201, `{"sha":"t1"}`)
	f.answer("POST /repos/o/r/git/commits", 201, `{"sha":"c1"}`)
	sha, err := repo.CreateCommit(ctx, "p", "m", []TreeFile{{"a.py", "100644", []byte("x\n")}, {"b.py", "100644", []byte{0xff}}, {"c.py", "100644", nil}})
	if sha != "c1" || err != nil {
		t.Fatal(sha, err)
	}
	_, bodies := f.took()
	tree := decode(t, bodies[2])
	entries := fmt.Sprint(tree["tree"])
	if tree["base_tree"] != "t0" || !strings.Contains(entries, "content:x\n") || !strings.Contains(entries, "sha:b1") || !strings.Contains(entries, "sha:<nil>") {
		t.Errorf("tree %v", tree)
	}
	if commit := decode(t, bodies[3]); commit["author"] != nil || commit["tree"] != "t1" {
		t.Errorf("commit %v", commit)
	}
}
