package project

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/campaign"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/codemod"
)

// surveyed is one of the checkouts of a survey.
type surveyed struct {
	*Project
	name string
	head string // "" outside of git
}

// Survey reads several checkouts, absolute paths of them or of folders in them, for a campaign: each is planned for the facades, with the first
// checkout that holds a facade as its provider. A checkout whose configuration pins the provider reads it at that
// revision, the others as it is on disk. Without facades those of the configurations are taken.
func Survey(ctx context.Context, dirs, facades []string, tell Progress) ([]campaign.Reading, error) {
	all, err := openAll(dirs)
	if err != nil {
		return nil, err
	}
	if len(facades) == 0 {
		facades = configuredFacades(all)
	}
	if len(facades) == 0 {
		return nil, inputf("no facade is named: give one with --facade MODULE, or list it in the configuration of one of the checkouts")
	}
	holders := map[string]*surveyed{}
	for _, facade := range facades {
		i := slices.IndexFunc(all, func(s *surveyed) bool { return holds(s.tree, facade) })
		if i < 0 {
			return nil, inputf("none of the checkouts holds the facade %s: name the one that does, too", facade)
		}
		holders[facade] = all[i]
	}
	var readings []campaign.Reading
	for _, s := range all {
		r, err := s.survey(ctx, facades, holders, tell)
		if err != nil {
			return nil, err
		}
		readings = append(readings, *r)
	}
	return readings, nil
}

// openAll opens the checkouts that the folders are in, each once.
func openAll(dirs []string) (all []*surveyed, err error) {
	var roots []string
	for _, dir := range dirs {
		at, err := Locate(dir, nil)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(roots, at.Root) {
			roots = append(roots, at.Root)
		}
	}
	for _, root := range roots {
		p, err := Open(Place{Root: root}, nil)
		if err != nil {
			return nil, err
		}
		s := &surveyed{Project: p, name: nameOf(root, roots)}
		if repo, err := git.Local(root); err == nil {
			s.head, _, _ = repo.Head() // none before the first commit
		}
		all = append(all, s)
	}
	return all, nil
}

// nameOf calls a checkout by its folder, or by its path where two have the same.
func nameOf(dir string, dirs []string) string {
	base := filepath.Base(dir)
	for _, other := range dirs {
		if other != dir && filepath.Base(other) == base {
			return filepath.ToSlash(dir)
		}
	}
	return base
}

func configuredFacades(all []*surveyed) (facades []string) {
	for _, s := range all {
		for _, f := range s.Config.Facades {
			if !slices.Contains(facades, f.Module) {
				facades = append(facades, f.Module)
			}
		}
	}
	return facades
}

// holds tells whether a file could be the module, below any source root.
func holds(t codemod.Tree, module string) bool {
	path := "/" + strings.ReplaceAll(module, ".", "/")
	return slices.ContainsFunc(t.Files(), func(f codemod.File) bool {
		return strings.HasSuffix("/"+f.Path, path+".py") || strings.HasSuffix("/"+f.Path, path+"/__init__.py")
	})
}

// survey plans one checkout.
func (s *surveyed) survey(ctx context.Context, facades []string, holders map[string]*surveyed, tell Progress) (*campaign.Reading, error) {
	reading := &campaign.Reading{Repository: s.name, Head: s.head}
	sources := map[*surveyed]*Provided{}
	var chosen []string
	for _, facade := range facades {
		holder := holders[facade]
		if holder != s && sources[holder] == nil {
			source, err := s.source(holder)
			if err != nil {
				reading.Problem = err.Error()
				return reading, nil
			}
			sources[holder] = source
			s.providers = append(s.providers, *source)
			reading.Sources = append(reading.Sources, campaign.Source{Repository: holder.name, SHA: source.Revision, From: source.From})
		}
		if holder == s || holds(sources[holder].Tree, facade) { // the revision that is used may not have it yet
			chosen = append(chosen, facade)
		}
	}
	if len(chosen) == 0 {
		return reading, nil
	}
	s.override(chosen)
	result, err := s.Plan(ctx, tell)
	var wrong *InputError
	if errors.As(err, &wrong) {
		reading.Problem = wrong.Error()
		return reading, nil
	}
	if err != nil {
		return nil, err
	}
	reading.Facades, reading.Left = result.Facades, result.Left
	reading.Pulls, err = s.planned(result)
	return reading, err
}

// source opens the checkout that holds a facade, for one that reads it.
func (s *surveyed) source(holder *surveyed) (*Provided, error) {
	conf := s.configured(holder.name)
	if conf.Ref != "" || conf.Pinned() {
		return s.openProvider(holder.name, holder.Dir, func(path string) string { return path })
	}
	return &Provided{codemod.Provider{Name: holder.name, Tree: holder.tree, SourceRoots: conf.SourceRoots}, holder.head, "the checkout"}, nil
}

// planned are the pull requests that would be opened.
func (s *surveyed) planned(result *codemod.Result) (pulls []campaign.Pull, err error) {
	chunks, err := s.Chunks(result)
	if err != nil {
		return nil, err
	}
	names := map[string]map[string]int{}
	for _, c := range result.Changes {
		names[c.Path] = map[string]int{}
		for _, n := range c.Names {
			names[c.Path][n.Facade]++
		}
	}
	for _, c := range chunks {
		pull := campaign.Pull{State: campaign.Waiting, Names: map[string]int{}}
		for _, path := range c.Paths() {
			for facade, n := range names[path] {
				pull.Names[facade] += n
			}
		}
		pulls = append(pulls, pull)
	}
	return pulls, nil
}
