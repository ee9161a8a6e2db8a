package store

import (
	"context"
	"fmt"
)

// ChangePace reads what is kept about the pace of an installation's writes,
// nil at first, has it changed and keeps it. Nobody comes in between, replicas
// included. An error of change is returned and keeps what was there.
func (s *Store) ChangePace(ctx context.Context, installation int64, change func(history []byte) ([]byte, error)) error {
	err := s.b.atomically(ctx, func(tx transaction) error {
		// The first statement writes, so that it holds the row until the end.
		_, err := tx.exec(ctx, `INSERT INTO paces (installation, history) VALUES ($1, '')
			ON CONFLICT (installation) DO UPDATE SET history = paces.history`, installation)
		if err != nil {
			return err
		}
		old, _, err := one(ctx, tx, scanText, "SELECT history FROM paces WHERE installation = $1", installation)
		if err != nil {
			return err
		}
		var history []byte
		if old != "" {
			history = []byte(old)
		}
		if history, err = change(history); err != nil {
			return err
		}
		_, err = tx.exec(ctx, "UPDATE paces SET history = $2 WHERE installation = $1", installation, string(history))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the pace of installation %d: %w", installation, err)
	}
	return nil
}

func scanText(r rows) (v string, err error) {
	err = r.Scan(&v)
	return v, err
}
