package store

import (
	"context"
	"fmt"
	"time"
)

// Snapshot is how a repository stood after its last pass, for people to look at. The content is the caller's.
type Snapshot struct {
	Taken   time.Time
	Content []byte // JSON
}

// Progress is how far a team was in a repository at the end of a day.
type Progress struct {
	Repository  int64
	Day         string // "2026-12-01", UTC
	Team        string // "@org/team"; "": files that nobody owns
	Done, Total int    // files
}

// SaveSnapshot remembers how a repository stands in place of what was known, and its teams' progress as that of the
// day.
func (s *Store) SaveSnapshot(ctx context.Context, repository int64, content []byte, teams []Progress) error {
	day := s.now().UTC().Format(time.DateOnly)
	err := s.b.atomically(ctx, func(tx transaction) error {
		_, err := tx.exec(ctx, `INSERT INTO snapshots (repository, taken_at, content) VALUES ($1, $2, $3)
			ON CONFLICT (repository) DO UPDATE SET taken_at = excluded.taken_at, content = excluded.content`, repository, s.stamp(), string(content))
		if err != nil {
			return err
		}
		for _, p := range teams {
			_, err := tx.exec(ctx, `INSERT INTO progress (repository, day, team, done, total) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (repository, day, team) DO UPDATE SET done = excluded.done, total = excluded.total`, repository, day, p.Team, p.Done, p.Total)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember how repository %d stands: %w", repository, err)
	}
	return nil
}

// Snapshot returns how a repository stood last, or ErrNotFound.
func (s *Store) Snapshot(ctx context.Context, repository int64) (Snapshot, error) {
	return first(ctx, s, fmt.Sprintf("snapshot of repository %d", repository), func(r rows) (v Snapshot, err error) {
		var at int64
		var text string
		err = r.Scan(&at, &text)
		v.Taken, v.Content = moment(at), []byte(text)
		return v, err
	}, "SELECT taken_at, content FROM snapshots WHERE repository = $1", repository)
}

// ProgressOf returns a repository's progress by day and team, the oldest first.
func (s *Store) ProgressOf(ctx context.Context, repository int64) ([]Progress, error) {
	return all(ctx, s, "list progress", func(r rows) (p Progress, err error) {
		err = r.Scan(&p.Repository, &p.Day, &p.Team, &p.Done, &p.Total)
		return p, err
	}, "SELECT repository, day, team, done, total FROM progress WHERE repository = $1 ORDER BY day, team", repository)
}
