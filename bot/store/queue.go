package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// laterError and neverError carry a decision about a job beside its reason.
type laterError struct {
	wait time.Duration
	err  error
}

func (e *laterError) Error() string { return fmt.Sprintf("%v (trying again in %s)", e.err, e.wait) }
func (e *laterError) Unwrap() error { return e.err }

type neverError struct{ err error }

func (e *neverError) Error() string { return e.err.Error() }
func (e *neverError) Unwrap() error { return e.err }

// Later makes a job wait, without counting as a failed attempt: for a limit
// that GitHub told about. The wait is cut to at most a day.
func Later(wait time.Duration, err error) error {
	return &laterError{min(max(wait, 0), 24*time.Hour), err}
}

// Never ends a job for good: trying again would fail in the same way.
func Never(err error) error { return &neverError{err} }

// verdict turns the error of a worker into River's words.
func verdict(ctx context.Context, lg *slog.Logger, err error) error {
	var later *laterError
	var never *neverError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &later):
		lg.InfoContext(ctx, "job waits", "error", later.err, "wait", later.wait)
		return river.JobSnooze(later.wait)
	case errors.As(err, &never):
		lg.WarnContext(ctx, "job refused", "error", err)
		return river.JobCancel(cleanError(err))
	case errors.Is(ctx.Err(), context.Canceled):
		// The process is being stopped: the job goes back unharmed.
		return river.JobSnooze(0)
	}
	lg.WarnContext(ctx, "job failed", "error", err)
	return err
}

// Workers says which function does the jobs of which kind.
type Workers struct {
	add   []func(s *Store, w *river.Workers)
	aside func(ctx context.Context, job Job, why error) error
}

// OnAside has tell told of every job that is put aside instead of being done; why is an *AsideError. A pass tells it by
// its record instead.
func OnAside(w *Workers, tell func(ctx context.Context, job Job, why error) error) { w.aside = tell }

// putAside tells it and ends the job.
func (w *Workers) putAside(ctx context.Context, job Job, why error) error {
	if w.aside != nil {
		if err := w.aside(ctx, job, why); err != nil {
			return errors.Join(why, err)
		}
	}
	return Never(why)
}

// Handle has jobs of kind T done by do. Its error decides: nil is done, Later
// waits, Never ends the job, any other is tried again with growing pauses until
// the attempts of the kind are used up.
func Handle[T Job](w *Workers, do func(ctx context.Context, job T) error) {
	w.add = append(w.add, func(s *Store, rw *river.Workers) {
		river.AddWorker(rw, &worker[T]{s: s, do: func(ctx context.Context, job *river.Job[T], aside error) error {
			lg := s.lg.With("job", job.ID, "kind", job.Kind)
			if aside != nil {
				return verdict(ctx, lg, w.putAside(ctx, job.Args, aside))
			}
			return verdict(ctx, lg, do(ctx, job.Args))
		}})
	})
}

type worker[T Job] struct {
	river.WorkerDefaults[T]
	s  *Store
	do func(ctx context.Context, job *river.Job[T], aside error) error
}

func (w *worker[T]) Timeout(job *river.Job[T]) time.Duration { return job.Args.Timeout() }

func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	return w.s.attend(ctx, job.JobRow, func(ctx context.Context, aside error) error { return w.do(ctx, job, aside) })
}

// Settings of the workers; every zero means the default in brackets.
type Settings struct {
	Passes   int           // at once [2]
	Reviews  int           // reviews and commands at once [4]
	Sweep    time.Duration // between two sweeps [30 min]
	Catchup  time.Duration // between two looks for failed deliveries [1 h]
	Prune    time.Duration // between two times that what is old is forgotten [24 h]
	SoftStop time.Duration // how long running jobs may go on after the context ended [20 s]
	Watch    time.Duration // between two looks at the database and at other processes [5 s]
	Grace    time.Duration // from when another process is seen dead until its jobs are taken over [1 min]
	Orphan   time.Duration // for which a job may be running by its record while nobody is at it [4 min: the queue tries for 2 to write down what became of it]
	Crashes  int           // that a job may end its process until it is put aside [2]
	// Retry is the pause after the n-th failed attempt, counted from 1
	// [10 s, growing threefold up to 10 min].
	Retry func(attempt int) time.Duration
}

const defaultCrashes = 2

func (o Settings) withDefaults() Settings {
	o.Passes = cmp.Or(o.Passes, 2)
	o.Reviews = cmp.Or(o.Reviews, 4)
	o.Sweep = cmp.Or(o.Sweep, 30*time.Minute)
	o.Catchup = cmp.Or(o.Catchup, time.Hour)
	o.Prune = cmp.Or(o.Prune, 24*time.Hour)
	o.SoftStop = cmp.Or(o.SoftStop, 20*time.Second)
	o.Watch = cmp.Or(o.Watch, 5*time.Second)
	o.Grace = cmp.Or(o.Grace, time.Minute)
	o.Orphan = cmp.Or(o.Orphan, 4*time.Minute)
	o.Crashes = cmp.Or(o.Crashes, defaultCrashes)
	if o.Retry == nil {
		o.Retry = backoff
	}
	return o
}

// backoff is the pause after the n-th failed attempt. It is short enough that
// an event that meets a waiting job is not late by much.
func backoff(attempt int) time.Duration {
	pause := 10 * time.Second
	for range min(attempt, 10) - 1 {
		pause *= 3
	}
	return min(pause, 10*time.Minute)
}

type retryPolicy struct {
	pause func(attempt int) time.Duration
}

func (p retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(p.pause(len(job.Errors) + 1))
}

// Work has the workers do jobs until ctx ends, gives those that run SoftStop
// time to finish, cancels the rest, and returns once all have ended. It begins
// with a sweep, a look for failed deliveries and a pruning.
//
// Jobs that a killed process left running are taken up again: at once where no
// other process can have the database open, otherwise after Grace.
//
// Where going on would do harm it cancels all jobs and returns an error: the
// SQLite file is gone (ErrLost), or Postgres was out of reach for so long that
// another process may have taken the jobs over.
func (s *Store) Work(ctx context.Context, w *Workers, o Settings) error {
	o = o.withDefaults()
	s.attendance.limit = o.Crashes
	name := processName()
	g, err := s.b.guard(ctx, s.lg, name)
	if err != nil {
		return fmt.Errorf("tell others that this process lives: %w", err)
	}
	defer g.close()
	client, err := s.start(ctx, w, o, name)
	if ctx.Err() != nil && client == nil {
		return nil // stopped before it began
	}
	if err != nil {
		return err
	}
	lost := s.watch(ctx, g, name, o)
	if lost != nil {
		stop, cancel := context.WithTimeout(ctx, o.SoftStop)
		defer cancel()
		_ = client.StopAndCancel(stop) // what it says is asked for below, too
	}
	select {
	case <-client.Stopped():
		return lost
	case <-time.After(o.SoftStop + 15*time.Second):
		return errors.Join(lost, errors.New("stop the workers: some jobs go on although they were cancelled; they are taken up again at the next start"))
	}
}

// watch returns when ctx ends, or with an error when the workers have to stop.
// Meanwhile it looks after the jobs of processes that died.
func (s *Store) watch(ctx context.Context, g guard, name string, o Settings) error {
	r := &rescuer{s: s, name: name, grace: o.Grace, orphan: o.Orphan}
	tick := time.NewTicker(o.Watch)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := g.check(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("stop the workers: %w", err)
		}
		if err := s.wakeDue(ctx, o); err != nil && ctx.Err() == nil {
			s.lg.WarnContext(ctx, "look for upkeep that is due", "error", err)
		}
		if err := r.look(ctx); err != nil && ctx.Err() == nil {
			s.lg.WarnContext(ctx, "look for jobs of processes that died", "error", err)
		}
	}
}

// start returns the running client, or nil and an error.
func (s *Store) start(ctx context.Context, w *Workers, o Settings, name string) (queueClient, error) {
	if s.b.alone() {
		if err := s.reclaimAll(ctx); err != nil {
			return nil, fmt.Errorf("take up the jobs of the last run: %w", err)
		}
	}
	// Not by River's RunOnStart, which waits for an election and some seconds more.
	if err := s.wakeDue(ctx, Settings{}); err != nil { // whatever was done before
		return nil, err
	}
	config := s.config(ctx, w, o)
	config.ID = name
	client, err := s.b.client(config)
	if err != nil {
		return nil, fmt.Errorf("set up the workers: %w", err)
	}
	if err := client.Start(ctx); err != nil {
		return nil, fmt.Errorf("start the workers: %w", err)
	}
	return client, nil
}

func (s *Store) config(ctx context.Context, w *Workers, o Settings) *river.Config {
	workers := river.NewWorkers()
	for _, add := range w.add {
		add(s, workers)
	}
	return &river.Config{
		Logger:  slog.New(riverLog{s.lg.Handler(), ctx}),
		Workers: workers,
		Queues: map[string]river.QueueConfig{
			queuePasses: {MaxWorkers: o.Passes}, queueReviews: {MaxWorkers: o.Reviews}, queueUpkeep: {MaxWorkers: 1},
		},
		JobTimeout:                  PassJob{}.Timeout(),
		RescueStuckJobsAfter:        PassJob{}.Timeout() + 5*time.Minute,
		CancelledJobRetentionPeriod: 7 * 24 * time.Hour,
		RetryPolicy:                 retryPolicy{o.Retry},
		SoftStopTimeout:             o.SoftStop,
	}
}

// riverLog lets River's warnings and errors through. The rest is about River's
// own parts, and so is what they say while they are being stopped.
type riverLog struct {
	slog.Handler
	life context.Context
}

func (h riverLog) Enabled(ctx context.Context, level slog.Level) bool {
	return h.Handler.Enabled(ctx, h.level(level))
}

func (h riverLog) Handle(ctx context.Context, r slog.Record) error {
	r.Level = h.level(r.Level)
	return h.Handler.Handle(ctx, r)
}

func (h riverLog) WithAttrs(a []slog.Attr) slog.Handler {
	return riverLog{h.Handler.WithAttrs(a), h.life}
}

func (h riverLog) WithGroup(name string) slog.Handler {
	return riverLog{h.Handler.WithGroup(name), h.life}
}

func (h riverLog) level(l slog.Level) slog.Level {
	if l < slog.LevelWarn || h.life.Err() != nil {
		return min(l, slog.LevelDebug)
	}
	return l
}

// Count is how many jobs of a kind are in a state: "available", "running",
// "scheduled", "retryable", "completed", "cancelled" or "discarded".
type Count struct {
	Kind, State string
	Jobs        int
}

// Unfinished says whether such jobs still have something to do.
func (c Count) Unfinished() bool {
	return slices.Contains(unfinished(), rivertype.JobState(c.State))
}

// Counts returns how many jobs there are, by kind and state.
func (s *Store) Counts(ctx context.Context) ([]Count, error) {
	return all(ctx, s, "count jobs", func(r rows) (c Count, err error) {
		err = r.Scan(&c.Kind, &c.State, &c.Jobs)
		return c, err
	}, "SELECT kind, CAST(state AS TEXT), COUNT(*) FROM river_job GROUP BY kind, state ORDER BY kind, CAST(state AS TEXT)")
}

// Idle says that no job is running or about to run. Jobs that wait for their
// time do not count.
func (s *Store) Idle(ctx context.Context) (bool, error) {
	n, err := first(ctx, s, "look for jobs", scanInt, "SELECT COUNT(*) FROM river_job WHERE state IN ('available', 'running')")
	return n == 0, err
}

// DeadJob is a job that was given up.
type DeadJob struct {
	ID       int64     `json:"id"`
	Kind     string    `json:"kind"`
	Args     string    `json:"about"` // JSON
	State    string    `json:"state"` // "discarded": attempts used up; "cancelled": refused
	Attempts int       `json:"attempts"`
	Ended    time.Time `json:"ended"`
	Error    string    `json:"error"` // of the last attempt
}

// Dead returns the latest jobs that were given up, newest first. They are kept
// for seven days.
func (s *Store) Dead(ctx context.Context, limit int) ([]DeadJob, error) {
	found, err := s.b.dead(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list dead jobs: %w", err)
	}
	dead := make([]DeadJob, 0, len(found))
	for _, row := range found {
		d := DeadJob{ID: row.ID, Kind: row.Kind, Args: string(row.EncodedArgs), State: string(row.State), Attempts: row.Attempt}
		if row.FinalizedAt != nil {
			d.Ended = *row.FinalizedAt
		}
		if n := len(row.Errors); n > 0 {
			d.Error = row.Errors[n-1].Error
		}
		dead = append(dead, d)
	}
	return dead, nil
}

// Revive has a dead job done again, once more at least.
func (s *Store) Revive(ctx context.Context, job int64) error {
	if err := s.b.revive(ctx, job); err != nil {
		return fmt.Errorf("revive job %d: %w", job, err)
	}
	return nil
}

// Drop forgets a job that is not running.
func (s *Store) Drop(ctx context.Context, job int64) error {
	if err := s.b.drop(ctx, job); err != nil {
		return fmt.Errorf("drop job %d: %w", job, err)
	}
	return nil
}
