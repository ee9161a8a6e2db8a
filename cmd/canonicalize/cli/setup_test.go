package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/server"
)

// manifestPage is GitHub's page that makes an App of a manifest: it sends the person back with a code.
func (s *served) manifestPage() *httptest.Server {
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct {
			Redirect string               `json:"redirect_url"`
			Attrs    struct{ URL string } `json:"hook_attributes"`
			Perms    map[string]string    `json:"default_permissions"`
			Events   []string             `json:"default_events"`
		}
		s.must(json.Unmarshal([]byte(r.PostFormValue("manifest")), &m))
		code, err := s.PrepareManifest(githubsim.AppSpec{Slug: "canonicalize-acme", Owner: "acme", Permissions: m.Perms, Events: m.Events,
			WebhookURL: m.Attrs.URL, WebhookSecret: "made by GitHub, and long enough"})
		s.must(err)
		http.Redirect(w, r, m.Redirect+"?"+url.Values{"code": {code}, "state": {r.URL.Query().Get("state")}}.Encode(), http.StatusFound)
	}))
	s.t.Cleanup(hub.Close)
	return hub
}

var (
	setupAddress = regexp.MustCompile(`http://[0-9.:]+/setup`)
	formAction   = regexp.MustCompile(`action="(http[^"]+)"`)
	formManifest = regexp.MustCompile(`name="manifest" value="([^"]+)"`)
)

// TestServeRegisters: a server without an App offers to register one; with a browser's few clicks it has its key and
// secrets, starts, and after the installation works.
func TestServeRegisters(t *testing.T) {
	s := newServed(t)
	hub := s.manifestPage()
	data := filepath.Join(t.TempDir(), "data")
	ctx, cancel := context.WithCancel(t.Context())
	log := &buffer{want: "/setup\n", appears: make(chan struct{})}
	code := make(chan int, 1)
	go func() {
		code <- Run(ctx, environment(t, &buffer{}, log), []string{"serve", "--address", "127.0.0.1:0", "--data", data, "--github", s.URL + "/"})
	}()
	<-log.appears
	open := setupAddress.FindString(log.String())
	log.mu.Lock()
	log.want, log.appears = `"msg":"serving"`, make(chan struct{})
	log.mu.Unlock()
	page := s.send(open, url.Values{"organization": {"acme"}, "address": {strings.TrimSuffix(open, "/setup")}, "github": {hub.URL}})
	action, manifest := formAction.FindStringSubmatch(page), formManifest.FindStringSubmatch(page)
	if action == nil || manifest == nil {
		t.Fatalf("the form leads nowhere:\n%s", page)
	}
	if page := s.send(html.UnescapeString(action[1]), url.Values{"manifest": {html.UnescapeString(manifest[1])}}); !strings.Contains(page, "The App is registered") {
		t.Fatalf("not registered:\n%s", page)
	}
	select {
	case <-log.appears:
	case c := <-code:
		t.Fatalf("serve ended with %d\n%s", c, log)
	}
	info, err := os.Stat(filepath.Join(data, "app.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("credentials: %v, %v", info, err)
	}
	app := s.AppBySlug("canonicalize-acme")
	m := serving.FindStringSubmatch(log.String())
	s.SetWebhook(app, "http://"+m[1]+server.WebhookPath, "made by GitHub, and long enough")
	if _, err := s.Install(app, "acme"); err != nil {
		t.Fatal(err)
	}
	s.opened(1)
	cancel()
	if c := <-code; c != exitDone {
		t.Errorf("serve ended with %d\n%s", c, log)
	}
}

// send posts a form and follows where it leads.
func (s *served) send(address string, form url.Values) string {
	s.t.Helper()
	res, err := http.PostForm(address, form)
	s.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	s.must(err)
	return string(text)
}

// TestDoctor: each fault of an installation is told, with what to do.
func TestDoctor(t *testing.T) {
	s := newServed(t)
	args := append([]string{"doctor"}, s.args[1:]...)
	examine := func(change ...string) string {
		var out bytes.Buffer
		Run(t.Context(), environment(t, &out, &out), append(args, change...))
		return out.String()
	}
	wants := func(out string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if contains(out, text, true) != nil {
				t.Errorf("not told: %q in\n%s", text, out)
			}
		}
	}
	wants(examine("--app-id", "zero"), `GITHUB_APP_ID is "zero"`, "App ID")
	wants(examine("--app-id", "99999"), "fault App GitHub refuses the App ID with this key", "take both from one App's settings page")
	wants(examine("--github", "http://127.0.0.1:1/"), "fault GitHub it cannot be reached", "check GITHUB_BASE_URL")
	wants(examine(), "ok settings App "+strconv.Itoa(s.app.ID), "ok database it answers", "ok clock", "ok App canonicalize",
		"warning installations the App is installed nowhere", "fault webhook GitHub delivers nowhere")
	_, err := s.Install(s.app, "acme")
	s.must(err)
	s.SetWebhook(s.app, "http://127.0.0.1:1/hook", "x")
	wants(examine(), "ok installations acme", "fault webhook GitHub delivers to http://127.0.0.1:1/hook", "its path has to be /webhooks/github")
	stop := s.start()
	defer stop()
	out := examine()
	wants(out, "ok database a running server holds it", "answers", "ok webhook")
	if strings.Contains(out, "fault webhook") {
		t.Errorf("a running server is at fault:\n%s", out)
	}
}
