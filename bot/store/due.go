package store

import (
	"context"
	"fmt"
	"time"
)

// wakeDue queues the upkeep whose time has come. When it was queued last is kept in the database: replicas come and go,
// and none of them begins to count anew. A time that is still to come is of a clock that was set back since.
func (s *Store) wakeDue(ctx context.Context, o Settings) error {
	for _, upkeep := range []struct {
		job   Job
		every time.Duration
	}{{SweepJob{}, o.Sweep}, {DeliveriesJob{}, o.Catchup}, {PruneJob{}, o.Prune}} {
		if err := s.wakeAfter(ctx, upkeep.job, upkeep.every); err != nil {
			return fmt.Errorf("queue the %s that is due: %w", upkeep.job.Kind(), err)
		}
	}
	return nil
}

// wakeAfter queues a job unless any process did so within a time.
func (s *Store) wakeAfter(ctx context.Context, job Job, every time.Duration) error {
	return s.b.atomically(ctx, func(tx transaction) error {
		n, err := tx.exec(ctx, `INSERT INTO runs (kind, at) VALUES ($1, $2)
			ON CONFLICT (kind) DO UPDATE SET at = excluded.at WHERE runs.at <= $3 OR runs.at > $2`, job.Kind(), s.stamp(), s.now().Add(-every).UnixMicro())
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.enqueue(ctx, job)
		return err
	})
}
