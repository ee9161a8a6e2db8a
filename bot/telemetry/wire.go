package telemetry

import (
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Webhooks measures how long deliveries wait for their answer.
func (m *Metrics) Webhooks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, rec := time.Now(), &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		m.deliveries.WithLabelValues(strconv.Itoa(rec.status)).Observe(time.Since(began).Seconds())
	})
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController the writer below.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Transport counts and times what goes through next; purpose is "api" or "git".
func (m *Metrics) Transport(purpose string, next http.RoundTripper) http.RoundTripper {
	return &transport{m, purpose, next}
}

type transport struct {
	m       *Metrics
	purpose string
	next    http.RoundTripper
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	res, err := t.next.RoundTrip(req)
	status := 0
	if err == nil {
		status = res.StatusCode
	}
	t.m.calls.WithLabelValues(req.URL.Host, req.Method, Endpoint(req.URL.Path), strconv.Itoa(status)).Observe(time.Since(began).Seconds())
	if req.ContentLength > 0 {
		t.m.bytes.WithLabelValues(t.purpose, "sent").Add(float64(req.ContentLength))
	}
	if err != nil {
		return nil, err
	}
	if left, err := strconv.ParseFloat(res.Header.Get("X-RateLimit-Remaining"), 64); err == nil {
		t.m.limits.WithLabelValues(res.Header.Get("X-RateLimit-Resource")).Set(left)
	}
	res.Body = &counted{res.Body, t}
	return res, nil
}

// counted counts the bytes of an answer as they are read.
type counted struct {
	io.ReadCloser
	t *transport
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.t.m.bytes.WithLabelValues(c.t.purpose, "received").Add(float64(n))
	return n, err
}

var (
	numbers = regexp.MustCompile(`^[0-9]+$`)
	hashes  = regexp.MustCompile(`^[0-9a-f]{7,64}$`)
	gitPath = regexp.MustCompile(`^/[^/]+/[^/]+(/info/refs|/git-upload-pack|/git-receive-pack)$`)
)

// named are segments behind which names stand that are as many as there are: how many of them.
var named = map[string]int{"repos": 2, "orgs": 1, "users": 1, "teams": 1, "memberships": 1, "labels": 1, "collaborators": 1,
	"branches": 1, "app-manifests": 1}

// open are segments behind which everything is a name.
var open = map[string]bool{"contents": true, "ref": true, "refs": true, "commits": true, "compare": true}

// Endpoint is the path of a call without what differs from one repository, person or number to the next:
// /repos/acme/shop/pulls/7 is /repos/{}/{}/pulls/{}.
func Endpoint(path string) string {
	if m := gitPath.FindStringSubmatch(path); m != nil {
		return m[1]
	}
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	skip := 0
	for i, part := range parts {
		switch {
		case skip > 0:
			parts[i], skip = "{}", skip-1
		case numbers.MatchString(part) || hashes.MatchString(part):
			parts[i] = "{}"
		case open[part] && i+1 < len(parts):
			return "/" + strings.Join(parts[:i+1], "/") + "/{}"
		default:
			skip = named[part]
		}
	}
	return "/" + strings.Join(parts, "/")
}
