package setup

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
	"os"
	"regexp"
	"strings"
	"testing"
)

// world is a server in setup, a GitHub with a page that takes manifests, and a person's browser.
type world struct {
	t        *testing.T
	setup    *Setup
	server   *httptest.Server
	hub      *httptest.Server
	browser  *http.Client
	manifest map[string]any // that GitHub was given
	path     string         // at which
	kept     []App
	refuse   error // what keeping ends with
}

func newWorld(t *testing.T, code string) *world {
	base, err := os.ReadFile("../../app.yml")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t}
	w.hub = httptest.NewServer(http.HandlerFunc(w.newApp))
	t.Cleanup(w.hub.Close)
	w.setup = New(slog.New(slog.DiscardHandler), Options{Manifest: base, Webhook: "/webhooks/github", GitHub: w.hub.URL, Code: code,
		Exchange: func(_ context.Context, api, code string) (App, error) {
			if code != "one-time" {
				return App{}, errors.New("GitHub knows no such code")
			}
			return App{ID: 7, Slug: "canonicalize-acme", Page: w.hub.URL + "/apps/canonicalize-acme", Key: "PEM", WebhookSecret: "s", API: api}, nil
		},
		Keep: func(a App) error {
			if w.refuse == nil {
				w.kept = append(w.kept, a)
			}
			return w.refuse
		}})
	w.server = httptest.NewServer(w.setup.Handler())
	t.Cleanup(w.server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w.browser = &http.Client{Jar: jar}
	return w
}

// newApp is GitHub's page: it takes the manifest and sends the person back with a code.
func (w *world) newApp(out http.ResponseWriter, r *http.Request) {
	w.path = r.URL.Path
	if err := json.Unmarshal([]byte(r.PostFormValue("manifest")), &w.manifest); err != nil {
		w.t.Error(err)
	}
	back := w.manifest["redirect_url"].(string) + "?" + url.Values{"code": {"one-time"}, "state": {r.URL.Query().Get("state")}}.Encode()
	http.Redirect(out, r, back, http.StatusFound)
}

func (w *world) get(path string) (int, string) {
	res, err := w.browser.Get(w.server.URL + path)
	return w.read(res, err)
}

func (w *world) post(address string, form url.Values) (int, string) {
	res, err := w.browser.PostForm(address, form)
	return w.read(res, err)
}

func (w *world) read(res *http.Response, err error) (int, string) {
	w.t.Helper()
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

var action = regexp.MustCompile(`action="([^"]+)"|name="manifest" value="([^"]+)"`)

// confirm sends the form and returns where the button leads, with what.
func (w *world) confirm(organization string) (string, url.Values) {
	status, page := w.post(w.server.URL+Path, url.Values{"organization": {organization}, "address": {w.server.URL}, "github": {w.hub.URL}})
	found := action.FindAllStringSubmatch(page, -1)
	if status != http.StatusOK || len(found) != 2 {
		w.t.Fatalf("%d: %s", status, page)
	}
	unescape := strings.NewReplacer("&#34;", `"`, "&amp;", "&", "&#43;", "+", "&#39;", "'", "&lt;", "<", "&gt;", ">").Replace
	return unescape(found[0][1]), url.Values{"manifest": {unescape(found[1][2])}}
}

// The whole way: the form, GitHub's page, and back with an App whose credentials are kept.
func TestRegister(t *testing.T) {
	w := newWorld(t, "")
	if status, page := w.get("/"); status != http.StatusOK || !strings.Contains(page, "Set up Canonicalize") {
		t.Fatalf("%d: %s", status, page)
	}
	status, page := w.post(w.confirm("acme"))
	if status != http.StatusOK || !strings.Contains(page, "The App is registered") || !strings.Contains(page, "/apps/canonicalize-acme/installations/new") {
		t.Fatalf("%d: %s", status, page)
	}
	if w.path != "/organizations/acme/settings/apps/new" || w.manifest["name"] != "Canonicalize acme" {
		t.Errorf("GitHub was asked at %s for %v", w.path, w.manifest["name"])
	}
	hook := w.manifest["hook_attributes"].(map[string]any)
	if hook["url"] != w.server.URL+"/webhooks/github" || w.manifest["default_permissions"].(map[string]any)["contents"] != "write" {
		t.Errorf("manifest %v", w.manifest)
	}
	if len(w.kept) != 1 || w.kept[0].ID != 7 || w.kept[0].API != w.hub.URL+"/api/v3/" {
		t.Errorf("kept %+v", w.kept)
	}
	select {
	case <-w.setup.Done():
	default:
		t.Error("the setup is not done")
	}
	if _, page := w.get(CallbackPath + "?code=x&state=y"); !strings.Contains(page, "The App is registered") {
		t.Errorf("opened once more: %s", page)
	}
}

// What is wrong with an answer stands beside it, and what was typed is still there.
func TestAnswers(t *testing.T) {
	w := newWorld(t, "")
	for _, c := range []struct{ organization, address, says string }{
		{"https://github.com/acme", "https://bot.example.com", "is no name of an organization"},
		{"acme", "bot.example.com", "is not the address of this server"},
		{"acme", "https://bot.example.com/path", "without a path"},
	} {
		status, page := w.post(w.server.URL+Path, url.Values{"organization": {c.organization}, "address": {c.address}, "github": {w.hub.URL}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(page, c.says) || !strings.Contains(page, c.address) {
			t.Errorf("%+v: %d: %s", c, status, page)
		}
	}
	if got := (Answers{GitHub: "https://github.com"}).API(); got != "https://api.github.com/" {
		t.Errorf("the API of github.com is at %s", got)
	}
}

// Nobody gets in who does not sit at the machine or know the code, and no answer is believed that was not asked for.
func TestRefused(t *testing.T) {
	w := newWorld(t, "")
	req, err := http.NewRequest(http.MethodGet, w.server.URL+Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "evil.example.com" // a name that somebody points at this machine
	if status, _ := w.read(w.browser.Do(req)); status != http.StatusForbidden {
		t.Errorf("another name: %d", status)
	}
	if status, _ := w.get(CallbackPath + "?code=one-time&state=guessed"); status != http.StatusForbidden || len(w.kept) > 0 {
		t.Errorf("a state that nobody gave out: %d, %v", status, w.kept)
	}
	w = newWorld(t, "the-code")
	for path, want := range map[string]int{Path: http.StatusForbidden, Path + "?code=wrong": http.StatusForbidden, Path + "?code=the-code": http.StatusOK} {
		w.browser.Jar, _ = cookiejar.New(nil)
		if status, _ := w.get(path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	w.browser.Jar, _ = cookiejar.New(nil)
	w.get(Path + "?code=the-code")
	if status, page := w.post(w.confirm("")); status != http.StatusOK || len(w.kept) != 1 {
		t.Errorf("with the code: %d %s", status, page)
	}
}

// A key that cannot be stored is told, and the pages stay open.
func TestNotKept(t *testing.T) {
	w := newWorld(t, "")
	w.refuse = errors.New("the disk is full")
	status, page := w.post(w.confirm("acme"))
	if status != http.StatusInternalServerError || !strings.Contains(page, "the disk is full") {
		t.Errorf("%d: %s", status, page)
	}
	w.refuse = nil
	if status, _ := w.post(w.confirm("acme")); status != http.StatusOK || len(w.kept) != 1 {
		t.Errorf("again: %d", status)
	}
}
