package server

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/canonicalize/canonicalize/bot/store"
)

// The test runs its own binary as the service, which is then the child.
const (
	childData = "CANONICALIZE_TEST_CHILD"
	childHang = "CANONICALIZE_TEST_HANG"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childData); dir != "" {
		if err := runChild(dir, os.Getenv(childHang) != ""); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runChild serves; its passes say on standard output that they began, and hang
// or end. Nothing is installed, so that only deliveries wake passes.
func runChild(dir string, hang bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	lg := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	db, err := store.Open(ctx, lg, "sqlite:"+filepath.Join(dir, "bot.db"))
	if err != nil {
		return err
	}
	pass := passFunc(func(_ context.Context, r store.Repository, events []store.Event) (store.Outcome, error) {
		fmt.Println("pass", r.ID, len(events))
		if hang {
			select {}
		}
		return store.Outcome{}, nil
	})
	s, err := New(lg, "127.0.0.1:0", []byte(secret), db, &fakeGitHub{}, pass, nil, nil, Options{})
	if err != nil {
		return err
	}
	addr, err := s.Listen()
	if err != nil {
		return err
	}
	fmt.Println("listening", "http://"+addr.String())
	return s.Run(ctx)
}

type child struct {
	cmd   *exec.Cmd
	lines chan string
}

func startChild(t *testing.T, dir string, env ...string) *child {
	t.Helper()
	c := &child{cmd: exec.Command(os.Args[0], "-test.run=^$"), lines: make(chan string, 100)}
	c.cmd.Env = append(os.Environ(), append(env, childData+"="+dir)...)
	c.cmd.Stderr = t.Output()
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	go func() {
		defer close(c.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			c.lines <- s.Text()
		}
	}()
	return c
}

// kill ends the child at once, as the kernel would, and waits for its end.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	for range c.lines {
	}
	_ = c.cmd.Wait()
}

// A process that is killed in the middle of a pass is started again: the pass
// runs again at once, with all its events, and ends once. What the queue held
// beside it is not lost either.
func TestKilledInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	c := startChild(t, dir, childHang+"=1")
	url := strings.TrimPrefix(await(t, "the address", c.lines), "listening ")
	other := strings.ReplaceAll(`{"ref": "refs/heads/main", `+inShop+`}`, `"id": 7`, `"id": 8`)
	deliver(t, url, "push", "guid-1", `{"ref": "refs/heads/main", `+inShop+`}`)
	if got := await(t, "the pass", c.lines); got != "pass 7 1" {
		t.Fatalf("got %q", got)
	}
	deliver(t, url, "push", "guid-2", `{"ref": "refs/heads/main", `+inShop+`}`)
	deliver(t, url, "push", "guid-3", other)
	if got := await(t, "the other pass", c.lines); got != "pass 8 1" {
		t.Fatalf("got %q", got)
	}
	c.kill()

	c = startChild(t, dir)
	url = strings.TrimPrefix(await(t, "the address", c.lines), "listening ")
	got := []string{await(t, "a pass again", c.lines), await(t, "the other again", c.lines)}
	if strings.Join(got, ";") != "pass 7 2;pass 8 1" && strings.Join(got, ";") != "pass 8 1;pass 7 2" {
		t.Errorf("after the kill: %q", got)
	}
	// The delivery that the killed process had taken stays taken.
	deliver(t, url, "push", "guid-1", `{"ref": "refs/heads/main", `+inShop+`}`)
	db := reopenWhenDone(t, c, dir)
	for id, want := range map[int64]string{7: "done,interrupted", 8: "done,interrupted"} {
		passes, err := db.Passes(t.Context(), id, 10)
		if err != nil {
			t.Fatal(err)
		}
		var results []string
		for _, p := range passes {
			results = append(results, p.Result)
		}
		if got := strings.Join(results, ","); got != want {
			t.Errorf("repository %d: passes %s, want %s", id, got, want)
		}
	}
	counts, err := db.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range counts {
		if c.Kind == "pass" && (c.State != "completed" || c.Jobs != 2) {
			t.Errorf("%d passes are %s", c.Jobs, c.State)
		}
	}
}

// reopenWhenDone ends the child in order, and opens its database.
func reopenWhenDone(t *testing.T, c *child, dir string) *store.Store {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for line := range c.lines {
		t.Errorf("one more: %s", line)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("the orderly stop: %v", err)
	}
	db, err := store.Open(t.Context(), slog.New(slog.DiscardHandler), "sqlite:"+filepath.Join(dir, "bot.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
