package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/canonicalize/canonicalize/bot/store"
)

// Passer brings a repository one pass nearer to what is wanted. The events are
// why it was woken; none of them is to be believed.
type Passer interface {
	Pass(ctx context.Context, r store.Repository, events []store.Event) (store.Outcome, error)
}

// Reviewer reviews one head of a pull request, or of a merge group.
type Reviewer interface {
	Review(ctx context.Context, r store.Repository, job store.ReviewJob) error
	// PutAside tells whoever waits for the review that there will be none.
	PutAside(ctx context.Context, r store.Repository, job store.ReviewJob, why error) error
}

// Commander does what a comment or a button asks for.
type Commander interface {
	Command(ctx context.Context, r store.Repository, job store.CommandJob) error
	// PutAside tells whoever asked that it is not done.
	PutAside(ctx context.Context, r store.Repository, job store.CommandJob, why error) error
}

// An error of any of the three may have one of these methods, through any
// depth of wrapping. One with neither is tried again with growing pauses.
type (
	// retryAfter: GitHub, or the pace of the bot's own writes, asks to wait.
	retryAfter interface{ RetryAfter() time.Duration }
	// permanent: trying again gives the same until a person changes something.
	permanent interface{ Permanent() bool }
)

// decided says in the store's words what an error asks for.
func decided(err error) error {
	var wait retryAfter
	var end permanent
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wait) && wait.RetryAfter() > 0:
		return store.Later(wait.RetryAfter(), err)
	case errors.As(err, &end) && end.Permanent():
		return store.Never(err)
	}
	return err
}

// workers ties each kind of job to who does it.
func workers(lg *slog.Logger, db *store.Store, gh GitHub, pass Passer, review Reviewer, command Commander, tidy func(context.Context) error) *store.Workers {
	w := &store.Workers{}
	store.HandlePass(w, func(ctx context.Context, r store.Repository, events []store.Event) (store.Outcome, error) {
		o, err := pass.Pass(ctx, r, events)
		if o.Again > 0 {
			err = errors.Join(err, db.Enqueue(ctx, "pace", store.WakeJob{Repository: r.ID, At: time.Now().Add(o.Again)}))
		}
		return o, decided(err)
	})
	store.Handle(w, func(ctx context.Context, job store.WakeJob) error {
		return db.Enqueue(ctx, "pace", store.PassJob{Repository: job.Repository})
	})
	store.Handle(w, func(ctx context.Context, job store.ReviewJob) error {
		return inRepository(ctx, lg, db, job.Repository, review != nil, func(r store.Repository) error {
			return review.Review(ctx, r, job)
		})
	})
	store.Handle(w, func(ctx context.Context, job store.CommandJob) error {
		return inRepository(ctx, lg, db, job.Repository, command != nil, func(r store.Repository) error {
			return command.Command(ctx, r, job)
		})
	})
	store.OnAside(w, func(ctx context.Context, job store.Job, why error) error {
		switch job := job.(type) {
		case store.ReviewJob:
			return inRepository(ctx, lg, db, job.Repository, review != nil, func(r store.Repository) error {
				return review.PutAside(ctx, r, job, why)
			})
		case store.CommandJob:
			return inRepository(ctx, lg, db, job.Repository, command != nil, func(r store.Repository) error {
				return command.PutAside(ctx, r, job, why)
			})
		}
		return nil
	})
	u := &upkeep{lg, db, gh}
	store.Handle(w, func(ctx context.Context, job store.InstallationJob) error {
		return decided(u.installation(ctx, job.ID))
	})
	store.Handle(w, func(ctx context.Context, _ store.SweepJob) error {
		err := u.sweep(ctx)
		if err == nil && tidy != nil {
			err = tidy(ctx)
		}
		return decided(err)
	})
	store.Handle(w, func(ctx context.Context, _ store.DeliveriesJob) error { return decided(u.deliveries(ctx)) })
	store.Handle(w, func(ctx context.Context, _ store.PruneJob) error { return db.Prune(ctx) })
	return w
}

// inRepository does a job if its repository is one to work on.
func inRepository(ctx context.Context, lg *slog.Logger, db *store.Store, id int64, wanted bool, do func(store.Repository) error) error {
	r, err := db.Repository(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Never(err)
	case err != nil:
		return err
	case r.State != store.Active || !wanted:
		lg.DebugContext(ctx, "job dropped", "repo", r.FullName(), "state", r.State)
		return nil
	}
	if err := do(r); err != nil {
		return decided(fmt.Errorf("%s: %w", r.FullName(), err))
	}
	return nil
}
