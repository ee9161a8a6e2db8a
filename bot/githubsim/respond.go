package githubsim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// write sends an answer with GitHub's headers and records the call.
func (s *Server) write(w http.ResponseWriter, c *call, rep *reply, err error) {
	if err != nil {
		refused := s.asAPIError(c, err)
		rep = &reply{status: refused.status, body: s.errorBody(c, refused), header: refused.header}
	}
	var body []byte
	if rep.body != nil {
		if body, err = json.Marshal(rep.body); err != nil {
			s.violate("%s: encode the answer: %v", c.route.op, err)
		}
	}
	if raw, ok := rep.body.(rawBody); ok {
		body = []byte(raw)
	} else {
		s.check(c, rep.status, body)
	}
	s.headers(w.Header(), c, rep)
	status := s.etag(w.Header(), c, rep.status, body)
	s.record(c, status)
	w.WriteHeader(status)
	if status != http.StatusNotModified {
		_, _ = w.Write(body) // the client may be gone
	}
}

// rawBody is an answer that is not JSON: a diff, a file.
type rawBody string

func (s *Server) errorBody(c *call, e *apiError) obj {
	body := obj{"message": e.message, "status": strconv.Itoa(e.status), "documentation_url": "https://docs.github.com/rest"}
	if c.route.doc != nil && c.route.doc.Docs != "" {
		body["documentation_url"] = c.route.doc.Docs
	}
	if e.docs != "" {
		body["documentation_url"] = e.docs
	}
	if e.errors != nil {
		body["errors"] = e.errors
	}
	if e.status == 301 {
		body["url"] = e.header.Get("Location")
	}
	return body
}

// check compares an answer with the description, once for each content.
func (s *Server) check(c *call, status int, body []byte) {
	if !s.opts.Strict || c.route.doc == nil {
		return
	}
	sum := sha256.Sum256(body)
	key := c.route.op + strconv.Itoa(status) + string(sum[:])
	if s.checked[key] {
		return
	}
	if err := c.route.doc.CheckResponse(status, body); err != nil {
		s.violate("wrong answer of the simulator: %v", err)
		return
	}
	s.checked[key] = true
}

func (s *Server) headers(h http.Header, c *call, rep *reply) {
	for k, v := range rep.header {
		h[k] = v
	}
	if _, raw := rep.body.(rawBody); raw {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	} else if rep.body != nil {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	version := c.r.Header.Get("X-GitHub-Api-Version")
	if version == "" {
		version = "2022-11-28"
	}
	h.Set("X-GitHub-Api-Version-Selected", version)
	h.Set("X-GitHub-Request-Id", fmt.Sprintf("%04X:%08X", s.lastID, len(s.calls)))
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	h.Set("Date", s.opts.Now().UTC().Format(http.TimeFormat))
	s.limits.headers(h, s, c)
}

// etag sets the validator of successful reads and answers 304 to a client
// that has that content already. Such an answer costs nothing.
func (s *Server) etag(h http.Header, c *call, status int, body []byte) int {
	if c.r.Method != "GET" || status != http.StatusOK {
		return status
	}
	sum := sha256.Sum256(append([]byte(h.Get("Link")+c.r.Header.Get("Accept")), body...))
	tag := `W/"` + hex.EncodeToString(sum[:]) + `"`
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, max-age=60, s-maxage=60")
	h.Set("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP")
	for _, known := range strings.Split(c.r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(known), "W/") == strings.TrimPrefix(tag, "W/") {
			s.limits.refund(h, s, c)
			return http.StatusNotModified
		}
	}
	return status
}

// page is the window of a listing that the query asks for.
func (c *call) page() (page, size int) {
	page, size = 1, 30
	if n, err := strconv.Atoi(c.query.Get("page")); err == nil && n > 0 {
		page = n
	}
	if n, err := strconv.Atoi(c.query.Get("per_page")); err == nil && n > 0 {
		size = min(n, 100)
	}
	return page, size
}

// paginate answers one page of items, with Link headers. Key wraps it in an
// object with total_count, as some listings are.
func paginate[T any](c *call, items []T, key string, render func(T) obj) (*reply, error) {
	page, size := c.page()
	start := min((page-1)*size, len(items))
	end := min(start+size, len(items))
	list := make([]any, 0, end-start)
	for _, item := range items[start:end] {
		list = append(list, render(item))
	}
	rep := &reply{status: 200, body: list, header: http.Header{}}
	if key != "" {
		rep.body = obj{"total_count": len(items), key: list}
	}
	if link := c.link(page, (len(items)+size-1)/size); link != "" {
		rep.header.Set("Link", link)
	}
	return rep, nil
}

func (c *call) link(page, last int) string {
	var links []string
	add := func(rel string, n int) {
		q := url.Values{}
		for k, v := range c.query {
			q[k] = v
		}
		q.Set("page", strconv.Itoa(n))
		links = append(links, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, c.URL, c.r.URL.EscapedPath(), q.Encode(), rel))
	}
	if page > 1 {
		add("prev", min(page-1, max(last, 1)))
	}
	if page < last {
		add("next", page+1)
		add("last", last)
	}
	if page > 1 {
		add("first", 1)
	}
	return strings.Join(links, ", ")
}
