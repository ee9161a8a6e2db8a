package cli

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/bot/server"
	"github.com/canonicalize/canonicalize/bot/telemetry"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/service"
)

// settings are the flags of serve and the variables that they stand for.
var settings = []struct{ flag, variable, usage string }{
	{"app-id", "GITHUB_APP_ID", "`NUMBER` of the App"},
	{"key-file", "GITHUB_PRIVATE_KEY_FILE", "`FILE` with the App's private key"},
	{"webhook-secret-file", "GITHUB_WEBHOOK_SECRET_FILE", "`FILE` with the secret of the App's webhooks"},
	{"address", "CANONICALIZE_ADDRESS", "`HOST:PORT` to listen on (default " + server.DefaultAddress + ")"},
	{"url", "CANONICALIZE_URL", "`URL` under which people reach the pages"},
	{"client-id", "GITHUB_CLIENT_ID", "`ID` of the App's client, to sign in to the pages"},
	{"client-secret-file", "GITHUB_CLIENT_SECRET_FILE", "`FILE` with a secret of that client"},
	{"metrics-address", "CANONICALIZE_METRICS_ADDRESS", "`HOST:PORT` to serve figures for Prometheus on, at /metrics, and what jobs and audit ask a running server (default: nowhere)"},
	{"data", "CANONICALIZE_DATA", "`FOLDER` for mirrors and caches (default " + server.DefaultData + ")"},
	{"database", "DATABASE_URL", "`URL` of the database, sqlite:FILE or postgres://... (default: SQLite in the data folder)"},
	{"github", "GITHUB_BASE_URL", "`URL` of GitHub's REST API (default " + server.DefaultBaseURL + ")"},
	{"signing-key-file", "CANONICALIZE_SIGNING_KEY_FILE", "`FILE` with an OpenPGP or SSH private key that signs pushed commits"},
	{"crashes", "CANONICALIZE_CRASHES", "`NUMBER` of times that a job may end the process until it is put aside for a day (default 2)"},
	{"mirrors-gb", "CANONICALIZE_MIRRORS_GB", "`NUMBER` of gigabytes that mirrors may take (default no bound)"},
	{"writes-per-hour", "CANONICALIZE_WRITES_PER_HOUR", "`NUMBER` of creations by campaigns in an hour and installation (default " + strconv.Itoa(server.DefaultWrites) + ")"},
}

func newServe(env Env) *cobra.Command {
	given := map[string]*string{}
	var verbose bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the App as a service",
		Long: "Receives webhooks at " + server.WebhookPath + " and does what they ask for. Each setting is a flag or a variable of\n" +
			"the environment; a flag goes first. What is missing or wrong is told at once, for all settings.\n\n" +
			"Where no App is set, a page is served on which one is registered with GitHub; its key and secrets are\n" +
			"kept in the data folder, and the service starts.\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			level := slog.LevelInfo
			if verbose {
				level = slog.LevelDebug
			}
			lg := slog.New(slog.NewJSONHandler(env.Err, &slog.HandlerOptions{Level: level}))
			getenv := settingsOf(env, given)
			if server.Unregistered(getenv) {
				if err := register(cmd.Context(), lg, env, getenv); err != nil {
					return err
				}
			}
			return serve(cmd.Context(), lg, getenv)
		},
	}
	settingFlags(cmd, given)
	cmd.Flags().BoolVar(&verbose, "verbose", false, "log details")
	return cmd
}

// settingFlags adds the flags that stand for variables.
func settingFlags(cmd *cobra.Command, given map[string]*string) {
	for _, s := range settings {
		given[s.variable] = cmd.Flags().String(s.flag, "", s.usage+" ["+s.variable+"]")
	}
}

// settingsOf reads a setting from its flag, or else from the environment.
func settingsOf(env Env, given map[string]*string) func(name string) string {
	return func(name string) string {
		if value := given[name]; value != nil && *value != "" {
			return *value
		}
		return env.Getenv(name)
	}
}

// register has somebody register the App from a browser.
func register(ctx context.Context, lg *slog.Logger, env Env, getenv func(string) string) error {
	address, data := cmp.Or(getenv("CANONICALIZE_ADDRESS"), server.DefaultAddress), cmp.Or(getenv("CANONICALIZE_DATA"), server.DefaultData)
	err := service.Register(ctx, lg, env.Err, address, data, strings.TrimSuffix(strings.TrimRight(getenv("GITHUB_BASE_URL"), "/"), "/api/v3"), getenv("GITHUB_BASE_URL"))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return usagef("%w", err)
	}
	return nil
}

// serve runs the service until ctx ends.
func serve(ctx context.Context, lg *slog.Logger, getenv func(string) string) error {
	conf, err := server.FromEnv(getenv)
	if err != nil {
		return usagef("%w", err)
	}
	stopTracing, err := telemetry.Trace(ctx, Version(), getenv)
	if err != nil {
		return usagef("%w", err)
	}
	s, err := service.New(ctx, lg, conf, service.Options{})
	if err != nil {
		return usagef("%w", err)
	}
	if err := s.Check(ctx); err != nil {
		return errors.Join(usagef("%w", err), s.Close())
	}
	if _, err := s.Listen(); err != nil {
		return errors.Join(usagef("%w", err), s.Close())
	}
	internal, err := service.ServeInternal(conf.Metrics, s.Internal())
	if err != nil {
		return errors.Join(usagef("%w", err), s.Close())
	}
	err = s.Run(ctx)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, s.Close(), internal.Close(), stopTracing(stop))
}
