package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/canonicalize/canonicalize/bot"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/server"
	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/bot/telemetry"
)

// Options are what a preview does differently; the zero value is what a server needs.
type Options struct {
	Pacer    func(installation int64) github.Pacer // nil: as fast as GitHub and the settings allow, remembered in the database
	Bot      bot.Options
	Pages    http.Handler
	Settings store.Settings
	Observe  func(*bot.Outcome, error) // told of every pass that ended; may be nil
}

// Service is the App, ready to run.
type Service struct {
	*server.Server
	lg      *slog.Logger
	app     *github.App
	db      *store.Store
	metrics *telemetry.Metrics
}

// Internal is for the operator: figures for Prometheus at /metrics, and what `canonicalize jobs` and `audit` ask.
func (s *Service) Internal() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.Handler())
	mux.Handle("/", operatorHandler(s.db))
	return mux
}

// New opens the database and wires the parts; Close is the caller's to call. GitHub is not asked for anything yet.
func New(ctx context.Context, lg *slog.Logger, c server.Config, o Options) (*Service, error) {
	db, err := store.Open(ctx, lg, c.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if o.Pacer == nil {
		o.Pacer = pacers(db, c.WritesPerHour)
	}
	metrics := telemetry.New(queue{db})
	app, err := github.New(lg, github.Options{BaseURL: c.BaseURL, AppID: c.AppID, Key: c.KeyPEM, Pacer: o.Pacer, Wrap: onTheWire(metrics), Audit: audit(lg, db)})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if o.Bot.Sign == nil {
		o.Bot.Sign = c.Sign
	}
	o.Settings.Crashes = cmp.Or(o.Settings.Crashes, c.Crashes)
	o.Settings.Passes, o.Settings.Reviews = cmp.Or(o.Settings.Passes, c.Passes), cmp.Or(o.Settings.Reviews, c.Reviews)
	if o.Bot.Allow == nil {
		o.Bot.Allow = c.Allows
	}
	acting := bot.New(lg, app, filepath.Join(c.Data, "mirrors"), o.Bot)
	if o.Pages == nil {
		if o.Pages, err = pages(lg, c, db, app); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	pass := &passer{lg: lg, bot: acting, db: db, metrics: metrics, observe: o.Observe}
	s, err := server.New(lg, c.Address, c.WebhookSecret, db, &hub{app}, pass, &reviewer{acting, db, metrics}, &commander{acting, metrics, db.Payload},
		server.Options{OldSecret: c.OldSecret, Workers: o.Settings, Pages: o.Pages, Measure: metrics.Webhooks,
			Tidy: tidy(lg, db, acting, c.MirrorBytes), Ready: (&readiness{data: c.Data, app: app, now: time.Now}).look})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Service{Server: s, lg: lg, app: app, db: db, metrics: metrics}, nil
}

// Listen takes the address and returns where webhooks are to be delivered.
func (s *Service) Webhook() (string, error) {
	address, err := s.Listen()
	if err != nil {
		return "", err
	}
	return "http://" + address.(*net.TCPAddr).String() + server.WebhookPath, nil
}

// Wake has a pass over every repository done.
func (s *Service) Wake(ctx context.Context) error {
	return s.db.Enqueue(ctx, "sweep", store.SweepJob{})
}

// Idle says that no job is running or about to run.
func (s *Service) Idle(ctx context.Context) (bool, error) { return s.db.Idle(ctx) }

// Close ends the use of the database; Run has to have returned.
func (s *Service) Close() error { return s.db.Close() }
