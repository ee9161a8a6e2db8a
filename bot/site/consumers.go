package site

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/codemod"
)

// Consumers are the other repositories that may read a facade of this one, and
// its own branches that are still deployed.
type Consumers struct {
	List []codemod.Consumer
	Providers
}

// Consumers reads those that the end of a facade is said to concern: each
// repository as it would read the facade now, and, where it pins an earlier
// revision, as it reads that. One that cannot be read is told as unknown.
// Release is to be called whatever the error.
func (v *Site) Consumers(ctx context.Context, head string, end config.Retirement) (*Consumers, error) {
	all := &Consumers{Providers: Providers{sites: v.sites}}
	for _, name := range end.Consumers {
		err := v.consumer(ctx, all, head, name)
		var unknown *ProviderError
		if errors.As(err, &unknown) {
			all.List = append(all.List, codemod.Consumer{Name: name, Unknown: unknown.text})
		} else if err != nil {
			return all, err
		}
	}
	return all, v.deployed(ctx, all, end.Branches)
}

// consumer reads one repository.
func (v *Site) consumer(ctx context.Context, all *Consumers, head, name string) error {
	as := config.Provider{Repository: name}
	from, err := v.sourceOf(ctx, as)
	if err != nil {
		return err
	}
	mirror, err := v.sites.mirrors.take(ctx, from.dir, from.url, from.auth, nil)
	if err != nil {
		return err
	}
	all.held = append(all.held, from.dir)
	sha, err := fetchFirst(ctx, mirror, []string{from.branch})
	if errors.Is(err, git.ErrNotFound) || errors.Is(err, git.ErrAuth) || errors.Is(err, git.ErrRepositoryNotFound) {
		return unprovided(as, absentProvider)
	}
	if err != nil {
		return err
	}
	tree, err := mirror.Tree(ctx, sha)
	if err != nil {
		return err
	}
	conf, err := v.ConfigOf(tree)
	if err != nil || conf == nil {
		conf = config.Default()
	}
	c := codemod.Consumer{Name: name, Tree: tree, Rules: conf.Rules()}
	all.List = append(all.List, c)
	return v.pinned(ctx, all, head, c, conf, tree)
}

// pinned adds a consumer as it reads an earlier revision of this repository.
func (v *Site) pinned(ctx context.Context, all *Consumers, head string, c codemod.Consumer, conf *config.Config, tree *git.Tree) error {
	for _, p := range conf.Providers {
		if !strings.EqualFold(p.Repository, v.Meta.FullName) || p.Ref == "" && !p.Pinned() {
			continue
		}
		refs, _, err := revisionOf(p, tree, Heads+v.Meta.DefaultBranch)
		if err != nil {
			return err
		}
		sha, err := fetchFirst(ctx, v.Mirror, refs)
		if errors.Is(err, git.ErrNotFound) {
			return unprovided(p, "%s pins %s, which is not there", c.Name, strings.Join(refs, " or "))
		}
		if err != nil || sha == head {
			return err
		}
		files, err := v.Mirror.Tree(ctx, sha)
		if err != nil {
			return err
		}
		c.Revision, c.Facade = sha, &codemod.Provider{Name: p.Repository, Tree: files, SourceRoots: p.SourceRoots}
		all.List = append(all.List, c)
	}
	return nil
}

// deployed adds branches of this repository.
func (v *Site) deployed(ctx context.Context, all *Consumers, globs []string) error {
	if len(globs) == 0 {
		return nil
	}
	refs, err := v.Mirror.Refs(ctx, Heads)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		branch := strings.TrimPrefix(name, Heads)
		for _, glob := range globs {
			if branch == v.Meta.DefaultBranch || !doublestar.MatchUnvalidated(glob, branch) {
				continue
			}
			sha, err := v.Mirror.Fetch(ctx, name)
			if err != nil {
				return err
			}
			tree, err := v.Mirror.Tree(ctx, sha)
			if err != nil {
				return err
			}
			conf, err := v.ConfigOf(tree)
			if err != nil || conf == nil {
				conf = config.Default()
			}
			all.List = append(all.List, codemod.Consumer{Name: v.Meta.FullName + "@" + branch, Tree: tree, Rules: conf.Rules()})
			break
		}
	}
	return nil
}
