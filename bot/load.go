package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
)

// pass is one pass over one repository.
type pass struct {
	bot   *Bot
	lg    *slog.Logger
	out   *Outcome
	repo  *github.Repo
	self  string // login of the bot
	email string // of the bot, in its commits

	client *github.Client
	meta   github.Repository

	mirror *git.Mirror
	tree   *git.Tree
	conf   *config.Config
	owners func(path string) []owners.Owner

	pulls      []github.PullRequest // open, of everybody
	issues     []github.Issue       // of the bot, open or closed, pull requests too
	have       []plan.PullRequest
	result     *codemod.Result
	changes    map[string]codemod.Change
	left       map[string][]codemod.Left // by path, in the order of the result
	chunks     []plan.Chunk
	limits     plan.Limits
	closed     []string // branches of pull requests that this pass closed
	faults     []string // of the configuration, for the issue about it
	absent     map[string]string
	furnishing *github.Furnishing // looked up by the first that needs it
	cache      *codemod.Cache
	board      board
	bare       bool // there is no configuration
}

// contentWrite is what a pass needs of git.
var contentWrite = github.Permissions{"contents": "write"}

func (b *Bot) begin(ctx context.Context, r Repo) (*pass, error) {
	self, err := b.self(ctx)
	if err != nil {
		return nil, err
	}
	client := b.app.Client(r.Installation)
	p := &pass{
		bot: b, self: self, client: client, repo: client.Repo(r.Owner, r.Name), out: &Outcome{},
		lg:     b.lg.With("repo", r.FullName(), "installation", r.Installation),
		absent: make(map[string]string),
	}
	if p.meta, err = p.repo.Get(ctx); err != nil {
		return nil, err
	}
	p.repo = client.Repo(p.meta.Owner, p.meta.Name) // it may have been renamed
	p.out.Repository = p.meta
	if p.email, err = b.address(ctx, p.repo); err != nil {
		return nil, err
	}
	if err := p.openMirror(ctx, client.Auth(p.meta.FullName, contentWrite)); err != nil {
		return nil, err
	}
	p.cache = b.facts(p.meta.ID)
	return p, nil
}

// openMirror opens the mirror, or shares it with reviews that have it open.
func (p *pass) openMirror(ctx context.Context, auth git.Auth) (err error) {
	dir := p.bot.mirrorDir(p.meta.ID)
	if !p.bot.mirrors.enter(dir) {
		return fmt.Errorf("another pass is going on: %w", git.ErrLocked)
	}
	if p.mirror, err = p.bot.mirrors.take(ctx, dir, p.meta.CloneURL, auth, &p.bot.remember(p.meta.ID).listing); err != nil {
		p.bot.mirrors.leave(dir)
	}
	return err
}

func (p *pass) end() {
	dir := p.bot.mirrorDir(p.meta.ID)
	defer p.bot.mirrors.leave(dir)
	if err := p.bot.mirrors.release(dir); err != nil {
		p.lg.Warn("close the mirror", "error", err)
	}
}

// readPulls reads what the bot has on GitHub. It comes before the tree is
// read: a pull request that is merged in between is then still known as open,
// and its files are not taken for new ones.
func (p *pass) readPulls(ctx context.Context) error {
	if p.meta.Archived || p.meta.Disabled {
		p.out.Refused = "the repository is archived or disabled: nothing can be written to it"
		return nil
	}
	p.bot.opts.Stage("read pull requests", 0, 0)
	var err error
	if p.pulls, err = p.repo.ListPulls(ctx, github.PullFilter{State: "open"}); err != nil {
		return err
	}
	p.issues, err = p.repo.ListIssues(ctx, github.IssueFilter{State: "all", Creator: p.self, Pulls: true})
	return err
}

// readTree fetches the default branch.
func (p *pass) readTree(ctx context.Context) error {
	p.bot.opts.Stage("fetch", 0, 0)
	fetch := p.mirror.Fetch
	if p.mirror.Stale() {
		fetch = p.mirror.Renew
	}
	sha, err := fetch(ctx, "refs/heads/"+p.meta.DefaultBranch)
	if errors.Is(err, git.ErrNotFound) {
		p.out.Refused = "the repository is empty: push a first commit to " + p.meta.DefaultBranch
		return nil
	}
	if beyond(err) {
		p.out.Refused = err.Error()
		return nil
	}
	if err != nil {
		return err
	}
	p.out.Head = sha
	p.tree, err = p.mirror.Tree(ctx, sha)
	return err
}

// readConfig reads configuration and owners as they are on the default branch.
func (p *pass) readConfig(context.Context) error {
	src, found, err := p.tree.ReadPath(config.Path)
	if err != nil {
		return fmt.Errorf("read %s: %w", config.Path, err)
	}
	p.conf = config.Default()
	switch {
	case found:
		if p.conf, err = config.Parse(config.Path, src); err != nil {
			p.faulty(err.Error())
			return nil
		}
	case len(p.bot.opts.Facades) > 0:
		for _, module := range p.bot.opts.Facades {
			p.conf.Facades = append(p.conf.Facades, config.Facade{Module: module})
		}
	default:
		p.bare, p.out.Refused = true, "there is no configuration: add "+config.Path+" and name the facades in it"
		return nil
	}
	if len(p.conf.Facades) == 0 {
		p.out.Refused = config.Path + " names no facade: list the modules to take apart under facades"
		return nil
	}
	return p.readOwners()
}

// readOwners joins CODEOWNERS with what the configuration says of owners.
func (p *pass) readOwners() error {
	codeowners, err := owners.Find(p.tree.ReadPath)
	if err != nil {
		return err
	}
	if codeowners != nil {
		for _, e := range codeowners.Errors {
			p.problem("", codeowners.Path+": "+e.Error())
		}
	}
	p.owners, err = p.conf.OwnersOf(codeowners)
	return err
}

// faulty refuses the pass because of something in the configuration.
func (p *pass) faulty(text string) {
	p.faults = strings.Split(text, "\n")
	p.out.Refused = text
}

func (p *pass) problem(branch, text string) {
	p.out.Problems = append(p.out.Problems, Problem{branch, text})
}

// change runs the codemod.
func (p *pass) change(ctx context.Context) error {
	rules := p.conf.Rules()
	p.out.Facades = rules.Facades
	provided, err := p.bot.provide(ctx, p.client, p.meta, p.tree, p.conf)
	defer provided.release()
	var absent *provideError
	if errors.As(err, &absent) {
		p.faulty(absent.Error())
		return nil
	}
	if err != nil {
		return err
	}
	rules.Providers, p.out.Providers = provided.list, provided.read
	opts := codemod.Options{Workers: p.bot.opts.Workers, Cache: p.cache, Progress: p.bot.opts.Stage, Closures: true}
	result, err := p.bot.opts.Codemod(ctx, tree{p.tree}, rules, opts)
	var wrong *codemod.RulesError
	if errors.As(err, &wrong) {
		p.faulty(wrong.Error())
		return nil
	}
	if err != nil {
		return err
	}
	p.result, p.out.Result = result, result
	p.keepFacts()
	return nil
}

// tree is a commit as the codemod reads it.
type tree struct{ t *git.Tree }

func (t tree) Files() []codemod.File {
	list := t.t.Files()
	files := make([]codemod.File, len(list))
	for i, f := range list {
		files[i] = codemod.File{Path: f.Path, ID: f.ID, Size: f.Size, Mode: codemod.Mode(f.Mode)}
	}
	return files
}

func (t tree) Read(f codemod.File) ([]byte, error) {
	return t.t.Read(git.File{Path: f.Path, ID: f.ID, Size: f.Size, Mode: git.Mode(f.Mode)})
}

// keepFacts keeps what this pass found out; without it the next process is
// slower.
func (p *pass) keepFacts() {
	if err := p.bot.keepFacts(p.meta.ID, p.cache); err != nil {
		p.lg.Warn("keep the facts", "error", err)
	}
}
