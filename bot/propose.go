package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
)

const (
	proposalTitle  = "Configure Canonicalize"
	proposalBranch = "canonicalize/configure"
	proposalNotice = "configuration proposal"
)

// What a module must have to be proposed: fewer names or readers are hardly
// worth a campaign, and more than a few facades at once are hard to follow.
const (
	leastNames     = 5
	leastConsumers = 5
	mostFacades    = 3
)

func isProposal(body string) bool { return strings.Contains(body, Notice(proposalNotice)) }

// proposal finds the pull request that proposed a configuration, the newest.
func (p *pass) proposal() *github.Issue {
	for i := range p.issues {
		if issue := &p.issues[i]; issue.IsPull && isProposal(issue.Body) {
			return issue
		}
	}
	return nil
}

// propose offers a configuration, once, in a repository that has none. What
// becomes of that pull request is the answer; until it is merged nothing else
// is done. Forks are not asked: they follow the repository they come from.
func (p *pass) propose(ctx context.Context) error {
	if old := p.proposal(); old != nil {
		p.out.Refused = fmt.Sprintf("there is no configuration: #%d proposes one, and waits for an answer", old.Number)
		if old.State != "open" {
			p.out.Refused = fmt.Sprintf("there is no configuration, and #%d with one was closed: add %s to begin", old.Number, config.Path)
		}
		return nil
	}
	if p.meta.Fork {
		return nil
	}
	candidates, err := p.discover(ctx)
	if err != nil || len(candidates) == 0 {
		return err
	}
	src := configOf(candidates)
	if p.conf, err = config.Parse(config.Path, src); err != nil {
		return fmt.Errorf("propose a configuration: %w", err)
	}
	if err := p.readOwners(); err != nil {
		return err
	}
	why := p.out.Refused
	if err := p.change(ctx); err != nil {
		return err
	}
	p.out.Refused, p.faults, p.out.Result = why, nil, nil
	if p.result == nil || len(p.result.Changes) == 0 {
		return nil
	}
	p.chunks = plan.Chunks(p.files(), nil, p.limit())
	return p.openProposal(ctx, src, p.proposalBody(candidates))
}

// discover finds what is worth a campaign.
func (p *pass) discover(ctx context.Context) ([]codemod.Candidate, error) {
	found, err := p.bot.opts.Discover(ctx, tree{p.tree}, config.Default().Rules(), codemod.Options{
		Workers: p.bot.opts.Workers, Cache: p.cache, Progress: p.bot.opts.Stage,
	})
	var wrong *codemod.RulesError
	if errors.As(err, &wrong) {
		p.out.Refused = "there is no configuration, and none to propose: " + wrong.Error()
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p.keepFacts()
	var taken []codemod.Candidate
	for _, c := range found {
		if c.Names >= leastNames && c.Consumers >= leastConsumers && len(taken) < mostFacades {
			taken = append(taken, c)
		}
	}
	return taken, nil
}

// configOf writes the file that is proposed.
func configOf(candidates []codemod.Candidate) []byte {
	var b strings.Builder
	b.WriteString("# Names that are read through these modules are to be imported from the modules that declare them.\nfacades:\n")
	for _, c := range candidates {
		fmt.Fprintf(&b, "  - %s\n", c.Module)
	}
	d := config.Default().PullRequests
	fmt.Fprintf(&b, "\npull_requests:\n  max_open: %d\n  max_open_per_team: %d\n  max_files: %d\n", d.MaxOpen, d.MaxOpenPerTeam, d.MaxFiles)
	return []byte(b.String())
}

// openProposal pushes the file and opens the pull request.
func (p *pass) openProposal(ctx context.Context, src []byte, body string) error {
	ready, err := p.pushProposal(ctx, src)
	if err != nil || !ready {
		return err
	}
	pr, err := p.repo.CreatePull(ctx, github.NewPull{Title: proposalTitle, Body: body, Head: proposalBranch, Base: p.meta.DefaultBranch})
	var refused *github.ErrValidation
	if errors.As(err, &refused) && refused.Says("already exists") {
		return nil
	}
	if p.wrote(err) == nil {
		p.lg.Info("proposed a configuration", "pr", pr.Number)
	}
	if p.fatal(proposalBranch, err) {
		return err
	}
	return nil
}

// pushProposal brings the branch to GitHub, false if that cannot be.
func (p *pass) pushProposal(ctx context.Context, src []byte) (bool, error) {
	refs, err := p.mirror.Refs(ctx, heads+proposalBranch)
	if err != nil {
		return false, err
	}
	old := refs[heads+proposalBranch]
	if old != "" {
		if ours, err := p.ours(ctx, old); err != nil || !ours {
			return false, err
		}
	}
	base, err := p.mirror.Info(p.out.Head)
	if err != nil {
		return false, err
	}
	tip, err := p.mirror.Commit(git.CommitSpec{
		Parent: p.out.Head, Sign: p.bot.opts.Sign,
		Message: proposalTitle + "\n\nName the modules whose re-exports are to be taken apart.\n",
		Author:  git.Signature{Name: p.self, Email: p.email, When: base.Committer.When},
		Files:   map[string]*git.Blob{config.Path: {Content: src}},
	})
	if err != nil || tip == old {
		return err == nil, err
	}
	tips := make(map[string]string)
	err = p.send(ctx, []git.RefUpdate{{Name: heads + proposalBranch, Old: old, New: tip}}, tips)
	return tips[proposalBranch] != "", err
}

// withdraw closes a proposal that is not needed any more: somebody wrote a
// configuration meanwhile.
func (p *pass) withdraw(ctx context.Context) error {
	old := p.proposal()
	if old == nil || old.State != "open" || !p.configured() {
		return nil
	}
	text := fmt.Sprintf("`%s` is there now, so this proposal is closed. Thank you!", config.Path)
	if err := p.say(ctx, old.Number, plan.NoticeThanks, text); err != nil {
		return err
	}
	state := "closed"
	_, err := p.repo.UpdatePull(ctx, old.Number, github.PullUpdate{State: &state})
	if p.fatal(proposalBranch, p.wrote(err)) {
		return err
	}
	return nil
}
