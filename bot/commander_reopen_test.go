package bot

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/codemod"
)

// declinedWorld has three pull requests, of which ada declined two, and a dashboard.
func declinedWorld(t *testing.T) (w *world, billing, search, open int) {
	files := shop()
	files[config.Path] = strings.Replace(conf, "dashboard: false\n", "", 1)
	w = newWorld(t, files)
	w.must(w.sim.SetCollaborator("ada", full, "push"))
	w.opts.Codemod = codemod.Plan
	w.restart()
	w.pass()
	billing, search, open = w.pull("src/billing").Number, w.pull("src/search").Number, w.pull("src/misc").Number
	w.says(w.command("ada", billing, "/canonicalize decline"), "Closed.")
	w.must(w.sim.As("ada").Close(full, search))
	w.pass()
	return w, billing, search, open
}

func (w *world) states(numbers ...int) (list []string) {
	for _, n := range numbers {
		list = append(list, w.get(n).State)
	}
	return list
}

func (w *world) dashboardNumber() int {
	w.t.Helper()
	issues, err := w.sim.Issues("acme", "shop")
	w.must(err)
	i := slices.IndexFunc(issues, func(i *githubsim.Issue) bool { return strings.Contains(i.Body, "canonicalize: dashboard") })
	if i < 0 {
		w.t.Fatal("no dashboard")
	}
	return issues[i].Number
}

// Wherever it is said, what is declined is proposed again: by number, by path, by branch, and on the dashboard all.
func TestCommandReopen(t *testing.T) {
	for _, tc := range []struct{ why, word string }{
		{"by its number", "#BILLING"}, {"by its address", "https://github.com/acme/shop/pull/BILLING"},
		{"by a folder", "src/billing/"}, {"by a file", "./src/billing/part0.py"}, {"by a pattern", "src/bill*/*.py"}, {"by its branch", "BRANCH"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			w, billing, search, _ := declinedWorld(t)
			n, err := w.sim.As("ada").OpenIssue(full, "Please", "again")
			w.must(err)
			word := strings.NewReplacer("BILLING", itoa(billing), "BRANCH", w.get(billing).Head).Replace(tc.word)
			w.says(w.command("ada", n, "/canonicalize dry-run reopen "+word), "I would propose again what was declined with #"+itoa(billing)+".")
			w.same("after dry-run", w.states(billing, search), "[closed closed]")
			w.says(w.command("ada", n, "/canonicalize reopen "+word), "#"+itoa(billing)+" is open.")
			w.same("after it", w.states(billing, search), "[open closed]")
		})
	}
}

func TestCommandReopenOnTheDashboard(t *testing.T) {
	w, billing, search, open := declinedWorld(t)
	board := w.dashboardNumber()
	w.says(w.command("ron", board, "/canonicalize reopen"), "Sorry, @ron")
	w.says(w.command("ada", board, "/canonicalize reopen"), "#"+itoa(search)+" is open.")
	w.same("all", w.states(billing, search, open), "[open open open]")
	w.says(w.command("ada", board, "/canonicalize reopen"), "No pull request of mine is declined.")
	w.same("reactions", w.reactions(board), "map[confused:1 eyes:1]")
}

// What cannot be meant is answered with what can.
func TestCommandReopenOfNothing(t *testing.T) {
	w, billing, search, open := declinedWorld(t)
	n, err := w.sim.As("ada").OpenIssue(full, "Please", "again")
	w.must(err)
	both := "#" + itoa(min(billing, search)) + ", #" + itoa(max(billing, search)) + "."
	w.says(w.command("ada", n, "/canonicalize reopen"), "Which? Say `/canonicalize reopen` with the number of a pull request or with paths. Declined are "+both)
	w.says(w.command("ada", n, "/canonicalize reopen #"+itoa(open)), "#"+itoa(open)+" is no pull request of mine that was declined. Those are "+both)
	w.says(w.command("ada", n, "/canonicalize reopen src/nowhere"), "Nothing that was declined is in `src/nowhere`.")
	w.says(w.command("ada", n, "/canonicalize src/billing"), "somebody closed it; `/canonicalize reopen #"+itoa(billing)+"` has it proposed again")
	w.says(w.command("ada", open, "/canonicalize reopen"), "This pull request is open.")
	w.says(w.command("ada", open, "/canonicalize reopen #"+itoa(billing)+" src/search"), "#"+itoa(billing)+" is open.")
	w.same("both", w.states(billing, search), "[open open]")
}

// A pull request whose branch is gone cannot be opened again: a new one takes
// its place at once, whatever the limits.
func TestCommandReopenWithoutBranch(t *testing.T) {
	w, billing, search, open := declinedWorld(t)
	w.must(w.sim.As("ada").DeleteBranch(full, w.get(billing).Head))
	w.push("boss", "main", map[string]string{config.Path: strings.Replace(conf, "dashboard: false\n", "", 1) + "  max_open: 1\n"})
	answers := w.command("ada", billing, "/canonicalize reopen")
	fresh := max(billing, search, open) + 2 // the dashboard is in between
	w.says(answers, "its branch was gone, so #"+itoa(fresh)+" has its changes")
	w.same("states", w.states(billing, search, fresh), "[closed closed open]")
}

func itoa(n int) string { return strconv.Itoa(n) }
