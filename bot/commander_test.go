package bot

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/reviewer"
	"github.com/canonicalize/canonicalize/codemod"
)

func (w *world) here() Repo {
	return Repo{Installation: int64(w.inst.ID), Owner: "acme", Name: "shop"}
}

// command comments and has the bot read it; it returns the answers.
func (w *world) command(by string, number int, body string) []string {
	w.t.Helper()
	before := len(w.comments(number))
	id, err := w.sim.As(by).Comment(full, number, body)
	w.must(err)
	w.must(w.bot.Command(context.Background(), w.here(), CommandRequest{Number: number, Comment: int64(id)}))
	var answers []string
	for _, c := range w.comments(number)[before+1:] {
		answers = append(answers, c.Body)
	}
	return answers
}

// comments of an issue or a pull request.
func (w *world) comments(number int) []githubsim.Comment {
	w.t.Helper()
	for _, pr := range w.pulls() {
		if pr.Number == number {
			return pr.Comments
		}
	}
	issues, err := w.sim.Issues("acme", "shop")
	w.must(err)
	for _, i := range issues {
		if i.Number == number {
			return i.Comments
		}
	}
	w.t.Fatalf("no #%d", number)
	return nil
}

// reactions to the last comment of a person.
func (w *world) reactions(number int) string {
	list := w.comments(number)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Author != "canonicalize[bot]" {
			return fmt.Sprint(list[i].Reactions)
		}
	}
	return ""
}

func (w *world) says(answers []string, want ...string) {
	w.t.Helper()
	if len(answers) != len(want) {
		w.t.Fatalf("%d answers: %q, want %q", len(answers), answers, want)
	}
	for i, text := range want {
		if !strings.Contains(answers[i], text) {
			w.t.Errorf("answer %d does not say %q:\n%s", i, text, answers[i])
		}
	}
}

func commandWorld(t *testing.T) *world {
	w := newWorld(t, shop())
	w.must(w.sim.SetCollaborator("ada", full, "push"))
	w.must(w.sim.SetCollaborator("ron", full, "pull"))
	return w
}

// The main way: one comment, one commit on the branch, one answer.
func TestCommandFix(t *testing.T) {
	w := commandWorld(t)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh, "src/misc/file0.py": consumer(0) + "\ny = 2\n"})
	w.says(w.command("ada", n, "/canonicalize"), "2 names in 1 file")
	w.same("reactions", w.reactions(n), "map[eyes:1 rocket:1]")
	src, err := w.sim.ReadFile(full, "feature", "src/search/fresh.py")
	w.must(err)
	w.same("the file", string(src), clicked)
	commits := w.get(n).Commits
	last := commits[len(commits)-1]
	if len(commits) != 2 || !regexp.MustCompile(`\nCo-authored-by: ada <\d+\+ada@users\.noreply\.github\.com>`).MatchString(last.Message) || last.AuthorName != "canonicalize[bot]" {
		t.Errorf("%d commits, the last %+v", len(commits), last)
	}
	w.review(n)
	w.same("check", w.verdict(n, reviewer.CheckName).Conclusion, "success")
	w.says(w.command("ada", n, "/canonicalize"), "There is nothing to rewrite")
	w.says(w.command("ada", n, "/canonicalize dry-run all"), "-from app.models import User")
	w.same("commits after dry-run", len(w.get(n).Commits), 2)
	w.says(w.command("ada", n, "/canonicalize all"), "2 names in 1 file")
	w.says(w.command("ada", n, "/canonicalize all"), "There is nothing to rewrite in the files of this pull request")
}

func TestCommandPermission(t *testing.T) {
	w := commandWorld(t)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	w.says(w.command("ron", n, "/canonicalize"), "Sorry, @ron")
	w.same("reactions", w.reactions(n), "map[confused:1 eyes:1]")
	w.same("commits", len(w.get(n).Commits), 1)
	w.says(w.command("ron", n, "/canonicalize explain app.models.User"), "`app.models.User` lives in `app.user:User`")
	w.says(w.command("ron", n, "/canonicalize explain app.models.Usr"), "Did you mean `User`?")
	w.says(w.command("ron", n, "/canonicalize rebase"), "can be said on my own pull requests")
	w.says(w.command("ron", n, "/canonicalize statsu"), "Did you mean `/canonicalize status`?")
	w.says(w.command("ron", n, "/canonicalize help"), "| `/canonicalize all` |")
	w.says(w.command("ron", n, "> /canonicalize\n\nWhat does `/canonicalize` do?"))
	w.same("no reaction to talk", w.reactions(n), "map[]")
	w.says(w.command("ron", n, "/canonicalize status\nand\n/canonicalize help"), "At `", "| `/canonicalize all` |")
}

// Whoever can read can open a pull request of any branch: that is no right to
// have something pushed to it.
func TestCommandByReaderOnOwnPull(t *testing.T) {
	w := commandWorld(t)
	w.push("ada", "release", map[string]string{"src/search/fresh.py": fresh})
	n, err := w.sim.As("ron").OpenPull(full, githubsim.NewPull{Title: "Mine", Head: "release"})
	w.must(err)
	w.says(w.command("ron", n, "/canonicalize"), "Sorry, @ron")
	w.same("commits", len(w.get(n).Commits), 1)
}

// The commit is the bot's own, signed off where commits of the bot are.
func TestCommandFixSignsOff(t *testing.T) {
	files := shop()
	files[config.Path] = conf + "  sign_off: true\n"
	w := newWorld(t, files)
	w.must(w.sim.SetCollaborator("ada", full, "push"))
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	w.says(w.command("ada", n, "/canonicalize"), "2 names in 1 file")
	last := w.get(n).Commits[1]
	if want := regexp.MustCompile(`\nCo-authored-by: ada <.*>\nSigned-off-by: canonicalize\[bot\] <(\d+\+canonicalize\[bot\]@users\.noreply\.github\.com)>`); !want.MatchString(last.Message) || !strings.Contains(last.AuthorRaw, want.FindStringSubmatch(last.Message)[1]) {
		t.Errorf("%+v", last)
	}
}

// A second command of a comment works on what the first one pushed.
func TestCommandsOneAfterTheOther(t *testing.T) {
	w := commandWorld(t)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh, "src/misc/file0.py": consumer(0) + "\ny = 2\n"})
	w.says(w.command("ada", n, "/canonicalize\n/canonicalize all"), "2 names in 1 file", "2 names in 1 file")
	w.same("commits", len(w.get(n).Commits), 3)
}

// The head is what it was when the comment was read, or nothing is done.
func TestCommandOnMovingHead(t *testing.T) {
	w := commandWorld(t)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	w.onceAfter("/reactions", func() { // it has read the place by then
		w.push("ada", "feature", map[string]string{"src/search/more.py": "x = 1\n"})
	})
	w.command("ada", n, "/canonicalize")
	if body := w.comments(n)[1].Body; !strings.Contains(body, "The branch moved after I read the comment") {
		t.Error(body)
	}
	w.same("commits", len(w.get(n).Commits), 2)
}

// A command is done once, wherever an attempt was interrupted.
func TestCommandAgain(t *testing.T) {
	w := commandWorld(t)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	id, err := w.sim.As("ada").Comment(full, n, "/canonicalize")
	w.must(err)
	for range 2 {
		w.must(w.bot.Command(context.Background(), w.here(), CommandRequest{Number: n, Comment: int64(id)}))
	}
	w.same("comments and commits", []int{len(w.comments(n)), len(w.get(n).Commits)}, []int{2, 2})
}

func TestCommandOnFork(t *testing.T) {
	w := commandWorld(t)
	w.must(w.sim.As("eve").Fork(full))
	_, err := w.sim.As("eve").Push("eve/shop", "feature", "Work", map[string][]byte{"src/search/fresh.py": []byte(fresh)})
	w.must(err)
	n, err := w.sim.As("eve").OpenPull(full, githubsim.NewPull{Title: "From a fork", Head: "eve:feature"})
	w.must(err)
	w.says(w.command("eve", n, "/canonicalize"), "+from app.user import User")
	w.same("threads", len(w.threads(n)), 2)
}

// On a line, the answer is in the thread; the button has no comment at all.
func TestCommandOnLineAndButton(t *testing.T) {
	w := commandWorld(t)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	w.review(n)
	first := w.get(n).Threads[0]
	id, err := w.sim.As("ada").ReplyThread(full, first.Comments[0].ID, "/canonicalize explain app.models.Cart")
	w.must(err)
	w.must(w.bot.Command(context.Background(), w.here(), CommandRequest{Number: n, Comment: int64(id), OnLine: true}))
	first = w.get(n).Threads[0]
	if len(first.Comments) != 3 || !strings.Contains(first.Comments[2].Body, "`src/app/cart.py` declares `Cart`") {
		t.Errorf("%+v", first.Comments)
	}
	check := w.verdict(n, reviewer.CheckName)
	w.must(w.sim.As("ada").RequestAction(full, check.ID, reviewer.FixAction))
	w.must(w.bot.Command(context.Background(), w.here(), CommandRequest{Actor: "ron", External: fmt.Sprintf("pull/%d", n), Action: reviewer.FixAction, Press: "one"}))
	w.same("pressed by one who may not", len(w.get(n).Commits), 1)
	w.must(w.bot.Command(context.Background(), w.here(), CommandRequest{Actor: "ada", External: fmt.Sprintf("pull/%d", n), Action: reviewer.FixAction, Press: "two"}))
	w.same("commits", len(w.get(n).Commits), 2)
}

// realPass has passes use the real codemod.
func realPass(t *testing.T) *world {
	w := commandWorld(t)
	w.opts.Codemod = codemod.Plan
	w.restart()
	w.pass()
	return w
}

func TestCommandsOnOwnPull(t *testing.T) {
	w := realPass(t)
	n := w.pull("src/billing").Number
	before := w.get(n).HeadSHA
	w.says(w.command("ada", n, "/canonicalize"), "It is up to date")
	w.same("not pushed", w.get(n).HeadSHA, before)
	w.push("boss", "main", map[string]string{"src/other/standalone.py": "import sys\n"})
	w.says(w.command("ada", n, "/canonicalize rebase"), "the branch is made anew")
	if w.get(n).HeadSHA == before {
		t.Error("it was not pushed")
	}
	w.says(w.command("ada", n, "/canonicalize split 2"), "I opened 1 pull request for the rest")
	w.same("files", len(w.get(n).Files), 2)
	w.push("ada", w.get(n).Head, map[string]string{"src/billing/part0.py": "import sys\n"})
	w.pass()
	w.says(w.command("ada", n, "/canonicalize rebase"), "somebody else pushed")
	w.says(w.command("ada", n, "/canonicalize take-over"), "the branch is made anew")
	w.same("commits", len(w.get(n).Commits), 1)
	w.says(w.command("ada", n, "/canonicalize decline"), "Closed.")
	w.same("state", w.get(n).State, "closed")
	w.pass()
	w.same("stays closed", w.get(n).State, "closed")
	w.says(w.command("ada", n, "/canonicalize reopen"), fmt.Sprintf("#%d is open", n))
	w.same("state", w.get(n).State, "open")
}

func TestCommandPathsAndPause(t *testing.T) {
	files := shop()
	files[config.Path] = strings.Replace(conf, "dashboard: false\n", "", 1) + "  max_open: 1\n"
	w := newWorld(t, files)
	w.must(w.sim.SetCollaborator("ada", full, "push"))
	w.must(w.sim.SetCollaborator("ron", full, "pull"))
	w.opts.Codemod = codemod.Plan
	w.restart()
	w.pass()
	w.same("open", len(w.branches()), 1)
	n, err := w.sim.As("ada").OpenIssue(full, "Please", "now")
	w.must(err)
	w.says(w.command("ada", n, "/canonicalize src/search"), "4 files in `src/search`")
	w.same("open", len(w.branches()), 2)
	w.says(w.command("ada", n, "/canonicalize nowhere/"), "There is nothing to rewrite in `nowhere/`")
	w.says(w.command("ada", n, "/canonicalize sources"), "I do not know `sources`. A folder is written with a slash, as in `/canonicalize sources/`. `/canonicalize help` shows")
	w.says(w.command("ada", n, "/canonicalize pause"), "Nothing more is opened for anybody")
	w.says(w.command("ada", n, "/canonicalize status"), "| `app.models` | 11 |")
	if board := w.board(); !strings.Contains(board, `"paused":["*"]`) {
		t.Error(board)
	}
	w.says(w.command("ada", n, "/canonicalize resume"), "opened for anybody again")
	w.says(w.command("ron", n, "/canonicalize pause acme/billing"), "Sorry, @ron")
	w.must(w.sim.AddTeam(githubsim.TeamSpec{Org: "acme", Name: "readers", Maintainers: []string{"ron"}, Access: map[string]string{"shop": "pull"}}))
	w.says(w.command("ron", n, "/canonicalize pause @acme/readers"), "Nothing more is opened for @acme/readers")
	w.says(w.command("ron", n, "/canonicalize resume @acme/readers"), "opened for @acme/readers again")
	w.says(w.command("ada", n, "/canonicalize pause acme/billing"), "Nothing more is opened for @acme/billing until somebody says `/canonicalize resume acme/billing`")
	if board := w.board(); !strings.Contains(board, `"paused":["@acme/billing"]`) {
		t.Error(board)
	}
}

var boardMark = regexp.MustCompile(`<!-- canonicalize: dashboard v1 .*`)

func (w *world) board() string {
	w.t.Helper()
	issues, err := w.sim.Issues("acme", "shop")
	w.must(err)
	for _, i := range issues {
		if mark := boardMark.FindString(i.Body); mark != "" {
			return mark
		}
	}
	return "no dashboard"
}
