package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
)

// shared is a ledger that outlives the bot.
type shared struct {
	mu sync.Mutex
	h  github.History
}

func (s *shared) Change(_ context.Context, _ int64, change func(*github.History)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.h)
	return nil
}

// hours is a clock that a test moves.
type hours struct {
	still
	passed time.Duration
}

func (c *hours) Now() time.Time { return time.Now().Add(c.passed) }

// TestBudgetUsedUp: a pass then says when to come back instead of waiting, a
// restart gives no new budget, and what comes out in the end is the same.
func TestBudgetUsedUp(t *testing.T) {
	w := newWorld(t, boarded(""))
	clock, ledger := &hours{}, &shared{}
	start := func() {
		app, err := github.New(slog.New(slog.DiscardHandler), github.Options{BaseURL: w.sim.URL, AppID: int64(w.app.ID), Key: w.app.PEM, Clock: clock,
			Pacer: func(id int64) github.Pacer {
				return github.NewDurablePacer(clock, github.Pace{Campaign: 3}, id, ledger)
			}})
		w.must(err)
		w.bot = New(slog.New(slog.DiscardHandler), app, w.dir, w.opts)
	}
	start()
	used := 0
	for hour := 0; ; hour++ {
		out, err := w.try()
		var limit *github.ErrSecondaryLimit
		if err == nil {
			break
		}
		if !errors.As(err, &limit) || !limit.Own || limit.RetryAfter < 59*time.Minute || hour > 5 {
			t.Fatalf("hour %d: %v", hour, err)
		}
		used++
		start()
		w.sim.ForgetCalls()
		if again, err := w.try(); err == nil || again.Writes > 0 || w.writes() > 0 {
			t.Errorf("hour %d: a restart gave a new budget: %v", hour, err)
		}
		_ = out
		clock.passed += time.Hour
	}
	if used != 2 {
		t.Errorf("the budget was used up %d times; want 7 creations at 3 an hour", used)
	}
	w.expect(firstPulls)
	w.dashboard()
	w.quiet()
}

// TestCampaignWithinTheBudget: 45 pull requests come in two hours, at no time
// faster than 60 creations an hour, although the process ends whenever the
// budget is used up; and not one call is made twice.
func TestCampaignWithinTheBudget(t *testing.T) {
	const pulls = 45
	files := shop()
	files[config.Path] = conf + "  max_open: 0\n  max_open_per_team: 0\n"
	for i := range pulls - 3 {
		for j := range 5 {
			files[fmt.Sprintf("src/area%02d/f%d.py", i, j)] = consumer(j)
		}
	}
	w := newWorld(t, files)
	clock, ledger := &hours{}, &shared{}
	total, hour := map[string]int{}, 0
	for ; hour < 5; hour++ {
		app, err := github.New(slog.New(slog.DiscardHandler), github.Options{BaseURL: w.sim.URL, AppID: int64(w.app.ID), Key: w.app.PEM, Clock: clock,
			Pacer: func(id int64) github.Pacer {
				return github.NewDurablePacer(clock, github.Pace{Campaign: github.CampaignPerHour}, id, ledger)
			}})
		w.must(err)
		w.bot = New(slog.New(slog.DiscardHandler), app, w.dir, w.opts)
		w.sim.ForgetCalls()
		var limit *github.ErrSecondaryLimit
		for err == nil {
			var out *Outcome
			if out, err = w.try(); err == nil && out.Writes == 0 {
				break
			}
		}
		created := 0
		for _, call := range w.sim.Calls() {
			if call.Write() {
				total[call.Method+" "+path.Base(call.Path)]++
			}
			if call.Method == http.MethodPost && (strings.HasSuffix(call.Path, "/pulls") || strings.HasSuffix(call.Path, "/requested_reviewers")) {
				created++
			}
		}
		if created > github.CampaignPerHour {
			t.Errorf("hour %d: %d creations", hour, created)
		}
		if err == nil {
			break
		}
		if !errors.As(err, &limit) || !limit.Own {
			t.Fatal(err)
		}
		clock.passed += time.Hour
	}
	want := map[string]int{"POST pulls": pulls, "POST requested_reviewers": pulls, "POST graphql": pulls, "POST labels": 1, "PUSH git-receive-pack": 3}
	if hour != 1 || !maps.Equal(total, want) {
		t.Errorf("after %d hours: %v, want %v", hour, total, want)
	}
}
