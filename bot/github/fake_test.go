package github

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeClock passes when someone sleeps.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newClock() *fakeClock { return &fakeClock{now: time.Unix(1700000000, 0)} }

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return ctx.Err()
}

// fake is a GitHub whose answers a test gives, by "METHOD path".
type fake struct {
	t      *testing.T
	server *httptest.Server
	clock  *fakeClock
	log    bytes.Buffer

	mu     sync.Mutex
	routes map[string]http.HandlerFunc
	calls  []string
	bodies []string
	minted int
}

var testKey = sync.OnceValue(func() []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
})

func newFake(t *testing.T) *fake {
	f := &fake{t: t, clock: newClock(), routes: map[string]http.HandlerFunc{}}
	f.server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.server.Close)
	f.on("POST /app/installations/1/access_tokens", func(w http.ResponseWriter, r *http.Request) {
		f.minted++
		reply(w, 201, fmt.Sprintf(`{"token":"token-%d","expires_at":%q}`, f.minted, time.Now().Add(time.Hour).Format(time.RFC3339)))
	})
	f.answer("GET /repos/o/r", 200, `{"id":7,"name":"r","full_name":"o/r","owner":{"login":"o"},"default_branch":"main","allow_auto_merge":true}`)
	f.answer("GET /installation/repositories", 200, `{"total_count":1,"repositories":[{"full_name":"o/r"}]}`)
	return f
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Error(err)
	}
	name := r.Method + " " + r.URL.Path
	f.mu.Lock()
	f.calls = append(f.calls, name)
	f.bodies = append(f.bodies, string(body))
	handler := f.routes[name]
	f.mu.Unlock()
	if handler == nil {
		f.t.Errorf("unexpected call %s", name)
		reply(w, 500, `{}`)
		return
	}
	handler(w, r)
}

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, body)
}

func (f *fake) on(route string, handler http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.routes[route] = handler
}

func (f *fake) answer(route string, status int, body string) {
	f.on(route, func(w http.ResponseWriter, _ *http.Request) { reply(w, status, body) })
}

// inTurn answers one after the other; the last one stays.
func (f *fake) inTurn(route string, handlers ...http.HandlerFunc) {
	n := 0
	f.on(route, func(w http.ResponseWriter, r *http.Request) {
		handler := handlers[min(n, len(handlers)-1)]
		n++
		handler(w, r)
	})
}

func status(code int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		reply(w, code, body)
	}
}

// hangUp breaks the connection in the middle of a body.
func hangUp(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	io.WriteString(w, `{"cut`)
}

// took returns the calls and bodies since the last time, without those for tokens.
func (f *fake) took() (calls, bodies []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, call := range f.calls {
		if !strings.HasSuffix(call, "/access_tokens") {
			calls, bodies = append(calls, call), append(bodies, f.bodies[i])
		}
	}
	f.calls, f.bodies = nil, nil
	return calls, bodies
}

func (f *fake) app() *App {
	f.t.Helper()
	a, err := New(slog.New(slog.NewJSONHandler(&f.log, nil)), Options{
		BaseURL: f.server.URL, AppID: 42, Key: testKey(), Clock: f.clock})
	if err != nil {
		f.t.Fatal(err)
	}
	return a
}

// repo is a repository whose token was minted already.
func (f *fake) repo() *Repo {
	f.t.Helper()
	client := f.app().Client(1)
	if _, err := client.Token(context.Background(), "o/r", nil); err != nil {
		f.t.Fatal(err)
	}
	f.took()
	return client.Repo("o", "r")
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var found map[string]any
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return found
}
