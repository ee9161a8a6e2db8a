package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func pages(t *testing.T, source Source) http.Handler {
	t.Helper()
	h, err := New(slog.New(slog.DiscardHandler), source, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestPages(t *testing.T) {
	h := pages(t, newFixed())
	tests := []struct {
		path   string
		status int
		want   []string
	}{
		{"/", 200, []string{`href="/acme/shop"`}},
		{"/acme/shop", 200, []string{"4 pull requests", "32 % merged", `href="/acme/shop/pull/1"`, "@acme/identity", "no owner", "Waiting", "Served from a copy."}},
		{"/acme/shop/pull/1", 200, []string{"Import shop.accounts", "canonicalize/accounts-4f2a", "@ada", "approved", "label-fbca04", `class="w">old_name`, "12 files <strong>proven</strong>", "No text to compare"}},
		{"/acme/shop/facades", 200, []string{"shop.<wbr>models.<wbr>shipment:<wbr>Status", "accidental", "hides", "declared-in-facade"}},
		{"/acme/shop/left", 200, []string{"3 references stay of 120", "shop/<wbr>reports/<wbr>export.<wbr>py:7", "module-used-as-value"}},
		{"/acme/shop/pull/99", 404, []string{"There is nothing at this address"}},
		{"/acme/shop/pull/x", 404, []string{"There is nothing at this address"}},
		{"/acme/other", 404, []string{"There is nothing at this address"}},
		{"/a/b/c/d/e", 404, []string{"There is nothing at this address"}},
		{"/assets/style.css", 200, []string{"prefers-color-scheme: dark"}},
	}
	for _, tt := range tests {
		w := get(t, h, tt.path)
		if w.Code != tt.status {
			t.Errorf("%s: status %d, want %d", tt.path, w.Code, tt.status)
		}
		for _, want := range tt.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: no %q in\n%s", tt.path, want, w.Body)
			}
		}
	}
}

// Nothing that was written by others may run, and nothing is loaded from elsewhere.
func TestSafety(t *testing.T) {
	w := get(t, pages(t, newFixed()), "/acme/shop/pull/1")
	body := w.Body.String()
	for _, bad := range []string{"<script", "<img", "onerror", `href="javascript`, "another comment", ` style="`} {
		if strings.Contains(body, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(body, "<!-- canonicalize: chunk=4f2a -->") {
		t.Error("the marker is gone")
	}
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "'nonce-", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy is %q, without %s", policy, want)
		}
	}
}

// A label's colour is written by others, too: what is no colour makes no rule.
func TestHostileColor(t *testing.T) {
	source := newFixed()
	source.repo.Pulls[0].Labels = []Label{{"x", `fff}</style><script>`}}
	if body := get(t, pages(t, source), "/acme/shop").Body.String(); strings.Contains(body, "<script") {
		t.Error(body)
	}
}

// failing is a source whose pull requests cannot be read.
type failing struct{ fixed }

func (failing) PullRequest(context.Context, string, int) (*PullRequest, error) {
	return nil, errors.New("the disk is full")
}

func TestSourceError(t *testing.T) {
	source := newFixed()
	h := pages(t, failing{source})
	if w := get(t, h, "/acme/shop/pull/1"); w.Code != 500 || !strings.Contains(w.Body.String(), "the disk is full") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestEmptyCampaign(t *testing.T) {
	h := pages(t, fixed{repo: &Repository{Name: "a/b"}})
	for path, want := range map[string]string{"/a/b": "No pull request", "/a/b/facades": "No facade", "/a/b/left": "Nothing was left"} {
		if w := get(t, h, path); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: status %d, no %q", path, w.Code, want)
		}
	}
}
