package bot

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
)

// boarded is the shop with a dashboard and few open pull requests.
func boarded(more string) map[string]string {
	files := shop()
	files[config.Path] = strings.Replace(conf, "dashboard: false\n", "", 1) + more
	return files
}

func (w *world) boards() (list []*githubsim.Issue) {
	w.t.Helper()
	issues, err := w.sim.Issues("acme", "shop")
	w.must(err)
	for _, i := range issues {
		if i.Title == "Canonicalize dashboard" {
			list = append(list, i)
		}
	}
	return list
}

func (w *world) dashboard() *githubsim.Issue {
	w.t.Helper()
	list := w.boards()
	if len(list) != 1 {
		w.t.Fatalf("%d dashboards", len(list))
	}
	return list[0]
}

// tick changes the box of a line that holds what.
func (w *world) tick(from, to, what string) {
	w.t.Helper()
	issue := w.dashboard()
	lines := strings.Split(issue.Body, "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "- "+from) && strings.Contains(l, what) })
	if i < 0 {
		w.t.Fatalf("no box %s %s in\n%s", from, what, issue.Body)
	}
	lines[i] = strings.Replace(lines[i], from, to, 1)
	w.must(w.sim.As("boss").EditBody(full, issue.Number, strings.Join(lines, "\n")))
}

func (w *world) expectBoard(wants ...string) {
	w.t.Helper()
	body := w.dashboard().Body
	for _, want := range wants {
		if !strings.Contains(body, want) {
			w.t.Errorf("no %q in\n%s", want, body)
		}
	}
}

// TestDashboard: one issue, edited only when it changes.
func TestDashboard(t *testing.T) {
	w := newWorld(t, boarded("  max_open: 2\n"))
	w.pass()
	w.expectBoard("`@acme/billing` | `░░░░░░░░░░░░░░░░░░░░` 0 % | 0 of 4 | 1 | 0 | 0 |", "## Waiting", "2 pull requests are open", "CODEOWNERS: line 3")
	if labels := w.dashboard().Labels; len(labels) != 1 || labels[0].Name != "canonicalize-dashboard" {
		t.Errorf("labels %v", labels)
	}
	w.quiet()
	w.must(w.sim.As("boss").Merge(full, w.pull("src/billing").Number, "squash"))
	w.pass()
	w.expectBoard("`@acme/billing` | `████████████████████` 100 % | 4 of 4 | 0 | 0 | 0 |")
	w.quiet()
	w.restart()
	w.quiet()
}

// TestDashboardBoxes: whatever a person ticks happens, and is unticked.
func TestDashboardBoxes(t *testing.T) {
	w := newWorld(t, boarded("  max_open: 2\n"))
	w.pass()
	w.tick("[ ]", "[x]", "canonicalize: open ")
	if out := w.pass(); !strings.Contains(kinds(out), "open:1") || out.Open != 3 {
		t.Errorf("open now: %s", kinds(out))
	}
	w.quiet()
	w.expect(firstPulls)

	n := w.pull("src/billing").Number
	w.must(w.sim.As("boss").Close(full, n))
	w.pass()
	w.expectBoard("## Declined")
	w.tick("[ ]", "[x]", "canonicalize: reopen ")
	w.pass()
	w.expect(firstPulls)
	w.quiet()

	w.push("dev", "main", map[string]string{"NEWS": "news\n"})
	w.quiet()
	before := w.pull("src/misc").HeadSHA
	w.tick("[ ]", "[x]", fmt.Sprintf("../pull/%d)", w.pull("src/misc").Number))
	w.pass()
	if w.pull("src/misc").HeadSHA == before {
		t.Error("retry: the branch is where it was")
	}
	w.quiet()
	if strings.Contains(w.dashboard().Body, "[x]") {
		t.Errorf("still ticked:\n%s", w.dashboard().Body)
	}
}

// TestDashboardReopensWithoutBranch by a new pull request.
func TestDashboardReopensWithoutBranch(t *testing.T) {
	w := newWorld(t, boarded(""))
	w.pass()
	old := w.pull("src/misc")
	w.must(w.sim.As("boss").DeleteBranch(full, old.Head))
	w.pass()
	w.tick("[ ]", "[x]", "canonicalize: reopen ")
	w.pass()
	if pr := w.pull("src/misc"); pr.Number == old.Number {
		t.Errorf("#%d again", pr.Number)
	}
	w.quiet()
	w.must(w.sim.As("boss").Close(full, w.pull("src/misc").Number))
	w.pass() // no is no again
	w.quiet()
}

// TestDashboardPause: GitHub remembers it, not the bot.
func TestDashboardPause(t *testing.T) {
	w := newWorld(t, boarded("  max_open: 1\n"))
	w.pass()
	for _, team := range []string{"@acme/billing", "@acme/platform", "@acme/search"} {
		w.tick("[ ]", "[x]", "pause "+team+" ")
	}
	w.must(w.sim.As("boss").Merge(full, w.pulls()[0].Number, "squash"))
	if out := w.pass(); kinds(out) != "wait:2" || !strings.Contains(actionsOf(out), "is paused on the dashboard") {
		t.Errorf("%s", actionsOf(out))
	}
	w.must(os.RemoveAll(w.dir))
	w.restart()
	w.quiet()
	// a person cuts the boxes out: the marker still knows
	body := w.dashboard().Body
	w.must(w.sim.As("boss").EditBody(full, w.dashboard().Number, "Short.\n"+body[strings.LastIndex(body, "<!--"):]))
	if out := w.pass(); kinds(out) != "wait:2" {
		t.Errorf("%s", actionsOf(out))
	}
	w.tick("[x]", "[ ]", "pause @acme/search ")
	w.tick("[x]", "[ ]", "pause @acme/platform ")
	if out := w.pass(); kinds(out) != "open:1 wait:1" {
		t.Errorf("%s", actionsOf(out))
	}
	w.quiet()
	w.tick("[ ]", "[x]", "everybody")
	if out := w.pass(); !strings.Contains(actionsOf(out), "everybody is paused") {
		t.Errorf("%s", actionsOf(out))
	}
	w.quiet()
}

// TestDashboardIsClosed: nobody edits it any more, and the work goes on; open
// again, it is brought up to date.
func TestDashboardIsClosed(t *testing.T) {
	w := newWorld(t, boarded(""))
	w.pass()
	n := w.dashboard().Number
	w.must(w.sim.As("boss").Close(full, n))
	w.must(w.sim.As("boss").Merge(full, w.pull("src/misc").Number, "squash"))
	w.quiet()
	w.must(w.sim.As("boss").Reopen(full, n))
	w.pass()
	w.expectBoard("100 %")
	w.quiet()
}

// TestDashboardWithoutMarker: the label finds it.
func TestDashboardWithoutMarker(t *testing.T) {
	w := newWorld(t, boarded(""))
	w.pass()
	w.must(w.sim.As("boss").EditBody(full, w.dashboard().Number, "Who needs this?"))
	w.pass()
	w.expectBoard("## Progress")
	w.quiet()
}

// TestDashboardRefused: pull requests do not wait for it.
func TestDashboardRefused(t *testing.T) {
	w := newWorld(t, boarded(""))
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/issues") {
			return &githubsim.Fault{Status: http.StatusForbidden, Message: "Resource not accessible by integration"}
		}
		return nil
	})
	out := w.pass()
	w.expect(firstPulls)
	if len(out.Problems) != 2 {
		t.Errorf("%+v", out.Problems)
	}
	w.sim.Fail(nil)
	w.pass()
	w.dashboard()
	w.quiet()
}
