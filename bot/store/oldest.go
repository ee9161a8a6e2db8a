package store

import (
	"context"
	"time"
)

// Age is how long the oldest job of a kind has been due and not begun.
type Age struct {
	Kind string
	Due  time.Duration
}

// Oldest returns the age of the oldest due job of each kind that has one.
func (s *Store) Oldest(ctx context.Context) ([]Age, error) {
	due := "EXTRACT(EPOCH FROM now() - MIN(scheduled_at))"
	now := "now()"
	if s.b.dialect() == "sqlite" {
		due, now = "(julianday('now') - julianday(MIN(scheduled_at))) * 86400", "datetime('now')"
	}
	return all(ctx, s, "look for the oldest jobs", func(r rows) (a Age, err error) {
		var seconds float64
		err = r.Scan(&a.Kind, &seconds)
		a.Due = max(0, time.Duration(seconds*float64(time.Second)))
		return a, err
	}, "SELECT kind, CAST("+due+" AS REAL) FROM river_job WHERE state IN ('available', 'retryable', 'scheduled') AND "+
		"scheduled_at <= "+now+" GROUP BY kind ORDER BY kind")
}
