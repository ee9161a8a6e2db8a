package webhooks

import (
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// slow is a body that stops in the middle, as a sender does who wants to hold memory.
type slow struct {
	left int
	gate chan struct{}
}

func (s *slow) Read(p []byte) (int, error) {
	if s.left == 0 {
		<-s.gate
		return 0, io.ErrUnexpectedEOF
	}
	n := min(len(p), s.left)
	s.left -= n
	return n, nil
}

func (s *slow) Close() error { return nil }

// Bodies that nobody has signed fill no memory beyond a fixed amount; ordinary deliveries are taken meanwhile, and large
// ones again once the others are gone.
func TestUnsignedBodiesAreBounded(t *testing.T) {
	h := receiver(t, &memory{})
	gate := make(chan struct{})
	var all sync.WaitGroup
	refused := make(chan int, 200)
	for range 100 {
		r := request("push", "x", nil)
		r.Body, r.ContentLength = &slow{24 << 20, gate}, 24<<20
		all.Go(func() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			refused <- w.Code
		})
	}
	for range 100 - beyondAll/(24<<20) - 1 { // the others hold what there is
		if code := <-refused; code != http.StatusServiceUnavailable {
			t.Errorf("answered %d", code)
		}
	}
	if left := h.intake.left.Load(); left < 0 {
		t.Errorf("%d bytes more than there are", -left)
	}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, request("push", "ordinary", []byte(pushToMain))); w.Code != http.StatusAccepted {
		t.Errorf("an ordinary delivery: %d", w.Code)
	}
	close(gate)
	all.Wait()
	if left := h.intake.left.Load(); left != beyondAll {
		t.Errorf("%d bytes were not given back", beyondAll-left)
	}
	large := []byte(`{"filler": "` + strings.Repeat("x", 20<<20) + `"}`)
	w = httptest.NewRecorder()
	if h.ServeHTTP(w, request("star", "large", large)); w.Code != http.StatusAccepted {
		t.Errorf("a large delivery afterwards: %d", w.Code)
	}
}

// What the head of a request shows to be none of GitHub's is refused before its body is read.
func TestRefusedUnread(t *testing.T) {
	for name, spoil := range map[string]func(*http.Request){
		"no signature":    func(r *http.Request) { r.Header.Del("X-Hub-Signature-256") },
		"short signature": func(r *http.Request) { r.Header.Set("X-Hub-Signature-256", "sha256=abcd") },
		"too long":        func(r *http.Request) { r.ContentLength = MaxBody + 1 },
		"of another kind": func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
		"not posted":      func(r *http.Request) { r.Method = http.MethodPut },
	} {
		r := request("push", "x", []byte(pushToMain))
		body := &slow{1 << 20, nil}
		r.Body = body
		spoil(r)
		w := httptest.NewRecorder()
		receiver(t, &memory{}).ServeHTTP(w, r)
		if w.Code < 400 || body.left != 1<<20 {
			t.Errorf("%s: %d after %d bytes", name, w.Code, 1<<20-body.left)
		}
	}
}

// While the secret is changed, deliveries signed with either are taken, and with no third one.
func TestTwoSecrets(t *testing.T) {
	const old = "another secret of some length"
	h, err := Handler(slog.New(slog.DiscardHandler), [][]byte{[]byte(secret), []byte(old)}, &memory{})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]int{secret: http.StatusAccepted, old: http.StatusAccepted, "a third secret of that length": http.StatusUnauthorized} {
		r := request("push", key, []byte(pushToMain))
		r.Header.Set("X-Hub-Signature-256", "sha256="+sign(sha256.New, key, []byte(pushToMain)))
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s: %d", key, w.Code)
		}
	}
}
