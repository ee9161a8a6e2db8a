package project

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/bmatcuk/doublestar/v4"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/codemod"
)

// Check holds the configuration against the folder. Problems name what does not exist, so that nothing could be
// planned; remarks what exists perhaps, but has no effect here or looks misspelled.
func (p *Project) Check(ctx context.Context, tell Progress) (problems, remarks []string, err error) {
	rules := p.Rules()
	if len(rules.Facades) > 0 || len(rules.Homes) > 0 {
		var wrong *codemod.RulesError
		err := p.withAbsent(codemod.Check(ctx, p.tree, rules, codemod.Options{Progress: tell}))
		if err != nil && !errors.As(err, &wrong) {
			return nil, nil, err
		}
		if wrong != nil {
			problems = wrong.Problems
		}
	}
	for _, c := range p.Config.Providers {
		if _, _, err := p.pinned(c); (c.Pinned() || c.Ref != "") && err != nil {
			problems = append(problems, fmt.Sprintf("The provider %s: %v.", c.Repository, err))
		}
	}
	return append(problems, p.absentRoots()...), append(p.idleGlobs(), p.strangeOwners()...), nil
}

// absentRoots are source roots without a file.
func (p *Project) absentRoots() (problems []string) {
	for _, root := range p.Config.SourceRoots {
		prefix := strings.TrimSuffix(strings.TrimPrefix(root, "./"), "/")
		if prefix != "" && prefix != "." && !p.anyFile(func(path string) bool { return strings.HasPrefix(path, prefix+"/") }) {
			problems = append(problems, fmt.Sprintf("The source root %s does not exist: name a folder from the root of the repository.", root))
		}
	}
	return problems
}

// idleGlobs are excludes that no file matches.
func (p *Project) idleGlobs() (remarks []string) {
	for _, glob := range p.Config.Exclude {
		if !p.anyFile(func(path string) bool { ok, _ := doublestar.Match(glob, path); return ok }) {
			remarks = append(remarks, fmt.Sprintf("exclude: no file matches %s.", glob))
		}
	}
	return remarks
}

func (p *Project) anyFile(is func(path string) bool) bool {
	return slices.ContainsFunc(p.tree.Files(), func(f codemod.File) bool { return is(f.Path) })
}

// strangeOwners are owners of the configuration that CODEOWNERS does not have, where it has one that is spelled like
// it. Whether a team exists only GitHub knows.
func (p *Project) strangeOwners() (remarks []string) {
	file, err := owners.Find(p.tree.ReadPath)
	if err != nil || file == nil {
		return nil
	}
	known := map[string]bool{}
	for _, rule := range file.Rules {
		for _, o := range rule.Owners {
			known[strings.ToLower(o.Name)] = true
		}
	}
	for _, name := range configuredOwners(p.Config) {
		if near := spelledLike(strings.ToLower(name), known); near != "" {
			remarks = append(remarks, fmt.Sprintf("%s is in no line of %s: did you mean %s?", name, file.Path, near))
		}
	}
	return remarks
}

func configuredOwners(c *config.Config) []string {
	all := slices.Clone(c.Owners.Default)
	for _, list := range [][]config.Assignment{c.Owners.Overrides, c.Owners.Fallback} {
		for _, a := range list {
			all = append(all, a.Owners...)
		}
	}
	if c.PullRequests.Approver != "" {
		all = append(all, c.PullRequests.Approver)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// misspelled is how many letters may differ in a misspelled name.
const misspelled = 2

// spelledLike is the known name with the fewest differences, "" if the name is known itself or none is near.
func spelledLike(name string, known map[string]bool) (near string) {
	if known[name] {
		return ""
	}
	least := misspelled + 1
	for k := range known {
		if d := levenshtein.ComputeDistance(name, k); d < least || d == least && near != "" && k < near {
			near, least = k, d
		}
	}
	return near
}
