package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// recorder writes deliveries down that come at the same time in one transaction: each waits for the disk anyway, and those
// of one repository for its row.
type recorder struct {
	mu      sync.Mutex
	waiting []*recording
	busy    bool
}

// recording is one delivery that waits to be written down.
type recording struct {
	delivery Delivery
	jobs     []Job
	fresh    bool
	err      error
	done     chan struct{}
}

// Bounds of one transaction.
const (
	maxRecorded  = 100
	recordWithin = 10 * time.Second
)

// Record takes a delivery with the jobs that it wakes, all in one transaction, and durably: it returns once the database
// has it on disk. A delivery that was recorded before changes nothing and gives false. One that the context ends for may
// be recorded nevertheless; when it is delivered again that is noticed.
func (s *Store) Record(ctx context.Context, d Delivery, jobs ...Job) (fresh bool, err error) {
	r := &recording{delivery: d, jobs: jobs, done: make(chan struct{})}
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("record delivery %s: %w", d.ID, err)
	}
	s.recorder.mu.Lock()
	s.recorder.waiting = append(s.recorder.waiting, r)
	begin := !s.recorder.busy
	s.recorder.busy = true
	s.recorder.mu.Unlock()
	if begin {
		go s.recordWaiting(context.WithoutCancel(ctx))
	}
	select {
	case <-r.done:
		err = r.err
	case <-ctx.Done():
		return false, fmt.Errorf("record delivery %s: %w", d.ID, ctx.Err())
	}
	if err != nil {
		return false, fmt.Errorf("record delivery %s: %w", d.ID, err)
	}
	return r.fresh, nil
}

// recordWaiting writes down what waits until nothing does.
func (s *Store) recordWaiting(ctx context.Context) {
	for {
		s.recorder.mu.Lock()
		batch := s.recorder.waiting[:min(len(s.recorder.waiting), maxRecorded)]
		s.recorder.waiting = slices.Clone(s.recorder.waiting[len(batch):])
		s.recorder.busy = len(batch) > 0
		s.recorder.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		// Rows are locked in one order, or replicas would wait for each other.
		slices.SortStableFunc(batch, func(a, b *recording) int { return cmp.Compare(a.delivery.Repository.ID, b.delivery.Repository.ID) })
		if s.recordBatch(ctx, batch) != nil && len(batch) > 1 {
			for _, r := range batch { // whichever it was takes no other along
				s.recordBatch(ctx, []*recording{r})
			}
		}
		for _, r := range batch {
			close(r.done)
		}
	}
}

// recordBatch writes deliveries down, all or none.
func (s *Store) recordBatch(ctx context.Context, batch []*recording) error {
	ctx, cancel := context.WithTimeout(ctx, recordWithin)
	defer cancel()
	fresh := make([]bool, len(batch))
	err := s.b.atomically(ctx, func(tx transaction) error {
		woken := newWoken()
		for i, r := range batch {
			var err error
			if fresh[i], err = s.recordOne(ctx, tx, r, woken); err != nil {
				return err
			}
		}
		return nil
	})
	for i, r := range batch {
		r.fresh, r.err = fresh[i], err
	}
	return err
}

// recordOne is one delivery of a transaction.
func (s *Store) recordOne(ctx context.Context, tx transaction, r *recording, w woken) (fresh bool, err error) {
	d := r.delivery
	n, err := tx.exec(ctx, `INSERT INTO deliveries (id, event, action, installation, repository, received_at, payload)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
		d.ID, d.Event, d.Action, d.Installation, d.Repository.ID, s.stamp(), d.Payload)
	if err != nil || n == 0 {
		return false, err
	}
	return true, s.enqueueAll(ctx, tx, d, r.jobs, w)
}
