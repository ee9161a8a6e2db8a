package github

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestNewSaysWhatIsWrong(t *testing.T) {
	good := Options{AppID: 1, Key: testKey()}
	for name, change := range map[string]func(*Options){
		"URL": func(o *Options) { o.BaseURL = "github" }, "ID": func(o *Options) { o.AppID = 0 }, "PEM": func(o *Options) { o.Key = []byte("x") },
	} {
		opts := good
		change(&opts)
		if _, err := New(nil, opts); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for base, want := range map[string]string{"": "https://api.github.com/graphql", "https://h/api/v3": "https://h/api/graphql", "http://h:1/": "http://h:1/graphql"} {
		opts := good
		opts.BaseURL = base
		a, err := New(nil, opts)
		if err != nil || a.graphQL != want {
			t.Errorf("%q: GraphQL at %s, %v", base, a.graphQL, err)
		}
	}
}

func TestCheckTellsWhatIsMissing(t *testing.T) {
	f := newFake(t)
	f.on("GET /app", func(w http.ResponseWriter, r *http.Request) {
		if parts := strings.Split(r.Header.Get("Authorization"), "."); len(parts) != 3 {
			t.Errorf("no JWT: %s", r.Header.Get("Authorization"))
		}
		reply(w, 200, `{"id":42,"slug":"canonicalize","permissions":{"metadata":"read","contents":"read","pull_requests":"write",
			"checks":"write","issues":"write","members":"read","merge_queues":"read"},"events":["push","issues"]}`)
	})
	info, err := f.app().Check(ctx)
	if err != nil || info.Login() != "canonicalize[bot]" {
		t.Fatal(info, err)
	}
	if !slices.Contains(info.Missing, "permission contents: write") || !slices.Contains(info.Missing, "event pull_request") ||
		slices.Contains(info.Missing, "event push") {
		t.Errorf("missing: %q", info.Missing)
	}
	f.answer("GET /app", 401, `{"message":"A JSON web token could not be decoded"}`)
	if _, err := f.app().Check(ctx); !errors.Is(err, ErrAuth) {
		t.Errorf("a wrong key: %v", err)
	}
}

// A token is minted for one repository with the permissions asked for, and kept.
func TestTokens(t *testing.T) {
	f := newFake(t)
	client := f.app().Client(1)
	first, err := client.Token(ctx, "o/r", Permissions{"contents": "read"})
	if err != nil {
		t.Fatal(err)
	}
	body := decode(t, f.bodies[0])
	if names := body["repositories"].([]any); len(names) != 1 || names[0] != "r" || body["permissions"].(map[string]any)["contents"] != "read" {
		t.Errorf("minted for %v", body)
	}
	if again, _ := client.Token(ctx, "o/r", Permissions{"contents": "read"}); again != first {
		t.Errorf("minted again: %s, %s", first, again)
	}
	if other, _ := client.Token(ctx, "o/r", Permissions{"contents": "write"}); other == first {
		t.Error("the same token for other permissions")
	}
	if f.minted != 2 {
		t.Errorf("%d tokens", f.minted)
	}
	if f.app().Client(1) == client {
		t.Error("two apps share a client")
	}
}

// GitHub does not know a fresh token everywhere at once.
func TestFreshTokensAreTried(t *testing.T) {
	f := newFake(t)
	f.inTurn("GET /repos/o/r", status(404, `{}`), status(404, `{}`), status(200, `{"id":7}`))
	if _, err := f.app().Client(1).Token(ctx, "o/r", nil); err != nil {
		t.Error(err)
	}
	if want := []time.Duration{firstProbe, 2 * firstProbe}; !slices.Equal(f.clock.slept, want) {
		t.Errorf("slept %v, want %v", f.clock.slept, want)
	}
	f.answer("GET /repos/o/r", 404, `{}`)
	if _, err := f.app().Client(1).Token(ctx, "o/r", nil); !errors.Is(err, ErrNotFound) || Temporary(err) {
		t.Errorf("a repository that does not exist: %v", err)
	}
	f.answer("POST /app/installations/1/access_tokens", 403, `{"message":"This installation has been suspended"}`)
	if _, err := f.app().Client(1).Token(ctx, "o/r", nil); !errors.Is(err, ErrSuspended) {
		t.Errorf("a suspended installation: %v", err)
	}
	if _, err := f.app().Client(1).Repo("o", "r").Get(ctx); !errors.Is(err, ErrSuspended) || Temporary(err) {
		t.Errorf("a call of a suspended installation: %v", err)
	}
	f.answer("POST /app/installations/1/access_tokens", 502, ``)
	if _, err := f.app().Client(1).Repo("o", "r").Get(ctx); !errors.Is(err, ErrUnreachable) {
		t.Errorf("no token to be had: %v", err)
	}
}

// A token that was revoked before its time is replaced, even under a write: a refused request did nothing.
func TestRevokedTokensAreReplaced(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	f.on("POST /repos/o/r/issues/1/comments", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "token token-1" {
			reply(w, 401, `{"message":"Bad credentials"}`)
			return
		}
		reply(w, 201, `{"id":5}`)
	})
	if made, err := repo.CreateComment(ctx, 1, "hello"); err != nil || made.ID != 5 {
		t.Error(made, err)
	}
	if calls, bodies := f.took(); len(calls) != 2 || bodies[0] != bodies[1] {
		t.Errorf("calls %q with %q", calls, bodies)
	}
	f.answer("POST /repos/o/r/issues/1/comments", 401, `{}`)
	if _, err := repo.CreateComment(ctx, 1, "hello"); !errors.Is(err, ErrAuth) {
		t.Errorf("no token works: %v", err)
	}
}

func TestInstallationsAndDeliveries(t *testing.T) {
	f := newFake(t)
	f.answer("GET /app/installations", 200, `[{"id":1,"account":{"login":"o"},"target_type":"Organization","suspended_at":"2024-01-01T00:00:00Z"}]`)
	f.answer("GET /repos/o/r/installation", 200, `{"id":1,"account":{"login":"o"},"permissions":{"contents":"write"}}`)
	f.answer("GET /repos/o/x/installation", 404, `{}`)
	a := f.app()
	if list, err := a.Installations(ctx); err != nil || len(list) != 1 || !list[0].Suspended || !list[0].IsOrg {
		t.Error(list, err)
	}
	if found, err := a.InstallationFor(ctx, "o", "r"); err != nil || !found.Permissions.Allows("contents", "read") {
		t.Error(found, err)
	}
	if _, err := a.InstallationFor(ctx, "o", "x"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	f.answer("GET /app/hook/deliveries", 200, `[{"id":2,"guid":"b","status_code":500,"delivered_at":"2024-01-02T00:00:00Z"},
		{"id":1,"guid":"a","status_code":200,"delivered_at":"2024-01-01T00:00:00Z"}]`)
	list, err := a.Deliveries(ctx, time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC))
	if err != nil || len(list) != 1 || list[0].OK() {
		t.Error(list, err)
	}
	f.answer("POST /app/hook/deliveries/2/attempts", 202, `{}`)
	if err := a.Redeliver(ctx, 2); err != nil {
		t.Error(err)
	}
	if list, err := a.Client(1).Repositories(ctx); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
}
