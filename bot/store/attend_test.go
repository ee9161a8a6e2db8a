package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

const hostile = "remote side.\x00 \xff\xfe end"

// Git servers end messages with a NUL, and what is in a repository need not be text. Neither keeps a job from ending,
// nor the jobs of others that end at the same time.
func TestHostileTexts(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		install(t, s)
		other := shop
		other.ID = 8
		d := push(1)
		d.ID, d.Action, d.Repository.DefaultBranch = "guid"+hostile, hostile, hostile
		must[bool](t)(s.Record(t.Context(), d, PassJob{shop.ID}))
		if fresh := must[bool](t)(s.Record(t.Context(), d, PassJob{shop.ID})); fresh {
			t.Error("the delivery is taken for another one")
		}
		if err := s.Enqueue(t.Context(), "test", ReviewJob{shop.ID, 1, hostile, hostile}, ReviewJob{shop.ID, 2, "head", "main"},
			ReviewJob{shop.ID, 3, "head", "main"}, CommandJob{shop.ID, 1, hostile, 1, hostile}); err != nil {
			t.Fatal(err)
		}
		w := &Workers{}
		HandlePass(w, func(context.Context, Repository, []Event) (Outcome, error) {
			return Outcome{Head: hostile}, Never(errors.New(hostile))
		})
		Handle(w, func(_ context.Context, job ReviewJob) error {
			switch job.Number {
			case 1:
				panic(hostile)
			case 2:
				return errors.New(hostile)
			}
			return nil
		})
		Handle(w, func(context.Context, CommandJob) error { return Never(errors.New(hostile)) })
		work(t, s, w, Settings{})
		eventually(t, "all have ended", func() bool {
			for _, c := range must[[]Count](t)(s.Counts(t.Context())) {
				if c.Unfinished() {
					return false
				}
			}
			return true
		})
		if p := must[[]Pass](t)(s.Passes(t.Context(), shop.ID, 1)); p[0].Result != ResultRefused || !strings.Contains(p[0].Error, "remote side.") {
			t.Errorf("the pass: %+v", p)
		}
		dead := must[[]DeadJob](t)(s.Dead(t.Context(), 10))
		if len(dead) != 3 {
			t.Errorf("dead: %+v", dead)
		}
		for _, d := range dead {
			if !strings.Contains(d.Error, "remote side.\uFFFD") {
				t.Errorf("%s says %q", d.Kind, d.Error)
			}
		}
	})
}

// A job is running by its record while nobody is at it: what became of it could not be written down. It is done again
// within minutes, since another one like it could not even be queued.
func TestOrphan(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		install(t, s)
		w, begun := &Workers{}, make(chan int, 10)
		release := make(chan struct{})
		Handle(w, func(_ context.Context, job ReviewJob) error {
			begun <- job.Number
			if job.Number == 2 {
				<-release // it is at work for long, and left alone
			}
			return nil
		})
		must[any](t)(nil, s.Enqueue(t.Context(), "test", ReviewJob{shop.ID, 1, "head", "main"}, ReviewJob{shop.ID, 2, "head", "main"}))
		work(t, s, w, Settings{Watch: 5 * time.Millisecond, Grace: time.Hour, Orphan: 2 * time.Second})
		t.Cleanup(func() { close(release) })
		await(t, "the first", begun)
		await(t, "the second", begun)
		eventually(t, "the first is completed", func() bool {
			n := must[int64](t)(first(t.Context(), s, "count", scanInt, "SELECT COUNT(*) FROM river_job WHERE kind = 'review' AND state = 'completed'"))
			return n == 1
		})
		must[any](t)(nil, s.write(t.Context(), "lose it", "UPDATE river_job SET state = 'running', finalized_at = NULL WHERE kind = 'review' AND state = 'completed'"))
		if n := await(t, "it is done again", begun); n != 1 {
			t.Errorf("number %d was done again", n)
		}
		if n := must[int64](t)(first(t.Context(), s, "count", scanInt, "SELECT COUNT(*) FROM river_job WHERE kind = 'review' AND state = 'running' AND attempt = 1")); n != 1 {
			t.Errorf("%d are running of which somebody is at one", n)
		}
	})
}

// A job that ends its process twice is not begun a third time, but told; one that was only there at the time is. The
// next day, or once it is forgiven, it is tried again.
func TestPutAside(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		install(t, s)
		must[bool](t)(s.Record(t.Context(), push(1), PassJob{shop.ID}))
		must[any](t)(nil, s.Close())
		kill(startChild(t, address))
		if !strings.HasPrefix(address, "sqlite") {
			reclaimNow(t, address) // replicas wait for some time
		}
		kill(startChild(t, address))

		s = open(t, address)
		w, begun, told := &Workers{}, make(chan string, 10), make(chan string, 10)
		HandlePass(w, func(context.Context, Repository, []Event) (Outcome, error) {
			begun <- "pass"
			return Outcome{}, nil
		})
		Handle(w, func(context.Context, ReviewJob) error { begun <- "review"; return nil })
		OnAside(w, func(_ context.Context, job Job, why error) error { told <- job.Kind() + ": " + why.Error(); return nil })
		review := ReviewJob{shop.ID, 1, "head", "main"}
		must[any](t)(nil, s.b.atomically(t.Context(), func(tx transaction) error {
			key := crashKey("review", []byte(`{"repository": 7, "number": 1, "head": "head", "base": "main"}`))
			if !s.b.alone() { // jsonb has an order of its own
				key = crashKey("review", []byte(`{"base": "main", "head": "head", "number": 1, "repository": 7}`))
			}
			_, err := tx.exec(t.Context(), "INSERT INTO crashes (job, times, tried, at) VALUES ($1, 2, 0, $2)", key, s.stamp())
			return err
		}))
		must[any](t)(nil, s.Enqueue(t.Context(), "test", review))
		work(t, s, w, Settings{Watch: 5 * time.Millisecond, Grace: 5 * time.Millisecond})
		if said := await(t, "the review is told", told); !strings.HasPrefix(said, "review: put aside for a day: the process ended 2 times") {
			t.Error(said)
		}
		eventually(t, "the pass is told", func() bool {
			p := must[[]Pass](t)(s.Passes(t.Context(), shop.ID, 1))
			return p[0].Result == ResultRefused && strings.Contains(p[0].Error, "put aside for a day")
		})
		if len(begun) != 0 {
			t.Errorf("begun: %s", <-begun)
		}
		aside := must[[]Aside](t)(s.Asides(t.Context()))
		if len(aside) != 2 || aside[0].Times != 2 {
			t.Fatalf("put aside: %+v", aside)
		}
		for _, a := range aside {
			must[any](t)(nil, s.Forgive(t.Context(), a.Job))
		}
		must[bool](t)(s.Record(t.Context(), push(2), PassJob{shop.ID}))
		await(t, "the pass after that", begun)
	})
}

// reclaimNow takes up the jobs of dead processes at once.
func reclaimNow(t *testing.T, address string) {
	t.Helper()
	s := open(t, address)
	r := &rescuer{s: s, name: "test", orphan: time.Hour}
	eventually(t, "the jobs are taken up", func() bool {
		must[any](t)(nil, r.look(t.Context()))
		return passesThat(t, s, "available") == 1
	})
	must[any](t)(nil, s.Close())
}

// Two jobs that were running when their process ended do not run side by side again: the next end tells which it was.
func TestSuspectsRunAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		install(t, s)
		w, begun, end := &Workers{}, make(chan int, 10), make(chan struct{})
		Handle(w, func(_ context.Context, job ReviewJob) error {
			begun <- job.Number
			<-end
			return nil
		})
		jobs := []Job{ReviewJob{shop.ID, 1, "head", "main"}, ReviewJob{shop.ID, 2, "head", "main"}}
		must[any](t)(nil, s.Enqueue(t.Context(), "test", jobs...))
		must[any](t)(nil, s.write(t.Context(), "they were running", "UPDATE river_job SET state = 'running', attempt = 1 WHERE kind = 'review'"))
		must[any](t)(nil, s.reclaimAll(t.Context()))
		work(t, s, w, Settings{})
		one := await(t, "one of them", begun)
		select {
		case n := <-begun:
			t.Errorf("number %d runs beside number %d", n, one)
		case <-time.After(100 * time.Millisecond):
		}
		end <- struct{}{}
		await(t, "the other", begun)
		end <- struct{}{}
		eventually(t, "nothing is held against them", func() bool {
			return must[int64](t)(first(t.Context(), s, "count", scanInt, "SELECT COUNT(*) FROM crashes")) == 0
		})
	})
}
