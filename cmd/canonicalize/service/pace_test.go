package service

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/store"
)

// A server that is started again has spent what it spent before, and stays away while GitHub asks it to; another
// installation has a budget of its own.
func TestPaceSurvivesRestarts(t *testing.T) {
	ctx, address := context.Background(), "sqlite:"+filepath.Join(t.TempDir(), "bot.db")
	var db *store.Store
	start := func() (github.Pacer, github.Pacer) {
		var err error
		if db != nil {
			err = db.Close()
		}
		if err == nil {
			db, err = store.Open(ctx, slog.New(slog.DiscardHandler), address)
		}
		if err != nil {
			t.Fatal(err)
		}
		pacer := pacers(db, 1)
		return pacer(3), pacer(4)
	}
	t.Cleanup(func() { db.Close() })
	campaign := github.Write{Content: true, Campaign: true}
	first, _ := start()
	done, err := first.Wait(ctx, campaign)
	if err != nil {
		t.Fatal(err)
	}
	done(nil)
	var limit *github.ErrSecondaryLimit
	again, _ := start()
	if _, err := again.Wait(ctx, campaign); !errors.As(err, &limit) || limit.RetryAfter < 50*time.Minute {
		t.Errorf("after a restart: %v", err)
	}
	again.Refused(ctx, &github.ErrSecondaryLimit{RetryAfter: 20 * time.Minute})
	again, other := start()
	if wait, err := again.Blocked(ctx); err != nil || wait < 19*time.Minute {
		t.Errorf("blocked for %s, %v", wait, err)
	}
	if done, err := other.Wait(ctx, campaign); err != nil {
		t.Errorf("another installation: %v", err)
	} else {
		done(nil)
	}
}
