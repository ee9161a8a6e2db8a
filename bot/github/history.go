package github

import (
	"context"
	"sync"
	"time"
)

// History is what the pace of an installation depends on.
type History struct {
	Last    time.Time `json:"last"`    // end of the last write
	Blocked time.Time `json:"blocked"` // until when GitHub refuses
	Content []Spent   `json:"content"` // writes that created content within the last hour, the oldest first
}

// Spent is one write that created content.
type Spent struct {
	At       time.Time `json:"at"`
	Campaign bool      `json:"campaign,omitempty"`
}

// Ledger keeps histories. One that outlives the process makes budgets and limits outlive it, too; one that several
// processes share makes them share the budget.
type Ledger interface {
	// Change reads the history of an installation, has it changed, and keeps it; nobody comes in between.
	Change(ctx context.Context, installation int64, change func(*History)) error
}

// inMemory is the ledger of one installation for the life of the process.
type inMemory struct {
	mu sync.Mutex
	h  History
}

func (m *inMemory) Change(_ context.Context, _ int64, change func(*History)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.h)
	return nil
}

// take enters a write that may start now, or says how long it has to wait.
func (h *History) take(w Write, pace Pace, now time.Time) time.Duration {
	h.forget(now)
	if wait := h.earliest(w, pace).Sub(now); wait > 0 {
		return wait
	}
	if w.Content {
		h.Content = append(h.Content, Spent{now, w.Campaign})
	}
	h.Last = now
	return 0
}

// forget drops what is over. A clock that was set back leaves entries in the future, which count as of now.
func (h *History) forget(now time.Time) {
	kept := h.Content[:0]
	for _, s := range h.Content {
		if s.At.After(now) {
			s.At = now
		}
		if now.Sub(s.At) < time.Hour {
			kept = append(kept, s)
		}
	}
	h.Content = kept
	if h.Last.After(now) {
		h.Last = now
	}
	if latest := now.Add(longestLimit); h.Blocked.After(latest) {
		h.Blocked = latest
	}
}

// earliest is when a write may start by all rules.
func (h *History) earliest(w Write, pace Pace) time.Time {
	earliest := h.Blocked
	if gap := h.Last.Add(pace.Gap); !h.Last.IsZero() && gap.After(earliest) {
		earliest = gap
	}
	if !w.Content {
		return earliest
	}
	type budget struct {
		n      int
		window time.Duration
		spent  []time.Time
	}
	all := h.times(false)
	budgets := []budget{{pace.PerMinute, time.Minute, all}, {pace.PerHour, time.Hour, all}}
	if w.Campaign {
		budgets = append(budgets, budget{pace.Campaign, time.Hour, h.times(true)})
	}
	for _, b := range budgets {
		if i := len(b.spent) - b.n; b.n > 0 && i >= 0 && b.spent[i].Add(b.window).After(earliest) {
			earliest = b.spent[i].Add(b.window)
		}
	}
	return earliest
}

// worthwhile is the share of the budget that has to be free again before a
// campaign comes back for it.
const worthwhile = 4

// left is what a campaign may still create, by the hour's budgets.
func (h *History) left(pace Pace, now time.Time) *Budget {
	spent := h.times(true)
	b := &Budget{Left: pace.Campaign - len(spent), PerHour: pace.Campaign}
	if n := pace.PerHour - len(h.Content); pace.PerHour > 0 {
		b.Left = min(b.Left, n)
	}
	b.Left = max(b.Left, 0)
	if len(spent) > 0 {
		last := spent[min(len(spent)-1, max(2, pace.Campaign/worthwhile))]
		b.Again = max(last.Add(time.Hour).Sub(now), time.Second)
	}
	return b
}

func (h *History) times(campaignOnly bool) (list []time.Time) {
	for _, s := range h.Content {
		if s.Campaign || !campaignOnly {
			list = append(list, s.At)
		}
	}
	return list
}
