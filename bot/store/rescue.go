package store

import (
	"context"
	"time"
)

// rescuer takes up the jobs of processes that died while they ran them, and those of this one that nobody is at. River
// does the same, but has nothing to go by except a job's age, and so must wait for longer than the longest job may take.
type rescuer struct {
	s       *Store
	name    string // of this process
	grace   time.Duration
	orphan  time.Duration // for which nobody has to be at a job here
	dead    map[string]time.Time
	orphans map[int64]time.Time // since when
}

// look makes the jobs available of processes that are dead for long enough. One that only lost its session meanwhile has
// taken its lock again, or has cancelled its jobs.
func (r *rescuer) look(ctx context.Context) error {
	running, err := r.s.running(ctx, r.s.b.atomically)
	if err != nil {
		return err
	}
	dead, orphans := map[string]time.Time{}, map[int64]time.Time{}
	for _, job := range running {
		if r.s.b.alone() || job.by == r.name {
			r.lookHere(job, orphans)
			continue
		}
		if _, done := dead[job.by]; done {
			continue
		}
		since, err := r.lookAt(ctx, job.by)
		if err != nil {
			return err
		}
		if !since.IsZero() {
			dead[job.by] = since
		}
	}
	r.dead, r.orphans = dead, orphans
	return r.adopt(ctx)
}

// lookHere notes a job that is running by its record, while nobody here is at it: what became of it could not be
// written down.
func (r *rescuer) lookHere(job runningJob, orphans map[int64]time.Time) {
	if r.s.attendance.has(job.id) {
		return
	}
	since, seen := r.orphans[job.id]
	if !seen {
		since = r.s.now()
	}
	orphans[job.id] = since
}

// adopt makes the orphans available that are it for long enough.
func (r *rescuer) adopt(ctx context.Context) error {
	for id, since := range r.orphans {
		if r.s.now().Sub(since) < r.orphan || r.s.attendance.has(id) {
			continue
		}
		r.s.lg.WarnContext(ctx, "a job was running without anybody at it: it is done again", "job", id)
		err := r.s.write(ctx, "take up a job", "UPDATE river_job SET state = 'available' WHERE state = 'running' AND id = $1", id)
		if err != nil {
			return err
		}
		delete(r.orphans, id)
	}
	return nil
}

// lookAt says since when a process is known to be dead, zero if it lives or has no jobs any more. What its jobs become
// happens under its own lock.
func (r *rescuer) lookAt(ctx context.Context, name string) (since time.Time, err error) {
	err = r.s.b.atomically(ctx, func(tx transaction) error {
		free, _, err := one(ctx, tx, scanBool, "SELECT pg_try_advisory_xact_lock(hashtextextended($1, $2))", name, int64(lockSeed))
		if err != nil || !free {
			return err
		}
		since = r.s.now()
		if first, seen := r.dead[name]; seen {
			since = first
		}
		if r.s.now().Sub(since) < r.grace {
			return nil
		}
		since = time.Time{}
		return r.s.reclaim(ctx, tx, func(job runningJob) bool { return job.by == name })
	})
	return since, err
}

func scanBool(r rows) (v bool, err error) {
	err = r.Scan(&v)
	return v, err
}

// runningJob is a job that is running by its record.
type runningJob struct {
	id   int64
	last bool   // of its attempts
	key  string // see crashKey
	by   string // the process; "" on SQLite, which has but one
}

func scanRunning(r rows) (v runningJob, err error) {
	var kind, args string
	err = r.Scan(&v.id, &v.last, &kind, &args, &v.by)
	v.key = crashKey(kind, []byte(args))
	return v, err
}

// running lists the jobs that are running by their records, in a transaction that within makes.
func (s *Store) running(ctx context.Context, within func(context.Context, func(transaction) error) error) (found []runningJob, err error) {
	query := "SELECT id, attempt >= max_attempts, kind, CAST(json(args) AS TEXT), '' FROM river_job WHERE state = 'running'"
	if !s.b.alone() {
		query = `SELECT id, attempt >= max_attempts, kind, CAST(args AS TEXT), COALESCE(attempted_by[array_upper(attempted_by, 1)], '')
			FROM river_job WHERE state = 'running'`
	}
	err = within(ctx, func(tx transaction) error {
		found, err = list(ctx, tx, scanRunning, query)
		return err
	})
	return found, err
}

// reclaimAll makes all running jobs available again: nobody else can run them.
func (s *Store) reclaimAll(ctx context.Context) error {
	return s.b.atomically(ctx, func(tx transaction) error {
		return s.reclaim(ctx, tx, func(runningJob) bool { return true })
	})
}

// reclaim makes running jobs of a process that ended available again. It counts as an attempt at each, and against it.
func (s *Store) reclaim(ctx context.Context, tx transaction, which func(runningJob) bool) error {
	running, err := s.running(ctx, func(_ context.Context, do func(transaction) error) error { return do(tx) })
	if err != nil {
		return err
	}
	now := "now()"
	if s.b.alone() {
		now = "datetime('now', 'subsec')"
	}
	again, given := 0, 0
	for _, job := range running {
		if !which(job) {
			continue
		}
		statement, count := "UPDATE river_job SET state = 'available' WHERE state = 'running' AND id = $1", &again
		if job.last {
			statement, count = "UPDATE river_job SET state = 'discarded', finalized_at = "+now+" WHERE state = 'running' AND id = $1", &given
		}
		if _, err := tx.exec(ctx, statement, job.id); err != nil {
			return err
		}
		if err := s.blame(ctx, tx, job.key); err != nil {
			return err
		}
		*count++
	}
	if again+given > 0 {
		s.lg.InfoContext(ctx, "a process ended in the middle of jobs", "again", again, "given_up", given)
	}
	return nil
}
