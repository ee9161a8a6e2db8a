package store

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"
)

// The last snapshot counts, and of a day the last progress.
func TestSnapshots(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s, ctx := open(t, address), context.Background()
		if _, err := s.Snapshot(ctx, 7); !errors.Is(err, ErrNotFound) {
			t.Errorf("none yet: %v", err)
		}
		now := time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC)
		s.now = func() time.Time { return now }
		save := func(content string, done int) {
			t.Helper()
			if err := s.SaveSnapshot(ctx, 7, []byte(content), []Progress{{Team: "@acme/red", Done: done, Total: 9}, {Done: 1, Total: 2}}); err != nil {
				t.Fatal(err)
			}
		}
		save(`{"a": 1}`, 1)
		save(`{"a": 2}`, 2)
		now = now.Add(3 * time.Hour)
		save(`{"a": 3}`, 5)
		got, err := s.Snapshot(ctx, 7)
		if err != nil || string(got.Content) != `{"a": 3}` || !got.Taken.Equal(now) {
			t.Errorf("%+v, %v", got, err)
		}
		days, err := s.ProgressOf(ctx, 7)
		want := []Progress{{7, "2026-11-30", "", 1, 2}, {7, "2026-11-30", "@acme/red", 2, 9}, {7, "2026-12-01", "", 1, 2}, {7, "2026-12-01", "@acme/red", 5, 9}}
		if err != nil || !reflect.DeepEqual(days, want) {
			t.Errorf("%v, %v", days, err)
		}
	})
}
