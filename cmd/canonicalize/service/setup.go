package service

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/canonicalize/canonicalize"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/server"
	"github.com/canonicalize/canonicalize/bot/setup"
)

// Register serves the pages on which somebody registers the App, at address, until that is done; then the App's
// credentials are in the folder data. What is to be opened in a browser is written to out. Web is where Apps are made,
// "" for github.com; api the REST API there, "" for the one beside web.
func Register(ctx context.Context, lg *slog.Logger, out io.Writer, address, data, web, api string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: set CANONICALIZE_ADDRESS to host and port of this machine: %w", address, err)
	}
	at := listener.Addr().(*net.TCPAddr)
	options := setup.Options{Manifest: canonicalize.Manifest, Webhook: server.WebhookPath, GitHub: web,
		Exchange: func(ctx context.Context, beside, code string) (setup.App, error) {
			if api != "" {
				beside = api
			}
			made, err := github.Exchange(ctx, beside, code)
			return setup.App{ID: made.ID, Slug: made.Slug, Page: made.Page, Key: made.Key, WebhookSecret: made.WebhookSecret,
				ClientID: made.ClientID, ClientSecret: made.ClientSecret, API: beside}, err
		},
		Keep: func(app setup.App) error {
			return server.KeepCredentials(data, server.Credentials{AppID: app.ID, Slug: app.Slug, PrivateKey: app.Key, WebhookSecret: app.WebhookSecret,
				ClientID: app.ClientID, ClientSecret: app.ClientSecret, BaseURL: app.API, Public: app.Address})
		}}
	open := "http://" + at.String() + setup.Path
	if !at.IP.IsLoopback() {
		options.Code = rand.Text()
		open = fmt.Sprintf("http://127.0.0.1:%d%s?code=%s", at.Port, setup.Path, options.Code)
	}
	fmt.Fprintf(out, "No GitHub App is configured. Open this to register one (or set GITHUB_APP_ID and the others of `canonicalize serve --help`):\n\n  %s\n\n", open)
	if !at.IP.IsLoopback() {
		fmt.Fprintln(out, "From elsewhere: the same path and code under the address of this server. The code is good for this start only.")
	}
	return serveUntilDone(ctx, listener, setup.New(lg, options))
}

// serveUntilDone answers until there is an App, and then what was begun.
func serveUntilDone(ctx context.Context, listener net.Listener, pages *setup.Setup) error {
	srv := &http.Server{Handler: pages.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve the setup: %w", err)
	case <-ctx.Done():
	case <-pages.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(srv.Shutdown(stop), ctx.Err())
}
