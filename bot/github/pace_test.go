package github

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func pacedWrites(t *testing.T, p Pacer, clock *fakeClock, n int, content bool) (elapsed time.Duration, err error) {
	t.Helper()
	start := clock.Now()
	for range n {
		done, err := p.Wait(ctx, Write{Content: content})
		if err != nil {
			return clock.Now().Sub(start), err
		}
		done(nil)
	}
	return clock.Now().Sub(start), nil
}

func TestPace(t *testing.T) {
	clock := newClock()
	p := NewPacer(clock, GitHubPace)
	if took, err := pacedWrites(t, p, clock, 80, true); err != nil || took != 79*time.Second {
		t.Errorf("80 writes took %s, %v", took, err)
	}
	clock, fast := newClock(), GitHubPace
	fast.Gap = 100 * time.Millisecond
	p = NewPacer(clock, fast)
	if took, err := pacedWrites(t, p, clock, 160, true); err != nil || took < time.Minute || took > 70*time.Second {
		t.Errorf("160 writes at 80 a minute took %s, %v", took, err)
	}
	var limit *ErrSecondaryLimit
	took, err := pacedWrites(t, p, clock, 1000, true)
	if !errors.As(err, &limit) || !limit.Own || limit.RetryAfter > time.Hour || limit.RetryAfter < 50*time.Minute {
		t.Errorf("after %s: %v", took, err)
	}
	if took, err := pacedWrites(t, p, clock, 10, false); err != nil || took > 2*time.Second {
		t.Errorf("writes without content took %s, %v", took, err)
	}
	clock.Sleep(ctx, limit.RetryAfter)
	if _, err := pacedWrites(t, p, clock, 1, true); err != nil {
		t.Errorf("the budget did not come back: %v", err)
	}
}

// While GitHub's own limit lasts nothing is sent, and one write at a time otherwise.
func TestPacerObeysGitHub(t *testing.T) {
	clock := newClock()
	p := NewPacer(clock, GitHubPace)
	done, err := p.Wait(ctx, Write{})
	if err != nil {
		t.Fatal(err)
	}
	waiting, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := p.Wait(waiting, Write{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a second write beside the first: %v", err)
	}
	done(&ErrSecondaryLimit{RetryAfter: 10 * time.Minute})
	var limit *ErrSecondaryLimit
	if _, err := p.Wait(ctx, Write{}); !errors.As(err, &limit) || limit.RetryAfter != 10*time.Minute {
		t.Errorf("during the limit: %v", err)
	}
	clock.Sleep(ctx, 9*time.Minute+30*time.Second)
	before := clock.Now()
	done, err = p.Wait(ctx, Write{})
	if err != nil || clock.Now().Sub(before) != 30*time.Second {
		t.Errorf("waited %s, %v", clock.Now().Sub(before), err)
	}
	done(nil)
}

// memory is a ledger that a test can look into, fail, and give to the next process.
type memory struct {
	inMemory
	err error
}

func (m *memory) Change(ctx context.Context, id int64, change func(*History)) error {
	if m.err != nil {
		return m.err
	}
	return m.inMemory.Change(ctx, id, change)
}

// A process that starts anew knows what the one before it spent, and what GitHub refused.
func TestPaceOutlivesTheProcess(t *testing.T) {
	clock, ledger := newClock(), &memory{}
	pace := GitHubPace
	pace.Gap, pace.PerMinute, pace.PerHour = 0, 0, 10
	if _, err := pacedWrites(t, NewDurablePacer(clock, pace, 3, ledger), clock, 10, true); err != nil {
		t.Fatal(err)
	}
	clock.Sleep(ctx, 20*time.Minute)
	again := NewDurablePacer(clock, pace, 3, ledger)
	var limit *ErrSecondaryLimit
	if _, err := pacedWrites(t, again, clock, 1, true); !errors.As(err, &limit) || limit.RetryAfter != 40*time.Minute || !limit.Own {
		t.Errorf("after a restart: %v", err)
	}
	again.Refused(ctx, &ErrRateLimit{Reset: clock.Now().Add(15 * time.Minute)})
	if wait, err := NewDurablePacer(clock, pace, 3, ledger).Blocked(ctx); wait != 15*time.Minute || err != nil {
		t.Errorf("a limit after a restart: %s, %v", wait, err)
	}
	ledger.err = errors.New("no database")
	if _, err := NewDurablePacer(clock, pace, 3, ledger).Wait(ctx, Write{}); !errors.Is(err, ledger.err) {
		t.Errorf("without its ledger: %v", err)
	}
	if wait, err := again.Blocked(ctx); wait != 15*time.Minute || err != nil {
		t.Errorf("what the process itself knows: %s, %v", wait, err)
	}
}

// Two processes share one budget.
func TestPaceIsShared(t *testing.T) {
	clock, ledger := newClock(), &memory{}
	pace := Pace{PerHour: 10}
	a, b := NewDurablePacer(clock, pace, 3, ledger), NewDurablePacer(clock, pace, 3, ledger)
	for range 5 {
		for _, p := range []Pacer{a, b} {
			if _, err := pacedWrites(t, p, clock, 1, true); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := pacedWrites(t, b, clock, 1, true); err == nil {
		t.Error("an eleventh write")
	}
}

// A campaign has a budget of its own, and answers to people do not wait behind it.
func TestPaceOfCampaigns(t *testing.T) {
	clock := newClock()
	p := NewPacer(clock, Pace{PerHour: 10, Campaign: 3})
	campaign := Write{Content: true, Campaign: true}
	for range 3 {
		done, err := p.Wait(ctx, campaign)
		if err != nil {
			t.Fatal(err)
		}
		done(nil)
	}
	var limit *ErrSecondaryLimit
	if _, err := p.Wait(ctx, campaign); !errors.As(err, &limit) || limit.RetryAfter != time.Hour {
		t.Errorf("a fourth: %v", err)
	}
	if _, err := pacedWrites(t, p, clock, 7, true); err != nil {
		t.Errorf("an answer: %v", err)
	}
	if _, err := pacedWrites(t, p, clock, 1, true); err == nil {
		t.Error("more than the hour has")
	}
}

// A clock that was set back does not block for years.
func TestPaceWithAClockSetBack(t *testing.T) {
	clock, ledger := newClock(), &memory{}
	future := clock.Now().Add(1000 * time.Hour)
	ledger.h = History{Last: future, Blocked: future, Content: []Spent{{At: future}}}
	wait, err := NewDurablePacer(clock, GitHubPace, 3, ledger).Blocked(ctx)
	if err != nil || wait > time.Hour {
		t.Errorf("blocked for %s, %v", wait, err)
	}
}

// Every write of a repository is paced and logged with its key, and its text is not.
func TestWritesArePacedAndLogged(t *testing.T) {
	f := newFake(t)
	repo := f.repo()
	f.answer("POST /repos/o/r/issues/1/comments", 201, `{"id":5}`)
	for range 3 {
		if _, err := repo.CreateComment(ctx, 1, "a private text"); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.clock.slept) != 2 || f.clock.slept[0] != time.Second {
		t.Errorf("slept %v", f.clock.slept)
	}
	log := f.log.String()
	if strings.Count(log, `"key":"#1"`) != 3 || !strings.Contains(log, `"repo":"o/r"`) || strings.Contains(log, "private") || strings.Contains(log, "token-") {
		t.Errorf("logged %s", log)
	}
}

func TestCap(t *testing.T) {
	short := "short\n<!-- marker -->"
	if Cap(short) != short {
		t.Error("a short text was changed")
	}
	body := "intro\n```diff\n" + strings.Repeat("+ line of é\n", 10000) + "```\nend\n<!-- canonicalize: id=1 -->\n"
	got := Cap(body)
	if units(got) > MaxBody || units(got) < MaxBody-3000 {
		t.Errorf("%d units", units(got))
	}
	if !strings.HasSuffix(got, "<!-- canonicalize: id=1 -->") || !strings.Contains(got, "\n```\n\n*… cut here") {
		t.Errorf("ends in %q", got[len(got)-200:])
	}
	if got := capTitle(strings.Repeat("ü", 300)); utf8.RuneCountInString(got) != maxTitle || !strings.HasSuffix(got, "…") {
		t.Errorf("title of %d", utf8.RuneCountInString(got))
	}
}

func FuzzCap(f *testing.F) {
	f.Add("a", 100000)
	f.Add("😀\n```\n", 20000)
	f.Add("<!-- x -->", 9000)
	f.Fuzz(func(t *testing.T, text string, n int) {
		if len(text) == 0 || n < 0 {
			return
		}
		n = min(n, 300000/len(text)+1)
		got := Cap(strings.Repeat(text, n))
		if units(got) > MaxBody {
			t.Errorf("%d units are left", units(got))
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Error("a character was cut")
		}
	})
}
