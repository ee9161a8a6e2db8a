package store

import (
	"context"
	"strings"
	"testing"
	"time"
)

// Effects are kept with their cause, the newest first, and forgotten after 90 days.
func TestEffects(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s, ctx := open(t, address), context.Background()
		now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
		s.now = func() time.Time { return now }
		for _, key := range []string{"old", "a", "b"} {
			if err := s.SaveEffect(ctx, Effect{Installation: 3, Repository: "acme/Shop", Job: "pass", Cause: "c", Operation: "push", Key: key}); err != nil {
				t.Fatal(err)
			}
			if key == "old" {
				now = now.Add(keepEffects - time.Hour)
			}
			now = now.Add(time.Minute)
		}
		list := func(repository string, since time.Time) string {
			t.Helper()
			all, err := s.Effects(ctx, repository, since, 10)
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, e := range all {
				keys = append(keys, e.Key)
			}
			return strings.Join(keys, " ")
		}
		if got := list("", time.Time{}); got != "b a old" {
			t.Errorf("all: %s", got)
		}
		if got := list("ACME/shop", now.Add(-time.Hour)); got != "b a" {
			t.Errorf("of the last hour: %s", got)
		}
		if got := list("acme/other", time.Time{}); got != "" {
			t.Errorf("of another repository: %s", got)
		}
		now = now.Add(2 * time.Hour)
		if err := s.Prune(ctx); err != nil {
			t.Fatal(err)
		}
		if got := list("", time.Time{}); got != "b a" {
			t.Errorf("after pruning: %s", got)
		}
	})
}

// A job that was at work when its process ended, and gets something done the next time, was not what ended it.
func TestProgressClears(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s, ctx := open(t, address), context.WithValue(context.Background(), suspectKey{}, "pass 7")
		crashes := func() int {
			t.Helper()
			n, err := s.crashes(ctx, "pass 7")
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if err := s.b.atomically(ctx, func(tx transaction) error { return s.blame(ctx, tx, "pass 7") }); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveEffect(ctx, Effect{Operation: "push", Error: "refused"}); err != nil || crashes() != 1 {
			t.Errorf("what GitHub refused is no progress: %v, %d", err, crashes())
		}
		if err := s.SaveEffect(ctx, Effect{Operation: "push"}); err != nil || crashes() != 0 {
			t.Errorf("after progress: %v, %d", err, crashes())
		}
	})
}
