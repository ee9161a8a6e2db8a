package pass

import (
	"context"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/plan"
)

// Wish is what a command asks of a pass, beyond what GitHub shows. What is to
// last (a pause, a pull request that is open again) is on GitHub afterwards.
// A pass with a wish does what the wish names, and nothing else.
type Wish struct {
	Pull    int      // pull request that it is about
	Rebuild bool     // its branch is made anew
	Split   bool     // it is divided
	Parts   int      // into how many; 0: one a directory
	Paths   []string // whose chunks are opened now
	Reopen  []int    // pull requests
	Pause   string   // owner or dashboard.Everybody
	Resume  string
	Ending  *Ending
}

// Ending is what a person says of the end of a facade.
type Ending struct {
	Facade, By string
	Retire     bool                    // it may be retired
	Retry      bool                    // steps that were closed or taken back are proposed again
	Accept     *dashboard.Acknowledged // it does not matter
	Revert     int                     // a pull request that is to be taken back
	Answer     string                  // what became of it, once the pass is done
}

// any says whether something is wished at all.
func (w Wish) any() bool {
	return w.Pull != 0 || len(w.Paths)+len(w.Reopen) > 0 || w.Pause != "" || w.Resume != "" || w.Ending != nil
}

// scope is what the wish names of what exists; chunks are added as they are
// granted.
func (w Wish) scope() *plan.Scope {
	if !w.any() {
		return nil
	}
	s := &plan.Scope{Pulls: map[int]bool{w.Pull: true}, Chunks: map[string]bool{}, Owner: w.Resume}
	for _, number := range w.Reopen {
		s.Pulls[number] = true
	}
	return s
}

// heed does what people ask before anything is decided: by the dashboard's
// boxes, and by a command.
func (s *seen) heed(ctx context.Context) error {
	w, m := s.opts.Wish, &s.board.memory
	same := func(name string) func(string) bool {
		return func(other string) bool { return strings.EqualFold(name, other) }
	}
	if w.Pause != "" && !slices.ContainsFunc(m.Paused, same(w.Pause)) {
		m.Paused = append(m.Paused, w.Pause)
		slices.Sort(m.Paused)
	}
	var still []string
	for _, name := range m.Paused {
		if w.Resume != "" && (same(w.Resume)(name) || w.Resume == dashboard.Everybody) {
			s.out.Resumed = append(s.out.Resumed, name)
		} else {
			still = append(still, name)
		}
	}
	m.Paused, s.out.Paused = still, still
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
	w.limits.Scope = wish.scope()
	if wish.Rebuild {
		w.limits.Rebuild[wish.Pull] = true
	}
	if wish.Split {
		w.split(wish)
	}
	for _, c := range w.chunks {
		named := len(wish.Paths) > 0 && slices.ContainsFunc(c.Files, func(f plan.File) bool { return plan.Under(f.Path, wish.Paths) })
		freed := slices.ContainsFunc(w.board.freed, func(m plan.Marker) bool { return m.HoldsAny(c.Files) })
		if named || freed {
			w.demand(c.ID)
		}
	}
}

// split divides the pull request that the wish names.
func (w *wanted) split(wish Wish) {
	var chunks []plan.Chunk
	for _, c := range w.chunks {
		if c.Number != wish.Pull {
			chunks = append(chunks, c)
			continue
		}
		parts := plan.Split(c, wish.Parts, w.limits)
		if len(parts) > 1 {
			w.limits.Rebuild[wish.Pull] = true
		}
		for _, part := range parts[1:] {
			w.demand(part.ID)
		}
		chunks = append(chunks, parts...)
	}
	w.chunks = chunks
}

// demand has a chunk opened now.
func (w *wanted) demand(id string) {
	w.limits.Demanded[id] = true
	if w.limits.Scope != nil {
		w.limits.Scope.Chunks[id] = true
	}
}
