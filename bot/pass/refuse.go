package pass

import (
	"context"
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/words"
)

const (
	faultTitle = "Canonicalize: the configuration needs a change"
	maxFaults  = 100 // shown in the issue
)

// refuse tells a person what is wrong with the configuration, in one issue.
// Nothing else of a refused pass is written.
func (s *seen) refuse(ctx context.Context, no *refusal) error {
	if no.bare {
		return s.propose(ctx)
	}
	s.Log.Info("refused", "why", words.FirstLine(no.why))
	if len(no.faults) == 0 || !s.Meta.HasIssues || !s.configured() {
		return nil
	}
	body := faultBody(no.faults)
	issue := s.faultIssue()
	if issue == nil {
		_, err := s.Repo.CreateIssue(ctx, faultTitle, body, []string{"canonicalize"})
		return s.wrote(err)
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
	_, err := s.Repo.UpdateIssue(ctx, issue.Number, update)
	return s.wrote(err)
}

// faultIssue finds the issue about the configuration, the newest if somebody
// copied it.
func (s *seen) faultIssue() *github.Issue { return s.issue(false, plan.Notice("configuration")) }

func faultBody(faults []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Nothing is opened or changed until this is mended in `%s`:\n\n", config.Path)
	for i, fault := range faults {
		if i == maxFaults {
			fmt.Fprintf(&b, "- … and %d more\n", len(faults)-maxFaults)
			break
		}
		fmt.Fprintf(&b, "- %s\n", words.Code(words.OneLine(fault)))
	}
	b.WriteString("\n`canonicalize config validate` shows the same before you push. This issue is closed once the file is right.\n\n")
	b.WriteString(plan.Notice("configuration") + "\n")
	return b.String()
}

// settle ends what was about the configuration once that is right: the issue
// about its faults, and the pull request that proposed one.
func (s *seen) settle(ctx context.Context) error {
	if err := s.withdraw(ctx); err != nil {
		return err
	}
	issue := s.faultIssue()
	if issue == nil || issue.State != "open" {
		return nil
	}
	state, reason := "closed", "completed"
	_, err := s.Repo.UpdateIssue(ctx, issue.Number, github.IssueUpdate{State: &state, Reason: &reason})
	return s.wrote(err)
}
