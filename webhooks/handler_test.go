package webhooks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

const secret = "It's a Secret to Everybody"

// memory is an Enqueuer that keeps what it took.
type memory struct {
	taken []Delivery
	err   error
}

func (m *memory) Enqueue(_ context.Context, d Delivery) (bool, error) {
	if m.err != nil {
		return false, m.err
	}
	for _, t := range m.taken {
		if t.ID == d.ID {
			return false, nil
		}
	}
	m.taken = append(m.taken, d)
	return true, nil
}

func sign(h func() hash.Hash, key string, body []byte) string {
	mac := hmac.New(h, []byte(key))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func request(event, id string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/github", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-GitHub-Delivery", id)
	r.Header.Set("X-Hub-Signature-256", "sha256="+sign(sha256.New, secret, body))
	return r
}

func receiver(t testing.TB, m *memory) *Receiver {
	h, err := Handler(slog.New(slog.DiscardHandler), [][]byte{[]byte(secret)}, m)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const pushToMain = `{"ref": "refs/heads/main", "installation": {"id": 3},
	"repository": {"id": 7, "name": "shop", "default_branch": "main", "owner": {"login": "acme", "type": "Organization"}},
	"sender": {"login": "ann", "type": "User"}}`

// The example of https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
func TestSignatureAsDocumented(t *testing.T) {
	h := receiver(t, &memory{})
	digest, _ := hex.DecodeString("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
	if !h.signed([]byte("Hello, World!"), digest) {
		t.Error("the documented example does not verify")
	}
}

func TestHandlerRefusesWeakSecrets(t *testing.T) {
	for _, weak := range []string{"", "short"} {
		if _, err := Handler(slog.Default(), [][]byte{[]byte(secret), []byte(weak)}, &memory{}); err == nil {
			t.Errorf("the secret %q was accepted", weak)
		}
	}
}

func TestRequests(t *testing.T) {
	body := []byte(pushToMain)
	form := []byte(url.Values{"payload": {pushToMain}}.Encode())
	set := func(key, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(key, value) }
	}
	for name, c := range map[string]struct {
		body   []byte
		change func(*http.Request)
		status int
		takes  int
	}{
		"good":               {body, nil, 202, 1},
		"good with charset":  {body, set("Content-Type", "application/json; charset=utf-8"), 202, 1},
		"form":               {form, set("Content-Type", "application/x-www-form-urlencoded"), 202, 1},
		"form without field": {[]byte("a=b"), set("Content-Type", "application/x-www-form-urlencoded"), 400, 0},
		"unknown event":      {body, set("X-GitHub-Event", "star"), 202, 0},
		"nothing to wake":    {[]byte(`{"ref": "refs/heads/x", "repository": {"id": 7, "default_branch": "main"}}`), nil, 202, 0},
		"GET":                {body, func(r *http.Request) { r.Method = http.MethodGet }, 405, 0},
		"other content type": {body, set("Content-Type", "text/plain"), 415, 0},
		"no content type":    {body, set("Content-Type", ""), 415, 0},
		"no signature":       {body, set("X-Hub-Signature-256", ""), 401, 0},
		"signature of SHA-1": {body, func(r *http.Request) {
			r.Header.Del("X-Hub-Signature-256")
			r.Header.Set("X-Hub-Signature", "sha1="+sign(sha1.New, secret, body))
		}, 401, 0},
		"SHA-1 in 256's place": {body, set("X-Hub-Signature-256", "sha1="+sign(sha1.New, secret, body)), 401, 0},
		"other secret":         {body, set("X-Hub-Signature-256", "sha256="+sign(sha256.New, "other", body)), 401, 0},
		"empty secret":         {body, set("X-Hub-Signature-256", "sha256="+sign(sha256.New, "", body)), 401, 0},
		"other body":           {body, set("X-Hub-Signature-256", "sha256="+sign(sha256.New, secret, body[1:])), 401, 0},
		"signature cut short":  {body, set("X-Hub-Signature-256", "sha256="+sign(sha256.New, secret, body)[:32]), 401, 0},
		"not hexadecimal":      {body, set("X-Hub-Signature-256", "sha256=zz"), 401, 0},
		"no delivery":          {body, set("X-GitHub-Delivery", ""), 400, 0},
		"no event":             {body, set("X-GitHub-Event", ""), 400, 0},
		"malformed":            {[]byte(`{"ref": `), nil, 400, 0},
		"not an object":        {[]byte(`[]`), nil, 400, 0},
		"NUL in a name":        {[]byte(strings.Replace(pushToMain, "shop", `\u0000`, 1)), nil, 400, 0},
		"too large":            {bytes.Repeat([]byte(" "), MaxBody+1), nil, 413, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := &memory{}
			r := request("push", "guid-1", c.body)
			if c.change != nil {
				c.change(r)
			}
			w := httptest.NewRecorder()
			receiver(t, m).ServeHTTP(w, r)
			if w.Code != c.status || len(m.taken) != c.takes {
				t.Errorf("status %d and %d taken, want %d and %d; answer: %s", w.Code, len(m.taken), c.status, c.takes, w.Body)
			}
		})
	}
}

func TestDeliveryIsTakenWhole(t *testing.T) {
	m := &memory{}
	receiver(t, m).ServeHTTP(httptest.NewRecorder(), request("push", "guid-1", []byte(pushToMain)))
	want := []Delivery{{ID: "guid-1", Event: "push", Installation: 3,
		Repository: Repository{7, "acme", "shop", "main"}, Wakes: []Wake{{Work: Pass}}}}
	if !reflect.DeepEqual(m.taken, want) {
		t.Errorf("got  %+v\nwant %+v", m.taken, want)
	}
}

func TestDuplicatesAndFailuresAreCounted(t *testing.T) {
	m := &memory{}
	h := receiver(t, m)
	deliver := func(event, id string, want int) {
		t.Helper()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request(event, id, []byte(pushToMain)))
		if w.Code != want {
			t.Errorf("%s %s: status %d, want %d", event, id, w.Code, want)
		}
	}
	deliver("push", "1", 202)
	deliver("push", "1", 202)
	deliver("ping", "2", 202)
	deliver("issues", "3", 202)
	deliver("push", "", 400)
	m.err = errors.New("disk full: token=hunter2")
	deliver("push", "4", 500)
	m.err = nil
	deliver("push", "4", 202) // GitHub delivers the failed one again
	want := map[string]int{"accepted": 2, "duplicate": 1, "unknown": 1, "ignored": 1, "refused": 1, "failed": 1}
	if got := h.Counts(); !reflect.DeepEqual(got, want) {
		t.Errorf("counts %v, want %v", got, want)
	}
}

func TestErrorsAreNotShown(t *testing.T) {
	w := httptest.NewRecorder()
	receiver(t, &memory{err: errors.New("hunter2")}).ServeHTTP(w, request("push", "1", []byte(pushToMain)))
	if strings.Contains(w.Body.String(), "hunter2") {
		t.Errorf("the answer shows the error: %s", w.Body)
	}
}

// Bodies, comments and secrets never reach the log.
func TestNothingPrivateIsLogged(t *testing.T) {
	var log bytes.Buffer
	h, err := Handler(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), [][]byte{[]byte(secret)}, &memory{})
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"action": "created", "comment": {"id": 1, "body": "/canonicalize hunter2"}, "repository": {"id": 7, "name": "hunter2"}}`)
	h.ServeHTTP(httptest.NewRecorder(), request("issue_comment", "1", body))
	bad := request("issue_comment", "2", body)
	bad.Header.Set("X-Hub-Signature-256", "sha256=hunter2")
	h.ServeHTTP(httptest.NewRecorder(), bad)
	if log.Len() == 0 || strings.Contains(log.String(), "hunter2") || strings.Contains(log.String(), secret) {
		t.Errorf("log: %s", log.String())
	}
}

// Whatever comes, signed or not: an answer that the documentation names, never
// a panic, and nothing is taken that was not signed.
func FuzzHandler(f *testing.F) {
	f.Add("push", "1", "application/json", []byte(pushToMain), true)
	f.Add("pull_request", "2", "application/x-www-form-urlencoded", []byte("payload="+url.QueryEscape(pushToMain)), true)
	f.Add("check_suite", "3", "application/json", []byte(`{"action":"rerequested","repository":{"id":1},"check_suite":{"head_sha":"a","pull_requests":[{"number":1},{"number":1}]}}`), true)
	f.Add("issue_comment", "4", "application/json", []byte(`{"action":"created","comment":{"id":1e400}}`), true)
	f.Add("push", "5", "", []byte(`{}`), false)
	f.Fuzz(func(t *testing.T, event, id, media string, body []byte, signed bool) {
		m := &memory{}
		r := request(event, id, body)
		r.Header["Content-Type"] = []string{media}
		if !signed {
			r.Header.Set("X-Hub-Signature-256", "sha256="+fmt.Sprintf("%064x", len(body)))
		}
		w := httptest.NewRecorder()
		receiver(t, m).ServeHTTP(w, r)
		_, _ = io.Copy(io.Discard, w.Body)
		switch w.Code {
		case 202, 400, 401, 413, 415:
		default:
			t.Errorf("status %d", w.Code)
		}
		if len(m.taken) > 0 && (!signed || w.Code != 202 || len(m.taken[0].Wakes) == 0 || m.taken[0].ID == "") {
			t.Errorf("status %d, signed %v, taken %+v", w.Code, signed, m.taken)
		}
	})
}
