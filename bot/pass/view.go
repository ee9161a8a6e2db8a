package pass

import (
	"cmp"
	"context"

	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod"
)

// showBoard brings the dashboard up to date if it would say something else. A
// person who ticks a box meanwhile is not overwritten: their event wakes
// another pass. A dashboard that is closed is left alone.
func (e *effects) showBoard(ctx context.Context) error {
	view := e.view()
	e.out.Board = &view
	old := e.board.issue
	if !e.conf.Dashboard || !e.Meta.HasIssues || old != nil && old.State != "open" {
		return nil
	}
	body := dashboard.Render(view, github.MaxBody)
	if old == nil {
		_, err := e.Repo.CreateIssue(ctx, boardTitle, body, []string{boardLabel})
		return e.boardError(e.wrote(err))
	}
	if dashboard.Same(old.Body, body) {
		return nil
	}
	now, err := e.Repo.GetIssue(ctx, old.Number)
	if err != nil || now.Body != old.Body || now.State != "open" {
		return err
	}
	_, err = e.Repo.UpdateIssue(ctx, old.Number, github.IssueUpdate{Body: &body})
	return e.boardError(e.wrote(err))
}

// boardError lets a pass end well without a dashboard where issues may not be
// written.
func (e *effects) boardError(err error) error {
	if e.fatal("", err) {
		return err
	}
	return nil
}

// view is what the dashboard shows after the actions.
func (e *effects) view() dashboard.View {
	v := dashboard.View{Paused: e.board.memory.Paused, Hold: e.limits.Hold, Endings: e.endings, Ends: e.board.memory.Ends}
	for _, problem := range e.out.Problems {
		v.Problems = append(v.Problems, problem.Text)
	}
	e.viewPulls(&v)
	v.Teams = e.progress(v)
	count := make(map[codemod.Reason]int)
	for _, l := range e.result.Left {
		count[l.Reason]++
	}
	for reason, n := range count {
		v.Left = append(v.Left, dashboard.Left{Reason: string(reason), Advice: reason.Advice(), Count: n})
	}
	return v
}

// viewPulls sorts the chunks into open, waiting and declined ones.
func (e *effects) viewPulls(v *dashboard.View) {
	have := make(map[int]*plan.PullRequest)
	for i := range e.have {
		have[e.have[i].Number] = &e.have[i]
	}
	waits := make(map[string]string)
	for _, a := range e.out.Actions {
		if a.Kind == plan.Wait {
			waits[a.Branch] = a.Why
		}
	}
	for i := range e.chunks {
		c := &e.chunks[i]
		pr := have[c.Number]
		pull := dashboard.Pull{Number: c.Number, Place: c.Place, Files: len(c.Files), Owners: c.Owners, Note: waits[c.Branch]}
		switch {
		case pr != nil && pr.State != plan.StateOpen:
			if n := pr.Marker.Changed(c.Files); n > 0 {
				pull.Note = words.Counted(n, "file") + " would change in another way now"
			}
			v.Declined = append(v.Declined, pull)
		case c.Number != 0:
			pull.Retry = pr == nil || !pr.Foreign || pr.Released
			if !pull.Retry {
				pull.Note = "somebody else pushed to it, so it is left alone"
			}
			v.Open = append(v.Open, pull)
		default:
			why := cmp.Or(pull.Note, "it could not be opened")
			v.Waiting = append(v.Waiting, dashboard.Chunk{ID: c.ID, Place: c.Place, Files: len(c.Files), Owners: c.Owners, Why: why})
		}
	}
}
