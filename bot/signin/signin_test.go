package signin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// world is a server behind a gate, a GitHub where people sign in, and a browser.
type world struct {
	t       *testing.T
	gate    *Gate
	server  *httptest.Server
	hub     *httptest.Server
	browser *http.Client
	asked   int
	repos   []string
	fails   error
}

func (w *world) Login(_ context.Context, token string) (string, error) {
	if token != "ada's token" {
		return "", errors.New("unknown token")
	}
	return "ada", nil
}

func (w *world) Repositories(context.Context, string) ([]string, error) {
	w.asked++
	return w.repos, w.fails
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, repos: []string{"acme/shop"}}
	challenge := ""
	mux := http.NewServeMux()
	mux.HandleFunc("/login/oauth/authorize", func(rw http.ResponseWriter, r *http.Request) {
		challenge = r.FormValue("code_challenge")
		http.Redirect(rw, r, r.FormValue("redirect_uri")+"?"+url.Values{"code": {"the-code"}, "state": {r.FormValue("state")}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("/login/oauth/access_token", func(rw http.ResponseWriter, r *http.Request) {
		if r.FormValue("code") != "the-code" || r.FormValue("client_secret") != "secret" || r.FormValue("code_verifier") == "" || challenge == "" {
			t.Errorf("exchange %v", r.Form)
		}
		rw.Header().Set("Content-Type", "application/json")
		json.NewEncoder(rw).Encode(map[string]string{"access_token": "ada's token", "token_type": "bearer"})
	})
	w.hub = httptest.NewServer(mux)
	t.Cleanup(w.hub.Close)
	var handler http.Handler
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	t.Cleanup(w.server.Close)
	w.gate = New(slog.New(slog.DiscardHandler), Options{ClientID: "id", ClientSecret: "secret", Web: w.hub.URL, Address: w.server.URL, Secret: []byte("seal"), Hub: w})
	pages := http.NewServeMux()
	pages.Handle("/auth/", w.gate.Handler())
	pages.Handle("/", w.gate.Require(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		p, _ := Of(r.Context())
		may, err := w.gate.MayRead(r.Context(), p, strings.TrimPrefix(r.URL.Path, "/"))
		io.WriteString(rw, p.Login)
		if !may || err != nil {
			io.WriteString(rw, " may not")
		}
	})))
	handler = pages
	w.restart()
	return w
}

func (w *world) restart() {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.browser = &http.Client{Jar: jar}
}

func (w *world) get(path string) (int, string) {
	w.t.Helper()
	return w.do(http.MethodGet, path, nil)
}

func (w *world) do(method, path string, header http.Header) (int, string) {
	w.t.Helper()
	req, err := http.NewRequest(method, w.server.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := w.browser.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// A person is sent to GitHub, comes back to the page that they wanted, and sees what they may read.
func TestSignIn(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		if status, text := w.get("/acme/shop"); status != 200 || text != "ada" {
			t.Errorf("%d %q", status, text)
		}
	}
	if _, text := w.get("/Acme/Shop"); text != "ada" {
		t.Errorf("in another case: %q", text)
	}
	if _, text := w.get("/acme/secret"); text != "ada may not" {
		t.Errorf("what she may not read: %q", text)
	}
	if w.asked != 1 {
		t.Errorf("GitHub was asked %d times", w.asked)
	}
}

// Who loses a right, or signs out, sees no more.
func TestRightsEnd(t *testing.T) {
	w := newWorld(t)
	w.get("/acme/shop")
	w.repos = nil
	later := time.Now().Add(remembered + time.Second)
	w.gate.access.now = func() time.Time { return later }
	if _, text := w.get("/acme/shop"); text != "ada may not" {
		t.Errorf("after the right was taken: %q", text)
	}
	w.fails = errors.New("GitHub is away")
	later = later.Add(remembered + time.Second)
	if _, text := w.get("/acme/shop"); text != "ada may not" {
		t.Errorf("when GitHub cannot be asked: %q", text)
	}
	if status, _ := w.do(http.MethodPost, LogoutPath, http.Header{"Sec-Fetch-Site": {"cross-site"}}); status != http.StatusForbidden {
		t.Errorf("another site signs people out: %d", status)
	}
	w.browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if status, _ := w.do(http.MethodPost, LogoutPath, nil); status != http.StatusSeeOther {
		t.Errorf("signing out: %d", status)
	}
	if status, _ := w.get("/acme/shop"); status != http.StatusFound {
		t.Errorf("after signing out: %d", status)
	}
}

// No cookie and no callback is believed that was not made here.
func TestForged(t *testing.T) {
	w := newWorld(t)
	if status, _ := w.get(CallbackPath + "?code=the-code&state=x"); status != http.StatusForbidden {
		t.Errorf("a callback out of nowhere: %d", status)
	}
	other := newJar([]byte("another seal"), false)
	rec := httptest.NewRecorder()
	if err := other.set(rec, personCookie, other.person, Person{"eve", "x"}, time.Hour); err != nil {
		t.Fatal(err)
	}
	at, _ := url.Parse(w.server.URL)
	w.browser.Jar.SetCookies(at, rec.Result().Cookies())
	if _, text := w.get("/acme/shop"); strings.HasPrefix(text, "eve") {
		t.Errorf("a forged cookie: %q", text)
	}
	for to, want := range map[string]string{"/a?b=c": "/a?b=c", "": "/", "//evil.example.com": "/", "https://evil.example.com/": "/", `/\evil.example.com`: "/", "evil": "/"} {
		if got := inside(to); got != want {
			t.Errorf("back to %q: %q", to, got)
		}
	}
	w.restart()
	if status, _ := w.do(http.MethodPost, "/acme/shop", nil); status != http.StatusUnauthorized {
		t.Errorf("a form of somebody unknown: %d", status)
	}
}
