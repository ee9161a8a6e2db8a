package githubsim

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

// token is an installation token or a user's personal token.
type token struct {
	text         string
	installation *Installation // or nil
	user         *account      // or nil
	permissions  map[string]string
	repos        map[*repo]bool // nil: all of the installation
	expires      time.Time      // zero: never
}

// actor is who makes a request: an App by its JWT, an installation or a user
// by token, or nobody.
type actor struct {
	app   *App
	token *token
}

func (a *actor) anonymous() bool { return a.app == nil && a.token == nil }

func (a *actor) installation() *Installation {
	if a.token == nil {
		return nil
	}
	return a.token.installation
}

// account is who appears as the author of what the actor does.
func (a *actor) account() *account {
	switch {
	case a.token == nil && a.app != nil:
		return a.app.bot
	case a.token == nil:
		return nil
	case a.token.installation != nil:
		return a.token.installation.App.bot
	}
	return a.token.user
}

// via is the App that acts, nil for people.
func (a *actor) via() *App {
	if i := a.installation(); i != nil {
		return i.App
	}
	return a.app
}

func (a *actor) String() string {
	if acc := a.account(); acc != nil {
		return acc.login
	}
	return "anonymous"
}

// covers tells whether an installation token was given this repository.
func (a *actor) covers(r *repo) bool {
	i := a.installation()
	return i != nil && i.covers(r) && (a.token.repos == nil || a.token.repos[r])
}

// sees tells whether the actor may know that the repository exists.
func (a *actor) sees(r *repo) bool {
	switch {
	case a.app != nil:
		return true // the App asks for the installation of a repository
	case !r.private || a.covers(r):
		return true
	case a.token != nil && a.token.user != nil:
		return rank(r.role(a.token.user)) > 0
	}
	return false
}

// authenticate reads the Authorization header: "Bearer X", "token X", or
// basic authentication with the token as password.
// https://docs.github.com/rest/authentication/authenticating-to-the-rest-api
func (s *Server) authenticate(r *http.Request) (*actor, error) {
	text := r.Header.Get("Authorization")
	if text == "" {
		return &actor{}, nil
	}
	scheme, credential, _ := strings.Cut(text, " ")
	if _, password, ok := r.BasicAuth(); ok {
		credential = password
	} else if !strings.EqualFold(scheme, "bearer") && !strings.EqualFold(scheme, "token") {
		return nil, refuse(401, "Bad credentials")
	}
	if strings.Count(credential, ".") == 2 {
		return s.authenticateApp(credential)
	}
	return s.authenticateToken(credential)
}

func (s *Server) authenticateToken(text string) (*actor, error) {
	t := s.tokens[text]
	if t == nil || (!t.expires.IsZero() && !s.opts.Now().Before(t.expires)) {
		return nil, refuse(401, "Bad credentials")
	}
	if i := t.installation; i != nil {
		if i.deleted {
			return nil, refuse(401, "Bad credentials")
		}
		if !i.suspended.IsZero() {
			return nil, refuse(403, "This installation has been suspended")
		}
	}
	return &actor{token: t}, nil
}

// authenticateApp verifies a JWT against the App's key.
// https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
func (s *Server) authenticateApp(text string) (*actor, error) {
	var app *App
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	claims := jwt.MapClaims{}
	_, err := parser.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) {
		if app = s.appByIssuer(claims["iss"]); app == nil {
			return nil, errNoApp
		}
		return &app.Key.PublicKey, nil
	})
	if errors.Is(err, errNoApp) || app == nil && err == nil {
		return nil, refuse(404, "Integration not found")
	}
	if err != nil {
		return nil, refuse(401, "A JSON web token could not be decoded")
	}
	return &actor{app: app}, s.checkTimes(claims)
}

var errNoApp = errors.New("no App has this issuer")

func (s *Server) appByIssuer(iss any) *App {
	for _, a := range s.apps {
		switch v := iss.(type) {
		case float64:
			if int(v) == a.ID {
				return a
			}
		case string:
			if v == strconv.Itoa(a.ID) || v == a.ClientID {
				return a
			}
		}
	}
	return nil
}

func (s *Server) checkTimes(claims jwt.MapClaims) error {
	now := s.opts.Now()
	iat, ok := claims["iat"].(float64)
	if !ok {
		return refuse(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	exp, ok := claims["exp"].(float64)
	if !ok || !time.Unix(int64(exp), 0).After(now) {
		return refuse(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	}
	if exp > float64(now.Unix())+600 || exp-iat > 600+60 {
		return refuse(401, "'Expiration time' claim ('exp') is too far in the future")
	}
	if int64(iat) > now.Unix()+60 {
		return refuse(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	return nil
}

// allowed checks what the route needs: alternatives apart by "|", each one of
//
//	any             everyone
//	jwt             an App by its JWT
//	installation    an installation token
//	token           an installation or user token
//	contents:write  this permission (GitHub's name) or stronger
//
// The permissions are those of
// https://docs.github.com/rest/authentication/permissions-required-for-github-apps
func (c *call) allowed() error {
	for _, need := range strings.Split(c.route.needs, "|") {
		if c.meets(need) {
			return nil
		}
	}
	switch {
	case strings.Contains(c.route.needs, "jwt"):
		return refuse(401, "A JSON web token could not be decoded")
	case c.actor.anonymous():
		return refuse(401, "Requires authentication")
	case c.actor.app != nil:
		return refuse(401, "Bad credentials")
	case c.actor.installation() != nil:
		return &apiError{status: 403, message: "Resource not accessible by integration",
			header: http.Header{"X-Accepted-Github-Permissions": {acceptedPermissions(c.route.needs)}}}
	case c.route.needs == "installation":
		return refuse(403, "You must authenticate with an installation access token in order to list repositories for an installation.")
	case strings.HasPrefix(c.route.needs, "checks:"):
		return refuse(403, "You must authenticate via a GitHub App.")
	}
	return refuse(403, "Must have push access to repository.")
}

func acceptedPermissions(needs string) string {
	return strings.NewReplacer(":", "=", "|", "; ").Replace(needs)
}

func (c *call) meets(need string) bool {
	switch need {
	case "any":
		return true
	case "jwt":
		return c.actor.app != nil
	case "installation":
		return c.actor.installation() != nil
	case "token":
		return c.actor.token != nil
	}
	permission, level, _ := strings.Cut(need, ":")
	return c.actor.may(permission, level, c.repo, c.path("org"), c)
}

// may tells whether the actor has a permission (read or write) on a
// repository, or on an organization when r is nil.
func (a *actor) may(permission, level string, r *repo, org string, c *call) bool {
	switch {
	case a.app != nil:
		return false
	case r == nil:
		return a.mayInOrg(permission, org)
	case a.installation() != nil && a.covers(r) && grants(a.token.permissions[permission], level):
		return true
	case !r.private && level == "read" && permission != "administration":
		return true // public data needs no permission
	case a.token != nil && a.token.user != nil:
		return userMay(r.role(a.token.user), permission, level, c)
	}
	return false
}

func (a *actor) mayInOrg(permission, org string) bool {
	if i := a.installation(); i != nil {
		return strings.EqualFold(i.account.login, org) && grants(a.token.permissions[permission], "read")
	}
	if a.token == nil || a.token.user == nil {
		return false
	}
	for _, t := range a.token.user.teams {
		if strings.EqualFold(t.org.login, org) {
			return true
		}
	}
	return false
}

func grants(have, level string) bool {
	return have == "write" || have == "admin" || have == level && have != ""
}

// userMay maps a person's role to permissions: whoever reads may open issues
// and pull requests and comment.
func userMay(role, permission, level string, c *call) bool {
	switch {
	case permission == "administration":
		return role == "admin"
	case level == "read":
		return rank(role) >= rank("pull")
	case permission == "checks":
		return false
	case (permission == "issues" || permission == "pull_requests") && c != nil && c.r.Method == "POST":
		return rank(role) >= rank("pull")
	}
	return rank(role) >= rank("push")
}

func randomText(prefix string) string {
	b := make([]byte, 27)
	_, _ = rand.Read(b) // never fails
	return prefix + strings.NewReplacer("-", "x", "_", "y").Replace(base64.RawURLEncoding.EncodeToString(b))
}

// guid is a random UUID, as X-GitHub-Delivery has it.
func guid() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
