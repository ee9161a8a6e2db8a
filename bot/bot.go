package bot

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
)

// Repo names a repository and the installation that sees it.
type Repo struct {
	Installation int64
	Owner, Name  string
}

// FullName is owner/name.
func (r Repo) FullName() string { return r.Owner + "/" + r.Name }

// Codemod says what is to change in a tree; codemod.Plan is the real one.
type Codemod func(ctx context.Context, t codemod.Tree, r codemod.Rules, o codemod.Options) (*codemod.Result, error)

// Discover finds modules that look like facades; codemod.Discover is the real one.
type Discover func(ctx context.Context, t codemod.Tree, r codemod.Rules, o codemod.Options) ([]codemod.Candidate, error)

// Options adjust a Bot; the zero value is what a server needs.
type Options struct {
	Codemod  Codemod                                    // nil: codemod.Plan
	Discover Discover                                   // nil: codemod.Discover
	Now      func() time.Time                           // nil: time.Now
	Sign     git.Signer                                 // of pushed commits; nil: they are not signed
	Facades  []string                                   // modules taken where a repository has no configuration
	DryRun   bool                                       // plan, and write nothing
	Workers  int                                        // of the codemod; 0: one for each processor
	Limits   git.Limits                                 // of what one repository may cost; zero: git.DefaultLimits
	Sleep    func(context.Context, time.Duration) error // nil: wait
	Stage    func(stage string, done, total int)        // progress of a pass; may be nil
}

// Bot does passes. It is safe for concurrent use; two passes over the same
// repository at once are refused.
type Bot struct {
	lg   *slog.Logger
	app  *github.App
	dir  string
	opts Options

	mirrors mirrors
	memory  memory

	mu    sync.Mutex
	login string
	email string              // in the bot's commits; "" until it was asked for
	seen  map[string][]string // files of people's pull requests, by repository, number and head
}

// New makes a bot that acts as app and keeps its mirrors below dir.
func New(lg *slog.Logger, app *github.App, dir string, opts Options) *Bot {
	if opts.Codemod == nil {
		opts.Codemod = codemod.Plan
	}
	if opts.Discover == nil {
		opts.Discover = codemod.Discover
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Sleep == nil {
		opts.Sleep = github.SystemClock{}.Sleep
	}
	if opts.Stage == nil {
		opts.Stage = func(string, int, int) {}
	}
	if opts.Limits == (git.Limits{}) {
		opts.Limits = git.DefaultLimits
	}
	return &Bot{lg: lg, app: app, dir: dir, opts: opts, mirrors: mirrors{limits: opts.Limits}, seen: make(map[string][]string)}
}

// Outcome is what a pass saw, decided and did.
type Outcome struct {
	Repository github.Repository
	Head       string          // commit of the default branch that was looked at
	Refused    string          // why nothing was decided, for a person; "" if it was
	Facades    []string        // that were canonicalized
	Providers  []Provided      // other repositories that were read, at which revision
	Result     *codemod.Result // nil when refused
	Chunks     []plan.Chunk
	Actions    []plan.Action // decided; done unless the pass was a dry run
	Problems   []Problem     // effects that GitHub refused, and what could not be asked for
	Open       int           // pull requests of the bot that were open before or were opened
	Writes     int           // effects on GitHub
}

// Problem is something that a person may want to know of; it stopped nothing.
type Problem struct {
	Branch string // of the pull request; "" when it concerns none
	Text   string
}

// Pass does one pass. An error means that it could not be finished and that
// another one will continue it; what a person has to mend is in the outcome.
func (b *Bot) Pass(ctx context.Context, r Repo) (*Outcome, error) {
	ctx = github.AsCampaign(ctx)
	p, err := b.begin(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("pass over %s: %w", r.FullName(), err)
	}
	defer p.end()
	err = p.run(ctx)
	if err != nil {
		err = fmt.Errorf("pass over %s: %w", r.FullName(), err)
	}
	return p.out, err
}

// self is the login under which the bot acts, asked once.
func (b *Bot) self(ctx context.Context) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.login == "" {
		info, err := b.app.Check(ctx)
		if err != nil {
			return "", err
		}
		b.login = info.Login()
	}
	return b.login, nil
}

// address is the bot's in its commits, asked once. It holds the number of the
// bot's account, by which GitHub shows the commits as its own
// (https://github.com/actions/create-github-app-token#configure-git-cli-for-an-apps-bot-user).
func (b *Bot) address(ctx context.Context, repo *github.Repo) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.email == "" {
		email, err := repo.NoReply(ctx, b.login)
		if err != nil {
			return "", err
		}
		b.email = email
	}
	return b.email, nil
}

// run is the pass itself: read, decide, do.
func (p *pass) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{p.readPulls, p.readTree, p.readConfig, p.readBoard, p.change, p.decide} {
		if err := step(ctx); err != nil {
			return err
		}
		if p.out.Refused != "" {
			return p.refuse(ctx)
		}
	}
	if p.bot.opts.DryRun {
		return nil
	}
	if err := p.settle(ctx); err != nil {
		return err
	}
	if err := p.apply(ctx); err != nil {
		return err
	}
	return p.showBoard(ctx)
}
