package pass

import (
	"context"
	"errors"
	"strings"

	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
)

const (
	boardTitle = "Canonicalize dashboard"
	boardLabel = "canonicalize-dashboard"
)

// board is the dashboard issue as a pass found it.
type board struct {
	issue  *github.Issue // nil: there is none
	memory dashboard.Memory
	asked  dashboard.Asked
	freed  []plan.Marker // of pull requests that were to be reopened and could not be
}

// readBoard finds the dashboard and does at once what was ticked there about
// closed pull requests; the rest is left to the plan.
func (s *seen) readBoard(ctx context.Context) error {
	s.board.issue = s.findBoard()
	if s.board.issue == nil {
		return s.heed(ctx)
	}
	// A list can be older than the event that woke this pass.
	fresh, err := s.Repo.GetIssue(ctx, s.board.issue.Number)
	if err != nil {
		return err
	}
	s.board.issue = &fresh
	s.board.memory, s.board.asked = dashboard.Parse(fresh.Body)
	if fresh.State != "open" {
		s.board.asked = dashboard.Asked{}
	}
	return s.heed(ctx)
}

// findBoard takes the oldest issue of the bot with the marker, and without one
// the oldest with the label: a person may have cut the text.
func (s *seen) findBoard() *github.Issue {
	var marked, labelled *github.Issue
	for i := range s.issues {
		issue := &s.issues[i]
		switch {
		case issue.IsPull:
		case dashboard.Is(issue.Body):
			if marked == nil || issue.Number < marked.Number {
				marked = issue
			}
		case containsFold(issue.Labels, boardLabel):
			if labelled == nil || issue.Number < labelled.Number {
				labelled = issue
			}
		}
	}
	if marked != nil {
		return marked
	}
	return labelled
}

// limit enters what people asked on the dashboard.
func (b *board) limit(l *plan.Limits) {
	l.Paused, l.Demanded, l.Rebuild = make(map[string]string), make(map[string]bool), make(map[int]bool)
	for _, owner := range b.memory.Paused {
		l.Paused[owner] = owner + " is paused on the dashboard"
		if owner == dashboard.Everybody && l.Hold == "" {
			l.Hold = "everybody is paused on the dashboard"
		}
	}
	for _, id := range b.asked.Open {
		l.Demanded[id] = true
	}
	for _, number := range b.asked.Retry {
		l.Rebuild[number] = true
	}
}

// reopen opens a pull request again that a person closed. One whose branch is
// gone cannot be: its content is given free instead, for a new one.
func (s *seen) reopen(ctx context.Context, number int) error {
	pr, err := s.Repo.GetPull(ctx, number)
	if err != nil {
		return err
	}
	marker, ours := plan.ParseMarker(pr.Body)
	if !ours || pr.State != "closed" || pr.Merged || !strings.EqualFold(pr.Author, s.Self) {
		return nil
	}
	state := "open"
	pr, err = s.Repo.UpdatePull(ctx, number, github.PullUpdate{State: &state})
	var refused *github.ErrValidation
	switch {
	case errors.As(err, &refused):
		return s.free(ctx, number, marker)
	case err != nil:
		return err
	}
	s.out.Writes++
	s.pulls = append(s.pulls, pr)
	s.know(number, func(i *github.Issue) { i.State = "open" })
	return nil
}

// free notes on a closed pull request that it does not mean no any more.
func (s *seen) free(ctx context.Context, number int, m plan.Marker) error {
	pr, err := s.Repo.GetPull(ctx, number)
	if err != nil {
		return err
	}
	s.board.freed = append(s.board.freed, m)
	m.Closed = plan.Freed
	body := plan.ReplaceMarker(pr.Body, m)
	_, err = s.Repo.UpdatePull(ctx, number, github.PullUpdate{Body: &body})
	if s.wrote(err) == nil {
		s.know(number, func(i *github.Issue) { i.Body = body })
	}
	return err
}
