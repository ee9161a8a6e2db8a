package bot

import (
	"context"
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

// hurried makes the bot anew, as another process, whose campaign may create so
// many things an hour, as the clock and the ledger remember.
func (w *world) hurried(clock *hours, ledger *shared, perHour int) {
	w.t.Helper()
	app, err := github.New(slog.New(slog.DiscardHandler), github.Options{BaseURL: w.sim.URL, AppID: int64(w.app.ID), Key: w.app.PEM, Clock: clock,
		Pacer: func(id int64) github.Pacer {
			return github.NewDurablePacer(clock, github.Pace{Campaign: perHour}, id, ledger)
		}})
	w.must(err)
	w.bot = New(slog.New(slog.DiscardHandler), app, w.dir, w.opts)
}

// TestBudgetUsedUp: the budget is of what is opened. While it is used up
// everything else goes on: merges and conflicts are noticed, the dashboard
// tells the truth, no branch waits without its pull request, and a restart
// gives no new budget.
func TestBudgetUsedUp(t *testing.T) {
	w := newWorld(t, boarded(""))
	clock, ledger := &hours{}, &shared{}
	w.hurried(clock, ledger, 3) // a pull request and its request for a review take two
	out := w.pass()
	if kinds(out) != "open:1 wait:2" || out.Again < 59*time.Minute || len(w.branches()) != 1 {
		t.Errorf("%s, again in %s, branches %q", kinds(out), out.Again, w.branches())
	}
	if body := w.dashboard().Body; !strings.Contains(body, "the pace: at most 3") {
		t.Errorf("the dashboard does not say why:\n%s", body)
	}
	w.hurried(clock, ledger, 3)
	w.quiet()
	w.push("dev", "main", map[string]string{"src/billing/part0.py": conflicting(0), "src/misc/file0.py": conflicting(0), "src/search/part0.py": conflicting(0)})
	if out := w.pass(); kinds(out) != "update-branch:1 wait:2" {
		t.Errorf("a conflict: %s", kinds(out))
	}
	w.must(w.sim.As("boss").Merge(full, w.pulls()[0].Number, "squash"))
	w.pass()
	if body := w.dashboard().Body; !strings.Contains(body, "4 of 4") && !strings.Contains(body, "3 of 3") {
		t.Errorf("the merge is not told:\n%s", body)
	}
	for range 2 {
		clock.passed += time.Hour
		w.pass()
	}
	if n := len(w.pulls()); n != 3 {
		t.Errorf("%d pull requests after two hours more", n)
	}
	w.quiet()
}

// TestCampaignWithinTheBudget: 45 pull requests come in two hours, at no time
// faster than 60 creations an hour, and not one call is made twice.
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
	for again := true; again && hour < 5; hour++ {
		w.hurried(clock, ledger, github.CampaignPerHour)
		w.sim.ForgetCalls()
		out := w.pass()
		for out.Writes > 0 {
			again = out.Again > 0
			out = w.pass()
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
		clock.passed += time.Hour
	}
	want := map[string]int{"POST pulls": pulls, "POST requested_reviewers": pulls, "POST graphql": pulls, "POST labels": 1, "PUSH git-receive-pack": 3}
	if hour != 2 || !maps.Equal(total, want) {
		t.Errorf("after %d hours: %v, want %v", hour, total, want)
	}
}

// TestCommandKeepsToWhatItNames: a command that is said to one pull request
// opens none of those that wait, and one that names paths opens only those.
func TestCommandKeepsToWhatItNames(t *testing.T) {
	w := newWorld(t, boarded(""))
	clock, ledger := &hours{}, &shared{}
	w.hurried(clock, ledger, 3)
	w.pass()
	first := w.pulls()[0]
	for _, command := range []string{"rebase", "", "status", "take-over"} {
		w.command("boss", first.Number, "/canonicalize "+command)
	}
	if n := len(w.branches()); n != 1 {
		t.Errorf("commands to one pull request made %d branches", n)
	}
	w.command("boss", w.dashboard().Number, "/canonicalize src/search")
	if n := len(w.pulls()); n != 2 || !strings.Contains(w.pulls()[1].Title, "src/search") {
		t.Errorf("%q", w.summary())
	}
	w.command("boss", w.dashboard().Number, "/canonicalize resume")
	if n := len(w.pulls()); n != 2 {
		t.Errorf("resume opens outside of the pace: %q", w.summary())
	}
}
