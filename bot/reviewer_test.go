package bot

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/reviewer"
	"github.com/canonicalize/canonicalize/codemod"
)

// branch pushes files to a branch of a person and opens a pull request.
func (w *world) propose(by, branch string, files map[string]string) int {
	w.t.Helper()
	w.push(by, branch, files)
	number, err := w.sim.As(by).OpenPull(full, githubsim.NewPull{Title: branch, Head: branch})
	w.must(err)
	return number
}

func (w *world) review(number int) *ReviewOutcome {
	w.t.Helper()
	out, err := w.bot.Review(context.Background(), Repo{Installation: int64(w.inst.ID), Owner: "acme", Name: "shop"}, ReviewRequest{Number: number})
	w.must(err)
	return out
}

func (w *world) get(number int) *githubsim.PullRequest {
	w.t.Helper()
	pr, err := w.sim.PullRequest("acme", "shop", number)
	w.must(err)
	return pr
}

// threads shows the conversations of a pull request in a line each.
func (w *world) threads(number int) (out []string) {
	w.t.Helper()
	for _, t := range w.get(number).Threads {
		text := fmt.Sprintf("%s:%d", t.Path, t.Line)
		if strings.Contains(t.Comments[0].Body, "```suggestion") {
			text += " suggests"
		}
		if t.Resolved {
			text += " resolved"
		}
		if n := len(t.Comments); n > 1 {
			text += fmt.Sprintf(" %d comments", n)
		}
		out = append(out, text)
	}
	return out
}

// verdict is the newest check run of a name.
func (w *world) verdict(number int, name string) githubsim.Check {
	w.t.Helper()
	var last githubsim.Check
	for _, c := range w.get(number).Checks {
		if c.Name == name && c.ID > last.ID {
			last = c
		}
	}
	return last
}

func (w *world) same(what string, got, want any) {
	w.t.Helper()
	if g, e := fmt.Sprint(got), fmt.Sprint(want); g != e {
		w.t.Errorf("%s:\n got %s\nwant %s", what, g, e)
	}
}

const fresh = "import os\n\nfrom app.models import User\n\n\ndef f():\n    from app.models import Cart\n    return User, Cart, os\n"

// clicked is fresh with everything from its home.
const clicked = "import os\n\nfrom app.user import User\n\n\ndef f():\n    from app.cart import Cart\n    return User, Cart, os\n"

// The main way: two findings, two suggestions, one click each, a green check.
func TestReview(t *testing.T) {
	w := newWorld(t, shop())
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh, "src/misc/file0.py": consumer(0) + "\ny = 2\n"})
	w.review(n)
	w.same("threads", w.threads(n), []string{"src/search/fresh.py:3 suggests", "src/search/fresh.py:7 suggests"})
	check := w.verdict(n, reviewer.CheckName)
	w.same("check", []any{check.Status, check.Conclusion, check.Title, len(check.Annotations), check.Actions[0].Identifier},
		[]any{"completed", "neutral", "2 names are newly read through a facade", 2, "fix"})
	if !strings.Contains(check.Summary, "| `app.models.User` | `app.user` | `src/search/fresh.py:3` |") {
		t.Errorf("summary:\n%s", check.Summary)
	}
	w.review(n)
	w.same("nothing is said twice", []int{len(w.threads(n)), len(w.get(n).Reviews)}, []int{2, 1})
	for _, thread := range w.get(n).Threads {
		_, err := w.sim.As("ada").ApplySuggestion(full, thread.Comments[0].ID)
		w.must(err)
	}
	src, err := w.sim.ReadFile(full, "feature", "src/search/fresh.py")
	w.must(err)
	w.same("after two clicks", string(src), clicked)
	w.review(n)
	w.same("threads", w.threads(n), []string{"src/search/fresh.py:0 suggests resolved", "src/search/fresh.py:0 suggests resolved"})
	check = w.verdict(n, reviewer.CheckName)
	w.same("check", []any{check.Conclusion, len(check.Actions)}, []any{"success", 0})
}

// Applying every suggestion gives what the codemod gives, to the byte.
func TestSuggestionsAreTheCodemods(t *testing.T) {
	for name, src := range map[string]string{
		"one line":          "from app.models import User\n",
		"no newline at end": "x = 1\nfrom app.models import User",
		"several names":     "from app.models import Cart, User\n\nx = User\n",
		"parenthesised":     "from app.models import (\n    Cart,\n    User,  # the user\n)\n\nx = User\n",
		"merged":            "from app.models import User\nfrom app.user import Group\n\nx = User\n",
		"attributes":        "from app import models\n\nx = models.User\n",
		"in a block":        "if True:\n    from app.models import User; x = User\n",
		"backticks":         "from app.models import User  # ```\n",
		"repeated":          "def f():\n    from app.models import User\n    return User\n\n\ndef g():\n    from app.models import User\n    return User\n",
	} {
		t.Run(name, func(t *testing.T) {
			files := shop()
			files["src/app/user.py"] = "class User: pass\nclass Group: pass\n"
			w := newWorld(t, files)
			n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": src})
			files["src/search/fresh.py"] = src
			tree := texts(files)
			result, err := codemod.Plan(context.Background(), tree, codemod.Rules{Facades: []string{"app.models"}}, codemod.Options{Only: []string{"src/search/fresh.py"}})
			w.must(err)
			w.review(n)
			for _, thread := range w.get(n).Threads {
				if _, err := w.sim.As("ada").ApplySuggestion(full, thread.Comments[0].ID); err != nil {
					t.Errorf("%v: %s", err, thread.Comments[0].Body)
				}
			}
			got, err := w.sim.ReadFile(full, "feature", "src/search/fresh.py")
			w.must(err)
			if len(result.Changes) != 1 || string(got) != string(result.Changes[0].After) {
				t.Errorf("clicked:\n%s\nwritten: %v", got, result.Changes)
			}
		})
	}
}

// texts is a codemod.Tree of files given as text.
type texts map[string]string

func (m texts) Files() (files []codemod.File) {
	for _, path := range slices.Sorted(maps.Keys(m)) {
		files = append(files, codemod.File{Path: path, Size: int64(len(m[path]))})
	}
	return files
}

func (m texts) Read(f codemod.File) ([]byte, error) { return []byte(m[f.Path]), nil }

// What cannot be one click is code and a command.
func TestReviewWithoutSuggestions(t *testing.T) {
	files := shop()
	files["src/misc/long.py"] = "import os\nfrom app import models\n" + strings.Repeat("x = 1\n", 30) + "y = 1\n"
	w := newWorld(t, files)
	n := w.propose("ada", "feature", map[string]string{
		"src/search/crlf.py": "import os\r\nfrom app.models import User\r\n",
		"src/misc/long.py":   strings.Replace(files["src/misc/long.py"], "y = 1", "y = models.User", 1),
	})
	w.review(n)
	w.same("threads", w.threads(n), []string{"src/misc/long.py:33", "src/search/crlf.py:2"})
	for _, thread := range w.get(n).Threads {
		if body := thread.Comments[0].Body; !strings.Contains(body, "```python\n") || !strings.Contains(body, "`/canonicalize`") {
			t.Errorf("%s", body)
		}
	}
}

func TestReviewRatchet(t *testing.T) {
	files := shop()
	files[config.Path] = conf + "review:\n  conclusion: failure\n"
	w := newWorld(t, files)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	w.review(n)
	w.same("conclusion", w.verdict(n, reviewer.CheckName).Conclusion, "failure")
}

func TestReviewSkips(t *testing.T) {
	files := shop()
	files[config.Path] = conf + "review:\n  conclusion: failure\n"
	w := newWorld(t, files)
	w.pass()
	own := w.pull("src/billing")
	w.same("own", w.review(own.Number).Skipped, "it is the bot's own")
	w.same("own check", w.verdict(own.Number, reviewer.CheckName).Conclusion, "skipped")
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	w.must(w.sim.As("ada").SetDraft(full, n, true))
	w.same("draft", w.review(n).Skipped, "it is a draft")
	w.must(w.sim.As("ada").SetDraft(full, n, false))
	out, err := w.bot.Review(context.Background(), Repo{Installation: int64(w.inst.ID), Owner: "acme", Name: "shop"}, ReviewRequest{Number: n, Head: strings.Repeat("a", 40)})
	w.must(err)
	w.same("moved", out.Skipped, "its head moved on")
	w.must(w.sim.As("ada").Close(full, n))
	w.same("closed", w.review(n).Skipped, "it is closed")
	w.same("threads", len(w.threads(n)), 0)
}

// Threads live with the code: resolved when mended, deleted when the place is
// gone, moved by a force-push, and left alone once somebody answered.
func TestThreads(t *testing.T) {
	w := newWorld(t, shop())
	two := map[string]string{"src/search/a.py": "from app.models import User\n", "src/search/b.py": "from app.models import Cart\n"}
	n := w.propose("ada", "feature", two)
	w.review(n)
	w.same("threads", w.threads(n), []string{"src/search/a.py:1 suggests", "src/search/b.py:1 suggests"})

	w.push("ada", "feature", map[string]string{"src/search/a.py": "from app.user import User\n", "src/search/b.py": ""})
	w.review(n)
	w.same("mended and deleted", w.threads(n), []string{"src/search/a.py:0 suggests resolved"})

	_, err := w.sim.As("ada").ForcePush(full, "feature", "main", "Anew", map[string][]byte{"src/search/c.py": []byte("x = 1\nfrom app.models import User\n")})
	w.must(err)
	w.review(n)
	w.same("force-pushed", w.threads(n)[len(w.threads(n))-1], "src/search/c.py:2 suggests")
	last := w.get(n).Threads[len(w.get(n).Threads)-1]
	_, err = w.sim.As("ada").ReplyThread(full, last.Comments[0].ID, "Why?")
	w.must(err)

	w.push("ada", "feature", map[string]string{"src/search/c.py": "x = 1\ny = 1\nfrom app.models import User\n"})
	w.review(n)
	w.same("answered: it follows and is not repeated", w.threads(n)[len(w.threads(n))-1], "src/search/c.py:3 suggests 2 comments")
	w.push("ada", "feature", map[string]string{"src/search/c.py": "x = 1\n"})
	w.review(n)
	w.same("answered: it stays, resolved", w.threads(n)[len(w.threads(n))-1], "src/search/c.py:0 suggests resolved 2 comments")
	w.same("check", w.verdict(n, reviewer.CheckName).Conclusion, "success")
}

func TestReviewOfMany(t *testing.T) {
	w := newWorld(t, shop())
	files := map[string]string{}
	for i := range 60 {
		files[fmt.Sprintf("src/many/f%02d.py", i)] = "from app.models import User\n"
	}
	n := w.propose("ada", "feature", files)
	w.review(n)
	w.same("threads", len(w.threads(n)), 30)
	w.same("annotations", len(w.verdict(n, reviewer.CheckName).Annotations), 60)
	body := w.get(n).Reviews[0].Body
	if !strings.Contains(body, "| `app.models.User` | `app.user` | `src/many/f30.py:1` and 29 more |") {
		t.Error(body)
	}
	w.review(n)
	w.same("reviews", len(w.get(n).Reviews), 1)
}

// A pull request that breaks the configuration is told where.
func TestReviewOfConfiguration(t *testing.T) {
	w := newWorld(t, shop())
	n := w.propose("ada", "feature", map[string]string{config.Path: conf + "pull_request:\n  max_files: 0\n"})
	w.review(n)
	check := w.verdict(n, reviewer.CheckName+" configuration")
	if check.Conclusion != "failure" || len(check.Annotations) == 0 || check.Annotations[0].StartLine != 1+strings.Count(conf, "\n") {
		t.Errorf("%+v", check)
	}
	w.push("ada", "feature", map[string]string{config.Path: conf + "review:\n  drafts: true\n"})
	w.review(n)
	w.same("mended", w.verdict(n, reviewer.CheckName+" configuration").Conclusion, "success")
}

// With faults in the configuration of the base, a check tells that nothing was
// reviewed; the pull request that mends them is not held up by it.
func TestReviewWithFaultyBase(t *testing.T) {
	files := shop()
	files[config.Path] = conf + "review:\n  conclusion: maybe\n"
	w := newWorld(t, files)
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh, config.Path: conf})
	w.review(n)
	check := w.verdict(n, reviewer.CheckName)
	w.same("check", []any{check.Conclusion, check.Title, check.Summary},
		[]any{"neutral", "Not reviewed", "Nothing was reviewed: `.github/canonicalize.yml` on `main` has faults.\n"})
	w.same("the new one", w.verdict(n, reviewer.CheckName+" configuration").Conclusion, "success")
	w.same("threads", len(w.threads(n)), 0)
}

func TestReviewOfFork(t *testing.T) {
	w := newWorld(t, shop())
	w.must(w.sim.As("eve").Fork(full))
	_, err := w.sim.As("eve").Push("eve/shop", "feature", "Work", map[string][]byte{"src/search/fresh.py": []byte(fresh)})
	w.must(err)
	n, err := w.sim.As("eve").OpenPull(full, githubsim.NewPull{Title: "From a fork", Head: "eve:feature"})
	w.must(err)
	w.review(n)
	w.same("threads", len(w.threads(n)), 2)
	check := w.verdict(n, reviewer.CheckName)
	w.same("check", check.Conclusion, "neutral")
	// Nothing is pushed to forks, so nothing of that kind is offered.
	all := check.Summary + w.get(n).Reviews[0].Body
	for _, thread := range w.get(n).Threads {
		all += thread.Comments[0].Body
	}
	if len(check.Actions) != 0 || strings.Contains(all, "commit that") || strings.Contains(all, "**Fix**") || strings.Contains(all, "has me commit") || !strings.Contains(all, "answer with all of them as a patch") {
		t.Errorf("promised to a fork: %v\n%s", check.Actions, all)
	}
}

// A merge group is checked, not commented.
func TestReviewOfMergeGroup(t *testing.T) {
	w := newWorld(t, shop())
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	branches, err := w.sim.Branches(full)
	w.must(err)
	out, err := w.bot.Review(context.Background(), Repo{Installation: int64(w.inst.ID), Owner: "acme", Name: "shop"}, ReviewRequest{Head: branches["feature"], Base: "main"})
	w.must(err)
	w.same("findings", len(out.Review.Findings), 2)
	check := w.verdict(n, reviewer.CheckName) // the head is the pull request's, too
	w.same("check", []any{check.Conclusion, len(check.Actions), len(w.threads(n))}, []any{"neutral", 0, 0})
}

// Should GitHub refuse a line after all, the summary tells everything, once.
func TestReviewRefused(t *testing.T) {
	w := newWorld(t, shop())
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	refused := false
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/reviews") || refused {
			return nil
		}
		refused = true
		return &githubsim.Fault{Status: http.StatusUnprocessableEntity, Message: "Line could not be resolved"}
	})
	w.review(n)
	reviews := w.get(n).Reviews
	if len(reviews) != 1 || !strings.Contains(reviews[0].Body, "`src/search/fresh.py:7`") || len(w.threads(n)) != 0 {
		t.Errorf("%+v", reviews)
	}
	w.review(n)
	w.same("back at the lines", w.threads(n), []string{"src/search/fresh.py:3 suggests", "src/search/fresh.py:7 suggests"})
	w.review(n)
	w.same("reviews", len(w.get(n).Reviews), 2)
}

// A review says what is new to it: not again what it said before.
func TestReviewCountsWhatIsNew(t *testing.T) {
	w := newWorld(t, shop())
	n := w.propose("ada", "feature", map[string]string{"src/search/fresh.py": fresh})
	w.review(n)
	w.push("ada", "feature", map[string]string{"src/search/more.py": "from app.models import User\n"})
	w.review(n)
	reviews := w.get(n).Reviews
	if len(reviews) != 2 || !strings.HasPrefix(reviews[1].Body, "1 name is newly read through a facade. 2 findings are still there from before.") {
		t.Errorf("%+v", reviews)
	}
}

// Nobody reads a suggestion of a hundred lines: the command does it.
func TestLongSuggestions(t *testing.T) {
	w := newWorld(t, shop())
	var long strings.Builder
	long.WriteString("from app.models import (\n")
	for i := range 60 {
		fmt.Fprintf(&long, "    # %d\n", i)
	}
	long.WriteString("    User,\n)\n")
	n := w.propose("ada", "feature", map[string]string{"src/search/long.py": long.String()})
	w.review(n)
	for _, thread := range w.get(n).Threads {
		if body := thread.Comments[0].Body; strings.Contains(body, "```suggestion") || !strings.Contains(body, "Comment `/canonicalize`, and I commit that.") || !strings.Contains(body, "from app.user import User") {
			t.Errorf("%s", body)
		}
	}
	w.same("threads", len(w.threads(n)), 1)
}

func TestReviewOfFacadeAndBoundaries(t *testing.T) {
	files := shop()
	files[config.Path] = conf + "boundaries:\n  - from: other\n    forbid: [app]\n"
	w := newWorld(t, files)
	n := w.propose("ada", "feature", map[string]string{
		"src/app/models.py":       files["src/app/models.py"] + "from app.order import Order\n",
		"src/app/order.py":        "class Order: pass\n",
		"src/other/standalone.py": "import os\nimport app.order\n",
	})
	w.review(n)
	w.same("threads", w.threads(n), []string{"src/app/models.py:3", "src/other/standalone.py:2"})
	w.same("title", w.verdict(n, reviewer.CheckName).Title, "1 new re-export, 1 import over a boundary")
}

// Who opened it, and whether it is ready, decide by the configuration.
func TestReviewByConfiguration(t *testing.T) {
	for _, tc := range []struct {
		why, more, by string
		draft         bool
		skipped       string
	}{
		{"a bot's", "", "renovate[bot]", false, "it is a bot's"},
		{"a bot's, by configuration", "review:\n  bots: true\n", "renovate[bot]", false, ""},
		{"a draft", "", "ada", true, "it is a draft"},
		{"a draft, by configuration", "review:\n  drafts: true\n", "ada", true, ""},
		{"none", "review:\n  enabled: false\n", "ada", false, "reviews are switched off"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			files := shop()
			files[config.Path] = conf + tc.more
			w := newWorld(t, files)
			_, err := w.sim.AddApp(githubsim.AppSpec{Slug: "renovate"})
			w.must(err)
			n := w.propose(tc.by, "feature", map[string]string{"src/search/fresh.py": fresh})
			w.must(w.sim.As(tc.by).SetDraft(full, n, tc.draft))
			out := w.review(n)
			w.same("skipped", out.Skipped, tc.skipped)
			w.same("told", len(w.threads(n)) > 0, tc.skipped == "")
		})
	}
}

// On another base the same head adds something else.
func TestReviewOfAnotherBase(t *testing.T) {
	w := newWorld(t, shop())
	w.push("boss", "next", map[string]string{"src/search/a.py": "from app.models import User\n"})
	w.push("ada", "next-feature", map[string]string{"src/search/b.py": "x = 1\n"})
	_, err := w.sim.As("ada").ForcePush(full, "next-feature", "next", "Work", map[string][]byte{"src/search/b.py": []byte("from app.models import Cart\n")})
	w.must(err)
	n, err := w.sim.As("ada").OpenPull(full, githubsim.NewPull{Title: "feature", Head: "next-feature", Base: "next"})
	w.must(err)
	w.review(n)
	w.same("on next", w.threads(n), []string{"src/search/b.py:1 suggests"})
	w.must(w.sim.As("ada").ChangeBase(full, n, "main"))
	w.review(n)
	w.same("on main", w.threads(n), []string{"src/search/b.py:1 suggests", "src/search/a.py:1 suggests"})
}

// One head can be proposed to two branches, but has one check: the strictest
// verdict stays, whichever review comes last, until its pull request is closed.
func TestOneHeadTwoPullRequests(t *testing.T) {
	files := shop()
	files[config.Path] += "review: {conclusion: failure}\n"
	w := newWorld(t, files)
	w.push("boss", "next", map[string]string{"src/search/fresh.py": fresh})
	_, err := w.sim.As("ada").ForcePush(full, "feature", "next", "Work", map[string][]byte{"src/search/b.py": []byte("x = 1\n")})
	w.must(err)
	strict, err := w.sim.As("ada").OpenPull(full, githubsim.NewPull{Title: "for main", Head: "feature", Base: "main"})
	w.must(err)
	mild, err := w.sim.As("ada").OpenPull(full, githubsim.NewPull{Title: "for next", Head: "feature", Base: "next"})
	w.must(err)
	for _, order := range [][]int{{strict, mild}, {mild, strict}} {
		for _, n := range order {
			w.review(n)
		}
		check := w.verdict(strict, reviewer.CheckName)
		w.same("conclusion", check.Conclusion, "failure")
		for _, n := range order {
			if !strings.Contains(check.Summary, fmt.Sprintf("### #%d: ", n)) {
				t.Errorf("the summary does not name #%d:\n%s", n, check.Summary)
			}
		}
	}
	w.same("threads of the mild one", len(w.threads(mild)), 0)
	w.must(w.sim.As("ada").Close(full, strict))
	_, err = w.bot.Review(context.Background(), w.here(), ReviewRequest{Head: w.get(mild).HeadSHA})
	w.must(err)
	w.same("after it was closed", w.verdict(mild, reviewer.CheckName).Conclusion, "success")
}
