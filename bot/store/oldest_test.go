package store

import (
	"context"
	"testing"
	"time"
)

// The oldest due job of a kind is told with its age, on either database.
func TestOldest(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		ctx := context.Background()
		if got, err := s.Oldest(ctx); err != nil || len(got) != 0 {
			t.Fatalf("an empty queue: %v, %v", got, err)
		}
		if err := s.Enqueue(ctx, "test", SweepJob{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1100 * time.Millisecond) // SQLite compares whole seconds
		got, err := s.Oldest(ctx)
		if err != nil || len(got) != 1 || got[0].Kind != (SweepJob{}).Kind() || got[0].Due < time.Second || got[0].Due > time.Minute {
			t.Errorf("%v, %v", got, err)
		}
	})
}
