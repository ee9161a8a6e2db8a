package github

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// NewPacer paces the writes of one installation: one at a time, with gaps, within budgets, and not at all while
// GitHub's limits last. What it knows ends with the process; see NewDurablePacer.
func NewPacer(clock Clock, pace Pace) Pacer { return NewDurablePacer(clock, pace, 0, &inMemory{}) }

// NewDurablePacer is NewPacer with a ledger that remembers.
func NewDurablePacer(clock Clock, pace Pace, installation int64, ledger Ledger) Pacer {
	return &pacer{clock: clock, pace: pace, id: installation, ledger: ledger, turn: make(chan struct{}, 1)}
}

type pacer struct {
	clock  Clock
	pace   Pace
	id     int64
	ledger Ledger
	turn   chan struct{}

	mu      sync.Mutex
	read    bool      // blocked was read from the ledger
	blocked time.Time // also obeyed while the ledger cannot be written
}

// naps is how often a write waits: other processes may take its place.
const naps = 5

func (p *pacer) Wait(ctx context.Context, w Write) (func(error), error) {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := p.admit(ctx, w); err != nil {
		<-p.turn
		return nil, err
	}
	return func(outcome error) { p.end(ctx, outcome) }, nil
}

// admit returns once the write is entered.
func (p *pacer) admit(ctx context.Context, w Write) error {
	var nap time.Duration
	var slept time.Time // until when, by a clock that may be slow to follow
	for range naps {
		if _, err := p.Blocked(ctx); err != nil {
			return err
		}
		err := p.ledger.Change(ctx, p.id, func(h *History) {
			if until := p.until(); until.After(h.Blocked) {
				h.Blocked = until
			}
			now := p.clock.Now()
			if slept.After(now) {
				now = slept
			}
			nap, slept = h.take(w, p.pace, now), now
		})
		switch {
		case err != nil:
			return fmt.Errorf("pace the writes of installation %d: %w", p.id, err)
		case nap == 0:
			return nil
		case nap > p.pace.LongestNap:
			return &ErrSecondaryLimit{RetryAfter: nap, Own: true}
		}
		slept = slept.Add(nap)
		if err := p.clock.Sleep(ctx, nap); err != nil {
			return err
		}
	}
	return &ErrSecondaryLimit{RetryAfter: max(nap, time.Second), Own: true}
}

// Left is what a campaign may still create now, nil where that has no bounds.
func (p *pacer) Left(ctx context.Context) (left *Budget, err error) {
	if p.pace.Campaign == 0 {
		return nil, nil
	}
	err = p.ledger.Change(ctx, p.id, func(h *History) {
		now := p.clock.Now()
		h.forget(now)
		left = h.left(p.pace, now)
	})
	if err != nil {
		return nil, fmt.Errorf("read the pace of installation %d: %w", p.id, err)
	}
	return left, nil
}

// end notes when a write ended, whatever became of its caller.
func (p *pacer) end(ctx context.Context, outcome error) {
	defer func() { <-p.turn }()
	ctx = context.WithoutCancel(ctx)
	p.Refused(ctx, outcome)
	// A gap too short after a failure here is all that can go wrong.
	_ = p.ledger.Change(ctx, p.id, func(h *History) { h.Last = p.clock.Now() })
}

// Refused notes until when GitHub refuses.
func (p *pacer) Refused(ctx context.Context, outcome error) {
	var secondary *ErrSecondaryLimit
	var primary *ErrRateLimit
	now := p.clock.Now()
	until := now
	switch {
	case errors.As(outcome, &secondary) && !secondary.Own:
		until = now.Add(secondary.RetryAfter)
	case errors.As(outcome, &primary):
		until = primary.Reset
	}
	if !until.After(now) {
		return
	}
	p.block(until)
	// The process itself obeys by what it just noted.
	_ = p.ledger.Change(context.WithoutCancel(ctx), p.id, func(h *History) {
		if until.After(h.Blocked) {
			h.Blocked = until
		}
	})
}

// Blocked knows the limits that an earlier process met.
func (p *pacer) Blocked(ctx context.Context) (time.Duration, error) {
	p.mu.Lock()
	known := p.read
	p.mu.Unlock()
	if !known {
		var until time.Time
		err := p.ledger.Change(ctx, p.id, func(h *History) {
			h.forget(p.clock.Now())
			until = h.Blocked
		})
		if err != nil {
			return 0, fmt.Errorf("read the limits of installation %d: %w", p.id, err)
		}
		p.block(until)
	}
	return max(0, p.until().Sub(p.clock.Now())), nil
}

func (p *pacer) block(until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read = true
	if until.After(p.blocked) {
		p.blocked = until
	}
}

func (p *pacer) until() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.blocked
}
