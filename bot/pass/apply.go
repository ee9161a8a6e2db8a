package pass

import (
	"context"
	"fmt"

	"github.com/canonicalize/canonicalize/bot/description"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
)

// effects does the actions.
type effects struct {
	*wanted
	closed     []string           // branches of pull requests that this pass closed
	furnishing *github.Furnishing // looked up by the first that needs it
	endings    []string           // what the dashboard says of facades on their way out
}

// apply does the actions: all branches first, then what belongs to each pull
// request. An effect that GitHub refuses for good is a problem of that pull
// request; anything else ends the pass, and the next one goes on from there.
func (e *effects) apply(ctx context.Context) error {
	tips, err := e.push(ctx)
	if err != nil {
		return err
	}
	effects := map[plan.Kind]func(context.Context, plan.Action, string) error{
		plan.Open: e.open, plan.UpdateBranch: e.updateBranch, plan.UpdateBody: e.updateBody,
		plan.CloseEmpty: e.closePull, plan.CloseSuperseded: e.closePull,
		plan.Detach: e.detach, plan.Remind: e.remind,
		plan.Label: e.label, plan.RequestReviewers: e.askMissing,
	}
	for i, a := range e.out.Actions {
		e.Stage("pull requests", i, len(e.out.Actions))
		effect, tip := effects[a.Kind], tips[a.Branch]
		needsPush := a.Kind == plan.Open || a.Kind == plan.UpdateBranch
		if effect == nil || needsPush && tip == "" {
			continue
		}
		e.Log.Info("apply", "action", a.Key(), "pr", a.Number)
		err := effect(paced(ctx, a), a, tip)
		if e.fatal(a.Branch, err) {
			return fmt.Errorf("%s: %w", a.Key(), err)
		}
		if err != nil && a.Kind == plan.Open && a.Chunk.Number == 0 {
			e.out.Actions[i].Kind, e.out.Actions[i].Why = plan.Wait, "it could not be opened"
		}
	}
	return e.sweep(ctx)
}

// paced counts an opening that nobody asked for against the campaign's budget.
func paced(ctx context.Context, a plan.Action) context.Context {
	if a.Kind == plan.Open && !a.Asked {
		return github.AsCampaign(ctx)
	}
	return ctx
}

func (e *effects) askMissing(ctx context.Context, a plan.Action, _ string) error {
	if err := e.ask(ctx, a.Number, a.Chunk, a.Names); err != nil {
		return err
	}
	pr, err := e.Repo.GetPull(ctx, a.Number)
	if err != nil {
		return err
	}
	marker, ok := plan.ParseMarker(pr.Body)
	if !ok || !marker.Draft {
		return nil
	}
	marker.Draft = false
	body := plan.ReplaceMarker(pr.Body, marker)
	_, err = e.Repo.UpdatePull(ctx, a.Number, github.PullUpdate{Body: &body})
	return e.wrote(err)
}

// label also says again what an interrupted opening may have left out.
func (e *effects) label(ctx context.Context, a plan.Action, _ string) error {
	pr, err := e.Repo.GetPull(ctx, a.Number)
	if err != nil {
		return err
	}
	text, err := e.text.Text(a.Chunk, pr.Head.SHA)
	if err != nil {
		return err
	}
	if err := e.sayRest(ctx, pr.Number, a.Branch, text.Rest); err != nil {
		return err
	}
	return e.furnish(ctx, pr, a.Chunk)
}

// updateBranch follows a push with what the body says about it.
func (e *effects) updateBranch(ctx context.Context, a plan.Action, tip string) error {
	text, err := e.text.Text(a.Chunk, tip)
	if err != nil {
		return err
	}
	return e.rewrite(ctx, a.Number, text)
}

// rewrite replaces the body, the base branch if it is another one now, and the
// title unless a person gave it.
func (e *effects) rewrite(ctx context.Context, number int, t description.Text) error {
	pr, err := e.Repo.GetPull(ctx, number)
	if err != nil {
		return err
	}
	update := github.PullUpdate{Body: &t.Body}
	old, _ := plan.ParseMarker(pr.Body)
	if old.Title == description.TitleDigest(pr.Title) && pr.Title != t.Title {
		update.Title = &t.Title
	}
	if pr.Base.Branch != e.Meta.DefaultBranch {
		update.Base = &e.Meta.DefaultBranch
	}
	_, err = e.Repo.UpdatePull(ctx, number, update)
	return e.wrote(err)
}

// updateBody changes what is said about a branch that stays as it is.
func (e *effects) updateBody(ctx context.Context, a plan.Action, _ string) error {
	for _, pr := range e.have {
		if pr.Number == a.Number {
			text, err := e.text.Text(a.Chunk, pr.Head)
			if err != nil {
				return err
			}
			return e.rewrite(ctx, a.Number, text)
		}
	}
	return nil
}

// closePull ends a pull request with a word, after a fresh look: it may have
// been merged since it was listed.
func (e *effects) closePull(ctx context.Context, a plan.Action, _ string) error {
	pr, err := e.Repo.GetPull(ctx, a.Number)
	if err != nil || pr.State != "open" {
		return err
	}
	word, closed := "Nothing is left to change in these files, so this pull request is closed. Thank you!", plan.Empty
	if a.Kind == plan.CloseSuperseded {
		word, closed = fmt.Sprintf("#%d changes these files now, so this pull request is closed.", a.By), plan.Superseded
	}
	if err := e.say(ctx, a.Number, plan.NoticeThanks, word); err != nil {
		return err
	}
	marker, _ := plan.ParseMarker(pr.Body)
	marker.Closed = closed
	body, state := plan.ReplaceMarker(pr.Body, marker), "closed"
	_, err = e.Repo.UpdatePull(ctx, a.Number, github.PullUpdate{Body: &body, State: &state})
	if err == nil {
		e.out.Open--
		e.closed = append(e.closed, a.Branch)
	}
	return e.wrote(err)
}

func (e *effects) detach(ctx context.Context, a plan.Action, _ string) error {
	return e.say(ctx, a.Number, plan.NoticeDetached,
		"Somebody else pushed to this branch, so I leave it alone from now on: it is yours to change and to merge. "+
			"If you close it, I will not open it again for the same changes. "+
			"To have me go on with it, comment `/canonicalize take-over`: I then make the branch anew, without what was pushed to it.")
}

func (e *effects) remind(ctx context.Context, a plan.Action, _ string) error {
	return e.say(ctx, a.Number, plan.NoticeStale,
		"A gentle reminder, the only one: this pull request waits for an answer. It can be merged alone and in any order; "+
			"closing it means no, and I will not open it again for the same changes.")
}
