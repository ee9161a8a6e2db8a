package bot

import (
	"fmt"
	"testing"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/reviewer"
)

// Whoever can open a pull request decides what a commit holds. One that holds more than is looked at gets an answer to
// every question, and so does a default branch that came to hold it.
func TestBeyondTheLimits(t *testing.T) {
	w := commandWorld(t)
	w.opts.Limits = git.DefaultLimits
	w.opts.Limits.Entries = 60
	w.restart()
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	w.says(w.command("ron", n, "/canonicalize explain app.models.User"), "`app.models.User` lives in")

	many := map[string]string{}
	for i := range 60 {
		many[fmt.Sprintf("data/%d.txt", i)] = "x"
	}
	n = w.propose("ada", "bomb", many)
	w.says(w.command("ron", n, "/canonicalize explain app.models.User"), "files and folders: there are more than the 60")
	w.same("reactions", w.reactions(n), "map[confused:1 eyes:1]")
	w.review(n)
	w.same("check", w.verdict(n, reviewer.CheckName).Conclusion, "neutral")

	w.push("ada", "main", many)
	out := w.pass()
	w.says([]string{out.Refused}, "there are more than the 60")
}

// What ended the process twice is not done a third time, but told to whoever waits for it.
func TestPutAsideIsTold(t *testing.T) {
	w := commandWorld(t)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	const why = "put aside for a day: the process ended 2 times in the middle of it"
	out, err := w.bot.Review(t.Context(), w.here(), ReviewRequest{Number: n, Aside: why})
	w.must(err)
	w.same("skipped", out.Skipped, why)
	w.same("check", w.verdict(n, reviewer.CheckName).Conclusion, "neutral")
	w.says([]string{w.verdict(n, reviewer.CheckName).Summary}, why)

	id, err := w.sim.As("ada").Comment(full, n, "/canonicalize")
	w.must(err)
	w.must(w.bot.Command(t.Context(), w.here(), CommandRequest{Number: n, Comment: int64(id), Aside: why}))
	list := w.comments(n)
	w.says([]string{list[len(list)-1].Body}, "This is "+why)
	w.same("reactions", w.reactions(n), "map[confused:1 eyes:1]")
	w.same("commits", len(w.get(n).Commits), 1)
}
