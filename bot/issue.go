package bot

import (
	"context"
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
)

const (
	faultTitle = "Canonicalize: the configuration needs a change"
	maxFaults  = 100 // shown in the issue
)

// refuse tells a person what is wrong with the configuration, in one issue.
// Nothing else of a refused pass is written.
func (p *pass) refuse(ctx context.Context) error {
	if p.bare && !p.bot.opts.DryRun {
		return p.propose(ctx)
	}
	p.lg.Info("refused", "why", firstLine(p.out.Refused))
	if len(p.faults) == 0 || p.bot.opts.DryRun || !p.meta.HasIssues || !p.configured() {
		return nil
	}
	body := p.faultBody()
	issue := p.faultIssue()
	if issue == nil {
		_, err := p.repo.CreateIssue(ctx, faultTitle, body, []string{"canonicalize"})
		return p.wrote(err)
	}
	update := github.IssueUpdate{}
	if strings.TrimSpace(issue.Body) != strings.TrimSpace(body) {
		update.Body = &body
	}
	if issue.State != "open" {
		state := "open"
		update.State = &state
	}
	if update == (github.IssueUpdate{}) {
		return nil
	}
	_, err := p.repo.UpdateIssue(ctx, issue.Number, update)
	return p.wrote(err)
}

// configured says whether the refused configuration is the repository's own.
func (p *pass) configured() bool {
	_, found := p.tree.Lookup(config.Path)
	return found
}

// faultIssue finds the issue about the configuration, the newest if somebody
// copied it.
func (p *pass) faultIssue() *github.Issue {
	for i := range p.issues {
		if issue := &p.issues[i]; !issue.IsPull && strings.Contains(issue.Body, Notice("configuration")) {
			return issue
		}
	}
	return nil
}

func (p *pass) faultBody() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Nothing is opened or changed until this is mended in `%s`:\n\n", config.Path)
	for i, fault := range p.faults {
		if i == maxFaults {
			fmt.Fprintf(&b, "- … and %d more\n", len(p.faults)-maxFaults)
			break
		}
		fmt.Fprintf(&b, "- %s\n", code(oneLine(fault)))
	}
	b.WriteString("\n`canonicalize config validate` shows the same before you push. This issue is closed once the file is right.\n\n")
	b.WriteString(Notice("configuration") + "\n")
	return b.String()
}

// settle ends what was about the configuration once that is right: the issue
// about its faults, and the pull request that proposed one.
func (p *pass) settle(ctx context.Context) error {
	if err := p.withdraw(ctx); err != nil {
		return err
	}
	issue := p.faultIssue()
	if issue == nil || issue.State != "open" {
		return nil
	}
	state, reason := "closed", "completed"
	_, err := p.repo.UpdateIssue(ctx, issue.Number, github.IssueUpdate{State: &state, Reason: &reason})
	return p.wrote(err)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
