package store

import (
	"context"
	"time"
)

// rescuer takes up the jobs of processes that died while they ran them. River
// does the same, but has nothing to go by except a job's age, and so must wait
// for longer than the longest job may take.
type rescuer struct {
	s     *Store
	name  string // of this process
	grace time.Duration
	dead  map[string]time.Time // when a process was first seen to be dead
}

// look makes the jobs available of processes that are dead for long enough.
// One that only lost its session meanwhile has taken its lock again, or has
// cancelled its jobs.
func (r *rescuer) look(ctx context.Context) error {
	if r.s.b.alone() {
		return nil
	}
	names, err := all(ctx, r.s, "list who runs jobs", scanText,
		"SELECT DISTINCT attempted_by[array_upper(attempted_by, 1)] FROM river_job WHERE state = 'running' AND attempted_by IS NOT NULL")
	if err != nil {
		return err
	}
	dead := make(map[string]time.Time)
	for _, name := range names {
		if name == r.name {
			continue
		}
		since, err := r.lookAt(ctx, name)
		if err != nil {
			return err
		}
		if !since.IsZero() {
			dead[name] = since
		}
	}
	r.dead = dead
	return nil
}

// lookAt says since when a process is known to be dead, zero if it lives or
// has no jobs any more. What its jobs become happens under its own lock.
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
		return r.s.reclaim(ctx, tx, "now()", "AND attempted_by[array_upper(attempted_by, 1)] = $1", name)
	})
	return since, err
}

func scanBool(r rows) (v bool, err error) {
	err = r.Scan(&v)
	return v, err
}

// reclaimAll makes all running jobs available again: nobody else can run them.
func (s *Store) reclaimAll(ctx context.Context) error {
	return s.b.atomically(ctx, func(tx transaction) error {
		return s.reclaim(ctx, tx, "datetime('now', 'subsec')", "")
	})
}

// reclaim makes running jobs available again. An attempt counts although it was
// cut short, so that a job that kills the process is given up in the end.
func (s *Store) reclaim(ctx context.Context, tx transaction, now, which string, args ...any) error {
	n, err := tx.exec(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'running' AND attempt < max_attempts "+which, args...)
	if err != nil {
		return err
	}
	given, err := tx.exec(ctx, "UPDATE river_job SET state = 'discarded', finalized_at = "+now+" WHERE state = 'running' "+which, args...)
	if n+given > 0 {
		s.lg.InfoContext(ctx, "a process ended in the middle of jobs", "again", n, "given_up", given)
	}
	return err
}
