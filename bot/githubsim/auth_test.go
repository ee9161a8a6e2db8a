package githubsim_test

import (
	"crypto/rand"
	"crypto/rsa"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

func sign(t *testing.T, key *rsa.PrivateKey, claims jwt.MapClaims) string {
	t.Helper()
	text, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
	must(t, err)
	return text
}

func (w *world) jwt() string {
	now := w.now().Unix()
	return sign(w.t, w.app.Key, jwt.MapClaims{"iss": strconv.Itoa(w.app.ID), "iat": now - 30, "exp": now + 300})
}

func TestAppAuthentication(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	now := time.Now().Unix()
	id := strconv.Itoa(w.app.ID)
	none, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"iss": id, "iat": now, "exp": now + 60}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	must(t, err)
	for name, c := range map[string]struct {
		token  string
		status int
		says   string
	}{
		"good":                   {w.jwt(), 200, `"slug":"canon"`},
		"by client ID":           {sign(t, w.app.Key, jwt.MapClaims{"iss": w.app.ClientID, "iat": now, "exp": now + 60}), 200, `"slug":"canon"`},
		"iss as a number":        {sign(t, w.app.Key, jwt.MapClaims{"iss": w.app.ID, "iat": now, "exp": now + 60}), 200, `"slug":"canon"`},
		"expired":                {sign(t, w.app.Key, jwt.MapClaims{"iss": id, "iat": now - 120, "exp": now - 60}), 401, "'Expiration time' claim ('exp') must be"},
		"too long":               {sign(t, w.app.Key, jwt.MapClaims{"iss": id, "iat": now, "exp": now + 700}), 401, "too far in the future"},
		"from the future":        {sign(t, w.app.Key, jwt.MapClaims{"iss": id, "iat": now + 300, "exp": now + 500}), 401, "'Issued at' claim"},
		"no iat":                 {sign(t, w.app.Key, jwt.MapClaims{"iss": id, "exp": now + 60}), 401, "'Issued at' claim"},
		"another key":            {sign(t, stranger, jwt.MapClaims{"iss": id, "iat": now, "exp": now + 60}), 401, "could not be decoded"},
		"unsigned":               {none, 401, "could not be decoded"},
		"unknown App":            {sign(t, w.app.Key, jwt.MapClaims{"iss": "1", "iat": now, "exp": now + 60}), 404, "Integration not found"},
		"no App at all":          {"", 401, "could not be decoded"},
		"an installation token":  {w.token(), 401, "could not be decoded"},
		"neither token nor JWT":  {"ghs_nonsense", 401, "Bad credentials"},
		"a person's token":       {w.UserToken("ada"), 401, "could not be decoded"},
		"garbage with two dots ": {"a.b.c", 401, "could not be decoded"},
	} {
		if got := w.call(c.token, "GET", "/app", nil); got.status != c.status || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: %d %s; want %d and %q", name, got.status, got.body, c.status, c.says)
		}
	}
}

func (w *world) mint(body any) answer {
	return w.call(w.jwt(), "POST", "/app/installations/"+strconv.Itoa(w.inst.ID)+"/access_tokens", body)
}

func TestInstallationTokens(t *testing.T) {
	clock := time.Now()
	w := newWorld(t, githubsim.Options{Now: func() time.Time { return clock }}, githubsim.AppSpec{})
	must(t, w.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "other", Files: map[string]string{"a": "b"}}))
	if got := w.mint(m{"permissions": m{"administration": "write"}}); got.status != 422 {
		t.Errorf("a permission that was not granted: %d %s", got.status, got.body)
	}
	if got := w.mint(m{"repositories": []string{"unknown"}}); got.status != 422 {
		t.Errorf("an unknown repository: %d %s", got.status, got.body)
	}
	got := w.mint(m{"repositories": []string{"mono"}, "permissions": m{"contents": "read"}})
	if got.status != 201 {
		t.Fatalf("mint: %d %s", got.status, got.body)
	}
	token := got.object(t)["token"].(string)
	for path, status := range map[string]int{
		"/repos/acme/mono": 200, "/repos/acme/mono/contents/a.py": 200, "/repos/acme/mono/issues": 403, "/repos/acme/other": 404,
		"/installation/repositories": 200, "/user": 403,
	} {
		if got := w.call(token, "GET", path, nil); got.status != status {
			t.Errorf("GET %s: %d %s; want %d", path, got.status, got.body, status)
		}
	}
	if got := w.call(token, "POST", "/repos/acme/mono/git/blobs", m{"content": "x"}); got.status != 403 || !strings.Contains(got.body, "Resource not accessible by integration") {
		t.Errorf("write with read permission: %d %s", got.status, got.body)
	}
	w.Suspend(w.inst, true)
	if got := w.call(token, "GET", "/repos/acme/mono", nil); got.status != 403 || !strings.Contains(got.body, "suspended") {
		t.Errorf("suspended: %d %s", got.status, got.body)
	}
	w.Suspend(w.inst, false)
	clock = clock.Add(59 * time.Minute)
	if got := w.call(token, "GET", "/repos/acme/mono", nil); got.status != 200 {
		t.Errorf("after 59 minutes: %d", got.status)
	}
	clock = clock.Add(time.Minute)
	if got := w.call(token, "GET", "/repos/acme/mono", nil); got.status != 401 {
		t.Errorf("after an hour: %d", got.status)
	}
}

func TestPeopleByToken(t *testing.T) {
	w := withPull(t, githubsim.Options{})
	member, outsider := w.UserToken("bob"), w.UserToken("eve")
	for _, c := range []struct {
		token, method, path string
		body                any
		status              int
	}{
		{"", "GET", "/repos/acme/mono", nil, 404},
		{outsider, "GET", "/repos/acme/mono", nil, 404},
		{member, "GET", "/repos/acme/mono", nil, 200},
		{member, "POST", "/repos/acme/mono/issues/1/comments", m{"body": "hi"}, 201},
		{member, "POST", "/repos/acme/mono/check-runs", m{"name": "x", "head_sha": strings.Repeat("1", 40)}, 403},
		{member, "GET", "/user", nil, 200},
	} {
		if got := w.call(c.token, c.method, c.path, c.body); got.status != c.status {
			t.Errorf("%s %s: %d %s; want %d", c.method, c.path, got.status, got.body, c.status)
		}
	}
	permission := w.call(w.token(), "GET", "/repos/acme/mono/collaborators/bob/permission", nil)
	if o := permission.object(t); o["permission"] != "write" || o["role_name"] != "write" {
		t.Errorf("bob: %s", permission.body)
	}
	if o := w.call(w.token(), "GET", "/repos/acme/mono/collaborators/eve/permission", nil).object(t); o["permission"] != "none" {
		t.Errorf("eve: %v", o)
	}
}
