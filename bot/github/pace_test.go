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
