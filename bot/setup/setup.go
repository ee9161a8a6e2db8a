package setup

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"errors"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
)

// Where the pages are.
const (
	Path         = "/setup"
	CallbackPath = Path + "/callback" // where GitHub sends the person back to
	SignInPath   = "/auth/callback"   // where GitHub sends people back to who sign in to the pages
)

// App is what GitHub made.
type App struct {
	ID            int64
	Slug, Page    string // its name in addresses, and its page on GitHub
	Key           string // PEM
	WebhookSecret string
	ClientID      string
	ClientSecret  string
	API           string // address of the REST API that it belongs to
	Address       string // of this server, as people and GitHub reach it
}

// Options say where things are, and what to do with the App.
type Options struct {
	Manifest []byte // app.yml
	Webhook  string // path at which the server takes webhooks
	GitHub   string // where Apps are made, unless the person says otherwise; "": https://github.com
	Code     string // to be given as ?code=; "": only loopback addresses are let in

	// Exchange gives GitHub the code that it sent the person back with, and gets the App.
	Exchange func(ctx context.Context, api, code string) (App, error)
	// Keep stores the App; the pages are closed after it returned without an error.
	Keep func(App) error
}

// Setup is the pages. Done is closed when the App is kept.
type Setup struct {
	lg   *slog.Logger
	o    Options
	done chan struct{}

	mu     sync.Mutex
	states map[string]Answers // of forms that were sent to GitHub
	app    *App
}

// New makes the pages.
func New(lg *slog.Logger, o Options) *Setup {
	if o.GitHub == "" {
		o.GitHub = "https://github.com"
	}
	return &Setup{lg: lg, o: o, done: make(chan struct{}), states: map[string]Answers{}}
}

// Done is closed once there is an App.
func (s *Setup) Done() <-chan struct{} { return s.done }

// Handler serves the pages.
func (s *Setup) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, s.form)
	mux.HandleFunc("POST "+Path, s.confirm)
	mux.HandleFunc("GET "+CallbackPath, s.callback)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, Path, http.StatusFound) })
	return s.guarded(mux)
}

// cookie carries the code of the address from page to page.
const cookie = "canonicalize-setup"

// guarded lets in who knows the code, or, without one, who sits at this machine. A name that is not a loopback one in
// the Host header would be another site's that points here.
func (s *Setup) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		switch {
		case s.o.Code == "" && (!loopback(r.Host) || !loopback(r.RemoteAddr)):
			s.page(w, http.StatusForbidden, "refused", "This page is for who sits at the server: open it under 127.0.0.1.")
			return
		case s.o.Code != "" && !s.knowsCode(w, r) && r.URL.Path != CallbackPath: // GitHub's way back has the state
			s.page(w, http.StatusForbidden, "refused", "The address lacks the code that the server printed when it started: open the one with ?code=.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Setup) knowsCode(w http.ResponseWriter, r *http.Request) bool {
	same := func(code string) bool { return subtle.ConstantTimeCompare([]byte(code), []byte(s.o.Code)) == 1 }
	if r.Method == http.MethodGet && same(r.URL.Query().Get("code")) {
		http.SetCookie(w, &http.Cookie{Name: cookie, Value: s.o.Code, Path: Path, HttpOnly: true, SameSite: http.SameSiteStrictMode})
		return true
	}
	c, err := r.Cookie(cookie)
	return err == nil && same(c.Value)
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// form asks for what only a person knows.
func (s *Setup) form(w http.ResponseWriter, r *http.Request) {
	s.page(w, http.StatusOK, "form", formData{Answers: Answers{Address: guess(r), GitHub: s.o.GitHub}})
}

type formData struct {
	Answers
	Problem *Problem
}

// guess is the address under which this page was asked for.
func guess(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

type confirmData struct {
	Answers
	Action, Manifest string
	Local            bool // GitHub cannot deliver webhooks to this address
}

// confirm shows the button that leads to GitHub.
func (s *Setup) confirm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	given := Answers{Organization: r.PostFormValue("organization"), Address: r.PostFormValue("address"), GitHub: r.PostFormValue("github")}
	answers, err := given.clean()
	var problem *Problem
	if errors.As(err, &problem) {
		s.page(w, http.StatusUnprocessableEntity, "form", formData{given, problem})
		return
	}
	manifest, err := answers.manifest(s.o.Manifest, s.o.Webhook)
	if err != nil {
		s.lg.ErrorContext(r.Context(), "setup", "error", err)
		s.page(w, http.StatusInternalServerError, "refused", err.Error())
		return
	}
	state := rand.Text()
	s.mu.Lock()
	s.states[state] = answers
	s.mu.Unlock()
	host := strings.TrimPrefix(strings.TrimPrefix(answers.Address, "https://"), "http://")
	w.Header().Set("Content-Security-Policy", w.Header().Get("Content-Security-Policy")+"; form-action 'self' "+answers.GitHub)
	s.page(w, http.StatusOK, "confirm", confirmData{answers, answers.newApp(state), manifest, loopback(host)})
}

// callback takes the App from GitHub and keeps it.
func (s *Setup) callback(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.app != nil {
		s.page(w, http.StatusOK, "done", s.app)
		return
	}
	state := r.URL.Query().Get("state")
	answers, known := s.states[state]
	code := r.URL.Query().Get("code")
	if !known || code == "" {
		s.page(w, http.StatusForbidden, "refused", "This address was not sent by the form of this server, or it was used before: begin again.")
		return
	}
	delete(s.states, state)
	app, err := s.o.Exchange(r.Context(), answers.API(), code)
	if err != nil {
		s.lg.ErrorContext(r.Context(), "setup", "error", err)
		s.page(w, http.StatusBadGateway, "refused", "GitHub made the App but did not hand it over: "+err.Error()+". Its code is good for an hour: delete the App on GitHub, and begin again.")
		return
	}
	app.Address = answers.Address
	if err := s.o.Keep(app); err != nil {
		s.lg.ErrorContext(r.Context(), "setup", "error", err)
		s.page(w, http.StatusInternalServerError, "refused", "The App was made, but its key could not be stored: "+err.Error()+". Mend that, delete the App on GitHub, and begin again.")
		return
	}
	s.app = &app
	s.lg.InfoContext(r.Context(), "the App is registered", "app", app.ID, "slug", app.Slug)
	s.page(w, http.StatusOK, "done", s.app)
	close(s.done)
}

//go:embed pages.html
var pagesText string

var pages = template.Must(template.New("").Parse(pagesText))

func (s *Setup) page(w http.ResponseWriter, status int, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := pages.ExecuteTemplate(w, name, data); err != nil {
		s.lg.Warn("setup page", "error", err)
	}
}
