package store

import (
	"testing"
	"time"
)

// The half hour between two sweeps goes on whoever counts it: a process that takes over neither begins it anew nor
// sweeps at once, and of two that live only one does.
func TestUpkeepIsDueWhoeverCounts(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		now := time.Now()
		o := Settings{}.withDefaults()
		at := func(after time.Duration, want int64) {
			t.Helper()
			s := must[*Store](t)(Open(t.Context(), quiet(t), address)) // another process
			s.now = func() time.Time { return now.Add(after) }
			for range 2 {
				must[any](t)(nil, s.wakeDue(t.Context(), o))
			}
			n := must[int64](t)(first(t.Context(), s, "count", scanInt, "SELECT COUNT(*) FROM river_job WHERE kind = 'sweep'"))
			if n != want {
				t.Errorf("after %s there were %d sweeps, want %d", after, n, want)
			}
			must[any](t)(nil, s.write(t.Context(), "end it", "UPDATE river_job SET state = 'completed', finalized_at = created_at"))
			must[any](t)(nil, s.Close())
		}
		at(0, 1)
		at(29*time.Minute, 1)
		at(30*time.Minute, 2)
		at(58*time.Minute, 2)
		at(60*time.Minute, 3)
		at(-time.Hour, 4) // the clock was set back
		at(-31*time.Minute, 4)
	})
}
