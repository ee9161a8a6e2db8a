package pass

import (
	"context"
	"slices"

	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/plan"
)

// Wish is what a command asks of a pass, beyond what GitHub shows. What is to
// last (a pause, a pull request that is open again) is on GitHub afterwards.
type Wish struct {
	Rebuild int      // pull request whose branch is made anew
	Paths   []string // whose chunks are opened now
	Reopen  []int    // pull requests
	Pause   string   // owner or dashboard.Everybody
	Resume  string
	Split   int // pull request that is divided
	Parts   int // into how many; 0: one a directory
}

// heed does what people ask before anything is decided: by the dashboard's
// boxes, and by a command.
func (s *seen) heed(ctx context.Context) error {
	w, m := s.opts.Wish, &s.board.memory
	if w.Pause != "" && !slices.Contains(m.Paused, w.Pause) {
		m.Paused = append(m.Paused, w.Pause)
		slices.Sort(m.Paused)
	}
	if w.Resume != "" {
		m.Paused = slices.DeleteFunc(m.Paused, func(name string) bool {
			return name == w.Resume || w.Resume == dashboard.Everybody
		})
	}
	if s.opts.DryRun {
		return nil
	}
	for _, number := range slices.Concat(s.board.asked.Reopen, w.Reopen) {
		if err := s.reopen(ctx, number); s.fatal("", err) {
			return err
		}
	}
	return nil
}

// grant enters into the limits what a command asks of the chunks.
func (w *wanted) grant() {
	wish := w.opts.Wish
	if wish.Rebuild != 0 {
		w.limits.Rebuild[wish.Rebuild] = true
	}
	var chunks []plan.Chunk
	for _, c := range w.chunks {
		if wish.Split == 0 || c.Number != wish.Split {
			chunks = append(chunks, c)
			continue
		}
		parts := plan.Split(c, wish.Parts, w.limits)
		if len(parts) > 1 {
			w.limits.Rebuild[wish.Split] = true
		}
		for _, part := range parts[1:] {
			w.limits.Demanded[part.ID] = true
		}
		chunks = append(chunks, parts...)
	}
	w.chunks = chunks
	for _, c := range w.chunks {
		named := len(wish.Paths) > 0 && slices.ContainsFunc(c.Files, func(f plan.File) bool { return plan.Under(f.Path, wish.Paths) })
		freed := slices.ContainsFunc(w.board.freed, func(m plan.Marker) bool { return m.HoldsAny(c.Files) })
		if named || freed {
			w.limits.Demanded[c.ID] = true
		}
	}
}
