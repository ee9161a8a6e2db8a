package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// acting serves the fixture with forms, and keeps what they ask for.
func acting(t *testing.T, acts *[]Act) http.Handler {
	t.Helper()
	h, err := New(slog.New(slog.DiscardHandler), newFixed(), Options{Do: func(_ context.Context, a Act) (string, error) {
		*acts = append(*acts, a)
		if a.Verb == Merge {
			return "", &RefusedError{errors.New("it has a conflict")}
		}
		return "/acme/shop", nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func ask(h http.Handler, method, path, from, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
	r.RemoteAddr = from
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const here, elsewhere = "127.0.0.1:5", "192.0.2.7:5"

// Forms are there for who is on this machine, on every page that can have them, and only there are they answered.
func TestForms(t *testing.T) {
	var acts []Act
	h := acting(t, &acts)
	token := ""
	for path, want := range map[string]string{"/acme/shop/pull/1": "/canonicalize split [N]", "/acme/shop/issues/9": `aria-label="Untick: @acme/red"`} {
		page := ask(h, http.MethodGet, path, here, "").Body.String()
		if !strings.Contains(page, want) {
			t.Errorf("%s: no %q in\n%s", path, want, page)
		}
		_, rest, _ := strings.Cut(page, `name="token" value="`)
		token, _, _ = strings.Cut(rest, `"`)
		if away := ask(h, http.MethodGet, path, elsewhere, "").Body.String(); strings.Contains(away, `method="post"`) {
			t.Errorf("%s has forms for another machine", path)
		}
	}
	form := url.Values{"token": {token}, "text": {" /canonicalize help "}, "item": {"3"}}.Encode()
	for _, refused := range [][2]string{{elsewhere, form}, {here, "text=x"}, {here, "token=x&text=x"}} {
		if w := ask(h, http.MethodPost, "/acme/shop/pull/1/say", refused[0], refused[1]); w.Code != http.StatusForbidden {
			t.Errorf("%v: status %d", refused, w.Code)
		}
	}
	if len(acts) > 0 {
		t.Errorf("done: %+v", acts)
	}
	if w := ask(h, http.MethodPost, "/acme/shop/pull/1/say", here, form); w.Code != http.StatusSeeOther {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if want := []Act{{Verb: Say, Repo: "acme/shop", Number: 1, Text: "/canonicalize help", Item: 3}}; !reflect.DeepEqual(acts, want) {
		t.Errorf("done: %+v", acts)
	}
	if w := ask(h, http.MethodPost, "/acme/shop/pull/1/merge", here, form); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "it has a conflict") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// Boxes are counted as the page shows them: what looks like one in code is none.
func TestTicked(t *testing.T) {
	body := "```\n- [ ] code\n```\n\n- [ ] <!-- x -->one\n- [x] two\n\n  - [ ] three\n"
	for n, want := range []string{"- [x] <!-- x -->one", "- [ ] two", "  - [x] three"} {
		got, err := Ticked(body, n)
		if err != nil || !strings.Contains(got, want) || len(got) != len(body) {
			t.Errorf("box %d: %v\n%s", n, err, got)
		}
	}
	if _, err := Ticked(body, 3); err == nil {
		t.Error("there is no fourth box")
	}
}

func TestInline(t *testing.T) {
	for text, want := range map[string]string{"a `b<` c": "a <code>b&lt;</code> c", "a ` b": "a ` b", "`x`": "<code>x</code>", "": ""} {
		if got := string(inline(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestBreakable(t *testing.T) {
	if got := string(breakable("a_b/<c>.py:1")); got != "a_<wbr>b/<wbr>&lt;c&gt;.<wbr>py:<wbr>1" {
		t.Error(got)
	}
}

// Three pull requests of a team that may have two open at once need two rounds.
func TestEstimates(t *testing.T) {
	pull := func(owner string, state State) Pull { return Pull{Owners: []string{owner}, State: state} }
	r := &Repository{Pace: &Pace{Open: 3, PerTeam: 2}, Pulls: []Pull{pull("a", Open), pull("a", Open), pull("a", Waiting), pull("a", Merged), pull("b", Open),
		{Person: "x", State: Open}, {Setup: true, State: Open}}}
	want := []estimate{{"a", 3, 2}, {"b", 1, 1}, {"", 4, 2}}
	if got := estimates(r, 7); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	shared := &Repository{Pace: &Pace{PerTeam: 1}, Pulls: []Pull{{Owners: []string{"a", "b"}, State: Open}, {Owners: []string{"b"}, State: Open}, {State: Open}, {State: Open}}}
	if got, want := estimates(shared, 7), []estimate{{"b", 2, 2}, {"", 2, 1}, {"a", 1, 1}, {"", 4, 2}}; !reflect.DeepEqual(got, want) {
		t.Errorf("shared: got %+v, want %+v", got, want)
	}
	if got := estimates(r, 3); got[0].Weeks != 1 {
		t.Errorf("two rounds of three days: %+v", got[0])
	}
	if estimates(&Repository{Pulls: r.Pulls}, 7) != nil {
		t.Error("an estimate without limits")
	}
}

// A reader sees what was looked for, sorted as wanted.
func TestFilter(t *testing.T) {
	h := pages(t, newFixed())
	if body := get(t, h, "/acme/shop/left?reason=declared-in-facade&q=A.PY").Body.String(); !strings.Contains(body, "shop/<wbr>a.<wbr>py:1") ||
		strings.Contains(body, "export.<wbr>py") || strings.Contains(body, "environment.<wbr>py") || !strings.Contains(body, "1 reference of 3") {
		t.Error(body)
	}
	body := get(t, h, "/acme/shop/facades?sort=readers").Body.String()
	if strings.Index(body, ">Status<") > strings.Index(body, ">Any<") {
		t.Errorf("Status has more readers than Any:\n%s", body)
	}
}
