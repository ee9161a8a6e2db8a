package githubsim

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

var gitPath = regexp.MustCompile(`^/([^/]+)/([^/]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack)$`)

func (s *Server) isGit(r *http.Request) bool { return gitPath.MatchString(r.URL.Path) }

// serveGit is git's smart HTTP protocol, by git's own server.
// https://docs.github.com/get-started/getting-started-with-git/about-remote-repositories
func (s *Server) serveGit(w http.ResponseWriter, r *http.Request) {
	m := gitPath.FindStringSubmatch(r.URL.Path)
	service := strings.TrimPrefix(m[3], "git-")
	if m[3] == "info/refs" {
		service = strings.TrimPrefix(r.URL.Query().Get("service"), "git-")
	}
	method := "FETCH"
	if service == "receive-pack" {
		method = "PUSH"
	}
	c := &call{Server: s, r: r, route: &route{op: "git"}}
	s.mu.Lock()
	fault := s.nextFault(r)
	if fault != nil && !fault.After {
		s.gitFault(w, c, method, fault)
		s.mu.Unlock()
		return
	}
	repo, err := s.admit(c, m[1], m[2], method)
	s.mu.Unlock()
	if err != nil {
		s.refuseGit(w, c, method, err)
		return
	}
	recorder := w
	if fault != nil {
		recorder = &discard{header: http.Header{}}
	}
	if m[3] == "git-receive-pack" {
		s.receivePack(recorder, c, repo)
	} else {
		s.backend(recorder, r, repo, m[3], nil)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if fault != nil {
		s.gitFault(w, c, method, fault)
		return
	}
	s.recordGit(c, method, 200)
}

// discard swallows an answer that a fault keeps from the client.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

func (s *Server) recordGit(c *call, method string, status int) {
	s.calls = append(s.calls, Call{Method: method, Route: "git", Path: c.r.URL.Path, Status: status, Actor: c.who()})
}

func (s *Server) gitFault(w http.ResponseWriter, c *call, method string, f *Fault) {
	s.recordGit(c, method, f.Status)
	if f.Status == 0 {
		hangUp(w)
		return
	}
	http.Error(w, http.StatusText(f.Status), f.Status)
}

// admit authenticates by basic authentication and checks the permission:
// contents read to fetch, contents write to push.
func (s *Server) admit(c *call, owner, name, method string) (*repo, error) {
	var err error
	if c.actor, err = s.authenticate(c.r); err != nil {
		return nil, err
	}
	r, _ := s.repo(owner, name)
	if c.actor.anonymous() && (r == nil || r.private || method == "PUSH") {
		return nil, refuse(401, "Authentication required")
	}
	if r == nil || !c.actor.sees(r) || c.actor.app != nil {
		return nil, refuse(404, "Repository not found.")
	}
	c.repo = r
	level := "read"
	if method == "PUSH" {
		level = "write"
		if r.archived {
			return nil, refuse(403, "This repository was archived so it is read-only.")
		}
	}
	if !c.actor.may("contents", level, r, "", nil) && !(level == "read" && !r.private) {
		return nil, refuse(403, "Permission to %s.git denied to %s.", r.fullName(), c.actor)
	}
	return r, nil
}

func (s *Server) refuseGit(w http.ResponseWriter, c *call, method string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.asAPIError(c, err)
	if e.status == 401 {
		w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
	}
	s.recordGit(c, method, e.status)
	http.Error(w, e.message, e.status)
}

// backend hands a request to git-http-backend.
func (s *Server) backend(w http.ResponseWriter, r *http.Request, repo *repo, service string, env []string) {
	dir, name := filepath.Split(repo.git.Dir)
	h := &cgi.Handler{
		Path: filepath.Join(s.gitDir, "git-http-backend"), Dir: dir, Root: "/",
		Env: append([]string{"GIT_PROJECT_ROOT=" + filepath.Clean(dir), "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=simulator", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_CONFIG_GLOBAL=" + os.DevNull, "LC_ALL=C", "PATH=" + os.Getenv("PATH"), "GIT_PROTOCOL=" + r.Header.Get("Git-Protocol")}, env...),
		Logger: log.New(io.Discard, "", 0), Stderr: io.Discard,
	}
	r2 := r.Clone(r.Context())
	r2.URL.Path, r2.URL.RawPath = "/"+name+"/"+service, ""
	if r2.ContentLength < 0 { // a CGI program wants to know the length
		if body, err := io.ReadAll(r2.Body); err == nil {
			r2.Body, r2.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			r2.TransferEncoding = nil
			r2.Header.Set("Content-Length", strconv.Itoa(len(body)))
		}
	}
	h.ServeHTTP(w, r2)
}

// command is one ref of a push.
type command struct{ old, new, ref string }

// receivePack lets git take a push and then does what follows from the refs
// that changed. The update hook asks the rules while the objects of the push
// are still in quarantine.
func (s *Server) receivePack(w http.ResponseWriter, c *call, r *repo) {
	body, err := readBody(c.r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	commands := parseCommands(body)
	c.r.Body, c.r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	c.r.Header.Del("Content-Encoding")
	s.mu.Lock()
	rules, err := s.writeRules(r, c.actor, commands)
	s.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer os.Remove(rules)
	s.backend(w, c.r, r, "git-receive-pack", []string{"SIMULATOR_RULES=" + rules})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.afterPush(r, commands, c.actor.account()); err != nil {
		s.violate("push to %s: %v", r.fullName(), err)
	}
}

func readBody(r *http.Request) ([]byte, error) {
	var from io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, fmt.Errorf("unpack the push: %w", err)
		}
		from = z
	}
	return io.ReadAll(from)
}

// parseCommands reads the pkt-lines before the pack.
// https://git-scm.com/docs/pack-protocol
func parseCommands(body []byte) []command {
	var list []command
	in := bufio.NewReader(bytes.NewReader(body))
	for {
		head := make([]byte, 4)
		if _, err := io.ReadFull(in, head); err != nil {
			return list
		}
		n, err := strconv.ParseInt(string(head), 16, 32)
		if err != nil || n <= 4 {
			return list
		}
		line := make([]byte, n-4)
		if _, err := io.ReadFull(in, line); err != nil {
			return list
		}
		text, _, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), "\x00")
		if f := strings.Split(text, " "); len(f) == 3 && len(f[0]) == 40 {
			list = append(list, command{f[0], f[1], f[2]})
		}
	}
}

// afterPush compares the refs of the push with what is there now.
func (s *Server) afterPush(r *repo, commands []command, by *account) error {
	refs, err := r.git.Refs()
	if err != nil {
		return err
	}
	for _, cmd := range commands {
		if err := s.refChanged(r, cmd.ref, r.refs[cmd.ref], refs[cmd.ref], by); err != nil {
			return err
		}
	}
	return nil
}
