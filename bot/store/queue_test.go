package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A burst of deliveries costs two passes: the one that runs, and one more that
// sees all the rest.
func TestBurstBecomesFewPasses(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		install(t, s)
		entered, proceed := make(chan int, 100), make(chan struct{})
		w := &Workers{}
		HandlePass(w, func(_ context.Context, r Repository, events []Event) (Outcome, error) {
			entered <- len(events)
			<-proceed
			return Outcome{Head: "abc", Actions: len(events)}, nil
		})
		work(t, s, w, Settings{})
		must[bool](t)(s.Record(t.Context(), push(0), PassJob{shop.ID}))
		if n := await(t, "the first pass", entered); n != 1 {
			t.Errorf("the first pass saw %d events", n)
		}
		for i := 1; i < 500; i++ {
			must[bool](t)(s.Record(t.Context(), push(i), PassJob{shop.ID}))
		}
		close(proceed)
		if n := await(t, "the second pass", entered); n != 499 {
			t.Errorf("the second pass saw %d events", n)
		}
		eventually(t, "the job is completed", func() bool { return finished(t, s) })
		passes := must[[]Pass](t)(s.Passes(t.Context(), shop.ID, 10))
		if len(passes) != 2 || passes[0].Result != ResultDone || passes[0].Actions != 499 || passes[0].Head != "abc" || passes[0].Ended.Before(passes[0].Started) {
			t.Errorf("passes: %+v", passes)
		}
	})
}

// Deliveries that arrive at any moment of a pass are each seen by one that
// began after them, and the passes of a repository never overlap, however many
// processes work.
func TestNoWakeUpIsLost(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		replicas := []*Store{open(t, address)}
		if !replicas[0].b.alone() {
			replicas = append(replicas, open(t, address))
		}
		install(t, replicas[0])
		var mu sync.Mutex
		seen, inside := map[string]int{}, atomic.Int32{}
		for _, s := range replicas {
			w := &Workers{}
			HandlePass(w, func(_ context.Context, _ Repository, events []Event) (Outcome, error) {
				if inside.Add(1) > 1 {
					t.Error("two passes at once")
				}
				defer inside.Add(-1)
				mu.Lock()
				defer mu.Unlock()
				for _, e := range events {
					seen[e.Delivery]++
				}
				return Outcome{}, nil
			})
			work(t, s, w, Settings{})
		}
		var wg sync.WaitGroup
		for g := range 6 {
			wg.Go(func() {
				for i := range 40 {
					s := replicas[i%len(replicas)]
					if _, err := s.Record(t.Context(), push(g*1000+i), PassJob{shop.ID}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		eventually(t, "all events are drained", func() bool { return finished(t, replicas[0]) })
		mu.Lock()
		defer mu.Unlock()
		if len(seen) != 240 {
			t.Errorf("passes saw %d of 240 events", len(seen))
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("event %s was seen %d times", id, n)
			}
		}
	})
}

// What a worker returns decides what becomes of the job, and of the events.
func TestVerdicts(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		install(t, s)
		answers := []error{
			errors.New("a hiccup"),
			fmt.Errorf("wrapped: %w", Later(time.Millisecond, errors.New("limit"))),
			nil,
			Never(errors.New("empty repository")),
		}
		var calls atomic.Int32
		w := &Workers{}
		HandlePass(w, func(_ context.Context, _ Repository, events []Event) (Outcome, error) {
			if len(events) != 1 {
				t.Errorf("call %d sees %d events", calls.Load(), len(events))
			}
			return Outcome{}, answers[calls.Add(1)-1]
		})
		work(t, s, w, Settings{})
		for i := range 2 { // three answers for the first delivery, one for the second
			must[bool](t)(s.Record(t.Context(), push(i), PassJob{shop.ID}))
			eventually(t, "the job is completed", func() bool { return finished(t, s) })
		}
		var results []string
		for _, p := range must[[]Pass](t)(s.Passes(t.Context(), shop.ID, 10)) {
			results = append(results, p.Result+":"+p.Error)
		}
		slices.Reverse(results)
		want := []string{"failed:a hiccup", "waiting:limit", "done:", "refused:empty repository"}
		if !slices.Equal(results, want) {
			t.Errorf("results %q, want %q", results, want)
		}
	})
}

func TestDeadJobsAreVisibleAndCanBeRevived(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		var healed atomic.Bool
		var attempts atomic.Int32
		w := &Workers{}
		Handle(w, func(_ context.Context, job CommandJob) error {
			attempts.Add(1)
			if healed.Load() {
				return nil
			}
			return fmt.Errorf("no luck with %d", job.Subject)
		})
		Handle(w, func(context.Context, ReviewJob) error { return Never(errors.New("no such pull request")) })
		work(t, s, w, Settings{})
		if err := s.Enqueue(t.Context(), "test", CommandJob{Subject: 5}, ReviewJob{Number: 1}); err != nil {
			t.Fatal(err)
		}
		var dead []DeadJob
		eventually(t, "two dead jobs", func() bool {
			dead = must[[]DeadJob](t)(s.Dead(t.Context(), 10))
			return len(dead) == 2
		})
		i := slices.IndexFunc(dead, func(d DeadJob) bool { return d.Kind == "command" })
		if d := dead[i]; d.State != "discarded" || d.Error != "no luck with 5" || d.Attempts != 6 || attempts.Load() != 6 || d.Ended.IsZero() {
			t.Errorf("command: %+v after %d attempts", d, attempts.Load())
		}
		if d := dead[1-i]; d.Kind != "review" || d.State != "cancelled" || d.Attempts != 1 {
			t.Errorf("review: %+v", d)
		}
		healed.Store(true)
		if err := s.Revive(t.Context(), dead[i].ID); err != nil {
			t.Fatal(err)
		}
		eventually(t, "one dead job", func() bool { return len(must[[]DeadJob](t)(s.Dead(t.Context(), 10))) == 1 })
	})
}

func TestInactiveRepositoriesGetNoPass(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		install(t, s)
		if err := s.Reconcile(t.Context(), Installation{ID: 3, Account: "acme", State: Suspended}, nil); err != nil {
			t.Fatal(err)
		}
		must[bool](t)(s.Record(t.Context(), push(1), PassJob{shop.ID}))
		if err := s.Enqueue(t.Context(), "test", PassJob{12345}); err != nil {
			t.Fatal(err)
		}
		w := &Workers{}
		HandlePass(w, func(_ context.Context, r Repository, _ []Event) (Outcome, error) {
			t.Errorf("a pass over %s", r.FullName())
			return Outcome{}, nil
		})
		work(t, s, w, Settings{})
		eventually(t, "the jobs are dropped", func() bool { return finished(t, s) })
		if p := must[[]Pass](t)(s.Passes(t.Context(), 0, 10)); len(p) != 0 {
			t.Errorf("passes: %+v", p)
		}
	})
}

// A review is not queued twice while it waits, but again once it is done.
func TestUniqueWhileUnfinished(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		done := make(chan ReviewJob, 10)
		w := &Workers{}
		Handle(w, func(_ context.Context, job ReviewJob) error { done <- job; return nil })
		job := ReviewJob{Repository: 7, Number: 1, Head: "a", Base: "main"}
		moved := ReviewJob{Repository: 7, Number: 1, Head: "a", Base: "next"}
		if err := s.Enqueue(t.Context(), "test", job, job, moved); err != nil {
			t.Fatal(err)
		}
		if got := must[[]Count](t)(s.Counts(t.Context())); len(got) != 1 || got[0].Jobs != 2 {
			t.Fatalf("jobs: %v", got)
		}
		work(t, s, w, Settings{})
		await(t, "a review", done)
		await(t, "the other review", done)
		eventually(t, "both are completed", func() bool {
			return !slices.ContainsFunc(must[[]Count](t)(s.Counts(t.Context())), func(c Count) bool { return c.Kind == "review" && c.Unfinished() })
		})
		if err := s.Enqueue(t.Context(), "test", job); err != nil {
			t.Fatal(err)
		}
		await(t, "the review again", done)
	})
}

// A stop gives running jobs their time, then cancels them; they are taken up
// again by the next start without having lost an attempt.
func TestSoftStopThenHardStop(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		install(t, s)
		entered, ended := make(chan struct{}, 10), make(chan error, 10)
		w := &Workers{}
		HandlePass(w, func(ctx context.Context, _ Repository, _ []Event) (Outcome, error) {
			entered <- struct{}{}
			<-ctx.Done()
			ended <- ctx.Err()
			return Outcome{}, fmt.Errorf("clone: %w", ctx.Err())
		})
		stop := work(t, s, w, Settings{SoftStop: 50 * time.Millisecond})
		must[bool](t)(s.Record(t.Context(), push(1), PassJob{shop.ID}))
		await(t, "the pass", entered)
		stop()
		if err := await(t, "the end of the pass", ended); !errors.Is(err, context.Canceled) {
			t.Errorf("the pass was stopped by %v", err)
		}
		again, done := &Workers{}, make(chan int, 1)
		HandlePass(again, func(_ context.Context, _ Repository, events []Event) (Outcome, error) {
			done <- len(events)
			return Outcome{}, nil
		})
		work(t, s, again, Settings{})
		if n := await(t, "the second try", done); n != 1 {
			t.Errorf("the second try saw %d events", n)
		}
		eventually(t, "the job is completed", func() bool { return finished(t, s) })
		if p := must[[]Pass](t)(s.Passes(t.Context(), shop.ID, 10)); len(p) != 2 || p[1].Result != ResultInterrupted {
			t.Errorf("passes: %+v", p)
		}
	})
}

func TestBackoffGrowsToTenMinutes(t *testing.T) {
	want := []time.Duration{10, 30, 90, 270, 600, 600}
	for i, w := range want {
		if got := backoff(i + 1); got != w*time.Second {
			t.Errorf("backoff(%d) = %s, want %s", i+1, got, w*time.Second)
		}
	}
	if got := backoff(1000); got != 10*time.Minute {
		t.Errorf("backoff(1000) = %s", got)
	}
}
