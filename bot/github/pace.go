package github

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Clock is time, so that tests and a preview do not wait.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// SystemClock is the time of the machine.
type SystemClock struct{}

// Now returns the time.
func (SystemClock) Now() time.Time { return time.Now() }

// Sleep waits, at most until the context ends.
func (SystemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Write is one effect on GitHub. Its key is natural: the same effect has the same key whenever it is tried.
type Write struct {
	Operation string // "create pull request"
	Key       string // "canonicalize/sentry.models/1"
	Content   bool   // it creates what people are notified of; GitHub limits these to 80 a minute and 500 an hour
}

// Pacer decides when a write may start. Wait returns when it may; the caller then reports the outcome with done.
// An *ErrSecondaryLimit of Wait means that the caller is to come back later.
type Pacer interface {
	Wait(ctx context.Context, w Write) (done func(error), err error)
}

// Unpaced lets every write start at once: for previews.
func Unpaced() Pacer { return unpaced{} }

type unpaced struct{}

func (unpaced) Wait(context.Context, Write) (func(error), error) { return func(error) {}, nil }

// Pace is how fast an installation writes.
type Pace struct {
	Gap        time.Duration // between the end of one write and the start of the next
	PerMinute  int           // writes that create content
	PerHour    int           // the same
	LongestNap time.Duration // beyond which Wait gives up and says when to come back
}

// GitHubPace is what GitHub asks for
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits).
var GitHubPace = Pace{Gap: time.Second, PerMinute: 80, PerHour: 500, LongestNap: time.Minute}

// NewPacer paces the writes of one installation: one at a time, with gaps, within budgets, and not at all while
// GitHub's secondary limit lasts.
func NewPacer(clock Clock, pace Pace) Pacer {
	return &pacer{clock: clock, pace: pace, turn: make(chan struct{}, 1)}
}

type pacer struct {
	clock Clock
	pace  Pace
	turn  chan struct{}

	mu      sync.Mutex
	last    time.Time   // end of the last write
	blocked time.Time   // until when GitHub refuses
	content []time.Time // starts within the last hour
}

func (p *pacer) Wait(ctx context.Context, w Write) (func(error), error) {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if nap := p.nap(w); nap > p.pace.LongestNap {
		<-p.turn
		return nil, &ErrSecondaryLimit{RetryAfter: nap, Own: true}
	} else if nap > 0 {
		if err := p.clock.Sleep(ctx, nap); err != nil {
			<-p.turn
			return nil, err
		}
	}
	p.begin(w)
	return p.end, nil
}

// nap is how long the write has to wait.
func (p *pacer) nap(w Write) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	for len(p.content) > 0 && now.Sub(p.content[0]) >= time.Hour {
		p.content = p.content[1:]
	}
	earliest := p.blocked
	if gap := p.last.Add(p.pace.Gap); !p.last.IsZero() && gap.After(earliest) {
		earliest = gap
	}
	if w.Content {
		for _, budget := range []struct {
			n      int
			window time.Duration
		}{{p.pace.PerMinute, time.Minute}, {p.pace.PerHour, time.Hour}} {
			if i := len(p.content) - budget.n; budget.n > 0 && i >= 0 && p.content[i].Add(budget.window).After(earliest) {
				earliest = p.content[i].Add(budget.window)
			}
		}
	}
	return max(0, earliest.Sub(now))
}

func (p *pacer) begin(w Write) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.Content {
		p.content = append(p.content, p.clock.Now())
	}
}

func (p *pacer) end(outcome error) {
	p.mu.Lock()
	p.last = p.clock.Now()
	var limit *ErrSecondaryLimit
	if errors.As(outcome, &limit) {
		p.blocked = p.last.Add(limit.RetryAfter)
	}
	p.mu.Unlock()
	<-p.turn
}
