package bot

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

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
		for _, part := range answerMark.Split(c.Body, -1) {
			if strings.TrimSpace(part) != "" {
				answers = append(answers, part)
			}
		}
	}
	return answers
}

var answerMark = regexp.MustCompile(`<!-- canonicalize: answer \S+ done -->`)

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
	w.says(w.command("ron", n, "/canonicalize pause @acme/readers"), "Nothing more is opened for `@acme/readers`")
	w.says(w.command("ron", n, "/canonicalize resume @acme/readers"), "opened for `@acme/readers` again")
	w.says(w.command("ada", n, "/canonicalize pause acme/billing"), "Nothing more is opened for `@acme/billing` until somebody says `/canonicalize resume @acme/billing`")
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

// One comment gets one answer, however much it asks for, and equal commands are
// one: who may do nothing cannot make the bot write a lot.
func TestOneAnswerForEachComment(t *testing.T) {
	w := commandWorld(t)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	var many strings.Builder
	for i := range 25 {
		fmt.Fprintf(&many, "/canonicalize\n/canonicalize all\n/canonicalize pause team%d\n", i)
	}
	before := len(w.comments(n))
	w.sim.ForgetCalls()
	w.command("ron", n, many.String())
	if got := len(w.comments(n)) - before; got != 2 || w.writes() > 3 {
		t.Errorf("%d comments, its own among them, and %d writes", got, w.writes())
	}
	answer := w.comments(n)[before+1].Body
	w.same("refused once", strings.Count(answer, "> `/canonicalize`\n"), 1)
	for range 15 {
		w.command("ron", n, "/canonicalize help")
	}
	ours := 0
	for _, c := range w.comments(n) {
		if c.Author == "canonicalize[bot]" {
			ours++
		}
	}
	w.same("answers to one person in an hour", ours, 10)
	w.now = w.now.Add(2 * time.Hour)
	w.says(w.command("ron", n, "/canonicalize help"), "| `/canonicalize all` |")
}

// Each command sees what the one before it did.
func TestDeclineAndReopenInOneComment(t *testing.T) {
	w := commandWorld(t)
	w.pass()
	n := w.pull("src/billing").Number
	w.says(w.command("ada", n, "/canonicalize decline\n/canonicalize reopen"), "Closed.", fmt.Sprintf("#%d is open", n))
	w.same("state", w.get(n).State, "open")
}

// An answer that was interrupted is taken up where it stopped.
func TestAnswerInterrupted(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprint(after), func(t *testing.T) { answerInterrupted(t, after) })
	}
}

func answerInterrupted(t *testing.T, after bool) {
	w := commandWorld(t)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh, "src/misc/file0.py": consumer(0) + "\ny = 2\n"})
	id, err := w.sim.As("ada").Comment(full, n, "/canonicalize\n/canonicalize all\n/canonicalize help")
	w.must(err)
	for nth := 1; ; nth++ {
		count, failed := 0, false
		w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
			if r.Method == http.MethodGet || !strings.Contains(r.URL.Path, "/comments") {
				return nil
			}
			if count++; count == nth {
				failed = true
				return &githubsim.Fault{Status: http.StatusBadGateway, After: after}
			}
			return nil
		})
		err := w.bot.Command(context.Background(), w.here(), CommandRequest{Number: n, Comment: int64(id)})
		w.restart()
		if !failed {
			w.must(err)
			break
		}
	}
	w.sim.Fail(nil)
	list := w.comments(n)
	if len(list) != 2 || strings.Count(list[1].Body, " done -->") != 3 || strings.Count(list[1].Body, "Done in ") != 2 {
		t.Errorf("%d comments, the last:\n%s", len(list), list[len(list)-1].Body)
	}
	w.same("commits", len(w.get(n).Commits), 3)
}

// A team is whom CODEOWNERS or the organization know, however it is written.
func TestPauseTeams(t *testing.T) {
	files := boarded("")
	files[".github/CODEOWNERS"] = "/src/billing/ @Acme/Billing\n/src/search/ @acme/search @acme/BILLING\n"
	w := newWorld(t, files)
	w.must(w.sim.SetCollaborator("ada", full, "push"))
	w.pass()
	n := w.dashboard().Number
	for _, c := range []struct{ say, want string }{
		{"pause billing", "Nothing more is opened for `@Acme/Billing` until somebody says `/canonicalize resume @Acme/Billing`."},
		{"pause @ACME/search", "Nothing more is opened for `@acme/search`"},
		{"pause platform", "Nothing more is opened for `@acme/platform`"}, // named by the configuration
		{"pause biling", "I know no owner called `biling` here. Did you mean `@Acme/Billing`?"},
		{"pause @checkout", "I know no owner called `@checkout` here. There is `@Acme/Billing`"},
		{"pause other/billing", "I know no owner called `other/billing` here."},
		{"resume identity", "I know no owner called `identity` here."},
		{"resume Billing", "Pull requests are opened for `@Acme/Billing` again. Paused is `@acme/platform`, `@acme/search`."},
		{"resume billing", "There was no pause of `@Acme/Billing`."},
		{"pause everybody", "Nothing more is opened for anybody until somebody says `/canonicalize resume`."},
		{"resume", "Pull requests are opened for anybody again."},
		{"resume everyone", "There was no pause of anybody."},
	} {
		answers := w.command("ada", n, "/canonicalize "+c.say)
		w.says(answers, c.want)
		for _, a := range answers {
			if outside := mentionedIn(a); outside != "" {
				t.Errorf("%s: the answer mentions %s", c.say, outside)
			}
		}
	}
}

// mentionedIn returns who a text mentions, outside of code.
func mentionedIn(markdown string) string {
	var outside strings.Builder
	for markdown != "" {
		at := ticks.FindStringIndex(markdown)
		if at == nil {
			break
		}
		outside.WriteString(markdown[:at[0]])
		mark, rest := markdown[at[0]:at[1]], markdown[at[1]:]
		markdown = rest
		for _, end := range ticks.FindAllStringIndex(rest, -1) {
			if rest[end[0]:end[1]] == mark {
				markdown = rest[end[1]:]
				break
			}
		}
	}
	return mention.FindString(outside.String() + markdown)
}

var (
	ticks   = regexp.MustCompile("`+")
	mention = regexp.MustCompile(`(^|[^\w])@[\w/-]+`)
)

// What people write comes back in answers, and calls nobody there.
func TestAnswersMentionNobody(t *testing.T) {
	w := commandWorld(t)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	for _, say := range []string{
		"/canonicalize @everybody", "/canonicalize `` @everybody", "/canonicalize ``@everybody`` <b>", "/canonicalize pause ``@a/b",
		"/canonicalize explain ``@everybody", "/canonicalize explain app.models.@checkout", "/canonicalize ``` @x/y\n/canonicalize status",
	} {
		for _, a := range w.command("ada", n, say) {
			rendered := mentionedIn(a)
			if rendered != "" {
				t.Errorf("%q mentions %q:\n%s", say, rendered, a)
			}
		}
	}
}

// Commands are read wherever people write them: in the summary of a review and
// in a description, too.
func TestCommandsElsewhere(t *testing.T) {
	w := commandWorld(t)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh, "src/misc/file0.py": consumer(0) + "\ny = 2\n"})
	w.must(w.sim.As("ada").EditBody(full, n, "What I did.\n\n/canonicalize"))
	w.must(w.sim.As("ada").Review(full, n, "COMMENT", "Nice.\n\n/canonicalize all"))
	var id int64
	for _, r := range w.get(n).Reviews {
		id = int64(r.ID)
	}
	for _, request := range []CommandRequest{{Number: n, Description: true}, {Number: n, Review: id}} {
		for range 2 { // the second time it was done
			w.must(w.bot.Command(context.Background(), w.here(), request))
		}
	}
	list := w.comments(n)
	if len(list) != 2 || !strings.Contains(list[0].Body, "2 names in 1 file") || !strings.Contains(list[1].Body, "> `/canonicalize all`\n\nDone in ") {
		t.Errorf("%d answers: %+v", len(list), list)
	}
	w.same("commits", len(w.get(n).Commits), 3)
}
