package cli

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/server"
)

// asProgram makes the test binary the program itself, so that there is a
// process to kill.
const asProgram = "CANONICALIZE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Run(context.Background(), OS(), os.Args[1:]))
	}
	os.Exit(m.Run())
}

// process runs serve as a process of its own and returns it once it serves.
func (s *served) process() *exec.Cmd {
	s.t.Helper()
	cmd := exec.Command(os.Args[0], s.args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	log, err := cmd.StderrPipe()
	s.must(err)
	s.must(cmd.Start())
	s.t.Cleanup(func() { _ = cmd.Process.Kill() })
	var said strings.Builder
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if m := serving.FindStringSubmatch(lines.Text()); m != nil && strings.Contains(lines.Text(), `"msg":"serving"`) {
			s.SetWebhook(s.app, "http://"+m[1]+server.WebhookPath, "a secret that is long enough for all")
			go func() {
				for lines.Scan() { // or the process waits for its pipe to be read
				}
			}()
			return cmd
		}
	}
	s.t.Fatalf("serve ended before it served:\n%s", &said)
	return nil
}

// labelled waits until every pull request has a label, which is the last thing
// that an opening does.
func (s *served) labelled() []*githubsim.PullRequest {
	s.t.Helper()
	deadline, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer cancel()
	for {
		all, err := s.PullRequests("acme", "shop")
		s.must(err)
		if !slices.ContainsFunc(all, func(p *githubsim.PullRequest) bool { return len(p.Labels) == 0 }) {
			return all
		}
		select {
		case <-deadline.Done():
			s.t.Fatal("a pull request never gets its label")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Killed by SIGKILL after every few calls to GitHub, wherever it is then, and
// started again each time, serve ends with the pull requests that it would
// have opened undisturbed, none twice.
func TestServeKilled(t *testing.T) {
	s := newServed(t)
	s.args = append(s.args, "--crashes", "9") // by default a job that ends its process twice is put aside
	var calls, killAt atomic.Int64
	var running atomic.Pointer[exec.Cmd]
	s.Fail(func(int, *http.Request) *githubsim.Fault {
		if at := killAt.Load(); at > 0 && calls.Add(1) == at {
			_ = running.Load().Process.Kill()
		}
		return nil
	})
	killed := 0
	for i := 0; i < 6; i++ {
		calls.Store(0)
		cmd := s.process()
		running.Store(cmd)
		killAt.Store(int64(9 + 4*i))
		if i == 0 {
			_, err := s.Install(s.app, "acme")
			s.must(err)
		}
		late := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Signal(os.Interrupt) })
		defer late.Stop()
		if err := cmd.Wait(); err != nil && strings.Contains(err.Error(), "killed") {
			killed++
		}
	}
	if killed != 6 {
		t.Fatalf("killed %d times of 6", killed)
	}
	killAt.Store(0)
	stop := s.start()
	s.opened(5)
	all := s.labelled()
	stop()
	branches := map[string]bool{}
	for _, p := range all {
		if branches[p.Head] {
			t.Errorf("%s has two pull requests", p.Head)
		}
		branches[p.Head] = true
	}
	if len(all) != 5 {
		t.Errorf("%d pull requests, want 5", len(all))
	}
}
