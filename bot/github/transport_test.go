package github

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var ctx = context.Background()

func TestReadsAreRepeated(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	good := status(200, `{"id":7,"full_name":"o/r"}`)
	for name, bad := range map[string]http.HandlerFunc{
		"500": status(500, "oops"), "502": status(502, ""), "503": status(503, ""), "504": status(504, ""), "cut": hangUp,
		"limit": status(403, `{"message":"You have exceeded a secondary rate limit"}`, "Retry-After", "3"),
	} {
		f.inTurn("GET /repos/o/r", bad, bad, good)
		if found, err := repo.Get(ctx); err != nil || found.ID != 7 {
			t.Errorf("%s: %v, %v", name, found, err)
		}
		if calls, _ := f.took(); len(calls) != 3 {
			t.Errorf("%s: %d calls, want 3", name, len(calls))
		}
	}
	f.answer("GET /repos/o/r", 502, "")
	if _, err := repo.Get(ctx); !errors.Is(err, ErrUnreachable) || !Temporary(err) {
		t.Errorf("a server that stays in trouble: %v", err)
	}
	if calls, _ := f.took(); len(calls) != maxTries {
		t.Errorf("%d calls, want %d", len(calls), maxTries)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := repo.Get(gone); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) {
		t.Errorf("a caller who gave up: %v", err)
	}
}

// Nobody knows whether a write that broke off happened: only its caller can look.
func TestWritesAreNotRepeated(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	for name, bad := range map[string]http.HandlerFunc{"502": status(502, ""), "cut": hangUp} {
		f.on("POST /repos/o/r/issues/1/comments", bad)
		if _, err := repo.CreateComment(ctx, 1, "hello"); !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: %v", name, err)
		}
		if calls, _ := f.took(); len(calls) != 1 {
			t.Errorf("%s: %d calls, want 1", name, len(calls))
		}
	}
}

// An answer that begins and never ends is a failure on the way, of a read that is repeated and of a write that is not.
func TestAnswersThatHang(t *testing.T) {
	f := newFake(t)
	hang := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(`{"numb`))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	f.on("GET /repos/o/r/pulls/1", hang)
	f.on("PATCH /repos/o/r/pulls/1", hang)
	repo := f.repo()
	repo.client.app.wire.(*retrier).timeout = 50 * time.Millisecond
	if _, err := repo.GetPull(ctx, 1); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a read: %v", err)
	}
	if calls, _ := f.took(); len(calls) != maxTries {
		t.Errorf("%d tries of a read", len(calls))
	}
	if err := repo.ClosePull(ctx, 1); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a write: %v", err)
	}
	if calls, _ := f.took(); len(calls) != 1 {
		t.Errorf("%d tries of a write", len(calls))
	}
}

func TestLimits(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	var secondary *ErrSecondaryLimit
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc
		minimum time.Duration
	}{
		{"Retry-After", status(403, `{}`, "Retry-After", "90"), 90 * time.Second},
		{"429", status(429, `{}`), time.Minute},
		{"in words", status(403, `{"message":"You have exceeded a secondary rate limit."}`), time.Minute},
		{"absurd", status(403, `{}`, "Retry-After", "99999999"), time.Hour},
	} {
		f.on("GET /repos/o/r", c.answer)
		if _, err := repo.Get(ctx); !errors.As(err, &secondary) || secondary.RetryAfter != c.minimum {
			t.Errorf("%s: %v", c.name, err)
		}
		f.answer("GET /repos/o/r", 200, `{"id":7}`)
		f.took()
		if _, err := repo.Get(ctx); !errors.As(err, &secondary) || secondary.RetryAfter != c.minimum {
			t.Errorf("%s: asked while it lasts: %v", c.name, err)
		}
		if calls, _ := f.took(); len(calls) != 0 {
			t.Errorf("%s: %d requests while it lasts", c.name, len(calls))
		}
		f.clock.Sleep(ctx, c.minimum)
		if _, err := repo.Get(ctx); err != nil {
			t.Errorf("%s: it lasts: %v", c.name, err)
		}
	}
	reset := f.clock.Now().Add(20 * time.Minute)
	f.on("GET /repos/o/r", status(403, `{"message":"API rate limit exceeded"}`, "X-RateLimit-Remaining", "0",
		"X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10)))
	var primary *ErrRateLimit
	if _, err := repo.Get(ctx); !errors.As(err, &primary) || !primary.Reset.Equal(reset) {
		t.Errorf("primary limit: %v", err)
	}
}

func TestErrorsHaveNames(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	for _, c := range []struct {
		status int
		text   string
		want   error
	}{
		{404, "Not Found", ErrNotFound}, {410, "Gone", ErrNotFound}, {403, "Resource not accessible by integration", ErrForbidden},
		{403, "This installation has been suspended", ErrSuspended}, {403, "Repository was archived so is read-only.", ErrArchived},
		{409, "Conflict", ErrConflict}, {451, "Blocked", ErrForbidden},
	} {
		f.answer("GET /repos/o/r", c.status, `{"message":"`+c.text+`"}`)
		if _, err := repo.Get(ctx); !errors.Is(err, c.want) || Temporary(err) {
			t.Errorf("%d %s: %v", c.status, c.text, err)
		}
	}
	f.answer("GET /repos/o/r", 422, `{"message":"Validation Failed","errors":[{"resource":"PullRequest","field":"head","code":"invalid"}]}`)
	var refused *ErrValidation
	if _, err := repo.Get(ctx); !errors.As(err, &refused) || refused.Fields[0].Name != "head" {
		t.Errorf("422: %v", err)
	}
}

// What was seen before costs nothing of the limit when it has not changed.
func TestConditionalReads(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	var asked []string
	f.on("GET /repos/o/r", func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("If-None-Match"))
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(304)
			return
		}
		reply(w, 200, `{"id":7}`)
	})
	for range 3 {
		if found, err := repo.Get(ctx); err != nil || found.ID != 7 {
			t.Errorf("%v, %v", found, err)
		}
	}
	if want := []string{"", `"v1"`, `"v1"`}; !slices.Equal(asked, want) {
		t.Errorf("asked with %q, want %q", asked, want)
	}
}

func TestConditionalCacheIsBounded(t *testing.T) {
	f := newFake(t)
	cache := newConditional(http.DefaultTransport)
	big := strings.Repeat("x", maxCached/3)
	f.on("GET /big", status(200, big, "ETag", `"1"`))
	for i := range 10 {
		req, _ := http.NewRequest("GET", f.server.URL+"/big?"+strconv.Itoa(i), nil)
		if _, err := cache.RoundTrip(req); err != nil {
			t.Fatal(err)
		}
	}
	if cache.size > maxCached || len(cache.seen) != cache.order.Len() || len(cache.seen) == 0 {
		t.Errorf("%d bytes in %d entries", cache.size, len(cache.seen))
	}
}

func TestPages(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	f.on("GET /repos/o/r/pulls", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "1" {
			w.Header().Set("Link", `<`+f.server.URL+`/repos/o/r/pulls?page=2>; rel="next"`)
			reply(w, 200, `[{"number":3,"head":{"ref":"canonicalize/a"}},{"number":2,"head":{"ref":"other"}}]`)
			return
		}
		reply(w, 200, `[{"number":1,"head":{"ref":"canonicalize/b"},"merged_at":"2024-01-01T00:00:00Z"}]`)
	})
	found, err := repo.ListPulls(ctx, PullFilter{State: "all", Prefix: "canonicalize/"})
	if err != nil || len(found) != 2 || found[0].Number != 3 || !found[1].Merged {
		t.Errorf("%v, %v", found, err)
	}
}
