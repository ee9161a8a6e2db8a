package service

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot"
	"github.com/canonicalize/canonicalize/bot/campaign"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/server"
	"github.com/canonicalize/canonicalize/codemod"
)

// Survey reads every repository that the App is installed on, for a campaign. A facade that one repository holds is
// looked for in all others of its account, configured there or not; facades, where some are given, bounds which.
// Suspended installations, archived repositories and forks are left out. Nothing is written but mirrors, beside those of
// a running service.
func Survey(ctx context.Context, getenv func(string) string, facades []string, tell func(stage string, done, total int)) ([]campaign.Reading, error) {
	c, err := server.FromEnv(withoutServer(getenv))
	if err != nil {
		return nil, err
	}
	lg := slog.New(slog.DiscardHandler)
	app, err := github.New(lg, github.Options{BaseURL: c.BaseURL, AppID: c.AppID, Key: c.KeyPEM})
	if err != nil {
		return nil, err
	}
	s := &surveyor{bot: bot.New(lg, app, filepath.Join(c.Data, "status"), bot.Options{DryRun: true}), facades: facades, tell: tell}
	repos, err := repositories(ctx, app)
	if err != nil {
		return nil, err
	}
	return s.all(ctx, repos)
}

// withoutServer answers for the settings that only a service needs.
func withoutServer(getenv func(string) string) func(string) string {
	return func(name string) string {
		switch name {
		case "GITHUB_WEBHOOK_SECRET":
			return "no webhook is received while status runs"
		case "GITHUB_WEBHOOK_SECRET_FILE", "DATABASE_URL", "CANONICALIZE_ADDRESS":
			return ""
		}
		return getenv(name)
	}
}

func repositories(ctx context.Context, app *github.App) ([]bot.Repo, error) {
	installed, err := app.Installations(ctx)
	if err != nil {
		return nil, err
	}
	var repos []bot.Repo
	for _, in := range installed {
		if in.Suspended {
			continue
		}
		listed, err := app.Client(in.ID).Repositories(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range listed {
			if !r.Archived && !r.Disabled && !r.Fork {
				repos = append(repos, bot.Repo{Installation: in.ID, Owner: r.Owner, Name: r.Name})
			}
		}
	}
	return repos, nil
}

// surveyor reads repositories one after the other.
type surveyor struct {
	bot     *bot.Bot
	facades []string // none: all
	tell    func(stage string, done, total int)
}

func (s *surveyor) all(ctx context.Context, repos []bot.Repo) ([]campaign.Reading, error) {
	readings := make([]campaign.Reading, len(repos))
	for i, r := range repos {
		s.tell("read repositories", i, len(repos))
		found, err := s.bot.Survey(ctx, r)
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		if err != nil {
			found = &campaign.Reading{Repository: r.FullName(), Problem: err.Error()}
		}
		readings[i] = *found
	}
	held := s.held(readings)
	for i, r := range repos {
		s.tell("look for readers", i, len(repos))
		for provider, modules := range held {
			if err := s.also(ctx, r, &readings[i], provider, modules); err != nil {
				return nil, err
			}
		}
	}
	for i := range readings {
		s.keep(&readings[i])
	}
	return readings, nil
}

func (s *surveyor) wanted(module string) bool {
	return len(s.facades) == 0 || slices.Contains(s.facades, module)
}

// held lists the facades by the repository that holds them.
func (s *surveyor) held(readings []campaign.Reading) map[string][]string {
	held := map[string][]string{}
	add := func(provider, module string) {
		if s.wanted(module) && !slices.Contains(held[provider], module) {
			held[provider] = append(held[provider], module)
		}
	}
	for _, r := range readings {
		for _, f := range r.Facades {
			if f.Provider == "" {
				add(r.Repository, f.Module)
			} else {
				add(f.Provider, f.Module)
			}
		}
	}
	return held
}

// also reads what a repository's own configuration did not ask for. The repository that holds a facade reads it, too.
func (s *surveyor) also(ctx context.Context, r bot.Repo, reading *campaign.Reading, provider string, modules []string) error {
	owner, _, _ := strings.Cut(provider, "/")
	if !strings.EqualFold(owner, r.Owner) || reading.Problem != "" {
		return nil
	}
	own := strings.EqualFold(provider, r.FullName())
	var missing []string
	for _, m := range modules {
		known := func(f codemod.FacadeReport) bool {
			return f.Module == m && (own && f.Provider == "" || f.Provider == provider)
		}
		if !slices.ContainsFunc(reading.Facades, known) {
			missing = append(missing, m)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	found, err := s.bot.SurveyProvider(ctx, r, provider, missing)
	if err != nil && ctx.Err() != nil {
		return err
	}
	if err != nil {
		reading.Problem = err.Error()
		return nil
	}
	reading.Problem = found.Problem
	reading.Facades = append(reading.Facades, found.Facades...)
	reading.Left = append(reading.Left, found.Left...)
	reading.Sources = append(reading.Sources, found.Sources...)
	return nil
}

// keep drops the facades that were not asked for.
func (s *surveyor) keep(r *campaign.Reading) {
	r.Facades = slices.DeleteFunc(r.Facades, func(f codemod.FacadeReport) bool { return !s.wanted(f.Module) })
}
