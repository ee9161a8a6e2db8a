package bot

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/words"
)

var everyCall = flag.Bool("every-call", false, "fail every call in every way, instead of every write in two")

// faults are the ways in which a call fails.
func faults() map[string]githubsim.Fault {
	list := map[string]githubsim.Fault{
		"502":              {Status: http.StatusBadGateway},
		"502 after it did": {Status: http.StatusBadGateway, After: true},
	}
	if *everyCall {
		list["no answer"] = githubsim.Fault{After: true}
		list["secondary limit"] = githubsim.Fault{Status: http.StatusForbidden, RetryAfter: 30, Message: "You have exceeded a secondary rate limit."}
		list["422"] = githubsim.Fault{Status: http.StatusUnprocessableEntity, Message: "Validation Failed"}
	}
	return list
}

// failable says which calls fail in turn.
func failable(r *http.Request) bool {
	return *everyCall || r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "/access_tokens") && !strings.HasSuffix(r.URL.Path, "/git-upload-pack")
}

// TestEveryCallFails: whichever call fails, in whichever way, the passes after
// it end in the same pull requests, branches and comments, none twice. Reads
// are repeated by package github, so that writes are what matters here.
func TestEveryCallFails(t *testing.T) {
	fails := failable
	w := newWorld(t, boarded(""))
	calls := w.story(fails, 0, githubsim.Fault{})
	want, branches, board := w.summary(), w.branches(), w.boardLines()
	t.Logf("%d calls to fail", calls)
	for name, fault := range faults() {
		for n := 1; n <= calls; n++ {
			t.Run(fmt.Sprint(name, n), func(t *testing.T) {
				w := newWorld(t, boarded(""))
				w.story(fails, n, fault)
				got, want := w.summary(), want
				if fault.Status == http.StatusUnprocessableEntity {
					got, want = withoutTold(got), withoutTold(want)
				}
				if !slices.Equal(got, want) {
					t.Errorf("pull requests\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
				}
				if got := w.branches(); !slices.Equal(got, branches) {
					t.Errorf("branches %q, want %q", got, branches)
				}
				if got := w.boardLines(); got != board {
					t.Errorf("dashboard\n got %s\nwant %s", got, board)
				}
			})
		}
	}
}

// people are a review and commands, with what shows on GitHub afterwards; the
// numbers of comments and commits are left out.
var people = []struct {
	name string
	do   func(w *world) func() error // prepares, and returns what is to be done until it has no error
}{
	{"review", func(w *world) func() error {
		n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
		return func() error {
			_, err := w.bot.Review(context.Background(), w.here(), ReviewRequest{Number: n})
			return err
		}
	}},
	{"fix", func(w *world) func() error {
		return w.asked(w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh}), "/canonicalize\n/canonicalize help")
	}},
	{"rebase and status", func(w *world) func() error {
		w.pass()
		w.push("dev", "main", map[string]string{"src/billing/part0.py": conflicting(0)})
		return w.asked(w.pull("src/billing").Number, "/canonicalize rebase\n/canonicalize status")
	}},
	{"decline and reopen", func(w *world) func() error {
		w.pass()
		return w.asked(w.pull("src/billing").Number, "/canonicalize decline\n/canonicalize reopen")
	}},
	{"pause", func(w *world) func() error {
		w.pass()
		return w.asked(w.dashboard().Number, "/canonicalize pause billing")
	}},
}

// asked comments, and returns what has the bot read it.
func (w *world) asked(number int, body string) func() error {
	id, err := w.sim.As("ada").Comment(full, number, body)
	w.must(err)
	return func() error {
		return w.bot.Command(context.Background(), w.here(), CommandRequest{Number: number, Comment: int64(id)})
	}
}

// TestEveryCallForPeopleFails: whichever call of a review or a command fails,
// trying again ends in the same comments, commits and pull requests, none twice.
func TestEveryCallForPeopleFails(t *testing.T) {
	for _, c := range people {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, boarded(""))
			calls := w.withFault(c.do, 0, githubsim.Fault{})
			want := w.shown()
			for name, fault := range faults() {
				for n := 1; n <= calls; n++ {
					t.Run(fmt.Sprint(name, n), func(t *testing.T) {
						w := newWorld(t, boarded(""))
						w.withFault(c.do, n, fault)
						if got := w.shown(); got != want && fault.Status != http.StatusUnprocessableEntity {
							t.Errorf("got\n%s\nwant\n%s", got, want)
						}
					})
				}
			}
		})
	}
}

// withFault does something, with a new process after each failure, until it has
// no error; the nth call that may fail does.
func (w *world) withFault(prepare func(*world) func() error, nth int, fault githubsim.Fault) int {
	w.t.Helper()
	w.must(w.sim.SetCollaborator("ada", full, "push"))
	do := prepare(w)
	var counted atomic.Int64
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if failable(r) && counted.Add(1) == int64(nth) {
			return &fault
		}
		return nil
	})
	w.restart()
	for range 4 {
		err := do()
		if err == nil {
			w.sim.Fail(nil)
			return int(counted.Load())
		}
		w.restart()
	}
	w.t.Fatal("it finds no end")
	return 0
}

// shown is what people see of their pull requests and of the bot's.
func (w *world) shown() string {
	var b strings.Builder
	for _, pr := range w.pulls() {
		fmt.Fprintf(&b, "%s %s, %d commits, %d reviews, %d threads\n", pr.State, pr.Title, len(pr.Commits), len(pr.Reviews), len(pr.Threads))
		for _, c := range pr.Comments {
			fmt.Fprintf(&b, "  %s: %s\n", c.Author, hexes.ReplaceAllString(words.FirstLine(strings.TrimPrefix(c.Body, "> ")), ""))
		}
	}
	for _, issue := range w.boards() {
		fmt.Fprintf(&b, "%d comments on the dashboard\n", len(issue.Comments))
	}
	return b.String()
}

var hexes = regexp.MustCompile(`[0-9a-f]{10,40}|#\d+`)

// told is what differs when GitHub refuses a value for good: a review that is
// not asked for, and a comment that says so.
var told = regexp.MustCompile(`\[(acme/\w+)?\] \d comments`)

func withoutTold(list []string) []string {
	var out []string
	for _, line := range list {
		out = append(out, told.ReplaceAllString(line, ""))
	}
	return out
}

var number = regexp.MustCompile(`#\d+|pull/\d+|retry \d+`)

// boardLines are those of the dashboard without the numbers of pull requests,
// which depend on the order of creation.
func (w *world) boardLines() string {
	lines := strings.Split(number.ReplaceAllString(w.dashboard().Body, ""), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// story opens pull requests, lets a person push to one, another conflict and
// the third become empty, and goes on until nothing is left to do. The bot is
// a new process after every pass that fails.
func (w *world) story(fails func(*http.Request) bool, nth int, fault githubsim.Fault) (calls int) {
	w.t.Helper()
	var counted atomic.Int64
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if fails(r) && counted.Add(1) == int64(nth) {
			return &fault
		}
		return nil
	})
	w.untilQuiet()
	w.push("dev", w.pull("src/billing").Head, map[string]string{"src/billing/part0.py": "mine = 1\n"})
	undone := map[string]string{
		"src/search/part0.py": strings.Replace(consumer(0), "from app.models import User", "import os\nfrom app.models import User", 1)}
	for i := range 3 {
		undone[fmt.Sprintf("src/misc/file%d.py", i)] = "done = 1\n"
	}
	w.push("dev", "main", undone)
	w.untilQuiet()
	w.sim.Fail(nil)
	return int(counted.Load())
}

// untilQuiet passes until one writes nothing and has no error.
func (w *world) untilQuiet() {
	w.t.Helper()
	for range 6 {
		out, err := w.try()
		if err == nil && out.Writes == 0 && len(out.Actions) > 0 {
			return
		}
		if err != nil {
			w.restart()
		}
	}
	w.t.Fatal("the passes find no end")
}

// TestInterruptedAfterPush: branches that are there already are not pushed
// again, and the pull requests are opened on them.
func TestInterruptedAfterPush(t *testing.T) {
	w := newWorld(t, shop())
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/pulls") {
			return &githubsim.Fault{Status: http.StatusBadGateway}
		}
		return nil
	})
	if _, err := w.try(); err == nil {
		t.Fatal("the failure is not told")
	}
	w.sim.Fail(nil)
	w.restart()
	w.sim.ForgetCalls()
	w.pass()
	for _, call := range w.sim.Calls() {
		if call.Method == "PUSH" {
			t.Error("pushed again")
		}
	}
	w.expect(firstPulls)
}

// TestRefusedToClose: while a pull request cannot be closed its branch stays,
// since deleting that would close it without a word.
func TestRefusedToClose(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.push("dev", "main", map[string]string{"src/misc/file0.py": "a = 1\n", "src/misc/file1.py": "a = 1\n", "src/misc/file2.py": "a = 1\n"})
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if strings.HasSuffix(r.URL.Path, "/comments") && r.Method == http.MethodPost {
			return &githubsim.Fault{Status: http.StatusUnprocessableEntity, Message: "Validation Failed"}
		}
		return nil
	})
	if out := w.pass(); len(out.Problems) != 2 {
		t.Errorf("%+v", out.Problems)
	}
	w.pull("src/misc")
}
