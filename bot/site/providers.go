package site

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/pin"
	"github.com/canonicalize/canonicalize/codemod"
)

// Provided is a provider as a pass read it.
type Provided struct {
	Repository string // "owner/name"
	SHA        string // the commit whose files were read
	From       string // where the revision comes from: "v1.2", "acme-core in requirements.txt", "the default branch"
}

// ProviderError says that a provider cannot be read, for the person who configured it.
type ProviderError struct{ text string }

func (e *ProviderError) Error() string { return e.text }

func unprovided(p config.Provider, format string, args ...any) error {
	return &ProviderError{"providers: " + p.Repository + ": " + fmt.Sprintf(format, args...)}
}

// Providers are what the codemod reads of other repositories.
type Providers struct {
	List []codemod.Provider
	Read []Provided

	sites *Sites
	held  []string // folders of their mirrors
}

// Release is to be called when their files are read no more.
func (all *Providers) Release() {
	for _, dir := range all.held {
		_ = all.sites.mirrors.release(dir) // it was only read
	}
}

// Provide reads the providers that the configuration of a tree names, each at its revision. Release is to be called
// whatever the error. A *ProviderError is for a person to mend.
func (v *Site) Provide(ctx context.Context, t *git.Tree, conf *config.Config) (*Providers, error) {
	all := &Providers{sites: v.sites}
	for _, p := range conf.Providers {
		from, err := v.sourceOf(ctx, p)
		if err != nil {
			return all, err
		}
		mirror, err := v.sites.mirrors.take(ctx, from.dir, from.url, from.auth, nil)
		if err != nil {
			return all, err
		}
		all.held = append(all.held, from.dir)
		if from.auth == nil { // it may have been public when it was read last
			if _, err := mirror.Refs(ctx, "HEAD"); errors.Is(err, git.ErrAuth) || errors.Is(err, git.ErrRepositoryNotFound) {
				return all, unprovided(p, absentProvider)
			}
		}
		if err := all.add(ctx, p, mirror, t, from.branch); err != nil {
			return all, err
		}
	}
	return all, nil
}

// add reads one provider at its revision.
func (all *Providers) add(ctx context.Context, p config.Provider, mirror *git.Mirror, t *git.Tree, branch string) error {
	refs, said, err := revisionOf(p, t, branch)
	if err != nil {
		return err
	}
	sha, err := fetchFirst(ctx, mirror, refs)
	switch {
	case errors.Is(err, git.ErrNotFound):
		return unprovided(p, "it has no %s, which is what %s says: correct that, or push it", strings.Join(refs, " nor "), said)
	case errors.Is(err, git.ErrAuth), errors.Is(err, git.ErrRepositoryNotFound):
		return unprovided(p, absentProvider)
	case err != nil:
		return err
	}
	files, err := mirror.Tree(ctx, sha)
	if err != nil {
		return err
	}
	all.List = append(all.List, codemod.Provider{Name: p.Repository, Tree: files, SourceRoots: p.SourceRoots})
	all.Read = append(all.Read, Provided{p.Repository, sha, said})
	return nil
}

// absentProvider is the same whatever the reason: who reads it may not know that there is such a repository.
const absentProvider = "it is not read for this repository: it does not exist, the App is not installed on it, or not everyone who can read this repository can read it. " +
	"Correct the name, install the App on it, give the same people access, or have the server's operator allow it (CANONICALIZE_PROVIDERS)"

// source is where the files of a provider come from.
type source struct {
	dir, url, branch string
	auth             git.Auth
}

// Rules are those of a configuration, with the providers at the revisions that a tree pins. Done is to be called when
// the codemod has run, whatever the error.
func (v *Site) Rules(ctx context.Context, conf *config.Config, t *git.Tree) (r codemod.Rules, done func(), err error) {
	provided, err := v.Provide(ctx, t, conf)
	r = conf.Rules()
	r.Providers = provided.List
	return r, provided.Release, err
}

// sourceOf finds a provider. One of the same account is read by the same installation. Of another account only what is
// public is read, without credentials: what one account lets the App see is not for others to name.
func (v *Site) sourceOf(ctx context.Context, p config.Provider) (source, error) {
	owner, name, _ := strings.Cut(p.Repository, "/")
	if !strings.EqualFold(owner, v.Meta.Owner) {
		return source{
			dir: filepath.Join(v.sites.dir, "public", strings.ToLower(owner), strings.ToLower(name)+".git"), branch: "HEAD",
			url: strings.TrimSuffix(v.Meta.CloneURL, v.Meta.FullName+".git") + p.Repository + ".git",
		}, nil
	}
	found, err := v.Client.Limited(owner, name, contentsRead).Get(ctx)
	var refused *github.ErrValidation
	switch {
	case errors.Is(err, github.ErrNotFound), errors.Is(err, github.ErrForbidden), errors.As(err, &refused):
		return source{}, unprovided(p, absentProvider)
	case err != nil && strings.Contains(err.Error(), "status 422"): // no token is given for it
		return source{}, unprovided(p, absentProvider)
	case err != nil:
		return source{}, err
	}
	if may, err := v.mayRead(ctx, found); err != nil {
		return source{}, err
	} else if !may {
		return source{}, unprovided(p, absentProvider)
	}
	if !strings.EqualFold(found.Owner, v.Meta.Owner) {
		return source{}, unprovided(p, "it moved to %s: name that", found.FullName)
	}
	return source{
		dir: v.sites.mirrorDir(found.ID), url: found.CloneURL, branch: "refs/heads/" + found.DefaultBranch,
		auth: v.Client.Auth(found.FullName, contentsRead),
	}, nil
}

// revisionOf lists what to ask git for, and says where that comes from.
func revisionOf(p config.Provider, t *git.Tree, branch string) (refs []string, said string, err error) {
	switch {
	case p.Ref != "":
		return pin.At(p.Ref).Refs(), "ref " + p.Ref, nil
	case !p.Pinned():
		return []string{branch}, "the default branch", nil
	}
	said = p.Pin.String()
	if p.Pin.Submodule != "" {
		f, found := t.Lookup(p.Pin.Submodule)
		if !found || f.Mode != git.Submodule {
			return nil, "", unprovided(p, "there is no submodule %s here: correct pin.submodule", p.Pin.Submodule)
		}
		return []string{f.ID}, said, nil
	}
	src, found, err := t.ReadPath(p.Pin.File)
	if err != nil {
		return nil, "", fmt.Errorf("read %s: %w", p.Pin.File, err)
	}
	if !found {
		return nil, "", unprovided(p, "there is no file %s here: correct pin.file", p.Pin.File)
	}
	revision, err := p.Pin.Read(src)
	if err != nil {
		return nil, "", unprovided(p, "%v", err)
	}
	return revision.Refs(), said, nil
}

// fetchFirst brings the first of some references that exists.
func fetchFirst(ctx context.Context, m *git.Mirror, refs []string) (sha string, err error) {
	fetch := m.Fetch
	if m.Stale() {
		fetch = m.Renew
	}
	for _, ref := range refs {
		if sha, err = fetch(ctx, ref); !errors.Is(err, git.ErrNotFound) {
			return sha, err
		}
	}
	return "", err
}
