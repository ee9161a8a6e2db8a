package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"

	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/webhooks"
)

// WebhookPath is where GitHub has to deliver to.
const WebhookPath = "/webhooks/github"

// maxConnections is how many are open at once; a proxy in front needs far fewer. With what a body may take unasked they
// bound the memory of requests that nobody has verified.
const maxConnections = 400

// Server is the service. Make it with New, then Run it once.
type Server struct {
	lg       *slog.Logger
	db       *store.Store
	workers  *store.Workers
	settings store.Settings
	webhook  *webhooks.Receiver
	handler  http.Handler
	address  string
	listener net.Listener
	working  atomic.Bool
	ready    func(context.Context) (string, bool)
}

// Options are what is rarely given; zero values are defaults.
type Options struct {
	Workers store.Settings
	// Pages serves everything beside the webhook and the health checks.
	Pages http.Handler
	// OldSecret is what GitHub may still sign deliveries with; nil: nothing.
	OldSecret []byte
	// Tidy is called after each sweep; nil: nothing is.
	Tidy func(context.Context) error
	// Ready says what keeps the service from its work, in words for the operator; grave is whether deliveries should
	// go to another replica. Nil: nothing beyond the database and the workers.
	Ready func(context.Context) (what string, grave bool)
	// Measure is laid around the webhook; nil: nothing is.
	Measure func(http.Handler) http.Handler
}

func (o Options) measured(h http.Handler) http.Handler {
	if o.Measure == nil {
		return h
	}
	return o.Measure(h)
}

// New wires the service over its parts; review and command may be nil, and
// their jobs are then done without effect.
func New(lg *slog.Logger, address string, secret []byte, db *store.Store, gh GitHub, pass Passer, review Reviewer, command Commander, o Options) (*Server, error) {
	secrets := [][]byte{secret}
	if len(o.OldSecret) > 0 {
		secrets = append(secrets, o.OldSecret)
	}
	webhook, err := webhooks.Handler(lg, secrets, enqueuer{db})
	if err != nil {
		return nil, err
	}
	s := &Server{lg: lg, db: db, workers: workers(lg, db, gh, pass, review, command, o.Tidy), ready: o.Ready, settings: o.Workers, webhook: webhook, address: address}
	mux := http.NewServeMux()
	mux.Handle(WebhookPath, o.measured(webhook))
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	if o.Pages != nil {
		mux.Handle("/", o.Pages)
	}
	s.handler = mux
	return s, nil
}

// Handler is what the server serves, for use behind a listener of one's own.
func (s *Server) Handler() http.Handler { return s.handler }

// Listen takes the address, and returns the one that it got, which matters for
// port 0. Run does it if it was not done.
func (s *Server) Listen() (net.Addr, error) {
	if s.listener == nil {
		l, err := net.Listen("tcp", s.address)
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("the address %s is taken by another program: stop it, or set CANONICALIZE_ADDRESS to another one: %w", s.address, err)
		}
		if err != nil {
			return nil, fmt.Errorf("listen on %s: set CANONICALIZE_ADDRESS to host and port of this machine: %w", s.address, err)
		}
		s.listener = netutil.LimitListener(l, maxConnections)
	}
	return s.listener.Addr(), nil
}

// Run serves and works until ctx ends, and then stops in order: requests that
// are being answered are finished, no new ones are taken, running jobs get the
// time of the soft stop and are then cancelled. What was not finished is taken
// up at the next start. It returns nil after an orderly stop.
func (s *Server) Run(ctx context.Context) error {
	if _, err := s.Listen(); err != nil {
		return err
	}
	// Slow headers and bodies must not hold connections forever; there is no
	// WriteTimeout, because pages may stream.
	srv := &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(s.lg.Handler(), slog.LevelWarn)}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := srv.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve on %s: %w", s.address, err)
		}
		return nil
	})
	g.Go(func() error {
		s.working.Store(true)
		defer s.working.Store(false)
		return s.db.Work(ctx, s.workers, s.settings)
	})
	g.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := srv.Shutdown(stop); err != nil {
			return srv.Close()
		}
		return nil
	})
	s.lg.InfoContext(ctx, "serving", "address", s.listener.Addr().String(), "webhook", WebhookPath)
	return g.Wait()
}

// healthz says that the process lives, and what it did.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, map[string]any{"status": "ok", "deliveries": s.webhook.Counts()})
}

// readyz says whether a delivery would be taken and worked on.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	if err := s.db.Ping(ctx); err != nil {
		s.lg.WarnContext(ctx, "not ready", "error", err)
		respond(w, http.StatusServiceUnavailable, map[string]any{"status": "the database does not answer"})
		return
	}
	if !s.working.Load() {
		respond(w, http.StatusServiceUnavailable, map[string]any{"status": "the workers are not running"})
		return
	}
	if s.ready != nil {
		if what, grave := s.ready(ctx); what != "" {
			s.lg.WarnContext(ctx, "not ready", "error", what)
			status := http.StatusOK
			if grave {
				status = http.StatusServiceUnavailable
			}
			respond(w, status, map[string]any{"status": what})
			return
		}
	}
	respond(w, http.StatusOK, map[string]any{"status": "ready"})
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// enqueuer writes deliveries into the store.
type enqueuer struct{ db *store.Store }

func (e enqueuer) Enqueue(ctx context.Context, d webhooks.Delivery) (bool, error) {
	jobs := make([]store.Job, 0, len(d.Wakes))
	for _, w := range d.Wakes {
		jobs = append(jobs, jobOf(d, w))
	}
	return e.db.Record(ctx, store.Delivery{
		ID: d.ID, Event: d.Event, Action: d.Action, Installation: d.Installation, Payload: d.Payload,
		Repository: store.Repository{ID: d.Repository.ID, Installation: d.Installation, Owner: d.Repository.Owner,
			Name: d.Repository.Name, DefaultBranch: d.Repository.DefaultBranch},
	}, jobs...)
}

func jobOf(d webhooks.Delivery, w webhooks.Wake) store.Job {
	switch w.Work {
	case webhooks.Review:
		return store.ReviewJob{Repository: d.Repository.ID, Number: w.Number, Head: w.Head, Base: w.Base}
	case webhooks.Command:
		return store.CommandJob{Repository: d.Repository.ID, Number: w.Number, Event: d.Event, Subject: w.Subject, Delivery: d.ID}
	case webhooks.Installation:
		return store.InstallationJob{ID: d.Installation}
	default:
		return store.PassJob{Repository: d.Repository.ID}
	}
}
