package githubsim

import (
	"net/http"
	"strconv"
)

// Call is one answered request.
type Call struct {
	Method string
	Route  string // path template, "/repos/{owner}/{repo}"; "git" for git over HTTP
	Path   string
	Status int // 0: hung up
	Actor  string
	reads  bool
}

// Write tells whether the call could change something. Minting a token is not
// a write, nor is a query of GraphQL.
func (c Call) Write() bool {
	return !c.reads && c.Method != http.MethodGet && c.Route != "/app/installations/{installation_id}/access_tokens" &&
		!(c.Route == "git" && c.Method == "FETCH")
}

// Calls lists every answered request, in order. Pushes have the method PUSH,
// fetches FETCH.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// ForgetCalls empties the log of calls.
func (s *Server) ForgetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

func (s *Server) record(c *call, status int) {
	s.calls = append(s.calls, Call{Method: c.r.Method, Route: c.routePath(), Path: c.r.URL.Path, Status: status, Actor: c.who(), reads: c.reads})
}

func (c *call) routePath() string {
	if c.route.doc != nil {
		return c.route.doc.Path
	}
	return c.route.op
}

func (c *call) who() string {
	if c.actor == nil {
		return ""
	}
	return c.actor.String()
}

// Fault is a failure of one call.
type Fault struct {
	Status     int  // answer with this status; 0: hang up without an answer
	After      bool // do what was asked first
	RetryAfter int  // seconds; with 403 or 429: a secondary limit
	Message    string
}

type faults struct {
	choose func(n int, r *http.Request) *Fault
	n      int
}

// Fail asks choose about every request from now on, REST, GraphQL and git; n
// counts them from 1. A nil Fault lets the request pass; a nil choose ends the
// failures.
func (s *Server) Fail(choose func(n int, r *http.Request) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = faults{choose: choose}
}

// FailNth fails the n-th request from now on, counted from 1, once.
func (s *Server) FailNth(n int, f Fault) {
	s.Fail(func(i int, _ *http.Request) *Fault {
		if i == n {
			return &f
		}
		return nil
	})
}

func (s *Server) nextFault(r *http.Request) *Fault {
	if s.faults.choose == nil {
		return nil
	}
	s.faults.n++
	return s.faults.choose(s.faults.n, r)
}

// stops answers a request that fails before it has an effect.
func (f *Fault) stops(w http.ResponseWriter, s *Server, c *call) bool {
	if f == nil || f.After {
		return false
	}
	c.actor, _ = s.authenticate(c.r) // for the log of calls
	f.finish(w, s, c)
	return true
}

func (f *Fault) finish(w http.ResponseWriter, s *Server, c *call) {
	if f.Status == 0 {
		s.record(c, 0)
		hangUp(w)
		return
	}
	e := &apiError{status: f.Status, message: f.Message, header: http.Header{}}
	if e.message == "" {
		e.message = http.StatusText(f.Status)
	}
	if f.RetryAfter > 0 {
		e = secondaryLimit(f.RetryAfter)
		e.status = f.Status
	}
	s.write(w, c, nil, e)
}

// hangUp closes the connection without a word.
func hangUp(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			_ = conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

func (f *Fault) String() string {
	if f.Status == 0 {
		return "hang up"
	}
	return strconv.Itoa(f.Status)
}
