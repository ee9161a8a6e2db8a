package site

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/owners"
)

// ConfigOf reads the configuration in a tree, nil if it has none. What is wrong
// with it is a *config.Faults.
func (v *Site) ConfigOf(t *git.Tree) (*config.Config, error) {
	src, found, err := t.ReadPath(config.Path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", config.Path, err)
	}
	return v.parse(src, found)
}

// Policy reads the configuration of a branch, nil if it has none. One with
// faults is none: the issue about it tells which.
func (v *Site) Policy(ctx context.Context, branch string) (conf *config.Config, faulty bool, err error) {
	src, found, err := v.Repo.Content(ctx, config.Path, branch)
	if err != nil {
		return nil, false, err
	}
	if conf, err = v.parse(src, found); err != nil {
		v.Log.Info("the configuration has faults", "branch", branch)
		return nil, true, nil
	}
	return conf, false, nil
}

// parse reads a configuration. Without one, the facades of the caller are it.
func (v *Site) parse(src []byte, found bool) (*config.Config, error) {
	if found {
		return config.Parse(config.Path, src)
	}
	if len(v.Facades) == 0 {
		return nil, nil
	}
	conf := config.Default()
	for _, module := range v.Facades {
		conf.Facades = append(conf.Facades, config.Facade{Module: module})
	}
	return conf, nil
}

// OwnersOf joins CODEOWNERS with what a configuration says of owners. Lines
// that GitHub skips too are told as problems.
func OwnersOf(t *git.Tree, conf *config.Config) (of func(path string) []owners.Owner, problems []string, err error) {
	codeowners, err := owners.Find(t.ReadPath)
	if err != nil {
		return nil, nil, err
	}
	if codeowners != nil {
		for _, e := range codeowners.Errors {
			problems = append(problems, codeowners.Path+": "+e.Error())
		}
	}
	of, err = conf.OwnersOf(codeowners)
	if err != nil {
		return nil, problems, err
	}
	return spelled(of, append(codeowners.Names(), conf.OwnerNames()...)), problems, nil
}

// spelled has every owner spelled in one way, the first: GitHub compares names
// without regard to case, so two spellings are one owner.
func spelled(of func(string) []owners.Owner, names []string) func(string) []owners.Owner {
	first := make(map[string]string, len(names))
	for _, name := range names {
		if key := strings.ToLower(name); first[key] == "" {
			first[key] = name
		}
	}
	return func(path string) []owners.Owner {
		set := slices.Clone(of(path))
		for i := range set {
			set[i].Name = cmp.Or(first[strings.ToLower(set[i].Name)], set[i].Name)
		}
		return set
	}
}
