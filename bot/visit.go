package bot

import (
	"context"
	"log/slog"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/codemod"
)

// visit is one look at a repository, for a review or a command.
type visit struct {
	bot    *Bot
	lg     *slog.Logger
	client *github.Client
	repo   *github.Repo
	self   string
	meta   github.Repository
	mirror *git.Mirror
	cache  *codemod.Cache
}

// visit looks at a repository; end is the caller's to call.
func (b *Bot) visit(ctx context.Context, r Repo) (*visit, error) {
	self, err := b.self(ctx)
	if err != nil {
		return nil, err
	}
	v := &visit{bot: b, self: self, client: b.app.Client(r.Installation), lg: b.lg.With("repo", r.FullName(), "installation", r.Installation)}
	v.repo = v.client.Repo(r.Owner, r.Name)
	if v.meta, err = v.repo.Get(ctx); err != nil {
		return nil, err
	}
	v.repo = v.client.Repo(v.meta.Owner, v.meta.Name)
	return v, nil
}

// open opens the mirror and the facts; both cost nothing when they are open.
func (v *visit) open(ctx context.Context) (err error) {
	if v.mirror != nil {
		return nil
	}
	dir := v.bot.mirrorDir(v.meta.ID)
	v.mirror, err = v.bot.mirrors.take(ctx, dir, v.meta.CloneURL, v.client.Auth(v.meta.FullName, contentWrite), &v.bot.remember(v.meta.ID).listing)
	v.cache = v.bot.facts(v.meta.ID)
	return err
}

func (v *visit) end() {
	if v.mirror == nil {
		return
	}
	if err := v.bot.mirrors.release(v.bot.mirrorDir(v.meta.ID)); err != nil {
		v.lg.Warn("close the mirror", "error", err)
	}
}

// options are those of the codemod.
func (v *visit) options() codemod.Options {
	return codemod.Options{Workers: v.bot.opts.Workers, Cache: v.cache}
}

// policy reads the configuration of a branch, nil if it has none. One with
// faults is none: the issue about it tells which.
func (v *visit) policy(ctx context.Context, branch string) (conf *config.Config, faulty bool, err error) {
	src, found, err := v.repo.Content(ctx, config.Path, branch)
	if err != nil {
		return nil, false, err
	}
	if found {
		conf, err := config.Parse(config.Path, src)
		if err != nil {
			v.lg.Info("the configuration has faults", "branch", branch)
			return nil, true, nil
		}
		return conf, false, nil
	}
	if len(v.bot.opts.Facades) == 0 {
		return nil, false, nil
	}
	conf = config.Default()
	for _, module := range v.bot.opts.Facades {
		conf.Facades = append(conf.Facades, config.Facade{Module: module})
	}
	return conf, false, nil
}
