package githubsim

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// router finds the operation of a path. GitHub has paths that net/http's
// patterns call ambiguous (/issues/comments/{id}, /issues/{number}/events);
// here, as at GitHub, fixed text wins over a value, from left to right.
type router struct {
	routes []*compiled
}

type compiled struct {
	route    *route
	method   string
	segments []string // "{name}" for values
	rest     bool     // the last value takes the rest of the path
}

// Values that may hold slashes and stand last.
var restValues = []string{"/git/ref/{ref}", "/git/refs/{ref}", "/git/matching-refs/{ref}", "/contents/{path}", "/compare/{basehead}"}

func (rt *router) add(r *route) {
	method, path, _ := strings.Cut(r.op, " ")
	c := &compiled{route: r, method: method, segments: strings.Split(strings.Trim(path, "/"), "/")}
	for _, suffix := range restValues {
		c.rest = c.rest || strings.HasSuffix(path, suffix)
	}
	rt.routes = append(rt.routes, c)
}

// find returns the route of a request and sets its path values; nil: none.
func (rt *router) find(r *http.Request) *route {
	have := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	var best *compiled
	for _, c := range rt.routes {
		if c.method == r.Method && c.matches(have) && (best == nil || c.before(best)) {
			best = c
		}
	}
	if best == nil {
		return nil
	}
	best.bind(r, have)
	return best.route
}

func (c *compiled) matches(have []string) bool {
	if len(have) != len(c.segments) && !(c.rest && len(have) >= len(c.segments)-1) {
		return false
	}
	for n, s := range c.segments {
		if n < len(have) && !isValue(s) && s != have[n] {
			return false
		}
	}
	return true
}

func isValue(segment string) bool { return strings.HasPrefix(segment, "{") }

// before tells whether c is more specific than o.
func (c *compiled) before(o *compiled) bool {
	for n := range min(len(c.segments), len(o.segments)) {
		if isValue(c.segments[n]) != isValue(o.segments[n]) {
			return isValue(o.segments[n])
		}
	}
	return len(c.segments) > len(o.segments)
}

func (c *compiled) bind(r *http.Request, have []string) {
	for n, s := range c.segments {
		if !isValue(s) {
			continue
		}
		raw := ""
		if n < len(have) {
			raw = have[n]
		}
		if c.rest && n == len(c.segments)-1 {
			raw = strings.Join(have[min(n, len(have)):], "/")
		}
		value, err := url.PathUnescape(raw)
		if err != nil {
			value = raw
		}
		r.SetPathValue(strings.Trim(s, "{}"), value)
	}
}

// buildRouter checks that the routes and the description name the same
// operations.
func (s *Server) buildRouter() error {
	known := map[string]bool{}
	for _, group := range [][]route{appRoutes(), accountRoutes(), repoRoutes(), commitRoutes(), gitRoutes(), issueRoutes(),
		labelRoutes(), pullRoutes(), reviewRoutes(), checkRoutes(), reactionRoutes()} {
		for i := range group {
			rt := &group[i]
			method, path, _ := strings.Cut(rt.op, " ")
			if rt.doc = s.doc.Operation(method, path); rt.doc == nil {
				return fmt.Errorf("the API description has no operation %s", rt.op)
			}
			known[rt.op] = true
			s.router.add(rt)
		}
	}
	for _, op := range s.doc.Operations() {
		if !known[op] {
			return fmt.Errorf("operation %s of the API description has no handler", op)
		}
	}
	return nil
}
