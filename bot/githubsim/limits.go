package githubsim

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// limits counts requests by who makes them.
// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
type limits struct {
	windows map[string]*window
	writes  map[string][]time.Time // content-creating requests of the last hour
}

type window struct {
	used  int
	reset time.Time
}

func (l *limits) init() {
	l.windows = map[string]*window{}
	l.writes = map[string][]time.Time{}
}

// identity is the account whose allowance a request uses.
func identity(a *actor) string {
	switch {
	case a == nil || a.anonymous():
		return "anonymous"
	case a.app != nil:
		return "app " + strconv.Itoa(a.app.ID)
	case a.installation() != nil:
		return "installation ID " + strconv.Itoa(a.installation().ID)
	}
	return "user ID " + strconv.Itoa(a.token.user.id)
}

func (s *Server) window(a *actor) *window {
	w := s.limits.windows[identity(a)]
	if w == nil || !s.opts.Now().Before(w.reset) {
		w = &window{reset: s.opts.Now().Add(time.Hour).Truncate(time.Second)}
		s.limits.windows[identity(a)] = w
	}
	return w
}

// spend takes one request from the hourly allowance.
func (s *Server) spend(c *call) error {
	if c.route.op == "GET /rate_limit" {
		return nil
	}
	w := s.window(c.actor)
	if w.used >= s.opts.HourlyLimit {
		return &apiError{status: 403, message: "API rate limit exceeded for " + identity(c.actor) + ".",
			docs: "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"}
	}
	w.used++
	return nil
}

// spendContent takes one write from the allowance for content.
func (s *Server) spendContent(c *call) error {
	if c.r.Method == "GET" || strings.HasPrefix(c.r.URL.Path, "/app") {
		return nil
	}
	return s.spendWrite(c.actor)
}

func (s *Server) spendWrite(a *actor) error {
	now, key := s.opts.Now(), identity(a)
	var recent []time.Time
	minute := 0
	for _, t := range s.limits.writes[key] {
		if now.Sub(t) < time.Hour {
			recent = append(recent, t)
		}
		if now.Sub(t) < time.Minute {
			minute++
		}
	}
	s.limits.writes[key] = recent
	perMinute, perHour := s.opts.ContentPerMinute, s.opts.ContentPerHour
	if perMinute > 0 && minute >= perMinute {
		return secondaryLimit(60)
	}
	if perHour > 0 && len(recent) >= perHour {
		return secondaryLimit(int(recent[0].Add(time.Hour).Sub(now).Seconds()) + 1)
	}
	s.limits.writes[key] = append(recent, now)
	return nil
}

func secondaryLimit(seconds int) *apiError {
	return &apiError{status: 403,
		message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
		docs:    "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
		header:  http.Header{"Retry-After": {strconv.Itoa(seconds)}}}
}

func (l *limits) headers(h http.Header, s *Server, c *call) {
	w := s.window(c.actor)
	h.Set("X-RateLimit-Limit", strconv.Itoa(s.opts.HourlyLimit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, s.opts.HourlyLimit-w.used)))
	h.Set("X-RateLimit-Used", strconv.Itoa(w.used))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(w.reset.Unix(), 10))
	h.Set("X-RateLimit-Resource", "core")
}

// refund gives back the request that a 304 answered.
func (l *limits) refund(h http.Header, s *Server, c *call) {
	s.window(c.actor).used--
	l.headers(h, s, c)
}

func (s *Server) rateLimit(c *call) obj {
	w := s.window(c.actor)
	core := obj{"limit": s.opts.HourlyLimit, "used": w.used, "remaining": max(0, s.opts.HourlyLimit-w.used), "reset": w.reset.Unix()}
	search := obj{"limit": 30, "used": 0, "remaining": 30, "reset": w.reset.Unix()}
	return obj{"rate": core, "resources": obj{"core": core, "search": search, "graphql": core}}
}
