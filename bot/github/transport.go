package github

import (
	"bytes"
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxTries     = 4
	firstBackoff = 500 * time.Millisecond
	// patience is the longest wait for a limit on a read; beyond it the caller is told to come back.
	patience = 10 * time.Second
	// unknownLimit is how long to stay away when GitHub does not say: its documentation asks for a minute.
	unknownLimit = time.Minute
	// longestLimit caps what is believed of a limit: never longer than the hour in which all of them reset.
	longestLimit = time.Hour
)

type contextKey int

// isQuery marks a POST that only reads, such as a GraphQL query.
const (
	isQuery contextKey = iota
	isCampaign
)

func asQuery(ctx context.Context) context.Context { return context.WithValue(ctx, isQuery, true) }

func isRead(req *http.Request) bool {
	query, _ := req.Context().Value(isQuery).(bool)
	mints := strings.HasSuffix(req.URL.Path, "/access_tokens") // one token too many does no harm
	return query || mints || req.Method == http.MethodGet || req.Method == http.MethodHead
}

// retrier repeats reads that failed on the way, and turns the answers that mean a limit into errors, before
// go-github sees them: it would block all requests until the primary limit resets.
type retrier struct {
	next    http.RoundTripper
	clock   Clock
	timeout time.Duration // of one answer
}

func (r *retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	if !isRead(req) {
		return r.once(req)
	}
	backoff := firstBackoff
	for try := 1; ; try++ {
		res, err := r.once(req)
		pause, again := worthRepeating(res, err, backoff)
		if !again || try == maxTries || req.Context().Err() != nil {
			return res, err
		}
		if err := r.clock.Sleep(req.Context(), pause); err != nil {
			return nil, err
		}
		backoff *= 2
		if req, err = rewound(req); err != nil {
			return nil, err
		}
	}
}

// rewound returns the request with its body at the beginning again.
func rewound(req *http.Request) (*http.Request, error) {
	again := req.Clone(req.Context())
	if req.GetBody == nil {
		return again, nil
	}
	body, err := req.GetBody()
	again.Body = body
	return again, err
}

func worthRepeating(res *http.Response, err error, backoff time.Duration) (time.Duration, bool) {
	var limit *ErrSecondaryLimit
	if errors.As(err, &limit) {
		return limit.RetryAfter, limit.RetryAfter <= patience
	}
	if err != nil {
		return backoff, errors.Is(err, ErrUnreachable)
	}
	switch res.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusInternalServerError:
		return backoff, true
	}
	return 0, false
}

func (r *retrier) once(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), r.timeout)
	defer cancel()
	res, err := r.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, unreachable(req, err)
	}
	// A body that breaks off is a failure on the way, too.
	body, err := readAnswer(res.Body)
	res.Body.Close()
	if err != nil {
		return nil, unreachable(req, err)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	if limit := r.limit(res, body); limit != nil {
		return nil, limit
	}
	return res, nil
}

// unreachable marks an error on the way, unless the caller gave up.
func unreachable(req *http.Request, err error) error {
	if gone := req.Context().Err(); gone != nil {
		return gone
	}
	if errors.Is(err, errAbroad) || errors.Is(err, errTooLong) {
		return err // it would be the same again
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// limit recognizes both kinds of limit by what GitHub documents
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit).
func (r *retrier) limit(res *http.Response, body []byte) error {
	if res.StatusCode != http.StatusForbidden && res.StatusCode != http.StatusTooManyRequests {
		return nil
	}
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
		return &ErrSecondaryLimit{RetryAfter: min(time.Duration(max(seconds, 1))*time.Second, longestLimit)}
	}
	if res.Header.Get("X-RateLimit-Remaining") == "0" {
		seconds, err := strconv.ParseInt(res.Header.Get("X-RateLimit-Reset"), 10, 64)
		reset := time.Unix(seconds, 0)
		if latest := r.clock.Now().Add(longestLimit); err != nil || reset.After(latest) {
			reset = latest
		}
		return &ErrRateLimit{Reset: reset}
	}
	text := strings.ToLower(string(body))
	if res.StatusCode == http.StatusTooManyRequests || strings.Contains(text, "secondary rate limit") ||
		strings.Contains(text, "abuse detection") {
		return &ErrSecondaryLimit{RetryAfter: unknownLimit}
	}
	return nil
}

// maxCached bounds the bodies that one conditional cache keeps.
const maxCached = 8 << 20

// conditional asks "has it changed?" for what it has seen: an answer of 304 costs nothing of the limit.
type conditional struct {
	next http.RoundTripper

	mu    sync.Mutex
	seen  map[string]*list.Element
	order *list.List // the most recently used first
	size  int
}

type cached struct {
	key, etag string
	header    http.Header
	body      []byte
}

func newConditional(next http.RoundTripper) *conditional {
	return &conditional{next: next, seen: map[string]*list.Element{}, order: list.New()}
}

func (c *conditional) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return c.next.RoundTrip(req)
	}
	key := req.URL.String() + " " + req.Header.Get("Accept")
	known := c.get(key)
	if known != nil {
		req = req.Clone(req.Context())
		req.Header.Set("If-None-Match", known.etag)
	}
	res, err := c.next.RoundTrip(req)
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode == http.StatusNotModified && known != nil:
		return known.answer(res), nil
	case res.StatusCode == http.StatusOK && res.Header.Get("ETag") != "":
		return c.keep(key, res)
	}
	return res, nil
}

// answer is the answer of then with the limits of now.
func (c *cached) answer(now *http.Response) *http.Response {
	res := *now
	res.StatusCode, res.Status = http.StatusOK, "200 OK"
	res.Header = now.Header.Clone()
	for name, values := range c.header {
		if !strings.HasPrefix(name, "X-Ratelimit") {
			res.Header[name] = values
		}
	}
	res.Body = io.NopCloser(bytes.NewReader(c.body))
	res.ContentLength = int64(len(c.body))
	return &res
}

func (c *conditional) get(key string) *cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	element := c.seen[key]
	if element == nil {
		return nil
	}
	c.order.MoveToFront(element)
	return element.Value.(*cached)
}

func (c *conditional) keep(key string, res *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	entry := &cached{key, res.Header.Get("ETag"), res.Header.Clone(), body}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.seen[key]; old != nil {
		c.drop(old)
	}
	c.seen[key] = c.order.PushFront(entry)
	c.size += len(body)
	for c.size > maxCached {
		c.drop(c.order.Back())
	}
	return res, nil
}

func (c *conditional) drop(element *list.Element) {
	entry := c.order.Remove(element).(*cached)
	delete(c.seen, entry.key)
	c.size -= len(entry.body)
}
