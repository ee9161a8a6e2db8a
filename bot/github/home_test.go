package github

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// A redirect of the API leads wherever whoever answers wants. Neither a token nor what the App signs follows.
func TestCredentialsStayAtHome(t *testing.T) {
	var asked atomic.Int32
	abroad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		t.Errorf("%s %s came with %q", r.Method, r.URL, r.Header.Get("Authorization"))
		reply(w, 200, `{"id":666,"full_name":"evil/r"}`)
	}))
	defer abroad.Close()
	f := newFake(t)
	moved := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusTemporaryRedirect) }
	}
	f.on("GET /repos/o/r/issues/1", moved(abroad.URL+"/stolen"))
	f.on("POST /repos/o/r/issues/1/comments", moved(abroad.URL+"/stolen"))
	f.on("GET /app", moved(abroad.URL+"/stolen"))
	f.on("POST /graphql", moved(abroad.URL+"/stolen"))
	repo := f.repo()
	_, read := repo.GetIssue(ctx, 1)
	_, write := repo.CreateComment(ctx, 1, "hello")
	_, signed := f.app().Check(ctx)
	_, query := repo.Queued(ctx, 1)
	for what, err := range map[string]error{"a read": read, "a write": write, "the App's own": signed, "a query": query} {
		if !errors.Is(err, errAbroad) {
			t.Errorf("%s: %v", what, err)
		}
	}
	f.on("POST /app/installations/1/access_tokens", moved(abroad.URL+"/stolen"))
	if _, err := f.app().Client(1).Token(ctx, "o/r", nil); err == nil {
		t.Error("a token from abroad was taken")
	}
	if asked.Load() != 0 {
		t.Errorf("asked abroad %d times", asked.Load())
	}
	f = newFake(t)
	f.on("GET /repos/o/r/issues/1", moved("/repositories/7/issues/1"))
	f.answer("GET /repositories/7/issues/1", 200, `{"number":1}`)
	if found, err := f.repo().GetIssue(ctx, 1); err != nil || found.Number != 1 {
		t.Errorf("a renamed repository: %+v, %v", found, err)
	}
}

// endless is a body without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// An answer is read up to a limit, however much comes.
func TestAnswersHaveAnEnd(t *testing.T) {
	f := newFake(t)
	f.on("GET /repos/o/r/issues/1", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, endless{}) })
	_, err := f.repo().GetIssue(ctx, 1)
	if !errors.Is(err, errTooLong) || Temporary(err) {
		t.Errorf("%v", err)
	}
	if calls, _ := f.took(); strings.Count(strings.Join(calls, " "), "issues/1") != 1 {
		t.Errorf("it was asked for again: %q", calls)
	}
}

// A token carries what its job needs. Where an account has not accepted a permission yet, it carries the rest.
func TestTokensCarryLittle(t *testing.T) {
	f := newFake(t)
	repo := f.app().Client(1).Limited("o", "r", Permissions{"contents": "read", "checks": "write"})
	if _, err := repo.Get(ctx); err != nil {
		t.Fatal(err)
	}
	asked := strings.Join(f.bodies, "")
	if !strings.Contains(asked, `"permissions":{"checks":"write","contents":"read"}`) || !strings.Contains(asked, `"repositories":["r"]`) {
		t.Errorf("asked for %s", asked)
	}
	f = newFake(t)
	f.inTurn("POST /app/installations/1/access_tokens", status(422, `{"message":"The permissions requested are not granted to this installation."}`),
		status(201, `{"token":"token","expires_at":"2099-01-01T00:00:00Z"}`))
	f.answer("GET /app/installations/1", 200, `{"id":1,"permissions":{"contents":"write","metadata":"read"}}`)
	if _, err := f.app().Client(1).Limited("o", "r", Permissions{"contents": "read", "checks": "write"}).Get(ctx); err != nil {
		t.Fatal(err)
	}
	if asked := strings.Join(f.bodies, ""); !strings.Contains(asked, `"permissions":{"contents":"read"}`) {
		t.Errorf("asked for %s", asked)
	}
}
