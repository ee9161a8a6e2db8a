package pass

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/site"
)

// seen is how a repository stands before anything is decided.
type seen struct {
	*work
	pulls  []github.PullRequest // open, of everybody
	issues []github.Issue       // of the bot, open or closed, pull requests too
	tree   *git.Tree            // of the default branch; nil if the repository is empty
	conf   *config.Config
	owners func(path string) []owners.Owner
	board  board
}

// see reads. The pull requests come before the tree: one that is merged in
// between is then still known as open, and its files are not taken for new ones.
func (w *work) see(ctx context.Context) (*seen, error) {
	s := &seen{work: w}
	for _, read := range []func(context.Context) error{s.readPulls, s.readTree, s.readConfig, s.readBoard} {
		if err := read(ctx); err != nil {
			return s, err
		}
	}
	return s, nil
}

// readPulls reads what the bot has on GitHub.
func (s *seen) readPulls(ctx context.Context) (err error) {
	if s.Meta.Archived || s.Meta.Disabled {
		return refuse("the repository is archived or disabled: nothing can be written to it")
	}
	s.Stage("read pull requests", 0, 0)
	if s.pulls, err = s.Repo.ListPulls(ctx, github.PullFilter{State: "open"}); err != nil {
		return err
	}
	for _, p := range s.pulls {
		if !p.Draft && !strings.EqualFold(p.Author, s.Self) {
			s.out.People = append(s.out.People, p)
		}
	}
	s.issues, err = s.Repo.ListIssues(ctx, github.IssueFilter{State: "all", Creator: s.Self, Pulls: true})
	return err
}

// readTree fetches the default branch.
func (s *seen) readTree(ctx context.Context) error {
	s.Stage("fetch", 0, 0)
	fetch := s.Mirror.Fetch
	if s.Mirror.Stale() {
		fetch = s.Mirror.Renew
	}
	sha, err := fetch(ctx, site.Heads+s.Meta.DefaultBranch)
	if errors.Is(err, git.ErrNotFound) {
		return refuse("the repository is empty: push a first commit to %s", s.Meta.DefaultBranch)
	}
	if site.Beyond(err) {
		return refuse("%s", err)
	}
	if err != nil {
		return err
	}
	s.out.Head = sha
	s.tree, err = s.Mirror.Tree(ctx, sha)
	return err
}

// readConfig reads configuration and owners as they are on the default branch.
func (s *seen) readConfig(context.Context) (err error) {
	s.conf, err = s.ConfigOf(s.tree)
	var faults *config.Faults
	switch {
	case errors.As(err, &faults):
		return faulty(err)
	case err != nil:
		return err
	case s.conf == nil:
		return &refusal{why: "there is no configuration: add " + config.Path + " and name the facades in it", bare: true}
	case len(s.conf.Facades) == 0:
		return refuse("%s names no facade: list the modules to take apart under facades", config.Path)
	}
	return s.readOwners()
}

// readOwners joins CODEOWNERS with what the configuration says of owners.
func (s *seen) readOwners() error {
	of, problems, err := site.OwnersOf(s.tree, s.conf)
	for _, text := range problems {
		s.problem("", text)
	}
	s.owners = of
	return err
}

// faulty refuses because of something in the configuration.
func faulty(err error) error {
	return &refusal{why: err.Error(), faults: strings.Split(err.Error(), "\n")}
}

// configured says whether the configuration is the repository's own.
func (s *seen) configured() bool {
	_, found := s.tree.Lookup(config.Path)
	return found
}

// issue finds the newest of the bot's issues, or pull requests, with a mark.
func (s *seen) issue(pull bool, mark string) *github.Issue {
	for i := range s.issues {
		if issue := &s.issues[i]; issue.IsPull == pull && strings.Contains(issue.Body, mark) {
			return issue
		}
	}
	return nil
}

// locked says whether the conversation on a pull request is closed to the bot:
// what it would say there is not said, and nothing waits for it.
func (s *seen) locked(number int) bool {
	return slices.ContainsFunc(s.issues, func(i github.Issue) bool { return i.Number == number && i.Locked })
}

// know changes what is known of an issue that was changed.
func (s *seen) know(number int, change func(*github.Issue)) {
	for i := range s.issues {
		if s.issues[i].Number == number {
			change(&s.issues[i])
		}
	}
}

// say comments once: what the bot told before is looked for first.
func (s *seen) say(ctx context.Context, number int, name, text string) error {
	if s.locked(number) {
		return nil
	}
	pr := plan.PullRequest{Number: number}
	if err := s.readComments(ctx, &pr); err != nil || pr.Said[name] {
		return err
	}
	_, err := s.Repo.CreateComment(ctx, number, text+"\n\n"+plan.Notice(name))
	return s.wrote(err)
}
