package bot

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/canonicalize/canonicalize/bot/campaign"
	"github.com/canonicalize/canonicalize/bot/commander"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/pass"
	"github.com/canonicalize/canonicalize/bot/reviewer"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/codemod"
)

// The App's words, as the rooms below define them.
type (
	Repo           = site.Repo
	Outcome        = pass.Outcome
	Problem        = pass.Problem
	ReviewRequest  = reviewer.Request
	ReviewOutcome  = reviewer.Outcome
	CommandRequest = commander.Request
)

// Options adjust a Bot; the zero value is what a server needs.
type Options struct {
	Codemod  pass.Codemod                               // nil: codemod.Plan
	Discover pass.Discover                              // nil: codemod.Discover
	Now      func() time.Time                           // nil: time.Now
	Sign     git.Signer                                 // of pushed commits; nil: they are not signed
	Facades  []string                                   // modules taken where a repository has no configuration
	DryRun   bool                                       // plan, and write nothing
	Workers  int                                        // of the codemod; 0: one for each processor
	Allow    func(repository, provider string) bool     // whether names of a private provider may stand where a repository is read, whoever reads that; nil: never
	Limits   git.Limits                                 // of what one repository may cost; zero: git.DefaultLimits
	Sleep    func(context.Context, time.Duration) error // nil: wait
	Stage    func(stage string, done, total int)        // progress of a pass; may be nil
}

// Bot is the App at work. It is safe for concurrent use; two passes over the
// same repository at once are refused.
type Bot struct {
	sites *site.Sites
	how   pass.Options
}

// New makes a bot that acts as app and keeps its mirrors below dir.
func New(lg *slog.Logger, app *github.App, dir string, o Options) *Bot {
	if o.Codemod == nil {
		o.Codemod = codemod.Plan
	}
	if o.Discover == nil {
		o.Discover = codemod.Discover
	}
	return &Bot{
		how: pass.Options{Codemod: o.Codemod, Discover: o.Discover, DryRun: o.DryRun},
		sites: site.New(lg, app, dir, site.Options{
			Now: o.Now, Sleep: o.Sleep, Sign: o.Sign, Facades: o.Facades, Workers: o.Workers, Stage: o.Stage, Limits: o.Limits, Allow: o.Allow,
		}),
	}
}

// Pass does one pass. An error means that it could not be finished and that
// another one will continue it; what a person has to mend is in the outcome.
func (b *Bot) Pass(ctx context.Context, r Repo) (out *Outcome, err error) {
	err = b.at(ctx, r, site.PassNeeds, "pass over "+r.FullName(), func(s *site.Site) error {
		out, err = pass.Run(ctx, s, b.how)
		return err
	})
	return out, err
}

// Review reviews one head: what it newly reads through a facade, as comments
// with suggestions and a check run. A head that is no longer the pull
// request's is skipped: its successor has a review of its own.
func (b *Bot) Review(ctx context.Context, r Repo, req ReviewRequest) (out *ReviewOutcome, err error) {
	err = b.at(ctx, r, site.ReviewNeeds, fmt.Sprintf("review #%d of %s at %s", req.Number, r.FullName(), req.Head), func(s *site.Site) error {
		out, err = reviewer.Review(ctx, s, req)
		return err
	})
	return out, err
}

// Command does what a comment asks for, one command after the other. What
// cannot be done is answered; an error means that trying again may help.
func (b *Bot) Command(ctx context.Context, r Repo, req CommandRequest) error {
	return b.at(ctx, r, site.CommandNeeds, fmt.Sprintf("command in #%d of %s", req.Number, r.FullName()), func(s *site.Site) error {
		return commander.Do(ctx, s, b.how, req)
	})
}

// Survey reads a repository as a pass does and tells how far it is; nothing is written. A repository without
// configuration or facades has none in its reading. What a person has to mend is the reading's problem.
func (b *Bot) Survey(ctx context.Context, r Repo) (reading *campaign.Reading, err error) {
	err = b.at(ctx, r, site.SurveyNeeds, "survey "+r.FullName(), func(s *site.Site) error {
		reading, err = pass.Survey(ctx, s, b.how)
		return err
	})
	return reading, err
}

// SurveyProvider tells how much a repository reads modules of another one, whatever its own configuration asks for. The
// revision is the one that the configuration pins, without one the provider's default branch.
func (b *Bot) SurveyProvider(ctx context.Context, r Repo, provider string, modules []string) (reading *campaign.Reading, err error) {
	err = b.at(ctx, r, site.SurveyNeeds, "survey "+r.FullName(), func(s *site.Site) error {
		reading, err = pass.SurveyProvider(ctx, s, b.how, provider, modules)
		return err
	})
	return reading, err
}

// KeepMirrors removes the mirrors of repositories that are not wanted any more, and those used longest ago of what is
// more than most bytes (0: no bound).
func (b *Bot) KeepMirrors(wanted func(repository int64) bool, most int64) (removed int, err error) {
	return b.sites.KeepMirrors(wanted, most)
}

// at does something at a repository; the error says what that was.
func (b *Bot) at(ctx context.Context, r Repo, needs github.Permissions, what string, do func(*site.Site) error) error {
	s, err := b.sites.Open(ctx, r, needs)
	if err == nil {
		defer s.Close()
		err = do(s)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
