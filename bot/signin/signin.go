package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// Where the ways in and out are.
const (
	LoginPath    = "/auth/login"
	CallbackPath = "/auth/callback"
	LogoutPath   = "/auth/logout"
)

// Hub is what is asked of GitHub with a person's token.
type Hub interface {
	// Login is whose token it is.
	Login(ctx context.Context, token string) (string, error)
	// Repositories lists what the person and the App may both read, as "owner/name".
	Repositories(ctx context.Context, token string) ([]string, error)
}

// Options say which App people sign in with.
type Options struct {
	ClientID, ClientSecret string
	Web                    string // where people sign in, as in https://github.com
	Address                string // of this server, as people see it, as in https://canonicalize.example.com
	Secret                 []byte // seals the cookies; the same for every replica
	Hub                    Hub
}

// Gate lets people in.
type Gate struct {
	lg     *slog.Logger
	oauth  oauth2.Config
	jar    *jar
	access *access
}

// New makes a gate.
func New(lg *slog.Logger, o Options) *Gate {
	web := strings.TrimRight(o.Web, "/")
	return &Gate{lg: lg, jar: newJar(o.Secret, strings.HasPrefix(o.Address, "https://")), access: newAccess(o.Hub),
		oauth: oauth2.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret, RedirectURL: strings.TrimRight(o.Address, "/") + CallbackPath,
			Endpoint: oauth2.Endpoint{AuthURL: web + "/login/oauth/authorize", TokenURL: web + "/login/oauth/access_token", AuthStyle: oauth2.AuthStyleInParams}}}
}

// Handler serves the ways in and out.
func (g *Gate) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+LoginPath, g.login)
	mux.HandleFunc("GET "+CallbackPath, g.callback)
	mux.HandleFunc("POST "+LogoutPath, g.logout)
	return mux
}

type key struct{}

// Of returns who asks, as Require found out.
func Of(ctx context.Context) (Person, bool) {
	p, ok := ctx.Value(key{}).(Person)
	return p, ok
}

// Require passes on requests of people who are signed in, and sends the others to GitHub.
func (g *Gate) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var p Person
		if !read(r, personCookie, g.jar.person, &p) {
			if r.Method != http.MethodGet {
				http.Error(w, "Sign in first.", http.StatusUnauthorized)
				return
			}
			http.Redirect(w, r, LoginPath+"?to="+url.QueryEscape(r.URL.RequestURI()), http.StatusFound)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, p)))
	})
}

// trip is what is remembered while somebody is at GitHub.
type trip struct{ State, Verifier, To string }

func (g *Gate) login(w http.ResponseWriter, r *http.Request) {
	t := trip{State: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: inside(r.URL.Query().Get("to"))}
	if err := g.jar.set(w, stateCookie, g.jar.state, t, stateTime); err != nil {
		g.fail(w, r, "remember the way", err)
		return
	}
	http.Redirect(w, r, g.oauth.AuthCodeURL(t.State, oauth2.S256ChallengeOption(t.Verifier)), http.StatusFound)
}

// inside keeps the way back on this server.
func inside(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) {
		return "/"
	}
	return to
}

func (g *Gate) callback(w http.ResponseWriter, r *http.Request) {
	var t trip
	known := read(r, stateCookie, g.jar.state, &t)
	g.jar.clear(w, stateCookie)
	if !known || subtle.ConstantTimeCompare([]byte(t.State), []byte(r.URL.Query().Get("state"))) != 1 {
		http.Error(w, "This sign-in was not begun here, or took too long: open the page again.", http.StatusForbidden)
		return
	}
	if r.URL.Query().Get("error") != "" {
		http.Error(w, "GitHub says that you did not agree: open the page again if you meant to.", http.StatusForbidden)
		return
	}
	token, err := g.oauth.Exchange(r.Context(), r.URL.Query().Get("code"), oauth2.VerifierOption(t.Verifier))
	if err != nil {
		g.fail(w, r, "exchange the code of a sign-in", err)
		return
	}
	login, err := g.access.hub.Login(r.Context(), token.AccessToken)
	if err != nil {
		g.fail(w, r, "ask GitHub who signed in", err)
		return
	}
	if err := g.jar.set(w, personCookie, g.jar.person, Person{login, token.AccessToken}, personTime); err != nil {
		g.fail(w, r, "remember who signed in", err)
		return
	}
	g.lg.InfoContext(r.Context(), "signed in", "login", login)
	http.Redirect(w, r, t.To, http.StatusFound)
}

func (g *Gate) fail(w http.ResponseWriter, r *http.Request, what string, err error) {
	g.lg.ErrorContext(r.Context(), what, "error", err)
	http.Error(w, "GitHub could not be asked who you are: open the page again in a moment.", http.StatusBadGateway)
}

// logout forgets who somebody is. SameSite cookies do not come with another site's form, so no other site can do it.
func (g *Gate) logout(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		http.Error(w, "This came from another site.", http.StatusForbidden)
		return
	}
	var p Person
	if read(r, personCookie, g.jar.person, &p) {
		g.access.forget(p.Token)
	}
	g.jar.clear(w, personCookie)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
