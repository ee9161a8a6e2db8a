package service

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/store"
)

// cause is why something is done: the job, and what it is for.
type cause struct {
	repository, job, text string
}

type causeKey struct{}

// because has what is done with ctx be written down with its cause.
func because(ctx context.Context, c cause) context.Context {
	return context.WithValue(ctx, causeKey{}, c)
}

// audit writes effects down. A record that cannot be written must not undo what GitHub has taken, so that is logged.
func audit(lg *slog.Logger, db *store.Store) func(context.Context, github.Effect) {
	return func(ctx context.Context, e github.Effect) {
		c, _ := ctx.Value(causeKey{}).(cause)
		err := db.SaveEffect(context.WithoutCancel(ctx), store.Effect{Installation: e.Installation, Repository: c.repository, Job: c.job, Cause: c.text,
			Operation: e.Operation, Key: e.Key, Error: e.Error})
		if err != nil {
			lg.ErrorContext(ctx, "an effect is not in the audit", "operation", e.Operation, "key", e.Key, "error", err)
		}
	}
}

// reviewCause and commandCause are what reviews and commands are for.
func reviewCause(job store.ReviewJob) string {
	return fmt.Sprintf("head %.10s of #%d", job.Head, job.Number)
}

func commandCause(job store.CommandJob) string {
	return fmt.Sprintf("%s %d in #%d, delivery %s", job.Event, job.Subject, job.Number, job.Delivery)
}
