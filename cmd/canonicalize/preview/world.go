package preview

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/canonicalize/canonicalize/bot"
	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/server"
	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/bot/web"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/service"
)

// person is who administrates the simulated organization and has the App installed.
const person = "you"

// world is everything that runs during a preview.
type world struct {
	lg      *slog.Logger
	sim     *githubsim.Server
	app     *githubsim.App
	service *service.Service
	pages   *http.Server
	source  *source
	url     string // of the pages, without slash at the end
	passes  chan passed
	closing chan struct{} // closed when nobody listens to passes any more
	employs bool          // a colleague is still to open a pull request
}

// passed is the end of one pass.
type passed struct {
	outcome *bot.Outcome
	err     error
}

// listen takes the address of the pages.
func listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", cmp.Or(address, "127.0.0.1:0"))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, inputf("the address %s is taken by another program: choose another one with --address, or leave it out", address)
	}
	if err != nil {
		return nil, inputf("%w: give host and port of this machine with --address, as in 127.0.0.1:8080", err)
	}
	return listener, nil
}

// build starts the simulated GitHub with the repository on it, and the pages, and prepares the service.
func build(ctx context.Context, lg *slog.Logger, in *input, listener net.Listener, dir string, tell progress) (w *world, err error) {
	w = &world{lg: lg, url: "http://" + listener.Addr().String(), passes: make(chan passed), closing: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	// A preview makes more requests in a minute than an installation may in an hour.
	w.sim, err = githubsim.New(lg, githubsim.Options{Dir: filepath.Join(dir, "github"), WebURL: w.url, HourlyLimit: 1 << 30})
	if err != nil {
		return w, fmt.Errorf("start the simulated GitHub: %w", err)
	}
	if err := w.populate(in); err != nil {
		return w, err
	}
	w.source = &source{sim: w.sim, owner: in.people.owner, name: in.spec.Name, note: strings.TrimSuffix(in.remarks[0], ":"), pace: in.pace, imports: newImports(ctx, in.tree, in.rules()), patience: time.Second,
		tours: in.tour, idle: w.idle}
	w.employs = in.tour
	if err := w.wire(ctx, lg, dir, tell); err != nil {
		return w, err
	}
	return w, w.serve(lg, listener)
}

// populate makes the accounts that own files, the repository, and the configuration in it.
func (w *world) populate(in *input) error {
	w.sim.AddOrg(in.people.owner, person)
	if err := w.sim.AddRepo(in.spec); err != nil {
		return err
	}
	full := in.people.owner + "/" + in.spec.Name
	for org, slugs := range in.people.teams {
		w.sim.AddOrg(org, person)
		for _, slug := range slugs {
			team := githubsim.TeamSpec{Org: org, Name: slug, Members: []string{slug + "-member"}}
			if org == in.people.owner {
				team.Access = map[string]string{in.spec.Name: "push"}
			}
			if err := w.sim.AddTeam(team); err != nil {
				return err
			}
		}
	}
	for _, login := range in.people.users {
		if err := w.sim.SetCollaborator(login, full, "push"); err != nil {
			return err
		}
	}
	if err := w.sim.SetCollaborator(colleague, full, "push"); err != nil {
		return err
	}
	branch, err := w.sim.DefaultBranch(full)
	if err != nil || in.config == nil {
		return err
	}
	_, err = w.sim.As(person).Push(full, branch, "Configure Canonicalize for the preview", map[string][]byte{config.Path: in.config})
	return err
}

// wire prepares the service with a fresh App.
func (w *world) wire(ctx context.Context, lg *slog.Logger, dir string, tell progress) error {
	var err error
	secret := rand.Text() + rand.Text()
	if w.app, err = w.sim.AddApp(githubsim.AppSpec{Slug: "canonicalize", WebhookSecret: secret}); err != nil {
		return err
	}
	settings := server.Config{AppID: int64(w.app.ID), Key: w.app.Key, KeyPEM: w.app.PEM, WebhookSecret: []byte(secret),
		Address: "127.0.0.1:0", Data: dir, DatabaseURL: "sqlite:" + filepath.Join(dir, "canonicalize.db"), BaseURL: w.sim.URL + "/"}
	w.service, err = service.New(ctx, lg, settings, service.Options{
		Pacer:    func(int64) github.Pacer { return github.Unpaced() },
		Bot:      bot.Options{Stage: tell},
		Settings: store.Settings{SoftStop: time.Second, Retry: func(int) time.Duration { return 100 * time.Millisecond }},
		Observe:  w.observe,
	})
	if err != nil {
		return err
	}
	hook, err := w.service.Webhook()
	if err != nil {
		return err
	}
	w.sim.SetWebhook(w.app, hook, secret)
	return nil
}

// idle tells whether every webhook has arrived and every job is done; a job is not done before its pass was looked at.
func (w *world) idle(ctx context.Context) (bool, error) {
	if err := w.sim.Flush(ctx); err != nil {
		return false, err
	}
	return w.service.Idle(ctx)
}

// observe hands the end of a pass to whoever waits for it. The first that found something has a colleague come.
func (w *world) observe(o *bot.Outcome, err error) {
	if w.employs && err == nil && o != nil && o.Result != nil {
		w.employs = false
		err = w.employ(o.Result)
	}
	select {
	case w.passes <- passed{o, err}:
	case <-w.closing:
	}
}

// serve starts the pages.
func (w *world) serve(lg *slog.Logger, listener net.Listener) error {
	handler, err := web.New(lg, w.source, web.Options{Do: (&hands{source: w.source, idle: w.idle}).do})
	if err != nil {
		return err
	}
	w.pages = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(lg.Handler(), slog.LevelWarn)}
	go func() {
		if err := w.pages.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			lg.Error("pages", "error", err)
		}
	}()
	return nil
}

// close ends everything that was started; the service has to have ended.
func (w *world) close() error {
	var errs []error
	if w.pages != nil {
		errs = append(errs, w.pages.Close())
	}
	if w.service != nil {
		errs = append(errs, w.service.Close())
	}
	if w.sim != nil {
		errs = append(errs, w.sim.Close())
	}
	return errors.Join(errs...)
}
