package git

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A request in which nothing moves ends with an error that says so, whether
// the server never answers or stops in its answer; one that is slow and long
// does not.
func TestStalledRequests(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is it seen that the client went away
		switch r.URL.Path {
		case "/silent":
			<-r.Context().Done()
		case "/stops":
			_, _ = io.WriteString(w, "some")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case "/slow":
			for range 30 {
				_, _ = io.WriteString(w, "x")
				w.(http.Flusher).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		}
	}))
	defer server.Close()
	get := func(path string, patience time.Duration) (string, error) {
		client := &http.Client{Transport: &impatient{http.DefaultTransport, patience}}
		res, err := client.Post(server.URL+path, "text/plain", strings.NewReader("body"))
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return string(body), err
	}
	for path, want := range map[string]string{"/silent": "", "/stops": "some"} {
		if got, err := get(path, 50*time.Millisecond); got != want || !errors.Is(err, errStalled) {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if got, err := get("/slow", 500*time.Millisecond); len(got) != 30 || err != nil {
		t.Errorf("slow: %q, %v", got, err)
	}
}
