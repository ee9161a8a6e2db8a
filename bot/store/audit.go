package store

import (
	"context"
	"time"
)

// Effect is one thing that the bot wrote on GitHub, and why.
type Effect struct {
	At           time.Time `json:"at"`
	Installation int64     `json:"installation"`
	Repository   string    `json:"repository"` // "owner/name"
	Job          string    `json:"job"`        // "pass", "review" or "command"
	Cause        string    `json:"cause"`      // what the job was for, in words
	Operation    string    `json:"operation"`  // "create pull request"
	Key          string    `json:"key"`        // what tells it from others of its kind
	Error        string    `json:"error"`      // why it was not done; "" if it was
}

// keepEffects is how long they are remembered.
const keepEffects = 90 * 24 * time.Hour

// SaveEffect writes an effect down. One that was taken clears the job of ctx of having ended its process.
func (s *Store) SaveEffect(ctx context.Context, e Effect) error {
	if e.Error == "" {
		if err := s.progressed(ctx); err != nil {
			return err
		}
	}
	return s.write(ctx, "write down an effect", `INSERT INTO effects (at, installation, repository, job, cause, operation, name, error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, s.stamp(), e.Installation, e.Repository, e.Job, e.Cause, e.Operation, e.Key, e.Error)
}

// Effects returns the latest effects, the newest first; repository "" is all of them.
func (s *Store) Effects(ctx context.Context, repository string, since time.Time, limit int) ([]Effect, error) {
	return all(ctx, s, "list effects", func(r rows) (e Effect, err error) {
		var at int64
		err = r.Scan(&at, &e.Installation, &e.Repository, &e.Job, &e.Cause, &e.Operation, &e.Key, &e.Error)
		e.At = moment(at)
		return e, err
	}, `SELECT at, installation, repository, job, cause, operation, name, error FROM effects
		WHERE at >= $1 AND (lower(repository) = lower($2) OR $3 = '') ORDER BY at DESC, id DESC LIMIT $4`,
		since.UnixMicro(), repository, repository, limit)
}
