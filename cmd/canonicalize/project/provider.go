package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/pin"
	"github.com/canonicalize/canonicalize/codemod"
)

// Provided is a provider that was opened.
type Provided struct {
	codemod.Provider
	Revision string // the commit that is read; "" for a folder outside of git
	From     string // what says that it is that one
}

// Provide opens the providers that are named as NAME=PATH or NAME=PATH@REV, PATH being absolute, a checkout or a bare
// repository. Read are the files of the commit REV, without one of the commit that the configuration pins, and otherwise
// of HEAD; in a folder outside of git those on disk. NAME is the provider's "owner/name" or name in the configuration, or
// any other word. Faults of the arguments are an *InputError.
func (p *Project) Provide(specs []string, absolute func(string) string) error {
	for _, spec := range specs {
		name, where, found := strings.Cut(spec, "=")
		if !found || name == "" || where == "" || strings.ContainsRune(name, 0) {
			return inputf("--provider %s: write NAME=PATH, or NAME=PATH@REV for a revision", spec)
		}
		if slices.ContainsFunc(p.providers, func(known Provided) bool { return known.Name == name }) {
			return inputf("--provider %s is given twice", name)
		}
		opened, err := p.openProvider(name, where, absolute)
		if err != nil {
			return inputf("--provider %s: %w", spec, err)
		}
		p.providers = append(p.providers, *opened)
	}
	return nil
}

// Providers are those that were opened.
func (p *Project) Providers() []Provided { return p.providers }

func (p *Project) openProvider(name, where string, absolute func(string) string) (*Provided, error) {
	path, rev := absolute(where), ""
	if at := strings.LastIndexByte(where, '@'); at > 0 {
		if _, err := os.Stat(path); err != nil { // a folder may have an @ in its name
			path, rev = absolute(where[:at]), where[at+1:]
		}
	}
	conf := p.configured(name)
	repo, err := git.Local(path)
	if err != nil {
		return outsideGit(name, path, rev, conf, err)
	}
	sha, from, err := p.revision(repo, rev, conf)
	if err != nil {
		return nil, err
	}
	tree, err := repo.Tree(context.Background(), sha) // what is on this machine is at hand
	if err != nil {
		return nil, err
	}
	return &Provided{codemod.Provider{Name: name, Tree: tree, SourceRoots: conf.SourceRoots}, sha, from}, nil
}

// outsideGit reads a folder that is in no repository.
func outsideGit(name, path, rev string, conf config.Provider, why error) (*Provided, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder: name a checkout or a bare repository", path)
	}
	if rev != "" {
		return nil, why
	}
	if _, err := os.Stat(filepath.Join(path, ".git")); err == nil {
		return nil, why
	}
	tree, err := git.Checkout(path)
	if err != nil {
		return nil, err
	}
	return &Provided{codemod.Provider{Name: name, Tree: tree, SourceRoots: conf.SourceRoots}, "", "the folder"}, nil
}

// configured returns what the configuration says of a provider.
func (p *Project) configured(name string) config.Provider {
	for _, c := range p.Config.Providers {
		if strings.EqualFold(c.Repository, name) || strings.EqualFold(c.Name(), name) {
			return c
		}
	}
	return config.Provider{}
}

// revision finds the commit to read, and says what names it.
func (p *Project) revision(repo *git.Repository, rev string, conf config.Provider) (sha, from string, err error) {
	switch {
	case rev != "":
		sha, err = repo.Resolve(rev)
		return sha, rev, err
	case conf.Ref == "" && !conf.Pinned():
		sha, _, err = repo.Head()
		return sha, "HEAD", err
	}
	wanted, from, err := p.pinned(conf)
	if err != nil {
		return "", "", err
	}
	var errs []error
	for _, ref := range localRefs(wanted) {
		if sha, err = repo.Resolve(ref); err == nil {
			return sha, from, nil
		}
		errs = append(errs, err)
	}
	return "", "", fmt.Errorf("the configuration wants %s of it: fetch that, or choose a revision with NAME=PATH@REV (%w)", wanted, errors.Join(errs...))
}

// localRefs adds to what a server is asked for where a clone keeps the server's branches.
func localRefs(r pin.Revision) []string {
	refs := r.Refs()
	if r.Ref != "" {
		refs = append(refs, "refs/remotes/origin/"+r.Ref, r.Ref)
	}
	return refs
}

// pinned reads the revision that the configuration asks for, and says what names it.
func (p *Project) pinned(conf config.Provider) (revision pin.Revision, from string, err error) {
	from = conf.Pin.String()
	switch {
	case conf.Ref != "":
		return pin.At(conf.Ref), "ref " + conf.Ref, nil
	case conf.Pin.Submodule != "":
		for _, f := range p.tree.Files() {
			if f.Path == conf.Pin.Submodule && f.Mode == codemod.Submodule {
				return pin.At(f.ID), from, nil
			}
		}
		return revision, from, fmt.Errorf("there is no submodule %s in %s: correct pin.submodule", conf.Pin.Submodule, p.Dir)
	}
	src, found, err := p.tree.ReadPath(conf.Pin.File)
	if err != nil {
		return revision, from, err
	}
	if !found {
		return revision, from, fmt.Errorf("there is no file %s in %s: correct pin.file", conf.Pin.File, p.Dir)
	}
	revision, err = conf.Pin.Read(src)
	return revision, from, err
}

// Rules are those of the configuration, with the providers that were opened.
func (p *Project) Rules() codemod.Rules {
	rules := p.Config.Rules()
	for _, provided := range p.providers {
		rules.Providers = append(rules.Providers, provided.Provider)
	}
	return rules
}

// provides tells whether a file of a provider could be the module.
func (p *Project) provides(module string) bool {
	return slices.ContainsFunc(p.providers, func(provided Provided) bool { return holds(provided.Tree, module) })
}

// withAbsent adds to wrong rules which providers of the configuration were not given.
func (p *Project) withAbsent(err error) error {
	var wrong *codemod.RulesError
	if !errors.As(err, &wrong) {
		return err
	}
	problems := slices.Clone(wrong.Problems)
	for _, c := range p.Config.Providers {
		given := func(g Provided) bool {
			return strings.EqualFold(g.Name, c.Repository) || strings.EqualFold(g.Name, c.Name())
		}
		if !slices.ContainsFunc(p.providers, given) {
			problems = append(problems, fmt.Sprintf("The configuration names the provider %s: give a clone of it with --provider %s=PATH.", c.Repository, c.Repository))
		}
	}
	return &codemod.RulesError{Problems: problems}
}
