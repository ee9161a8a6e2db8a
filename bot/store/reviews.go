package store

import (
	"context"
	"fmt"
)

// Head is where an open pull request of a person stands.
type Head struct {
	Number int
	SHA    string
	Base   string // a branch name
}

// baseline is the number of a row that says that a repository's pull requests were looked at once.
const baseline = 0

// Unreviewed returns which of the open pull requests stand where no review looked: their event was lost. What is open
// when a repository is looked at for the first time counts as reviewed, or a new installation would review years of
// old ones. What is not open any more is forgotten.
func (s *Store) Unreviewed(ctx context.Context, repository int64, open []Head) (missed []Head, err error) {
	err = s.b.atomically(ctx, func(tx transaction) error {
		known, err := list(ctx, tx, func(r rows) (h Head, err error) {
			err = r.Scan(&h.Number, &h.SHA)
			return h, err
		}, "SELECT number, head FROM reviews WHERE repository = $1", repository)
		if err != nil {
			return err
		}
		seen := map[int]string{}
		for _, h := range known {
			seen[h.Number] = h.SHA
		}
		if _, begun := seen[baseline]; !begun {
			return s.begin(ctx, tx, repository, open)
		}
		for _, h := range open {
			if seen[h.Number] != h.SHA {
				missed = append(missed, h)
			}
			delete(seen, h.Number)
		}
		delete(seen, baseline)
		for number := range seen {
			if _, err := tx.exec(ctx, "DELETE FROM reviews WHERE repository = $1 AND number = $2", repository, number); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for what was not reviewed in repository %d: %w", repository, err)
	}
	return missed, nil
}

// begin writes down what is open as reviewed.
func (s *Store) begin(ctx context.Context, tx transaction, repository int64, open []Head) error {
	for _, h := range append([]Head{{Number: baseline}}, open...) {
		if err := saveReview(ctx, tx, repository, h.Number, h.SHA); err != nil {
			return err
		}
	}
	return nil
}

func saveReview(ctx context.Context, tx transaction, repository int64, number int, head string) error {
	_, err := tx.exec(ctx, `INSERT INTO reviews (repository, number, head) VALUES ($1, $2, $3)
		ON CONFLICT (repository, number) DO UPDATE SET head = excluded.head`, repository, number, head)
	return err
}

// SaveReview remembers that a review looked at a head.
func (s *Store) SaveReview(ctx context.Context, repository int64, number int, head string) error {
	err := s.b.atomically(ctx, func(tx transaction) error { return saveReview(ctx, tx, repository, number, head) })
	if err != nil {
		return fmt.Errorf("remember the review of #%d: %w", number, err)
	}
	return nil
}
