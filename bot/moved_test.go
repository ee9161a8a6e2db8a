package bot

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/githubsim"
)

// TestSuspendedAndBack: nothing happens meanwhile, and nothing twice after it.
func TestSuspendedAndBack(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.sim.Suspend(w.inst, true)
	w.push("dev", "main", map[string]string{"src/search/new.py": consumer(5)})
	if _, err := w.try(); !errors.Is(err, github.ErrSuspended) {
		t.Errorf("%v", err)
	}
	w.expect(firstPulls)
	w.sim.Suspend(w.inst, false)
	if out := w.pass(); !strings.Contains(kinds(out), "open:1") {
		t.Errorf("%s", kinds(out))
	}
	w.quiet()
}

// TestSuspendedInTheMiddle: a pass that is cut off by it is continued after it.
func TestSuspendedInTheMiddle(t *testing.T) {
	w := newWorld(t, shop())
	n := 0
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/pulls") {
			return nil
		}
		if n++; n < 2 {
			return nil
		}
		return &githubsim.Fault{Status: http.StatusForbidden, Message: "This installation has been suspended"}
	})
	if _, err := w.try(); !errors.Is(err, github.ErrSuspended) {
		t.Errorf("%v", err)
	}
	w.sim.Fail(nil)
	w.restart()
	w.pass()
	w.expect(firstPulls)
	w.quiet()
}

// TestTransferred to an organization where the App is installed, too: what is
// open stays open, and nothing doubles.
func TestTransferred(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.sim.AddOrg("zoo", "boss")
	inst, err := w.sim.Install(w.app, "zoo")
	w.must(err)
	w.must(w.sim.As("boss").Transfer(full, "zoo"))
	for _, owner := range []string{"zoo", "acme"} { // the old address still leads there
		out, err := w.bot.Pass(t.Context(), Repo{Installation: int64(inst.ID), Owner: owner, Name: "shop"})
		if err != nil {
			t.Fatalf("%s: %v", owner, err)
		}
		if out.Open != 3 || out.Repository.FullName != "zoo/shop" {
			t.Errorf("%s: %d open in %s: %s", owner, out.Open, out.Repository.FullName, kinds(out))
		}
	}
	pulls, err := w.sim.PullRequests("zoo", "shop")
	w.must(err)
	if len(pulls) != 3 {
		t.Errorf("%d pull requests", len(pulls))
	}
}

// TestArchivedAndBack: what was left is gone on with.
func TestArchivedAndBack(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	w.must(w.sim.As("boss").Archive(full, true))
	w.quiet()
	w.must(w.sim.As("boss").Archive(full, false))
	w.quiet()
	w.expect(firstPulls)
}

// TestBranchesMayNotBeForced: an update that a rule refuses is told, and stops
// neither the other pull requests nor the dashboard.
func TestBranchesMayNotBeForced(t *testing.T) {
	w := newWorld(t, boarded(""))
	w.pass()
	w.must(w.sim.As("boss").Protect(full, githubsim.Protection{Branch: "canonicalize/billing-*"}))
	w.push("dev", "main", map[string]string{"src/billing/part0.py": longer(0), "src/search/part0.py": longer(0)})
	before := w.pull("src/billing").HeadSHA
	out := w.pass()
	if !strings.Contains(kinds(out), "update-branch:2") || w.pull("src/billing").HeadSHA != before || len(out.Problems) != 2 {
		t.Errorf("%s %+v", kinds(out), out.Problems)
	}
	w.expectBoard("could not be pushed")
	w.must(w.sim.As("boss").Unprotect(full))
	w.pass()
	if w.pull("src/billing").HeadSHA == before {
		t.Error("not pushed after the rule is gone")
	}
	w.pass() // the problem leaves the dashboard
	w.quiet()
}

// TestMemoryLostInTheMiddle of opening: the folder and the process are gone,
// and nothing doubles.
func TestMemoryLostInTheMiddle(t *testing.T) {
	for n := 1; n <= 4; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w := newWorld(t, boarded(""))
			count := 0
			w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
				opens := r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/pulls") || strings.HasSuffix(r.URL.Path, "/issues"))
				if opens {
					if count++; count == n {
						return &githubsim.Fault{Status: http.StatusBadGateway, After: true}
					}
				}
				return nil
			})
			if _, err := w.try(); err == nil {
				t.Error("the failure is not told")
			}
			w.must(os.RemoveAll(w.dir))
			w.restart()
			w.pass()
			w.expect(firstPulls)
			w.dashboard()
			w.quiet()
		})
	}
}

// TestDashboardWhicheverCallFails: there is one, and in the end it says the same.
func TestDashboardWhicheverCallFails(t *testing.T) {
	fails := func(r *http.Request) bool {
		return r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/issues") && !strings.HasSuffix(r.URL.Path, "/labels") && !strings.HasSuffix(r.URL.Path, "/comments")
	}
	w := newWorld(t, boarded(""))
	calls := w.story(fails, 0, githubsim.Fault{})
	want := w.dashboard().Body
	for _, after := range []bool{false, true} {
		for n := 1; n <= calls; n++ {
			t.Run(fmt.Sprint(after, n), func(t *testing.T) {
				w := newWorld(t, boarded(""))
				w.story(fails, n, githubsim.Fault{Status: http.StatusBadGateway, After: after})
				if got := w.dashboard().Body; got != want {
					t.Errorf("got %s\nwant %s", got, want)
				}
			})
		}
	}
}

// TestScheduleInAZone: outside of its hours nothing is opened; inside it is.
func TestScheduleInAZone(t *testing.T) {
	files := shop()
	files[config.Path] = conf + "  schedule: {days: [mon, tue, wed, thu, fri], hours: '09:00-17:00', time_zone: Asia/Tokyo}\n"
	w := newWorld(t, files)
	at := func(day time.Weekday, hour int) {
		ahead := (int(day) - int(w.now.UTC().Weekday()) + 7) % 7
		w.now = w.now.UTC().Truncate(24*time.Hour).AddDate(0, 0, ahead).Add(time.Duration(hour) * time.Hour)
	}
	at(time.Sunday, 23) // Sunday 23:00 in UTC is Monday 08:00 in Tokyo
	if out := w.quiet(); kinds(out) != "wait:3" || !strings.Contains(actionsOf(out), "schedule") {
		t.Errorf("too early: %s", actionsOf(out))
	}
	at(time.Friday, 9) // Friday 18:00
	if out := w.quiet(); kinds(out) != "wait:3" {
		t.Errorf("too late: %s", actionsOf(out))
	}
	at(time.Monday, 0) // Monday 09:00
	if out := w.pass(); kinds(out) != "open:3" {
		t.Errorf("in time: %s", actionsOf(out))
	}
}

// TestTeamThatDoesNotAnswer gets no more until it does.
func TestTeamThatDoesNotAnswer(t *testing.T) {
	w := newWorld(t, with("  pause_after_unanswered: 1\n"))
	w.pass()
	w.now = w.now.AddDate(0, 0, 20)
	w.push("dev", "main", map[string]string{"src/billing/new.py": consumer(5), "src/billing/new2.py": consumer(6)})
	if out := w.pass(); !strings.Contains(actionsOf(out), "@acme/billing has 1 pull requests unanswered") {
		t.Errorf("%s", actionsOf(out))
	}
	_, err := w.sim.As("billing-member").Comment(full, w.pull("src/billing").Number, "soon")
	w.must(err)
	if out := w.pass(); !strings.Contains(kinds(out), "open:1") {
		t.Errorf("%s", actionsOf(out))
	}
}
