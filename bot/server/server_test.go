package server

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/store"
)

const secret = "a secret of some length"

// fakeGitHub is what the App sees of GitHub.
type fakeGitHub struct {
	mu            sync.Mutex
	installations []store.Installation
	repositories  map[int64][]store.Repository
	attempts      []Delivery
	redelivered   chan int64
	err           error
}

func (g *fakeGitHub) Installations(context.Context) ([]store.Installation, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.installations), g.err
}

func (g *fakeGitHub) Repositories(_ context.Context, id int64) ([]store.Repository, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.repositories[id]), g.err
}

func (g *fakeGitHub) Deliveries(context.Context, time.Time) ([]Delivery, error) {
	return g.attempts, nil
}

func (g *fakeGitHub) Redeliver(_ context.Context, id int64) error {
	g.redelivered <- id
	return nil
}

func (g *fakeGitHub) set(state store.State) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.installations[0].State = state
}

var shop = store.Repository{ID: 7, Installation: 3, Owner: "acme", Name: "shop", DefaultBranch: "main", State: store.Active}

func acme() *fakeGitHub {
	return &fakeGitHub{
		installations: []store.Installation{{ID: 3, Account: "acme", State: store.Active}},
		repositories:  map[int64][]store.Repository{3: {shop}},
		redelivered:   make(chan int64, 10),
	}
}

type (
	passFunc    func(context.Context, store.Repository, []store.Event) (store.Outcome, error)
	reviewFunc  func(context.Context, store.Repository, store.ReviewJob) error
	commandFunc func(context.Context, store.Repository, store.CommandJob) error
)

func (f passFunc) Pass(ctx context.Context, r store.Repository, e []store.Event) (store.Outcome, error) {
	return f(ctx, r, e)
}

func (f reviewFunc) PutAside(context.Context, store.Repository, store.ReviewJob, error) error {
	return nil
}

func (f commandFunc) PutAside(context.Context, store.Repository, store.CommandJob, error) error {
	return nil
}

func (f reviewFunc) Review(ctx context.Context, r store.Repository, j store.ReviewJob) error {
	return f(ctx, r, j)
}

func (f commandFunc) Command(ctx context.Context, r store.Repository, j store.CommandJob) error {
	return f(ctx, r, j)
}

// service is a running server with a SQLite database.
type service struct {
	t    *testing.T
	db   *store.Store
	url  string
	stop func()
}

func serve(t *testing.T, gh GitHub, pass passFunc, review Reviewer, command Commander) *service {
	t.Helper()
	lg := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	db, err := store.Open(t.Context(), lg, "sqlite:"+filepath.Join(t.TempDir(), "bot.db"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(lg, "127.0.0.1:0", []byte(secret), db, gh, pass, review, command, Options{
		Workers: store.Settings{Retry: func(int) time.Duration { return time.Millisecond }, SoftStop: time.Second},
		Pages:   http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a page") }),
	})
	if err != nil {
		t.Fatal(err)
	}
	addr, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := await(t, "the end of the service", done); err != nil {
			t.Errorf("Run: %v", err)
		}
		_ = db.Close()
	})
	t.Cleanup(stop)
	return &service{t, db, "http://" + addr.String(), stop}
}

func await[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !yes(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never came to this: %s", what)
		}
	}
}

// deliver sends a webhook as GitHub does, and returns the status.
func deliver(t *testing.T, url, event, id, body string) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url+WebhookPath, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-GitHub-Delivery", id)
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

const inShop = `"installation": {"id": 3}, "repository": {"id": 7, "name": "shop", "default_branch": "main", "owner": {"login": "acme"}}, "sender": {"type": "User"}`

func (s *service) push(id string) {
	s.t.Helper()
	if status := deliver(s.t, s.url, "push", id, `{"ref": "refs/heads/main", `+inShop+`}`); status != http.StatusAccepted {
		s.t.Errorf("push %s: status %d", id, status)
	}
}

func (s *service) idle() bool {
	idle, err := s.db.Idle(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return idle
}

func (s *service) get(path string) (int, string) {
	s.t.Helper()
	res, err := http.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

// The whole way: the sweep at start finds the installation and its repository,
// a webhook wakes a second pass, and a duplicate of it none.
func TestFromWebhookToPass(t *testing.T) {
	passes := make(chan string, 10)
	s := serve(t, acme(), func(_ context.Context, r store.Repository, events []store.Event) (store.Outcome, error) {
		if r != shop {
			t.Errorf("a pass over %+v", r)
		}
		var why []string
		for _, e := range events {
			why = append(why, e.Event)
		}
		passes <- strings.Join(why, ",")
		return store.Outcome{}, nil
	}, nil, nil)
	if why := await(t, "the pass of the sweep", passes); why != "sweep" {
		t.Errorf("the first pass was woken by %s", why)
	}
	eventually(t, "the sweep is done", s.idle)
	s.push("guid-1")
	if why := await(t, "the pass of the push", passes); why != "push" {
		t.Errorf("the second pass was woken by %s", why)
	}
	eventually(t, "the pass is done", s.idle)
	s.push("guid-1")
	if status := deliver(t, s.url, "push", "guid-2", "{"); status != http.StatusBadRequest {
		t.Errorf("malformed: status %d", status)
	}
	eventually(t, "nothing more happens", s.idle)
	s.stop()
	if len(passes) != 0 {
		t.Error("a duplicate woke a pass")
	}
}

func TestHealthAndPages(t *testing.T) {
	s := serve(t, acme(), func(context.Context, store.Repository, []store.Event) (store.Outcome, error) {
		return store.Outcome{}, nil
	}, nil, nil)
	eventually(t, "it is ready", func() bool { status, _ := s.get("/readyz"); return status == http.StatusOK })
	s.push("guid-1")
	if status, body := s.get("/healthz"); status != 200 || !strings.Contains(body, `"accepted":1`) {
		t.Errorf("healthz: %d %s", status, body)
	}
	if _, body := s.get("/anything"); body != "a page" {
		t.Errorf("page: %s", body)
	}
	if status, _ := s.get(WebhookPath); status != http.StatusMethodNotAllowed {
		t.Errorf("GET of the webhook: %d", status)
	}
}

func TestNotReady(t *testing.T) {
	lg := slog.New(slog.DiscardHandler)
	db, err := store.Open(t.Context(), lg, "sqlite:"+filepath.Join(t.TempDir(), "bot.db"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(lg, "127.0.0.1:0", []byte(secret), db, acme(), nil, nil, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	check := func(want string) {
		t.Helper()
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d %s, want 503 and %q", w.Code, w.Body, want)
		}
	}
	check("the workers are not running")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	check("the database does not answer")
}

func TestBurstOf500Deliveries(t *testing.T) {
	entered, proceed := make(chan int, 1000), make(chan struct{})
	s := serve(t, acme(), func(_ context.Context, _ store.Repository, events []store.Event) (store.Outcome, error) {
		entered <- len(events)
		<-proceed
		return store.Outcome{}, nil
	}, nil, nil)
	await(t, "the pass of the sweep", entered)
	var wg sync.WaitGroup
	for g := range 10 {
		wg.Go(func() {
			for i := range 50 {
				s.push(fmt.Sprintf("guid-%d-%d", g, i))
			}
		})
	}
	wg.Wait()
	close(proceed)
	if n := await(t, "the second pass", entered); n != 500 {
		t.Errorf("the second pass saw %d events", n)
	}
	eventually(t, "nothing is left to do", s.idle)
	s.stop()
	if len(entered) != 0 {
		t.Errorf("%d passes more", len(entered))
	}
}

func TestSuspendedAndBack(t *testing.T) {
	gh, passes := acme(), make(chan struct{}, 10)
	s := serve(t, gh, func(context.Context, store.Repository, []store.Event) (store.Outcome, error) {
		passes <- struct{}{}
		return store.Outcome{}, nil
	}, nil, nil)
	await(t, "the pass of the sweep", passes)
	turn := func(state store.State, action string) {
		gh.set(state)
		deliver(t, s.url, "installation", action, `{"action": "`+action+`", "installation": {"id": 3}}`)
		eventually(t, "the state is "+string(state), func() bool {
			r, err := s.db.Repository(t.Context(), 7)
			return err == nil && r.State == state && s.idle()
		})
	}
	turn(store.Suspended, "suspend")
	s.push("guid-1")
	eventually(t, "the push is dropped", s.idle)
	if len(passes) != 0 {
		t.Error("a pass over a suspended repository")
	}
	turn(store.Active, "unsuspend")
	await(t, "the pass after the return", passes)
	gh.mu.Lock()
	gh.installations = nil
	gh.mu.Unlock()
	deliver(t, s.url, "installation", "deleted", `{"action": "deleted", "installation": {"id": 3}}`)
	eventually(t, "the repository is gone", func() bool {
		r, err := s.db.Repository(t.Context(), 7)
		return err == nil && r.State == store.Removed
	})
}

type waitError struct{ time.Duration }

func (e waitError) Error() string             { return "rate limit" }
func (e waitError) RetryAfter() time.Duration { return e.Duration }

type endError struct{}

func (endError) Error() string   { return "empty repository" }
func (endError) Permanent() bool { return true }

func TestErrorsDecide(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("list: %w", waitError{time.Millisecond}), store.ResultWaiting},
		{errors.Join(errors.New("x"), endError{}), store.ResultRefused},
		{waitError{0}, store.ResultFailed},
		{errors.New("502"), store.ResultFailed},
	} {
		var once sync.Once
		s := serve(t, acme(), func(context.Context, store.Repository, []store.Event) (o store.Outcome, err error) {
			once.Do(func() { err = c.err })
			return o, err
		}, nil, nil)
		eventually(t, "the first pass ended as "+c.want, func() bool {
			p, err := s.db.Passes(t.Context(), 7, 100)
			return err == nil && len(p) > 0 && p[len(p)-1].Result == c.want
		})
		s.stop()
	}
}

func TestReviewsAndCommands(t *testing.T) {
	reviews, commands := make(chan store.ReviewJob, 1), make(chan store.CommandJob, 2)
	s := serve(t, acme(), func(context.Context, store.Repository, []store.Event) (store.Outcome, error) {
		return store.Outcome{}, nil
	}, reviewFunc(func(_ context.Context, r store.Repository, j store.ReviewJob) error {
		reviews <- j
		return nil
	}), commandFunc(func(_ context.Context, r store.Repository, j store.CommandJob) error {
		commands <- j
		return nil
	}))
	deliver(t, s.url, "pull_request", "1", `{"action": "opened", "pull_request": {"number": 5, "head": {"sha": "abc"}, "base": {"ref": "main"}}, `+inShop+`}`)
	if got, want := await(t, "a review", reviews), (store.ReviewJob{Repository: 7, Number: 5, Head: "abc", Base: "main"}); got != want {
		t.Errorf("review %+v", got)
	}
	deliver(t, s.url, "issue_comment", "2", `{"action": "created", "issue": {"number": 5}, "comment": {"id": 9, "body": "/canonicalize"}, `+inShop+`}`)
	if got, want := await(t, "a command", commands), (store.CommandJob{Repository: 7, Number: 5, Event: "issue_comment", Subject: 9, Delivery: "2"}); got != want {
		t.Errorf("command %+v", got)
	}
	press := `{"action": "requested_action", "check_run": {"id": 4, "head_sha": "abc"}, ` + inShop + `}`
	deliver(t, s.url, "check_run", "3", press)
	got := await(t, "a button", commands)
	if body, err := s.db.Payload(t.Context(), got.Delivery); err != nil || string(body) != press {
		t.Errorf("the payload of %+v: %q, %v", got, body, err)
	}
}

func TestFailedDeliveriesAreAskedForAtStart(t *testing.T) {
	gh := acme()
	now := time.Now()
	gh.attempts = []Delivery{
		{ID: 60, GUID: "f", Delivered: now}, // failed, succeeded before
		{ID: 50, GUID: "e", Delivered: now}, // three failures
		{ID: 40, GUID: "d", Delivered: now, OK: true},
		{ID: 31, GUID: "c", Delivered: now}, // failed twice: the latest attempt counts
		{ID: 49, GUID: "e", Delivered: now.Add(-1)},
		{ID: 48, GUID: "e", Delivered: now.Add(-2)},
		{ID: 59, GUID: "f", Delivered: now.Add(-2), OK: true},
		{ID: 30, GUID: "c", Delivered: now.Add(-3)},
		{ID: 10, GUID: "a", Delivered: now.Add(-9)}, // the oldest comes first
	}
	serve(t, gh, func(context.Context, store.Repository, []store.Event) (store.Outcome, error) {
		return store.Outcome{}, nil
	}, nil, nil)
	got := []int64{await(t, "a redelivery", gh.redelivered), await(t, "another", gh.redelivered)}
	if want := []int64{10, 31}; !reflect.DeepEqual(got, want) {
		t.Errorf("redelivered %v, want %v", got, want)
	}
	for _, d := range failedDeliveries(gh.attempts) {
		if d.ID != 10 && d.ID != 31 {
			t.Errorf("also attempt %d", d.ID)
		}
	}
}

// A listing that fails must change nothing: an error is not an empty list.
func TestUnreadableGitHubRemovesNothing(t *testing.T) {
	gh := acme()
	s := serve(t, gh, func(context.Context, store.Repository, []store.Event) (store.Outcome, error) {
		return store.Outcome{}, nil
	}, nil, nil)
	eventually(t, "the sweep is done", func() bool {
		_, err := s.db.Repository(t.Context(), 7)
		return err == nil && s.idle()
	})
	gh.mu.Lock()
	gh.installations, gh.err = nil, endError{}
	gh.mu.Unlock()
	deliver(t, s.url, "installation", "1", `{"action": "suspend", "installation": {"id": 3}}`)
	eventually(t, "the job is refused", func() bool {
		dead, err := s.db.Dead(t.Context(), 10)
		return err == nil && len(dead) == 1
	})
	if r, err := s.db.Repository(t.Context(), 7); err != nil || r.State != store.Active {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAddressTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, err := New(slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)), l.Addr().String(), []byte(secret), nil, nil, nil, nil, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "taken by another program") || !strings.Contains(err.Error(), "CANONICALIZE_ADDRESS") {
		t.Errorf("got %v", err)
	}
}
