package bot

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
)

// world is a simulated GitHub with one repository, and a bot.
type world struct {
	t    *testing.T
	sim  *githubsim.Server
	app  *githubsim.App
	inst *githubsim.Installation
	ci   *github.Repo
	bot  *Bot
	dir  string
	now  time.Time
	opts Options
	url  string // of what stands before the simulated GitHub; "" for nothing
}

const full = "acme/shop"

const conf = `facades: [app.models]
dashboard: false
owners:
  default: ["@acme/platform"]
pull_requests:
  min_files: 2
  max_files: 5
`

// shop are the files of a small repository with two teams and a few consumers.
func shop() map[string]string {
	files := map[string]string{
		config.Path:               conf,
		".github/CODEOWNERS":      "/src/billing/ @acme/billing\n/src/search/ @acme/search\n[bad\n",
		"src/app/models.py":       "from app.user import User\nfrom app.cart import Cart\n",
		"src/app/user.py":         "class User: pass\n",
		"src/app/cart.py":         "class Cart: pass\n",
		"src/other/standalone.py": "import os\n",
	}
	for _, team := range []string{"billing", "search"} {
		for i := range 4 {
			files[fmt.Sprintf("src/%s/part%d.py", team, i)] = consumer(i)
		}
	}
	for i := range 3 {
		files[fmt.Sprintf("src/misc/file%d.py", i)] = consumer(i)
	}
	return files
}

func consumer(i int) string {
	return fmt.Sprintf("\"\"\"File %d.\"\"\"\n\nfrom app.models import User\n\n\ndef f%d():\n    from app.models import Cart\n    return User, Cart\n", i, i) + strings.Repeat("\n\nx = 1\n", 4)
}

func newWorld(t *testing.T, files map[string]string) *world {
	t.Parallel()
	sim := githubsim.ForTest(t, githubsim.Options{Strict: true})
	w := &world{t: t, sim: sim, dir: t.TempDir(), now: time.Now()}
	w.sim.AddOrg("acme", "boss")
	w.must(w.sim.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "shop", Files: files}))
	for _, team := range []string{"billing", "search", "platform"} {
		w.must(w.sim.AddTeam(githubsim.TeamSpec{Org: "acme", Name: team, Members: []string{team + "-member"}, Access: map[string]string{"shop": "push"}}))
	}
	var err error
	w.app, err = w.sim.AddApp(githubsim.AppSpec{Slug: "canonicalize"})
	w.must(err)
	w.inst, err = w.sim.Install(w.app, "acme")
	w.must(err)
	w.opts = Options{Codemod: rewriteModels, Now: func() time.Time { return w.now }, Sleep: func(context.Context, time.Duration) error { return nil }}
	w.restart()
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// restart makes a new bot, as another process would.
func (w *world) restart() {
	w.bot = New(slog.New(slog.DiscardHandler), w.client(w.app), w.dir, w.opts)
}

// onceAfter does something, once, when GitHub has answered a call whose path ends
// so, and before the bot hears of it.
func (w *world) onceAfter(suffix string, do func()) {
	target, err := url.Parse(w.sim.URL)
	w.must(err)
	var once sync.Once
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			if strings.HasSuffix(r.Request.URL.Path, suffix) {
				once.Do(do)
			}
			return nil
		},
	}
	between := httptest.NewServer(proxy)
	w.t.Cleanup(between.Close)
	w.url = between.URL
	w.restart()
}

func (w *world) client(app *githubsim.App) *github.App {
	w.t.Helper()
	client, err := github.New(slog.New(slog.DiscardHandler), github.Options{BaseURL: cmp.Or(w.url, w.sim.URL), AppID: int64(app.ID), Key: app.PEM, Clock: still{},
		Pacer: func(int64) github.Pacer { return github.Unpaced() }})
	w.must(err)
	return client
}

// still is a clock whose sleeps take no time.
type still struct{}

func (still) Now() time.Time                                   { return time.Now() }
func (still) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func (w *world) try() (*Outcome, error) {
	return w.bot.Pass(context.Background(), Repo{Installation: int64(w.inst.ID), Owner: "acme", Name: "shop"})
}

func (w *world) pass() *Outcome {
	w.t.Helper()
	out, err := w.try()
	w.must(err)
	return out
}

// quiet is a pass that must not write.
func (w *world) quiet() *Outcome {
	w.t.Helper()
	w.sim.ForgetCalls()
	out := w.pass()
	for _, call := range w.sim.Calls() {
		if call.Write() {
			w.t.Errorf("a pass with nothing to do writes: %s %s", call.Method, call.Path)
		}
	}
	if out.Writes != 0 {
		w.t.Errorf("a pass with nothing to do counts %d writes", out.Writes)
	}
	return out
}

func (w *world) writes() int {
	n := 0
	for _, call := range w.sim.Calls() {
		if call.Write() {
			n++
		}
	}
	return n
}

func (w *world) pulls() []*githubsim.PullRequest {
	w.t.Helper()
	list, err := w.sim.PullRequests("acme", "shop")
	w.must(err)
	sort.Slice(list, func(i, j int) bool { return list[i].Number < list[j].Number })
	return list
}

// pull finds the pull request of a directory.
func (w *world) pull(dir string) *githubsim.PullRequest {
	w.t.Helper()
	for _, pr := range w.pulls() {
		if strings.Contains(pr.Title, dir) && pr.State == "open" {
			return pr
		}
	}
	w.t.Fatalf("no open pull request for %s: %q", dir, w.summary())
	return nil
}

// summary describes every pull request in a line, without numbers, which
// depend on the order of creation, and without what is not the bot's.
func (w *world) summary() []string {
	var list []string
	for _, pr := range w.pulls() {
		if pr.Author != "canonicalize[bot]" {
			continue
		}
		var labels, files []string
		for _, l := range pr.Labels {
			labels = append(labels, l.Name)
		}
		for _, f := range pr.Files {
			files = append(files, f.Path)
		}
		reviewers := slices.Clone(pr.Reviewers)
		slices.Sort(reviewers)
		list = append(list, fmt.Sprintf("%s %s %v %v %d comments, %d commits: %v", pr.State, pr.Title, labels, reviewers, len(pr.Comments), len(pr.Commits), files))
	}
	slices.Sort(list)
	return list
}

func (w *world) branches() []string {
	w.t.Helper()
	all, err := w.sim.Branches(full)
	w.must(err)
	var list []string
	for name := range all {
		if strings.HasPrefix(name, "canonicalize/") {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func (w *world) push(by, branch string, files map[string]string) {
	w.t.Helper()
	content := make(map[string][]byte)
	for path, src := range files {
		content[path] = []byte(src)
		if src == "" {
			content[path] = nil
		}
	}
	_, err := w.sim.As(by).Push(full, branch, "Work of "+by, content)
	w.must(err)
}

func (w *world) read(path string) string {
	w.t.Helper()
	src, err := w.sim.ReadFile(full, "main", path)
	w.must(err)
	return string(src)
}

func kinds(out *Outcome) string {
	count := make(map[plan.Kind]int)
	for _, a := range out.Actions {
		count[a.Kind]++
	}
	var list []string
	for kind, n := range count {
		list = append(list, fmt.Sprintf("%s:%d", kind, n))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

var fromModels = regexp.MustCompile(`(?m)^( *)from app\.models import (\w+)$`)

// rewriteModels is a codemod of one rule, for one facade with lower-case
// modules for its names.
func rewriteModels(_ context.Context, t codemod.Tree, r codemod.Rules, _ codemod.Options) (*codemod.Result, error) {
	if !slices.Equal(r.Facades, []string{"app.models"}) {
		return nil, &codemod.RulesError{Problems: []string{fmt.Sprintf("facades %v: only app.models is there", r.Facades)}}
	}
	result := &codemod.Result{}
	for _, f := range t.Files() {
		if !strings.HasSuffix(f.Path, ".py") || f.Path == "src/app/models.py" {
			continue
		}
		src, err := t.Read(f)
		if err != nil {
			return nil, err
		}
		result.Files++
		change := codemod.Change{Path: f.Path, Mode: f.Mode, Before: src}
		change.After = fromModels.ReplaceAllFunc(src, func(m []byte) []byte {
			part := fromModels.FindSubmatch(m)
			name := string(part[2])
			if name == "Nobody" {
				result.Left = append(result.Left, codemod.Left{Path: f.Path, Line: 3, Column: 1, Facade: "app.models", Name: name, Reason: codemod.Unresolved})
				return m
			}
			module := "app." + strings.ToLower(name)
			change.Names = append(change.Names, codemod.Rewritten{Facade: "app.models", Name: name, Home: module + ":" + name, Form: codemod.FormFrom, Line: 1, Column: 1})
			return []byte(string(part[1]) + "from " + module + " import " + name)
		})
		if len(change.Names) > 0 {
			result.Changes = append(result.Changes, change)
		}
	}
	return result, nil
}
