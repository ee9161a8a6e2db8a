package store

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// postgres is the cluster of this run, started by the first test that needs it.
var postgres = sync.OnceValues(func() (*cluster, string) {
	c, reason, err := startCluster()
	if err != nil {
		return nil, err.Error()
	}
	running.Store(c)
	return c, reason
})

var (
	running   atomic.Pointer[cluster]
	databases atomic.Int32
)

func TestMain(m *testing.M) {
	if address := os.Getenv(asChild); address != "" {
		fmt.Println(runChild(address)) // it is killed before it would return
		os.Exit(1)
	}
	code := m.Run()
	if c := running.Load(); c != nil {
		c.stop()
	}
	os.Exit(code)
}

// onBoth runs a test over both databases; open gives the same one every time.
func onBoth(t *testing.T, test func(t *testing.T, address string)) {
	t.Run("sqlite", func(t *testing.T) {
		test(t, "sqlite:"+filepath.Join(t.TempDir(), "a b%c?", "bot.db"))
	})
	t.Run("postgres", func(t *testing.T) { test(t, postgresAddress(t)) })
}

func postgresAddress(t *testing.T) string {
	t.Helper()
	c, reason := postgres()
	if c == nil && os.Getenv("CI") == "true" {
		t.Fatalf("the suite has to run over Postgres here: %s", reason)
	}
	if c == nil {
		t.Skipf("NOT RUN over Postgres: %s", reason)
	}
	return c.create(t, fmt.Sprintf("test%d", databases.Add(1)))
}

func open(t *testing.T, address string) *Store {
	t.Helper()
	s, err := Open(t.Context(), quiet(t), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// quiet logs warnings into the test's output.
func quiet(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// work runs workers until the returned function is called.
func work(t *testing.T, s *Store, w *Workers, o Settings) (stop func()) {
	t.Helper()
	ignoreUpkeep(w)
	if o.Retry == nil {
		o.Retry = func(int) time.Duration { return time.Millisecond }
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Work(ctx, w, o) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Work: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// ignoreUpkeep does the jobs that every start brings without effect.
func ignoreUpkeep(w *Workers) {
	Handle(w, func(context.Context, SweepJob) error { return nil })
	Handle(w, func(context.Context, DeliveriesJob) error { return nil })
	Handle(w, func(context.Context, PruneJob) error { return nil })
}

// await waits for a value, and fails instead of hanging.
func await[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// eventually asks until the answer is yes: for states that nothing announces.
func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !yes() {
		if time.Now().After(deadline) {
			t.Fatalf("it never came to this: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// must returns v, or fails the test.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

var shop = Repository{ID: 7, Installation: 3, Owner: "acme", Name: "Shop", DefaultBranch: "main", State: Active}

// install makes the store know the repository shop.
func install(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Reconcile(t.Context(), Installation{ID: 3, Account: "acme", State: Active}, []Repository{shop}); err != nil {
		t.Fatal(err)
	}
}

func push(id int) Delivery {
	return Delivery{ID: fmt.Sprintf("guid-%d", id), Event: "push", Installation: 3, Repository: shop}
}

// finished says that the pass job of shop is completed and its events are gone.
func finished(t *testing.T, s *Store) bool {
	t.Helper()
	counts := must[[]Count](t)(s.Counts(t.Context()))
	for _, c := range counts {
		if c.Kind == "pass" && c.Unfinished() {
			return false
		}
	}
	n, err := first(t.Context(), s, "count events", scanInt, "SELECT COUNT(*) FROM events")
	if err != nil {
		t.Fatal(err)
	}
	return n == 0
}
