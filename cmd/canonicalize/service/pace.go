package service

import (
	"context"
	"encoding/json"
	"time"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/store"
)

// longestNap is how long a worker is kept waiting for the budget of writes; for more, the job comes back later.
const longestNap = 10 * time.Second

// pacers paces each installation by what the database remembers.
func pacers(db *store.Store, campaign int) func(installation int64) github.Pacer {
	pace := github.GitHubPace
	pace.Campaign, pace.LongestNap = campaign, longestNap
	return func(installation int64) github.Pacer {
		return github.NewDurablePacer(github.SystemClock{}, pace, installation, ledger{db})
	}
}

// ledger keeps histories of writes in the database.
type ledger struct{ db *store.Store }

// Change implements github.Ledger.
func (l ledger) Change(ctx context.Context, installation int64, change func(*github.History)) error {
	return l.db.ChangePace(ctx, installation, func(src []byte) ([]byte, error) {
		var h github.History
		if len(src) > 0 {
			if err := json.Unmarshal(src, &h); err != nil {
				h = github.History{} // of another version: one hour later it would not count anyway
			}
		}
		change(&h)
		return json.Marshal(h)
	})
}
