package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/codemod"
)

const endingConf = `facades: [app.models]
source_roots: [""]
retire:
  app.models:
    roots: [app.main]
pull_requests:
  min_files: 1
`

// ending are the files of a program with a facade of twelve names, of which one module registers a plugin.
func endingFiles() map[string]string {
	files := map[string]string{
		config.Path:              endingConf,
		".github/CODEOWNERS":     "* @acme/platform\n/billing/ @acme/billing\n/search/ @acme/search\n",
		"app/__init__.py":        "",
		"app/hooks.py":           "PLUGINS = []\n\n\ndef register(plugin):\n    PLUGINS.append(plugin)\n    return plugin\n",
		"app/main.py":            "from billing.bill import total\n\n\ndef main():\n    return total()\n",
		"app/models/plugin.py":   "from app.hooks import register\n\n\n@register\nclass Mail:\n    pass\n",
		"billing/__init__.py":    "",
		"billing/bill.py":        "from app.models import Model0, Model1\n\n\ndef total():\n    return Model0, Model1\n",
		"search/__init__.py":     "",
		"search/index.py":        "from app.models import Model2\n\n\ndef index():\n    return Model2\n",
		"app/models/__init__.py": "",
	}
	facade := "from .plugin import Mail\n"
	for i := range 11 {
		files[fmt.Sprintf("app/models/model%d.py", i)] = fmt.Sprintf("class Model%d:\n    pass\n", i)
		facade += fmt.Sprintf("from .model%d import Model%[1]d\n", i)
	}
	files["app/models/__init__.py"] = facade
	return files
}

// step finds the open pull request whose title begins so.
func (w *world) step(title string) *githubsim.PullRequest {
	w.t.Helper()
	for _, pr := range w.pulls() {
		if pr.State == "open" && strings.HasPrefix(pr.Title, title) {
			return pr
		}
	}
	w.t.Fatalf("no open pull request %q: %v", title, w.titles())
	return nil
}

func (w *world) titles() (list []string) {
	for _, pr := range w.pulls() {
		list = append(list, fmt.Sprintf("#%d %s (%s)", pr.Number, pr.Title, pr.State))
	}
	return list
}

func (w *world) none(title string) {
	w.t.Helper()
	for _, pr := range w.pulls() {
		if pr.State == "open" && strings.HasPrefix(pr.Title, title) {
			w.t.Errorf("#%d %s is open", pr.Number, pr.Title)
		}
	}
}

// A facade ends over weeks: its steps come one after the other as people merge, one is taken back in the middle and proposed again, and the
// end waits for a quiet week and a person's word.
func TestFacadeEnds(t *testing.T) {
	w := newWorld(t, endingFiles())
	w.opts.Codemod = codemod.Plan
	w.restart()
	boss := w.sim.As("boss")
	merge := func(pr *githubsim.PullRequest) {
		t.Helper()
		w.must(boss.Merge(full, pr.Number, "squash"))
		w.pass()
	}
	days := func(n int) {
		w.now = w.now.Add(time.Duration(n) * 24 * time.Hour)
		w.pass()
	}

	w.pass()
	register := w.step("Register what only app.models imports")
	if !strings.Contains(register.Body, "canonicalize revert") || !strings.Contains(register.Body, "shrinks nothing by itself") {
		t.Errorf("the body says:\n%s", register.Body)
	}
	w.none("Import by name")
	w.quiet()
	merge(register)
	if text := w.read("app/models/_registry.py"); !strings.Contains(text, "plugin") {
		t.Errorf("the registry:\n%s", text)
	}
	merge(w.pull("billing"))
	merge(w.step("Import by name what app.models re-exports"))
	narrow := w.step("Take out of app.models what nobody reads there")
	merge(narrow)
	if text := w.read("app/models/__init__.py"); !strings.Contains(text, "Model2 as Model2") || strings.Contains(text, "Model7") {
		t.Errorf("the facade after the narrow step:\n%s", text)
	}

	// Something breaks: that is said once, with what takes it back. The step is off then until somebody says so.
	w.check("failure")
	w.pass()
	w.pass()
	told := 0
	for _, c := range w.comments(narrow.Number) {
		if strings.Contains(c.Body, "git revert") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("that the branch turned red was told %d times", told)
	}
	w.command("boss", narrow.Number, "/canonicalize revert")
	merge(w.step("Revert"))
	if text := w.read("app/models/__init__.py"); !strings.Contains(text, "Model7") {
		t.Errorf("the facade after the revert:\n%s", text)
	}
	days(3)
	w.none("Take out")
	if board := w.dashboard().Body; !strings.Contains(board, "/canonicalize retry app.models") {
		t.Errorf("the dashboard after the revert:\n%s", board)
	}
	w.command("boss", w.dashboard().Number, "/canonicalize retry app.models")
	merge(w.step("Take out of app.models what nobody reads there"))

	// The last reader goes, and the end waits.
	merge(w.pull("search"))
	w.none("Retire")
	w.command("boss", w.dashboard().Number, "/canonicalize retire app.models")
	days(30)
	w.none("Retire")
	if board := w.dashboard().Body; !strings.Contains(board, "`at-rest`") || !strings.Contains(board, "/canonicalize acknowledge app.models at-rest REASON") {
		t.Errorf("the dashboard does not ask:\n%s", board)
	}
	w.command("boss", w.dashboard().Number, "/canonicalize acknowledge app.models at-rest Nothing is pickled here.")
	days(6)
	w.none("Retire")
	days(2)
	last := w.step("Retire app.models")
	if !strings.Contains(last.Body, "@boss said so") {
		t.Errorf("the body says:\n%s", last.Body)
	}
	merge(last)
	if text := w.read("app/models/__init__.py"); strings.Contains(text, "Model") {
		t.Errorf("the facade at the end:\n%s", text)
	}
	if board := w.dashboard().Body; !strings.Contains(board, "`app.models`** is retired") {
		t.Errorf("the dashboard at the end:\n%s", board)
	}
	w.quiet()
}

// A repository that reads the facade, and one that cannot be read, keep it from ending; what the first reads stays.
func TestFacadeWaitsForDownstream(t *testing.T) {
	files := endingFiles()
	files[config.Path] = strings.Replace(endingConf, "    roots: [app.main]\n", "    roots: [app.main]\n    consumers: [acme/web, acme/gone]\n", 1)
	w := newWorld(t, files)
	w.opts.Codemod = codemod.Plan
	w.must(w.sim.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "web", Files: map[string]string{
		"web/__init__.py": "", "web/page.py": "from app.models import Model7\n\n\ndef page():\n    return Model7\n",
	}}))
	w.letIn("acme/web")
	w.restart()
	merge := func(pr *githubsim.PullRequest) {
		t.Helper()
		w.must(w.sim.As("boss").Merge(full, pr.Number, "squash"))
		w.pass()
	}
	w.pass()
	merge(w.step("Register"))
	merge(w.pull("billing"))
	merge(w.pull("search"))
	merge(w.step("Import by name"))
	w.none("Take out")
	w.expectBoard("`consumer-unknown`", "`acme/web/web/page.py:1`")

	// The repository that is gone is taken off the list; what web reads stays.
	w.push("boss", "main", map[string]string{config.Path: strings.Replace(files[config.Path], ", acme/gone", "", 1)})
	w.pass()
	merge(w.step("Take out"))
	if text := w.read("app/models/__init__.py"); !strings.Contains(text, "Model7 as Model7") || strings.Contains(text, "Model3") {
		t.Errorf("the facade while web reads it:\n%s", text)
	}
	w.command("boss", w.dashboard().Number, "/canonicalize retire app.models")
	w.command("boss", w.dashboard().Number, "/canonicalize acknowledge app.models at-rest nothing is stored")
	w.now = w.now.Add(30 * 24 * time.Hour)
	w.pass()
	w.none("Retire")

	// Web goes to the home, and lags behind no more: a week later the end comes.
	_, err := w.sim.As("boss").Push("acme/web", "main", "go to the home", map[string][]byte{"web/page.py": []byte("from app.models.model7 import Model7\n\n\ndef page():\n    return Model7\n")})
	w.must(err)
	w.pass()
	w.none("Retire")
	w.now = w.now.Add(8 * 24 * time.Hour)
	w.pass()
	merge(w.step("Retire app.models"))
}
