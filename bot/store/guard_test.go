package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// asChild makes the test's binary a process that works on the database at this
// address, and never ends its pass.
const asChild = "CANONICALIZE_TEST_STORE_CHILD"

func runChild(address string) error {
	s, err := Open(context.Background(), slog.New(slog.DiscardHandler), address)
	if err != nil {
		return err
	}
	w := &Workers{}
	HandlePass(w, func(context.Context, Repository, []Event) (Outcome, error) {
		fmt.Println("pass")
		select {}
	})
	ignoreUpkeep(w)
	return s.Work(context.Background(), w, Settings{})
}

// startChild returns the process once it is in the middle of a pass.
func startChild(t *testing.T, address string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env, cmd.Stderr = append(os.Environ(), asChild+"="+address), t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) || said != "pass\n" {
		t.Fatalf("the child said %q, %v", said, err)
	}
	return cmd
}

func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// A job whose process is killed runs again without waiting for the longest
// time that a job may take, and with all of its events.
func TestJobsOfAKilledProcess(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		install(t, s)
		must[bool](t)(s.Record(t.Context(), push(1), PassJob{shop.ID}))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		kill(startChild(t, address))

		s = open(t, address)
		must[bool](t)(s.Record(t.Context(), push(2), PassJob{shop.ID}))
		w, seen := &Workers{}, make(chan int, 10)
		HandlePass(w, func(_ context.Context, _ Repository, events []Event) (Outcome, error) {
			seen <- len(events)
			return Outcome{}, nil
		})
		work(t, s, w, Settings{Watch: 5 * time.Millisecond, Grace: 5 * time.Millisecond})
		if n := await(t, "the pass again", seen); n != 2 {
			t.Errorf("the pass saw %d events", n)
		}
		eventually(t, "the job is completed", func() bool { return finished(t, s) })
		if p := must[[]Pass](t)(s.Passes(t.Context(), shop.ID, 10)); len(p) != 2 || p[1].Result != ResultInterrupted {
			t.Errorf("passes: %+v", p)
		}
	})
}

// passesThat counts pass jobs in a state.
func passesThat(t *testing.T, s *Store, are string) (n int) {
	t.Helper()
	for _, c := range must[[]Count](t)(s.Counts(t.Context())) {
		if c.Kind == "pass" && c.State == are {
			n += c.Jobs
		}
	}
	return n
}

// A replica leaves the jobs of one that lives alone, however long they take;
// and those of one that died until it can have noticed, had it only lost its
// session.
func TestReplicasKnowWhoLives(t *testing.T) {
	address := postgresAddress(t)
	s := open(t, address)
	install(t, s)
	must[bool](t)(s.Record(t.Context(), push(1), PassJob{shop.ID}))
	child := startChild(t, address)
	now := time.Now()
	s.now = func() time.Time { return now }
	r := &rescuer{s: s, name: "me", grace: time.Minute}
	look := func(after time.Duration, want int) {
		t.Helper()
		now = now.Add(after)
		if err := r.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := passesThat(t, s, "running"); n != want {
			t.Errorf("after %s more %d passes run, want %d", after, n, want)
		}
	}
	look(0, 1)
	look(time.Hour, 1)
	kill(child)
	eventually(t, "Postgres knows", func() bool { _ = r.look(t.Context()); return len(r.dead) == 1 })
	look(0, 1)
	look(59*time.Second, 1)
	look(time.Second, 0)
	if n := passesThat(t, s, "available"); n != 1 {
		t.Errorf("%d passes wait", n)
	}
}

// A session that is lost is taken anew; where that cannot be the workers stop
// before others take their jobs.
func TestLostSession(t *testing.T) {
	address := postgresAddress(t)
	config, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	admin := must[*pgx.Conn](t)(pgx.Connect(t.Context(), address))
	other := open(t, address)
	g := must[*lockGuard](t)(takeLock(t.Context(), slog.New(slog.DiscardHandler), config, "me"))
	now := time.Now()
	g.now = func() time.Time { return now }
	held := func() (free bool) {
		free, err := first(t.Context(), other, "try", scanBool, "SELECT pg_try_advisory_xact_lock(hashtextextended($1, $2))", "me", int64(lockSeed))
		if err != nil {
			t.Fatal(err)
		}
		return !free
	}
	end := func() {
		t.Helper()
		_, err := admin.Exec(t.Context(), "SELECT pg_terminate_backend($1)", g.conn.PgConn().PID())
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "the session is over", func() bool { return !held() })
	}
	if !held() {
		t.Fatal("the lock is not held")
	}
	end()
	if err := g.check(t.Context()); err != nil || !held() {
		t.Errorf("taken again: %v, held %v", err, held())
	}
	end()
	g.config.Database = "nowhere"
	now = now.Add(lockPatience)
	if err := g.check(t.Context()); err != nil {
		t.Errorf("not yet: %v", err)
	}
	now = now.Add(time.Second)
	if err := g.check(t.Context()); err == nil || !strings.Contains(err.Error(), "out of reach for 21s") {
		t.Errorf("too long: %v", err)
	}
	if lockPatience+2*lockTimeout+(Settings{}).withDefaults().Watch >= (Settings{}).withDefaults().Grace {
		t.Error("others take over before the jobs here are cancelled")
	}
}

// Work that loses the file under it cancels its jobs and says so, and what
// comes meanwhile is refused, instead of going on in a file that is gone.
func TestLostFile(t *testing.T) {
	for _, test := range []struct {
		name string
		lose func(path string) error
	}{
		{"deleted", os.Remove},
		{"all of it deleted", func(path string) error { return errors.Join(os.Remove(path), os.Remove(path+"-wal")) }},
		{"log deleted", func(path string) error { return os.Remove(path + "-wal") }},
		{"replaced", func(path string) error {
			return errors.Join(os.WriteFile(path+".new", nil, 0o600), os.Rename(path+".new", path))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := t.TempDir() + "/bot.db"
			s := open(t, "sqlite:"+path)
			install(t, s)
			entered, ended := make(chan struct{}), make(chan error, 1)
			w := &Workers{}
			HandlePass(w, func(ctx context.Context, _ Repository, _ []Event) (Outcome, error) {
				close(entered)
				<-ctx.Done()
				ended <- ctx.Err()
				return Outcome{}, ctx.Err()
			})
			ignoreUpkeep(w)
			must[bool](t)(s.Record(t.Context(), push(1), PassJob{shop.ID}))
			done := make(chan error, 1)
			go func() { done <- s.Work(t.Context(), w, Settings{Watch: time.Millisecond}) }()
			await(t, "the pass", entered)
			if err := test.lose(path); err != nil {
				t.Fatal(err)
			}
			if err := await(t, "the end of the workers", done); !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), path) {
				t.Errorf("Work: %v", err)
			}
			await(t, "the end of the pass", ended)
			if _, err := s.Record(t.Context(), push(2), PassJob{shop.ID}); !errors.Is(err, ErrLost) {
				t.Errorf("a delivery: %v", err)
			}
			if err := s.Ping(t.Context()); !errors.Is(err, ErrLost) {
				t.Errorf("ping: %v", err)
			}
		})
	}
}
