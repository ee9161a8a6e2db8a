package bot

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
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
	wish   wish          // of a command
	freed  []plan.Marker // of pull requests that were to be reopened and could not be
}

// readBoard finds the dashboard and does at once what was ticked there about
// closed pull requests; the rest is left to the plan.
func (p *pass) readBoard(ctx context.Context) error {
	p.board.issue = p.findBoard()
	if p.board.issue == nil {
		return p.heed(ctx)
	}
	// A list can be older than the event that woke this pass.
	fresh, err := p.repo.GetIssue(ctx, p.board.issue.Number)
	if err != nil {
		return err
	}
	p.board.issue = &fresh
	p.board.memory, p.board.asked = dashboard.Parse(fresh.Body)
	if fresh.State != "open" {
		p.board.asked = dashboard.Asked{}
	}
	if p.bot.opts.DryRun {
		return nil
	}
	for _, number := range p.board.asked.Reopen {
		if err := p.reopen(ctx, number); p.fatal("", err) {
			return err
		}
	}
	return p.heed(ctx)
}

// findBoard takes the oldest issue of the bot with the marker, and without one
// the oldest with the label: a person may have cut the text.
func (p *pass) findBoard() *github.Issue {
	var marked, labelled *github.Issue
	for i := range p.issues {
		issue := &p.issues[i]
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
func (p *pass) reopen(ctx context.Context, number int) error {
	pr, err := p.repo.GetPull(ctx, number)
	if err != nil {
		return err
	}
	marker, ours := plan.ParseMarker(pr.Body)
	if !ours || pr.State != "closed" || pr.Merged || !strings.EqualFold(pr.Author, p.self) {
		return nil
	}
	state := "open"
	pr, err = p.repo.UpdatePull(ctx, number, github.PullUpdate{State: &state})
	var refused *github.ErrValidation
	switch {
	case errors.As(err, &refused):
		return p.free(ctx, number, marker)
	case err != nil:
		return err
	}
	p.out.Writes++
	p.pulls = append(p.pulls, pr)
	p.know(number, func(i *github.Issue) { i.State = "open" })
	return nil
}

// free notes on a closed pull request that it does not mean no any more.
func (p *pass) free(ctx context.Context, number int, m plan.Marker) error {
	pr, err := p.repo.GetPull(ctx, number)
	if err != nil {
		return err
	}
	p.board.freed = append(p.board.freed, m)
	m.Closed = plan.Freed
	body := plan.ReplaceMarker(pr.Body, m)
	_, err = p.repo.UpdatePull(ctx, number, github.PullUpdate{Body: &body})
	if p.wrote(err) == nil {
		p.know(number, func(i *github.Issue) { i.Body = body })
	}
	return err
}

// know changes what the pass knows of an issue that it changed.
func (p *pass) know(number int, change func(*github.Issue)) {
	for i := range p.issues {
		if p.issues[i].Number == number {
			change(&p.issues[i])
		}
	}
}

// showBoard brings the dashboard up to date if it would say something else. A
// person who ticks a box meanwhile is not overwritten: their event wakes
// another pass. A dashboard that is closed is left alone.
func (p *pass) showBoard(ctx context.Context) error {
	old := p.board.issue
	if !p.conf.Dashboard || !p.meta.HasIssues || old != nil && old.State != "open" {
		return nil
	}
	body := dashboard.Render(p.view(), github.MaxBody)
	if old == nil {
		_, err := p.repo.CreateIssue(ctx, boardTitle, body, []string{boardLabel})
		return p.boardError(p.wrote(err))
	}
	if dashboard.Same(old.Body, body) {
		return nil
	}
	now, err := p.repo.GetIssue(ctx, old.Number)
	if err != nil || now.Body != old.Body || now.State != "open" {
		return err
	}
	_, err = p.repo.UpdateIssue(ctx, old.Number, github.IssueUpdate{Body: &body})
	return p.boardError(p.wrote(err))
}

// boardError lets a pass end well without a dashboard where issues may not be
// written.
func (p *pass) boardError(err error) error {
	if p.fatal("", err) {
		return err
	}
	return nil
}

// view is what the dashboard shows after the actions.
func (p *pass) view() dashboard.View {
	v := dashboard.View{Paused: p.board.memory.Paused, Hold: p.limits.Hold}
	for _, problem := range p.out.Problems {
		v.Problems = append(v.Problems, problem.Text)
	}
	p.viewPulls(&v)
	v.Teams = p.progress(v)
	count := make(map[codemod.Reason]int)
	for _, l := range p.result.Left {
		count[l.Reason]++
	}
	for reason, n := range count {
		v.Left = append(v.Left, dashboard.Left{Reason: string(reason), Advice: reason.Advice(), Count: n})
	}
	return v
}

// viewPulls sorts the chunks into open, waiting and declined ones.
func (p *pass) viewPulls(v *dashboard.View) {
	have := make(map[int]*plan.PullRequest)
	for i := range p.have {
		have[p.have[i].Number] = &p.have[i]
	}
	waits := make(map[string]string)
	for _, a := range p.out.Actions {
		if a.Kind == plan.Wait {
			waits[a.Branch] = a.Why
		}
	}
	for i := range p.chunks {
		c := &p.chunks[i]
		pr := have[c.Number]
		pull := dashboard.Pull{Number: c.Number, Directory: c.Directory, Files: len(c.Files), Owners: c.Owners, Note: waits[c.Branch]}
		switch {
		case pr != nil && pr.State != plan.StateOpen:
			v.Declined = append(v.Declined, pull)
		case c.Number != 0:
			pull.Retry = pr == nil || !pr.Foreign || pr.Released
			if !pull.Retry {
				pull.Note = "somebody else pushed to it, so it is left alone"
			}
			v.Open = append(v.Open, pull)
		default:
			why := cmp.Or(pull.Note, "it could not be opened")
			v.Waiting = append(v.Waiting, dashboard.Chunk{ID: c.ID, Directory: c.Directory, Files: len(c.Files), Owners: c.Owners, Why: why})
		}
	}
}
