package git

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// server serves one bare repository by "git http-backend", the other side of every test here.
type server struct {
	tb       testing.TB
	url, dir string // of the bare repository
	work     string // a checkout that pushes to it by path

	mu       sync.Mutex
	requests []string
	version0 bool // hide that the client speaks version 2
	password string
	sent     int       // bytes of answers
	onSent   func(int) // may be nil; after each piece of an answer
}

func newServer(tb testing.TB) *server {
	tb.Helper()
	root := tb.TempDir()
	s := &server{tb: tb, dir: filepath.Join(root, "o", "r.git"), work: filepath.Join(root, "work")}
	run(tb, root, "git", "init", "-q", "--bare", "-b", "main", s.dir)
	s.config("uploadpack.allowFilter", "true")
	s.config("http.receivepack", "true")
	run(tb, root, "git", "init", "-q", "-b", "main", s.work)
	run(tb, s.work, "git", "remote", "add", "origin", s.dir)
	backend := strings.TrimSpace(run(tb, root, "git", "--exec-path")) + "/git-http-backend"
	handler := &cgi.Handler{
		Path: backend, Stderr: io.Discard, Logger: log.New(io.Discard, "", 0),
		Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=test"},
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(handler, w, r)
	}))
	tb.Cleanup(web.Close)
	s.url = web.URL + "/o/r.git"
	return s
}

func (s *server) serve(git http.Handler, w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+strings.TrimPrefix(r.URL.RequestURI(), "/o/r.git"))
	version0, password := s.version0, s.password
	s.mu.Unlock()
	if version0 {
		r.Header.Del("Git-Protocol")
	}
	if _, given, _ := r.BasicAuth(); given != password {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	git.ServeHTTP(&counting{w, s}, r)
}

// counting tells the server how much was sent.
type counting struct {
	http.ResponseWriter
	s *server
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	if flusher, ok := c.ResponseWriter.(http.Flusher); ok {
		flusher.Flush()
	}
	c.s.mu.Lock()
	c.s.sent += n
	sent, tell := c.s.sent, c.s.onSent
	c.s.mu.Unlock()
	if tell != nil {
		tell(sent)
	}
	return n, err
}

// asked returns the requests since the last call.
func (s *server) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.requests
	s.requests = nil
	return list
}

func (s *server) config(key, value string) { run(s.tb, s.dir, "git", "config", key, value) }

// commit writes files into the checkout ("" deletes), commits and pushes them to a branch.
func (s *server) commit(branch string, files map[string]string) string {
	s.tb.Helper()
	for path, text := range files {
		full := filepath.Join(s.work, path)
		if text == "" {
			if err := os.Remove(full); err != nil {
				s.tb.Fatal(err)
			}
			continue
		}
		write(s.tb, full, text)
	}
	run(s.tb, s.work, "git", "add", "-A")
	run(s.tb, s.work, "git", "commit", "-q", "--allow-empty", "-m", "change")
	run(s.tb, s.work, "git", "push", "-q", "origin", "HEAD:refs/heads/"+branch)
	return strings.TrimSpace(run(s.tb, s.work, "git", "rev-parse", "HEAD"))
}

func (s *server) open() *Mirror {
	s.tb.Helper()
	m, err := Open(filepath.Join(s.tb.TempDir(), "mirror"), s.url, nil)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(func() { m.Close() })
	return m
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// run runs a command and returns its output; it must succeed.
func run(tb testing.TB, dir, name string, args ...string) string {
	tb.Helper()
	out, err := try(dir, name, args...)
	if err != nil {
		tb.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

func try(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func python(n int, text string) map[string]string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("pkg%d/mod%d.py", i%20, i)] = fmt.Sprintf("%s\nvalue = %d\n%s", text, i, strings.Repeat("# filler\n", i%50))
	}
	return files
}

var someone = Signature{Name: "Canonicalize", Email: "bot@example.com", When: time.Unix(1700000000, 0).UTC()}
