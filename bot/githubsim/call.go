package githubsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim/apidoc"
)

// route ties an operation of the description to the code that answers it.
type route struct {
	op     string // "GET /repos/{owner}/{repo}", exactly as in the description
	needs  string // who may: see allowed
	handle func(*call) (*reply, error)
	doc    *apidoc.Operation
}

// call is one request on its way.
type call struct {
	*Server
	r     *http.Request
	route *route
	actor *actor
	repo  *repo // named by the path, or nil
	body  obj   // decoded; nil when the request has none
	raw   any   // decoded body that is not an object
	query url.Values
	reads bool // a query of GraphQL, which is posted, too
}

type reply struct {
	status int
	body   any
	header http.Header
}

func ok(body any) (*reply, error)      { return &reply{status: 200, body: body}, nil }
func created(body any) (*reply, error) { return &reply{status: 201, body: body}, nil }
func noContent() (*reply, error)       { return &reply{status: 204}, nil }

// apiError is an answer that refuses.
type apiError struct {
	status  int
	message string
	errors  []any
	header  http.Header
	docs    string // documentation_url; "": the operation's page
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s %v", e.status, e.message, e.errors) }

func refuse(status int, format string, args ...any) *apiError {
	return &apiError{status: status, message: fmt.Sprintf(format, args...)}
}

func notFound() *apiError { return refuse(404, "Not Found") }

// invalid is GitHub's 422 about one field. Code custom carries the message.
func invalid(resource, field, code, message string) *apiError {
	e := obj{"resource": resource, "code": code}
	if field != "" {
		e["field"] = field
	}
	if message != "" {
		e["message"] = message
	}
	return &apiError{status: 422, message: "Validation Failed", errors: []any{e}}
}

// unprocessable is GitHub's 422 with plain texts in errors.
func unprocessable(texts ...string) *apiError {
	e := &apiError{status: 422, message: "Unprocessable Entity"}
	for _, t := range texts {
		e.errors = append(e.errors, t)
	}
	return e
}

func (c *call) path(name string) string { return c.r.PathValue(name) }

// number is a numeric path value; texts were refused before.
func (c *call) number(name string) int {
	n, _ := strconv.Atoi(c.path(name))
	return n
}

func (c *call) has(field string) bool { v, ok := c.body[field]; return ok && v != nil }

func (c *call) str(field string) string { s, _ := c.body[field].(string); return s }

func (c *call) boolean(field string) bool { b, _ := c.body[field].(bool); return b }

func (c *call) integer(field string) int { n, _ := c.body[field].(float64); return int(n) }

func (c *call) list(field string) []any { l, _ := c.body[field].([]any); return l }

func (c *call) strs(field string) []string { return texts(c.list(field)) }

func texts(list []any) []string {
	var out []string
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// ServeHTTP answers REST under / and under /api/v3/ (where GitHub Enterprise
// has it), GraphQL, and git.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.isGit(r) {
		s.serveGit(w, r)
		return
	}
	if r.URL.Path == "/api/graphql" {
		r.URL.Path = "/graphql"
	}
	if strings.HasPrefix(r.URL.Path, "/api/v3/") {
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/api/v3")
		r.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, "/api/v3")
	}
	s.resolveID(r)
	if r.URL.Path == "/graphql" && r.Method == http.MethodPost {
		s.serveGraphQL(w, r)
		return
	}
	if rt := s.router.find(r); rt != nil {
		s.serve(w, r, rt)
		return
	}
	s.serveUnknown(w, r)
}

// resolveID turns /repositories/ID/..., where redirects of renamed
// repositories lead, into /repos/OWNER/NAME/...
func (s *Server) resolveID(r *http.Request) {
	id, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/repositories/"), "/")
	n, err := strconv.Atoi(id)
	if err != nil || !strings.HasPrefix(r.URL.Path, "/repositories/") {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, repo := range s.repos {
		if repo.id == n {
			r.URL.RawPath = strings.TrimSuffix("/repos/"+repo.fullName()+"/"+rest, "/")
			r.URL.Path, _ = url.PathUnescape(r.URL.RawPath)
		}
	}
}

func (s *Server) serveUnknown(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violate("unknown route: %s %s", r.Method, r.URL.Path)
	c := &call{Server: s, r: r, route: &route{op: r.Method + " (unknown)"}}
	s.write(w, c, nil, notFound())
}

// serve runs one request through GitHub's gates, in its order: who are you,
// are you within your limits, is the request well formed, may you see the
// repository, may you do that.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, rt *route) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 100<<20))
	if err != nil {
		return // the client went away
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &call{Server: s, r: r, route: rt, query: r.URL.Query()}
	fault := s.nextFault(c.r)
	if fault.stops(w, s, c) {
		return
	}
	rep, err := s.answer(c, body)
	if fault != nil {
		fault.finish(w, s, c)
		return
	}
	s.write(w, c, rep, err)
}

func (s *Server) answer(c *call, body []byte) (*reply, error) {
	var err error
	if c.actor, err = s.authenticate(c.r); err != nil {
		return nil, err
	}
	if err := s.spend(c); err != nil {
		return nil, err
	}
	if err := c.decode(body); err != nil {
		return nil, err
	}
	if err := c.findRepo(); err != nil {
		return nil, err
	}
	if err := c.allowed(); err != nil {
		return nil, err
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	if err := s.spendContent(c); err != nil {
		return nil, err
	}
	return c.route.handle(c)
}

func (c *call) decode(body []byte) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return refuse(400, "Problems parsing JSON")
	}
	if fields, ok := v.(obj); ok {
		c.body = fields
		return nil
	}
	if list, isList := v.([]any); isList && strings.HasSuffix(c.route.op, "/labels") {
		c.body = obj{"labels": list} // taken as well, though the description lacks it
		return nil
	}
	c.raw = v // null, as go-github sends it for no body, stays nil
	return nil
}

func (c *call) validate() error {
	if faults := c.route.doc.CheckParams(c.path, c.query); len(faults) > 0 {
		return badRequest(faults)
	}
	var body any
	if c.body != nil {
		body = c.body
	} else if c.raw != nil {
		body = c.raw
	}
	if faults := c.route.doc.CheckBody(body); len(faults) > 0 {
		return badRequest(faults)
	}
	return nil
}

func badRequest(faults []apidoc.Fault) error {
	var lines []string
	for _, f := range faults {
		lines = append(lines, f.Message)
	}
	return refuse(422, "Invalid request.\n\n%s", strings.Join(lines, "\n"))
}

// findRepo resolves {owner}/{repo}: 404 for what the actor may not know of,
// 301 for an old name.
func (c *call) findRepo() error {
	owner, name := c.path("owner"), c.path("repo")
	if owner == "" || name == "" {
		return nil
	}
	r, moved := c.Server.repo(owner, name)
	if r == nil || !c.actor.sees(r) {
		return notFound()
	}
	if moved {
		rest := strings.TrimPrefix(c.r.URL.EscapedPath(), "/repos/"+url.PathEscape(owner)+"/"+url.PathEscape(name))
		target := fmt.Sprintf("%s/repositories/%d%s", c.URL, r.id, rest)
		if c.r.URL.RawQuery != "" {
			target += "?" + c.r.URL.RawQuery
		}
		return &apiError{status: 301, message: "Moved Permanently", header: http.Header{"Location": {target}}}
	}
	c.repo = r
	if r.archived && c.r.Method != "GET" {
		return refuse(403, "Repository was archived so is read-only.")
	}
	return nil
}

// asAPIError turns any error into an answer; what is not GitHub's refusal is
// a fault of the simulator.
func (s *Server) asAPIError(c *call, err error) *apiError {
	var refused *apiError
	if errors.As(err, &refused) {
		return refused
	}
	s.violate("%s %s: %v", c.r.Method, c.r.URL.Path, err)
	return refuse(500, "Server Error: %v", err)
}
