package pass

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/description"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/codemod"
)

const (
	proposalBranch = "canonicalize/configure"
	flatPrefix     = "canonicalize-" // of branches where one called canonicalize is in the way
	flatProposal   = flatPrefix + "configure"
	proposalNotice = "configuration proposal"
)

// What a module must have to be proposed: fewer names or readers are hardly
// worth a campaign, and more than a few facades at once are hard to follow.
const (
	leastNames     = 5
	leastConsumers = 5
	mostFacades    = 3
)

// proposal finds the pull request that proposed a configuration, the newest.
func (s *seen) proposal() *github.Issue { return s.issue(true, plan.Notice(proposalNotice)) }

// propose offers a configuration, once, in a repository that has none. What
// becomes of that pull request is the answer; until it is merged nothing else
// is done. Forks are not asked: they follow the repository they come from.
func (s *seen) propose(ctx context.Context) error {
	if old := s.proposal(); old != nil {
		s.out.Refused = fmt.Sprintf("there is no configuration: #%d proposes one, and waits for an answer", old.Number)
		if old.State != "open" {
			s.out.Refused = fmt.Sprintf("there is no configuration, and #%d with one was closed: add %s to begin", old.Number, config.Path)
		}
		return nil
	}
	if s.Meta.Fork {
		return nil
	}
	candidates, err := s.discover(ctx)
	if err != nil || len(candidates) == 0 {
		return err
	}
	refs, err := s.Mirror.Refs(ctx, site.Around(proposalBranch))
	if err != nil {
		return err
	}
	branch := proposalBranch
	if site.InTheWay(proposalBranch, refs) != "" {
		branch = flatProposal
	}
	src := configOf(candidates, branch == flatProposal)
	if s.conf, err = config.Parse(config.Path, src); err != nil {
		return fmt.Errorf("propose a configuration: %w", err)
	}
	if err := s.readOwners(); err != nil {
		return err
	}
	w, err := s.want(ctx)
	s.out.Result = nil
	var no *refusal
	if errors.As(err, &no) {
		return nil
	}
	if err != nil || len(w.result.Changes) == 0 {
		return err
	}
	chunks := plan.Chunks(w.files, nil, w.limits)
	return s.openProposal(ctx, branch, refs[site.Heads+branch], src, w.text.Proposal(candidates, chunks, len(w.result.Left), plan.Notice(proposalNotice)))
}

// discover finds what is worth a campaign.
func (s *seen) discover(ctx context.Context) ([]codemod.Candidate, error) {
	o := s.Codemod()
	o.Progress = s.Stage
	found, err := s.opts.Discover(ctx, s.tree, config.Default().Rules(), o)
	var wrong *codemod.RulesError
	if errors.As(err, &wrong) {
		s.out.Refused = "there is no configuration, and none to propose: " + wrong.Error()
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.KeepFacts()
	var taken []codemod.Candidate
	for _, c := range found {
		if c.Names >= leastNames && c.Consumers >= leastConsumers && len(taken) < mostFacades {
			taken = append(taken, c)
		}
	}
	return taken, nil
}

// configOf writes the file that is proposed.
func configOf(candidates []codemod.Candidate, flat bool) []byte {
	var b strings.Builder
	b.WriteString("# Names that are read through these modules are to be imported from the modules that declare them.\nfacades:\n")
	for _, c := range candidates {
		fmt.Fprintf(&b, "  - %s\n", c.Module)
	}
	d := config.Default().PullRequests
	fmt.Fprintf(&b, "\npull_requests:\n  max_open: %d\n  max_open_per_team: %d\n  max_files: %d\n", d.MaxOpen, d.MaxOpenPerTeam, d.MaxFiles)
	if flat {
		fmt.Fprintf(&b, "  branch_prefix: %s # a branch is called canonicalize, so none can be called canonicalize/…\n", flatPrefix)
	}
	return []byte(b.String())
}

// openProposal pushes the file and opens the pull request.
func (s *seen) openProposal(ctx context.Context, branch, old string, src []byte, body string) error {
	ready, err := s.pushProposal(ctx, branch, old, src)
	if err != nil || !ready {
		return err
	}
	pr, err := s.Repo.CreatePull(ctx, github.NewPull{Title: description.ProposalTitle, Body: body, Head: branch, Base: s.Meta.DefaultBranch})
	var refused *github.ErrValidation
	if errors.As(err, &refused) && refused.Says("already exists") {
		return nil
	}
	if s.wrote(err) == nil {
		s.Log.Info("proposed a configuration", "pr", pr.Number)
	}
	if s.fatal(branch, err) {
		return err
	}
	return nil
}

// pushProposal brings the branch to GitHub, false if that cannot be.
func (s *seen) pushProposal(ctx context.Context, branch, old string, src []byte) (bool, error) {
	if old != "" {
		if ours, err := s.ours(ctx, old); err != nil || !ours {
			return false, err
		}
	}
	base, err := s.Mirror.Info(s.out.Head)
	if err != nil {
		return false, err
	}
	tip, err := s.Mirror.Commit(git.CommitSpec{
		Parent: s.out.Head, Sign: s.Sign,
		Message: description.ProposalTitle + "\n\nName the modules whose re-exports are to be taken apart.\n",
		Author:  git.Signature{Name: s.Self, Email: s.email, When: base.Committer.When},
		Files:   map[string]*git.Blob{config.Path: {Content: src}},
	})
	if err != nil || tip == old {
		return err == nil, err
	}
	tips := make(map[string]string)
	err = s.send(ctx, []git.RefUpdate{{Name: site.Heads + branch, Old: old, New: tip}}, tips)
	return tips[branch] != "", err
}

// withdraw closes a proposal that is not needed any more: somebody wrote a
// configuration meanwhile.
func (s *seen) withdraw(ctx context.Context) error {
	old := s.proposal()
	if old == nil || old.State != "open" || !s.configured() {
		return nil
	}
	text := fmt.Sprintf("`%s` is there now, so this proposal is closed. Thank you!", config.Path)
	if err := s.say(ctx, old.Number, plan.NoticeThanks, text); err != nil {
		return err
	}
	state := "closed"
	_, err := s.Repo.UpdatePull(ctx, old.Number, github.PullUpdate{State: &state})
	if s.fatal(proposalBranch, s.wrote(err)) {
		return err
	}
	return nil
}
