package service

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/codemod"
)

// The server asks errors two questions, through any depth of wrapping.
func TestTimed(t *testing.T) {
	tests := []struct {
		name  string
		err   error
		wait  bool
		final bool
	}{
		{"none", nil, false, false},
		{"secondary limit", &github.ErrSecondaryLimit{RetryAfter: time.Minute}, true, false},
		{"hourly limit", &github.ErrRateLimit{Reset: time.Now().Add(time.Hour)}, true, false},
		{"an hourly limit that is over", &github.ErrRateLimit{Reset: time.Now().Add(-time.Hour)}, true, false},
		{"suspended", github.ErrSuspended, false, true},
		{"archived", github.ErrArchived, false, true},
		{"unreachable", github.ErrUnreachable, false, false},
	}
	for _, tt := range tests {
		err := tt.err
		if err != nil {
			err = timed(fmt.Errorf("pass over acme/shop: %w", err))
		} else if err = timed(nil); err != nil {
			t.Errorf("%s: got %v", tt.name, err)
		}
		var wait interface{ RetryAfter() time.Duration }
		if got := errors.As(err, &wait) && wait.RetryAfter() > 0; got != tt.wait {
			t.Errorf("%s: waits: %v", tt.name, got)
		}
		var final interface{ Permanent() bool }
		if got := errors.As(err, &final) && final.Permanent(); got != tt.final {
			t.Errorf("%s: is final: %v", tt.name, got)
		}
		if tt.err != nil && !errors.Is(err, tt.err) {
			t.Errorf("%s: the cause is lost", tt.name)
		}
	}
}

func TestOutcome(t *testing.T) {
	result := &codemod.Result{Files: 9, Changes: make([]codemod.Change, 4), Left: make([]codemod.Left, 2)}
	want := store.Outcome{Head: "abc", Files: 9, Changed: 4, Left: 2, PullRequests: 3, Actions: 7}
	if got := outcome(&bot.Outcome{Head: "abc", Result: result, Open: 3, Writes: 7}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := outcome(&bot.Outcome{Refused: "no configuration"}); got != (store.Outcome{}) {
		t.Errorf("a refused pass: %+v", got)
	}
}
