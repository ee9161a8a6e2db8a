package store

import (
	"context"
	"fmt"
	"time"
)

// Delivery is a webhook delivery as far as it is remembered.
type Delivery struct {
	ID           string // X-GitHub-Delivery: the same when GitHub delivers again
	Event        string // X-GitHub-Event
	Action       string // "" for events without one
	Installation int64  // 0 when the event has none
	// Repository is what the payload says of it; ID 0 when the event has none.
	// It is used only when the store does not know the repository yet, since a
	// delivery may be old.
	Repository Repository
	Payload    []byte // kept for a few days; nil for events that can be read again
}

// How long deliveries are kept. GitHub lists deliveries for three days, and can
// redeliver so long; the identifiers stay longer since they cost nothing.
const (
	keepPayloads   = 3 * 24 * time.Hour
	keepDeliveries = 30 * 24 * time.Hour
	keepPasses     = 90 * 24 * time.Hour
)

// Enqueue adds jobs outside of any delivery; why is the event that a pass will
// see, such as "sweep". A pass of a repository that the store does not know is
// dropped by its worker.
func (s *Store) Enqueue(ctx context.Context, why string, jobs ...Job) error {
	// One transaction each: a sweep must not hold the rows of all repositories.
	for _, job := range jobs {
		err := s.b.atomically(ctx, func(tx transaction) error {
			return s.enqueueAll(ctx, tx, Delivery{Event: why}, []Job{job}, newWoken())
		})
		if err != nil {
			return fmt.Errorf("enqueue for %s: %w", why, err)
		}
	}
	return nil
}

// woken is what one transaction has woken: twice is no more.
type woken struct {
	passes map[int64]bool // repositories with a pass that is queued
	locked map[int64]bool // repositories whose row is held
}

func newWoken() woken { return woken{map[int64]bool{}, map[int64]bool{}} }

func (s *Store) enqueueAll(ctx context.Context, tx transaction, d Delivery, jobs []Job, w woken) error {
	if d.Repository.ID != 0 {
		if err := s.introduce(ctx, tx, d); err != nil {
			return err
		}
	}
	for _, job := range jobs {
		p, isPass := job.(PassJob)
		if isPass {
			if err := s.addEvent(ctx, tx, p.Repository, d, w); err != nil {
				return err
			}
			if w.passes[p.Repository] {
				continue
			}
			w.passes[p.Repository] = true
		}
		if _, err := tx.enqueue(ctx, job); err != nil {
			return err
		}
	}
	return nil
}

// introduce remembers the repository of a delivery if it is new to the store.
func (s *Store) introduce(ctx context.Context, tx transaction, d Delivery) error {
	r := d.Repository
	_, err := tx.exec(ctx, `INSERT INTO repositories (id, installation, owner, name, default_branch, state, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
		r.ID, d.Installation, r.Owner, r.Name, r.DefaultBranch, string(Active), s.stamp())
	return err
}

// addEvent adds an event for the repository's pass to drain. Touching the row
// first makes this wait for a pass that is about to complete, so that the job
// inserted next is not taken for a duplicate of one that will look no more.
func (s *Store) addEvent(ctx context.Context, tx transaction, repository int64, d Delivery, w woken) error {
	if !w.locked[repository] {
		if err := lockRepository(ctx, tx, repository); err != nil {
			return err
		}
		w.locked[repository] = true
	}
	_, err := tx.exec(ctx, "INSERT INTO events (repository, delivery, event, action, at) VALUES ($1, $2, $3, $4, $5)",
		repository, d.ID, d.Event, d.Action, s.stamp())
	return err
}

func lockRepository(ctx context.Context, tx transaction, repository int64) error {
	_, err := tx.exec(ctx, "UPDATE repositories SET touched = touched + 1 WHERE id = $1", repository)
	return err
}

// Payload returns the kept payload of a delivery, or ErrNotFound.
func (s *Store) Payload(ctx context.Context, delivery string) ([]byte, error) {
	return first(ctx, s, "payload of delivery "+delivery, func(r rows) (b []byte, err error) {
		err = r.Scan(&b)
		return b, err
	}, "SELECT payload FROM deliveries WHERE id = $1 AND payload IS NOT NULL", delivery)
}

// Known returns which of the deliveries were recorded.
func (s *Store) Known(ctx context.Context, deliveries []string) (map[string]bool, error) {
	known := map[string]bool{}
	err := s.b.atomically(ctx, func(tx transaction) error {
		for _, id := range deliveries {
			_, ok, err := one(ctx, tx, scanInt, "SELECT received_at FROM deliveries WHERE id = $1", id)
			if err != nil {
				return err
			}
			known[id] = ok
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up %d deliveries: %w", len(deliveries), err)
	}
	return known, nil
}

// Prune forgets what is old: payloads after three days, deliveries after 30,
// passes and effects after 90.
func (s *Store) Prune(ctx context.Context) error {
	before := func(age time.Duration) int64 { return s.now().Add(-age).UnixMicro() }
	err := s.b.atomically(ctx, func(tx transaction) error {
		if _, err := tx.exec(ctx, "UPDATE deliveries SET payload = NULL WHERE payload IS NOT NULL AND received_at < $1", before(keepPayloads)); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "DELETE FROM deliveries WHERE received_at < $1", before(keepDeliveries)); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "DELETE FROM effects WHERE at < $1", before(keepEffects)); err != nil {
			return err
		}
		_, err := tx.exec(ctx, "DELETE FROM passes WHERE started_at < $1 AND ended_at IS NOT NULL", before(keepPasses))
		return err
	})
	if err != nil {
		return fmt.Errorf("prune old records: %w", err)
	}
	return nil
}
