package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/canonicalize/canonicalize/bot"
	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/bot/telemetry"
)

// queue is the store as the figures want it.
type queue struct{ db *store.Store }

// Depths implements telemetry.Queue.
func (q queue) Depths(ctx context.Context) (all []telemetry.Depth, err error) {
	counts, err := q.db.Counts(ctx)
	for _, c := range counts {
		all = append(all, telemetry.Depth(c))
	}
	return all, err
}

// Oldest implements telemetry.Queue.
func (q queue) Oldest(ctx context.Context) (map[string]time.Duration, error) {
	ages, err := q.db.Oldest(ctx)
	all := map[string]time.Duration{}
	for _, a := range ages {
		all[a.Kind] = a.Due
	}
	return all, err
}

// onTheWire measures and traces calls to GitHub.
func onTheWire(m *telemetry.Metrics) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		if next == nil {
			next = http.DefaultTransport
		}
		return telemetry.Traced(m.Transport("api", next))
	}
}

// measured runs a job with its figures, its trace, and its cause for the audit.
func measured(ctx context.Context, m *telemetry.Metrics, kind, why string, r store.Repository, do func(context.Context) error) error {
	ctx = because(ctx, cause{r.FullName(), kind, why})
	ctx, traced := telemetry.Span(ctx, kind, map[string]string{"repo": r.FullName()})
	ended := m.Job(kind)
	err := do(ctx)
	ended(resultOf(err))
	traced(err)
	return err
}

// resultOf says how a job ended.
func resultOf(err error) string {
	var wait *waitError
	var final *finalError
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &wait):
		return "waits"
	case errors.As(err, &final):
		return "refused"
	}
	return "failed"
}

// acted counts what a pass did.
func acted(m *telemetry.Metrics, out *bot.Outcome) {
	if out != nil {
		m.Acted("writes", out.Writes)
	}
}

// ServeInternal serves what is for the operator and not for the world at an address of its own; "" serves nothing.
// Close ends it.
func ServeInternal(address string, handler http.Handler) (io.Closer, error) {
	if address == "" {
		return io.NopCloser(nil), nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: set CANONICALIZE_METRICS_ADDRESS to another host and port of this machine: %w", address, err)
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go srv.Serve(listener) // it ends with Close
	return srv, nil
}
