package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Event is something that happened to a repository since its last pass.
type Event struct {
	ID       int64
	Delivery string // "" for events of our own, such as a sweep
	Event    string // "push", "pull_request", "sweep", ...
	Action   string
	At       time.Time
}

// HandlePass has passes done by do, which gets the events since the last pass
// that went well. Its error decides as in Handle. Passes over repositories that
// are not active are dropped with their events.
func HandlePass(w *Workers, do func(ctx context.Context, r Repository, events []Event) (Outcome, error)) {
	w.add = append(w.add, func(s *Store, rw *river.Workers) {
		river.AddWorker(rw, &worker[PassJob]{s: s, do: func(ctx context.Context, job *river.Job[PassJob], aside error) error {
			if aside != nil {
				return s.drain(ctx, job, func(context.Context, Repository, []Event) (Outcome, error) { return Outcome{}, Never(aside) })
			}
			return s.drain(ctx, job, do)
		}})
	})
}

// started is a pass that is under way.
type started struct {
	id         int64
	repository Repository
	events     []Event
	job        *rivertype.JobRow
}

// last is the number of the latest event that the pass knows. Events of one
// repository become visible in the order of their numbers, since whoever adds
// one holds the repository's row.
func (p *started) last() int64 {
	if len(p.events) == 0 {
		return 0
	}
	return p.events[len(p.events)-1].ID
}

func (s *Store) drain(ctx context.Context, job *river.Job[PassJob], do func(context.Context, Repository, []Event) (Outcome, error)) error {
	p, err := s.beginPass(ctx, job)
	if err != nil {
		return fmt.Errorf("begin a pass over repository %d: %w", job.Args.Repository, err)
	}
	if p == nil {
		return nil
	}
	lg := s.lg.With("job", job.ID, "repo", p.repository.FullName(), "installation", p.repository.Installation)
	outcome, doErr := do(ctx, p.repository, p.events)
	// What was done is done, even if the process is being stopped.
	endCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	more, err := s.endPass(endCtx, p, outcome, doErr)
	if err != nil {
		return fmt.Errorf("end the pass over %s: %w", p.repository.FullName(), errors.Join(err, doErr))
	}
	if more {
		return river.JobSnooze(0)
	}
	return verdict(ctx, lg, doErr)
}

// beginPass takes the events and opens the record of the pass. Nil means that
// there is nothing to do, and that the job is completed.
func (s *Store) beginPass(ctx context.Context, job *river.Job[PassJob]) (p *started, err error) {
	id := job.Args.Repository
	err = s.b.atomically(ctx, func(tx transaction) error {
		if err := lockRepository(ctx, tx, id); err != nil {
			return err
		}
		r, known, err := one(ctx, tx, scanRepository, repositoryColumns+"WHERE id = $1", id)
		if err != nil {
			return err
		}
		if !known || r.State != Active {
			s.lg.InfoContext(ctx, "pass dropped: the repository is not active", "repo", r.FullName(), "job", job.ID)
			return s.dropPass(ctx, tx, job)
		}
		p = &started{repository: r, job: job.JobRow}
		if p.events, err = list(ctx, tx, scanEvent, "SELECT id, delivery, event, action, at FROM events WHERE repository = $1 ORDER BY id", id); err != nil {
			return err
		}
		p.id, err = s.openPass(ctx, tx, id)
		return err
	})
	return p, err
}

func scanEvent(r rows) (e Event, err error) {
	var at int64
	err = r.Scan(&e.ID, &e.Delivery, &e.Event, &e.Action, &at)
	e.At = moment(at)
	return e, err
}

func (s *Store) dropPass(ctx context.Context, tx transaction, job *river.Job[PassJob]) error {
	if _, err := tx.exec(ctx, "DELETE FROM events WHERE repository = $1", job.Args.Repository); err != nil {
		return err
	}
	return tx.complete(ctx, job.JobRow)
}

// openPass also closes the records of passes whose process did not live to.
func (s *Store) openPass(ctx context.Context, tx transaction, repository int64) (int64, error) {
	_, err := tx.exec(ctx, "UPDATE passes SET result = $1, ended_at = $2 WHERE repository = $3 AND ended_at IS NULL",
		ResultInterrupted, s.stamp(), repository)
	if err != nil {
		return 0, err
	}
	id, _, err := one(ctx, tx, scanInt, "INSERT INTO passes (repository, started_at, result) VALUES ($1, $2, $3) RETURNING id",
		repository, s.stamp(), ResultRunning)
	return id, err
}

// endPass closes the record. After a pass that went well, or that is refused,
// its events are done with; if that leaves none, the job completes here, else
// more is true. (A refused pass is told by its record: letting the queue cancel
// the job later would leave a moment in which an event is lost.) After any
// other pass the events stay for the next attempt.
func (s *Store) endPass(ctx context.Context, p *started, o Outcome, doErr error) (more bool, err error) {
	err = s.b.atomically(ctx, func(tx transaction) error {
		if err := lockRepository(ctx, tx, p.repository.ID); err != nil {
			return err
		}
		result, text := resultOf(doErr)
		_, err := tx.exec(ctx, `UPDATE passes SET ended_at = $1, result = $2, head = $3, files = $4, changed = $5,
			left_over = $6, pull_requests = $7, actions = $8, error = $9 WHERE id = $10`,
			s.stamp(), result, o.Head, o.Files, o.Changed, o.Left, o.PullRequests, o.Actions, text, p.id)
		if err != nil || (result != ResultDone && result != ResultRefused) {
			return err
		}
		if _, err := tx.exec(ctx, "DELETE FROM events WHERE repository = $1 AND id <= $2", p.repository.ID, p.last()); err != nil {
			return err
		}
		rest, _, err := one(ctx, tx, scanInt, "SELECT COUNT(*) FROM events WHERE repository = $1", p.repository.ID)
		if more = rest > 0; err != nil || more {
			return err
		}
		return tx.complete(ctx, p.job)
	})
	return more, err
}

func resultOf(err error) (result, text string) {
	var later *laterError
	var never *neverError
	switch {
	case err == nil:
		return ResultDone, ""
	case errors.As(err, &later):
		return ResultWaiting, later.err.Error()
	case errors.As(err, &never):
		return ResultRefused, err.Error()
	case errors.Is(err, context.Canceled):
		return ResultInterrupted, err.Error()
	}
	return ResultFailed, err.Error()
}
