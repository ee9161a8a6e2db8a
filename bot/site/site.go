package site

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/codemod"
)

// Repo names a repository and the installation that sees it.
type Repo struct {
	Installation int64
	Owner, Name  string
}

// FullName is owner/name.
func (r Repo) FullName() string { return r.Owner + "/" + r.Name }

// Options are how repositories are looked at; the zero value is what a server
// needs.
type Options struct {
	Now     func() time.Time                           // nil: time.Now
	Sleep   func(context.Context, time.Duration) error // nil: wait
	Sign    git.Signer                                 // of pushed commits; nil: they are not signed
	Facades []string                                   // modules taken where a repository has no configuration
	Workers int                                        // of the codemod; 0: one for each processor
	Allow   func(repository, provider string) bool     // whether names of a private provider may stand where a repository is read, whoever reads that; nil: never
	Limits  git.Limits                                 // of what one repository may cost; zero: git.DefaultLimits
	Stage   func(stage string, done, total int)        // progress; may be nil
}

// Sites opens sites, and keeps what they share: mirrors, facts, and what the
// App is called. It is safe for concurrent use.
type Sites struct {
	lg   *slog.Logger
	app  *github.App
	dir  string
	opts Options

	mirrors mirrors
	memory  memory
	touched touched
	access  access
	heard   heard

	mu    sync.Mutex
	login string
	email string // in the App's commits; "" until it was asked for
}

// New makes sites as app sees them, with mirrors and facts kept below dir.
func New(lg *slog.Logger, app *github.App, dir string, opts Options) *Sites {
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
	return &Sites{lg: lg, app: app, dir: dir, opts: opts, mirrors: mirrors{limits: opts.Limits}}
}

// Site is one repository, as it stands while it is open.
type Site struct {
	Options
	Log    *slog.Logger
	Client *github.Client
	Repo   *github.Repo
	Meta   github.Repository
	Self   string         // login of the App's bot
	Mirror *git.Mirror    // nil until OpenMirror
	Cache  *codemod.Cache // what the codemod knows of it; nil until OpenMirror

	sites *Sites
}

// Open looks a repository up, with a token for what is needed; Close is the
// caller's to call. It may have been renamed: Repo and Meta have the name that
// it has now.
func (s *Sites) Open(ctx context.Context, r Repo, needs github.Permissions) (*Site, error) {
	self, err := s.self(ctx)
	if err != nil {
		return nil, err
	}
	v := &Site{
		Options: s.opts, Client: s.app.Client(r.Installation), Self: self, sites: s,
		Log: s.lg.With("repo", r.FullName(), "installation", r.Installation),
	}
	if v.Meta, err = v.Client.Limited(r.Owner, r.Name, needs).Get(ctx); err != nil {
		return nil, err
	}
	v.Repo = v.Client.Limited(v.Meta.Owner, v.Meta.Name, needs)
	return v, nil
}

// Heads is where git keeps branches.
const Heads = "refs/heads/"

// OpenMirror opens the mirror and the facts; both cost nothing when they are
// open.
func (v *Site) OpenMirror(ctx context.Context) (err error) {
	if v.Mirror != nil {
		return nil
	}
	known := v.sites.remember(v.Meta.ID)
	auth := v.Client.Auth(v.Meta.FullName, contentsRead)
	v.Mirror, err = v.sites.mirrors.take(ctx, v.sites.mirrorDir(v.Meta.ID), v.Meta.CloneURL, auth, &known.listing)
	v.Cache = known.cache
	return err
}

// Push moves branches; what was made in the mirror goes along.
func (v *Site) Push(ctx context.Context, updates []git.RefUpdate) ([]git.RefResult, error) {
	results, err := v.Mirror.Push(ctx, v.Client.Auth(v.Meta.FullName, contentsWrite), updates)
	if err != nil {
		v.Client.Audited(ctx, "push", fmt.Sprintf("%d branches", len(updates)), err)
	}
	for _, r := range results {
		v.Client.Audited(ctx, "push", r.Name, r.Err)
	}
	return results, err
}

// Close lets go of the mirror.
func (v *Site) Close() {
	if v.Mirror == nil {
		return
	}
	v.Mirror = nil
	if err := v.sites.mirrors.release(v.sites.mirrorDir(v.Meta.ID)); err != nil {
		v.Log.Warn("close the mirror", "error", err)
	}
}

// Alone keeps a second pass out of the repository until leave is called. It
// wraps git.ErrLocked when one is going on.
func (v *Site) Alone() (leave func(), err error) {
	dir := v.sites.mirrorDir(v.Meta.ID)
	if !v.sites.mirrors.enter(dir) {
		return nil, fmt.Errorf("another pass is going on: %w", git.ErrLocked)
	}
	return func() { v.sites.mirrors.leave(dir) }, nil
}

// Codemod are the codemod's options for this repository.
func (v *Site) Codemod() codemod.Options {
	return codemod.Options{Workers: v.Workers, Cache: v.Cache}
}

// self is the login under which the App acts, asked once.
func (s *Sites) self(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.login == "" {
		info, err := s.app.Check(ctx)
		if err != nil {
			return "", err
		}
		s.login = info.Login()
	}
	return s.login, nil
}

// Address is the App's in its commits, asked once. It holds the number of the
// bot's account, by which GitHub shows the commits as its own
// (https://github.com/actions/create-github-app-token#configure-git-cli-for-an-apps-bot-user).
func (v *Site) Address(ctx context.Context) (string, error) {
	s := v.sites
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.email == "" {
		email, err := v.Repo.NoReply(ctx, s.login)
		if err != nil {
			return "", err
		}
		s.email = email
	}
	return s.email, nil
}

// Wrote reports whether the bot is an author. GraphQL names an App without
// the "[bot]" that its login ends in elsewhere.
func (v *Site) Wrote(author string) bool {
	return strings.EqualFold(strings.TrimSuffix(author, "[bot]"), strings.TrimSuffix(v.Self, "[bot]"))
}
