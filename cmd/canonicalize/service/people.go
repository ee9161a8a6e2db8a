package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/canonicalize/canonicalize/bot"
	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/bot/telemetry"
)

// reviewer is the bot's reviews as the server wants them.
type reviewer struct {
	bot     *bot.Bot
	db      *store.Store
	metrics *telemetry.Metrics
}

// Review implements server.Reviewer.
func (r *reviewer) Review(ctx context.Context, in store.Repository, job store.ReviewJob) error {
	return r.review(ctx, in, job, "")
}

// PutAside implements server.Reviewer.
func (r *reviewer) PutAside(ctx context.Context, in store.Repository, job store.ReviewJob, why error) error {
	return r.review(ctx, in, job, why.Error())
}

func (r *reviewer) review(ctx context.Context, in store.Repository, job store.ReviewJob, aside string) error {
	return measured(ctx, r.metrics, job.Kind(), reviewCause(job), in, func(ctx context.Context) error {
		_, err := r.bot.Review(ctx, repo(in), bot.ReviewRequest{Number: job.Number, Head: job.Head, Base: job.Base, Aside: aside})
		if err == nil && job.Number > 0 {
			err = r.db.SaveReview(ctx, in.ID, job.Number, job.Head)
		}
		return timed(err)
	})
}

func repo(r store.Repository) bot.Repo {
	return bot.Repo{Installation: r.Installation, Owner: r.Owner, Name: r.Name}
}

// commander is the bot's commands as the server wants them. The body of a webhook is kept for a button alone: who
// pressed which stands nowhere else.
type commander struct {
	bot     *bot.Bot
	metrics *telemetry.Metrics
	payload func(ctx context.Context, delivery string) ([]byte, error)
}

// Command implements server.Commander.
func (c *commander) Command(ctx context.Context, in store.Repository, job store.CommandJob) error {
	return measured(ctx, c.metrics, job.Kind(), commandCause(job), in, func(ctx context.Context) error { return c.command(ctx, in, job, "") })
}

// PutAside implements server.Commander.
func (c *commander) PutAside(ctx context.Context, in store.Repository, job store.CommandJob, why error) error {
	return c.command(ctx, in, job, why.Error())
}

func (c *commander) command(ctx context.Context, in store.Repository, job store.CommandJob, aside string) error {
	request := bot.CommandRequest{Number: job.Number, Comment: job.Subject, OnLine: job.Event == "pull_request_review_comment"}
	switch job.Event {
	case "pull_request_review":
		request = bot.CommandRequest{Number: job.Number, Review: job.Subject}
	case "pull_request", "issues":
		request = bot.CommandRequest{Number: job.Number, Description: true}
	case "check_run":
		var err error
		if request, err = c.pressed(ctx, job.Delivery); err != nil {
			return err
		}
	}
	request.Aside = aside
	return timed(c.bot.Command(ctx, repo(in), request))
}

// pressed reads who pressed which button. A webhook that is no longer kept is final: nobody waits for it any more.
func (c *commander) pressed(ctx context.Context, delivery string) (bot.CommandRequest, error) {
	body, err := c.payload(ctx, delivery)
	if errors.Is(err, store.ErrNotFound) {
		return bot.CommandRequest{}, &finalError{err}
	}
	if err != nil {
		return bot.CommandRequest{}, err
	}
	var event struct {
		Sender    struct{ Login string }
		Requested struct{ Identifier string } `json:"requested_action"`
		Run       struct {
			External string `json:"external_id"`
		} `json:"check_run"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return bot.CommandRequest{}, &finalError{fmt.Errorf("read the webhook %s: %w", delivery, err)}
	}
	return bot.CommandRequest{Actor: event.Sender.Login, External: event.Run.External, Action: event.Requested.Identifier, Press: delivery}, nil
}
