package telemetry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type queue struct{ err error }

func (q *queue) Depths(context.Context) ([]Depth, error) {
	return []Depth{{"pass", "available", 3}}, q.err
}

func (q *queue) Oldest(context.Context) (map[string]time.Duration, error) {
	return map[string]time.Duration{"pass": 90 * time.Second}, q.err
}

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if rec.Code != http.StatusOK {
		t.Fatalf("%d: %s", rec.Code, rec.Body)
	}
	return rec.Body.String()
}

// What happens is in the figures, under names that rules and dashboards use.
func TestFigures(t *testing.T) {
	q := &queue{}
	m := New(q)
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Remaining", "4711")
		w.Header().Set("X-RateLimit-Resource", "core")
		io.WriteString(w, "twelve bytes")
	}))
	defer hub.Close()
	client := &http.Client{Transport: m.Transport("api", http.DefaultTransport)}
	res, err := client.Get(hub.URL + "/repos/acme/shop/pulls/7")
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	m.Webhooks(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })).
		ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
	m.Job("pass")("done")
	m.Acted("opened", 2)
	text := scrape(t, m)
	for _, want := range []string{
		`canonicalize_webhook_seconds_count{status="202"} 1`,
		`canonicalize_job_seconds_count{kind="pass",result="done"} 1`,
		`canonicalize_jobs_running{kind="pass"} 0`,
		`canonicalize_pass_actions_total{what="opened"} 2`,
		`endpoint="/repos/{}/{}/pulls/{}",host=`,
		`canonicalize_github_requests_left{resource="core"} 4711`,
		`canonicalize_github_bytes_total{direction="received",for="api"} 12`,
		`canonicalize_queue_jobs{kind="pass",state="available"} 3`,
		`canonicalize_queue_oldest_seconds{kind="pass"} 90`,
		`canonicalize_database_up 1`, `go_goroutines`, `process_resident_memory_bytes`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the figures lack %s", want)
		}
	}
	q.err = errors.New("away")
	if text := scrape(t, m); !strings.Contains(text, "canonicalize_database_up 0") {
		t.Error("a database that is away is not told")
	}
}

// Alerts and the dashboard ask for figures that there are.
func TestRulesAskForWhatThereIs(t *testing.T) {
	m := New(&queue{})
	known := map[string]bool{}
	descriptions := make(chan *prometheus.Desc, 1000)
	m.registry.Describe(descriptions)
	close(descriptions)
	for d := range descriptions {
		known[regexp.MustCompile(`fqName: "([^"]+)"`).FindStringSubmatch(d.String())[1]] = true
	}
	asked := 0
	for _, file := range []string{"rules.yml", "dashboard.json"} {
		text, err := os.ReadFile("../../deploy/prometheus/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\b(canonicalize|process)_[a-z_]+`).FindAllString(string(text), -1) {
			asked++
			base := strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_count")
			if !known[name] && !known[base] {
				t.Errorf("%s asks for %s, which nobody counts", file, name)
			}
		}
	}
	if asked < 15 {
		t.Errorf("%d figures are asked for", asked)
	}
}

// Endpoints are few, whatever repositories there are.
func TestEndpoint(t *testing.T) {
	for path, want := range map[string]string{
		"/repos/acme/shop/pulls/7/requested_reviewers": "/repos/{}/{}/pulls/{}/requested_reviewers",
		"/repos/a/pulls/contents/x/y":                  "/repos/{}/{}/contents/{}",
		"/repos/a/b/git/ref/heads/main":                "/repos/{}/{}/git/ref/{}",
		"/repos/a/b/commits/0123456789abcdef/status":   "/repos/{}/{}/commits/{}",
		"/orgs/acme/teams/web/memberships/ada":         "/orgs/{}/teams/{}/memberships/{}",
		"/app/installations/12/access_tokens":          "/app/installations/{}/access_tokens",
		"/graphql":                                     "/graphql",
		"/acme/shop.git/git-upload-pack":               "/git-upload-pack",
		"/acme/shop.git/info/refs":                     "/info/refs",
		"/api/v3/repos/acme/shop/issues":               "/api/v3/repos/{}/{}/issues",
	} {
		if got := Endpoint(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

// Traces arrive where the variables say, and carry no header to GitHub.
func TestTraces(t *testing.T) {
	arrived := make(chan string, 8)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived <- r.URL.Path }))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	stop, err := Trace(t.Context(), "v1", func(name string) string { return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}[name] })
	if err != nil {
		t.Fatal(err)
	}
	hub := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Traceparent") != "" {
			t.Error("GitHub is told of our traces")
		}
	}))
	defer hub.Close()
	ctx, ended := Span(t.Context(), "pass", map[string]string{"repo": "acme/shop"})
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, hub.URL, nil)
	res, err := (&http.Client{Transport: Traced(http.DefaultTransport)}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	ended(errors.New("it failed"))
	if err := stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if path := <-arrived; path != "/v1/traces" {
		t.Errorf("traces went to %s", path)
	}
	if stop, err := Trace(t.Context(), "v1", func(string) string { return "" }); err != nil || stop(t.Context()) != nil {
		t.Errorf("without a variable: %v", err)
	}
}
