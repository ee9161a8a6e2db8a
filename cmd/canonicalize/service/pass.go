package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/canonicalize/canonicalize/bot"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/bot/telemetry"
)

// passer is the bot's pass as the server wants it.
type passer struct {
	lg      *slog.Logger
	bot     *bot.Bot
	db      *store.Store
	metrics *telemetry.Metrics
	observe func(*bot.Outcome, error)
}

// Pass implements server.Passer.
func (p *passer) Pass(ctx context.Context, r store.Repository, events []store.Event) (o store.Outcome, err error) {
	err = measured(ctx, p.metrics, "pass", reasonOf(events), r, func(ctx context.Context) error {
		o, err = p.pass(ctx, r)
		return err
	})
	return o, err
}

// reasonOf says what woke a pass.
func reasonOf(events []store.Event) string {
	if len(events) == 0 {
		return "the regular look"
	}
	last := events[len(events)-1]
	text := last.Event
	if last.Delivery != "" {
		text += ", delivery " + last.Delivery
	}
	if more := len(events) - 1; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func (p *passer) pass(ctx context.Context, r store.Repository) (store.Outcome, error) {
	out, err := p.bot.Pass(ctx, bot.Repo{Installation: r.Installation, Owner: r.Owner, Name: r.Name})
	acted(p.metrics, out)
	if p.observe != nil {
		p.observe(out, err)
	}
	if out == nil {
		return store.Outcome{}, timed(err)
	}
	if err == nil {
		if err := remember(ctx, p.db, r, out); err != nil {
			return store.Outcome{}, err
		}
		if err := p.makeGood(ctx, r, out); err != nil {
			return store.Outcome{}, err
		}
	}
	lg := p.lg.With("repo", r.FullName(), "installation", r.Installation)
	if out.Refused != "" {
		lg.WarnContext(ctx, "pass refused", "why", out.Refused)
	}
	for _, problem := range out.Problems {
		lg.WarnContext(ctx, "problem", "branch", problem.Branch, "what", problem.Text)
	}
	return outcome(out), timed(err)
}

// makeGood has the heads reviewed whose event was lost.
func (p *passer) makeGood(ctx context.Context, r store.Repository, out *bot.Outcome) error {
	if out.Refused != "" {
		return nil
	}
	var open []store.Head
	for _, pr := range out.People {
		open = append(open, store.Head{Number: pr.Number, SHA: pr.Head.SHA, Base: pr.Base.Branch})
	}
	missed, err := p.db.Unreviewed(ctx, r.ID, open)
	if err != nil || len(missed) == 0 {
		return err
	}
	p.lg.InfoContext(ctx, "reviews made good", "repo", r.FullName(), "count", len(missed))
	var jobs []store.Job
	for _, h := range missed {
		jobs = append(jobs, store.ReviewJob{Repository: r.ID, Number: h.Number, Head: h.SHA, Base: h.Base})
	}
	return p.db.Enqueue(ctx, "sweep", jobs...)
}

func outcome(out *bot.Outcome) store.Outcome {
	o := store.Outcome{Head: out.Head, PullRequests: out.Open, Actions: out.Writes, Again: out.Again}
	if out.Result != nil {
		o.Files, o.Changed, o.Left = out.Result.Files, len(out.Result.Changes), len(out.Result.Left)
	}
	return o
}

// waitError says when to come back, finalError that coming back is of no use; the server asks errors for these.
type (
	waitError struct {
		error
		wait time.Duration
	}
	finalError struct{ error }
)

// RetryAfter is how long to wait.
func (e *waitError) RetryAfter() time.Duration { return e.wait }

func (e *waitError) Unwrap() error { return e.error }

// Permanent tells that a person or an event has to change something first.
func (e *finalError) Permanent() bool { return true }

func (e *finalError) Unwrap() error { return e.error }

// timed adds to an error of GitHub's what the server can ask it: when, or whether, to try again.
func timed(err error) error {
	var secondary *github.ErrSecondaryLimit
	var primary *github.ErrRateLimit
	switch {
	case err == nil:
		return nil
	case errors.As(err, &secondary):
		return &waitError{err, max(secondary.RetryAfter, time.Second)}
	case errors.As(err, &primary):
		return &waitError{err, max(time.Until(primary.Reset), time.Second)}
	case errors.Is(err, github.ErrSuspended), errors.Is(err, github.ErrArchived):
		return &finalError{err}
	}
	return err
}
