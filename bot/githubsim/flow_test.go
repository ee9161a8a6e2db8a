package githubsim_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

// world is a server with an organization, a repository, two teams and an App
// installed on it.
type world struct {
	*githubsim.Server
	t    *testing.T
	app  *githubsim.App
	inst *githubsim.Installation
	gh   *github.Client
	now  func() time.Time
}

// testKey is one key for all tests, since making one takes long.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

const monolith = "acme/mono"

func lines(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		b.WriteString("line " + strings.Repeat("x", i%7) + "\n")
	}
	return b.String()
}

func newWorld(t *testing.T, o githubsim.Options, app githubsim.AppSpec) *world {
	t.Helper()
	s := githubsim.ForTest(t, o)
	s.AddOrg("acme", "ada")
	must(t, s.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "mono", Files: map[string]string{
		"a.py": "import os\n", "b.py": lines(60), ".github/CODEOWNERS": "/web/ @acme/web\n", "web/x.py": "x = 1\n"}}))
	must(t, s.AddTeam(githubsim.TeamSpec{Org: "acme", Name: "Web", Members: []string{"bob"}, Access: map[string]string{"mono": "push"}}))
	must(t, s.AddTeam(githubsim.TeamSpec{Org: "acme", Name: "Outside", Members: []string{"eve"}}))
	app.Key = testKey()
	if app.Slug == "" {
		app.Slug = "canon"
	}
	w := &world{Server: s, t: t, now: time.Now}
	if o.Now != nil {
		w.now = o.Now
	}
	var err error
	w.app, err = s.AddApp(app)
	must(t, err)
	w.inst, err = s.Install(w.app, "acme")
	must(t, err)
	tr, err := ghinstallation.New(http.DefaultTransport, int64(w.app.ID), int64(w.inst.ID), w.app.PEM)
	must(t, err)
	tr.BaseURL = s.URL
	w.gh = w.client(&http.Client{Transport: tr})
	return w
}

func (w *world) client(h *http.Client) *github.Client {
	c, err := github.NewClient(h).WithEnterpriseURLs(w.URL, w.URL)
	must(w.t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) token() string {
	tr, err := ghinstallation.New(http.DefaultTransport, int64(w.app.ID), int64(w.inst.ID), w.app.PEM)
	must(w.t, err)
	tr.BaseURL = w.URL
	tok, err := tr.Token(context.Background())
	must(w.t, err)
	return tok
}

func git(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@a",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@a")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func mustGit(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := git(t, dir, args...)
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return out
}

// clone clones the repository with a token and returns the folder.
func (w *world) clone(token string) string {
	dir := filepath.Join(w.t.TempDir(), "clone")
	url := strings.Replace(w.CloneURL(monolith), "://", "://x-access-token:"+token+"@", 1)
	mustGit(w.t, ".", "clone", "-q", url, dir)
	return dir
}

func TestMainFlowWithGoGitHub(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	ctx := context.Background()
	dir := w.clone(w.token())
	must(t, os.WriteFile(filepath.Join(dir, "web", "x.py"), []byte("x = 2\n"), 0o644))
	mustGit(t, dir, "checkout", "-q", "-b", "canon/web")
	mustGit(t, dir, "commit", "-qam", "Change x")
	mustGit(t, dir, "push", "-q", "origin", "canon/web")

	repos, _, err := w.gh.Apps.ListRepos(ctx, nil)
	must(t, err)
	if len(repos.Repositories) != 1 || repos.Repositories[0].GetFullName() != monolith {
		t.Fatalf("repositories: %v", repos.Repositories)
	}
	pr, _, err := w.gh.PullRequests.Create(ctx, "acme", "mono", &github.NewPullRequest{Title: github.String("Canonicalize web"),
		Head: github.String("canon/web"), Base: github.String("main"), Body: github.String("Why.")})
	must(t, err)
	if pr.GetNumber() != 1 || pr.GetUser().GetLogin() != "canon[bot]" || pr.GetChangedFiles() != 1 || !pr.GetMergeable() {
		t.Errorf("pull request: %v", pr)
	}
	_, _, err = w.gh.Issues.AddLabelsToIssue(ctx, "acme", "mono", 1, []string{"canonicalize"})
	must(t, err)
	_, _, err = w.gh.PullRequests.RequestReviewers(ctx, "acme", "mono", 1, github.ReviewersRequest{TeamReviewers: []string{"web"}, Reviewers: []string{"bob"}})
	must(t, err)
	run, _, err := w.gh.Checks.CreateCheckRun(ctx, "acme", "mono", github.CreateCheckRunOptions{Name: "canonicalize", HeadSHA: pr.GetHead().GetSHA(),
		Conclusion: github.String("neutral"), Status: github.String("completed"), Output: &github.CheckRunOutput{Title: github.String("1 name"), Summary: github.String("s"),
			Annotations: []*github.CheckRunAnnotation{{Path: github.String("web/x.py"), StartLine: github.Int(1), EndLine: github.Int(1),
				AnnotationLevel: github.String("warning"), Message: github.String("m")}}}})
	must(t, err)
	_, _, err = w.gh.Checks.UpdateCheckRun(ctx, "acme", "mono", run.GetID(), github.UpdateCheckRunOptions{Name: "canonicalize", Conclusion: github.String("success")})
	must(t, err)
	_, _, err = w.gh.PullRequests.CreateReview(ctx, "acme", "mono", 1, &github.PullRequestReviewRequest{Event: github.String("COMMENT"), Body: github.String("see"),
		Comments: []*github.DraftReviewComment{{Path: github.String("web/x.py"), Line: github.Int(1), Side: github.String("RIGHT"), Body: github.String("```suggestion\nx = 3\n```")}}})
	must(t, err)
	_, _, err = w.gh.Issues.CreateComment(ctx, "acme", "mono", 1, &github.IssueComment{Body: github.String("hello")})
	must(t, err)
	files, _, err := w.gh.PullRequests.ListFiles(ctx, "acme", "mono", 1, nil)
	must(t, err)
	if len(files) != 1 || files[0].GetPatch() != "@@ -1 +1 @@\n-x = 1\n+x = 2" {
		t.Errorf("files: %v", files)
	}

	page, err := w.PullRequest("acme", "mono", 1)
	must(t, err)
	if page.Title != "Canonicalize web" || len(page.Labels) != 1 || len(page.Reviewers) != 2 || len(page.Commits) != 1 ||
		len(page.Checks) != 1 || page.Checks[0].Conclusion != "success" || len(page.Threads) != 1 || page.Threads[0].Line != 1 || len(page.Comments) != 1 {
		t.Errorf("page: %+v", page)
	}
	must(t, w.As("bob").Review(monolith, 1, "APPROVE", "good"))
	must(t, w.As("bob").Merge(monolith, 1, "squash"))
	pr, _, err = w.gh.PullRequests.Get(ctx, "acme", "mono", 1)
	must(t, err)
	if !pr.GetMerged() || pr.GetMergedBy().GetLogin() != "bob" || pr.GetChangedFiles() != 1 {
		t.Errorf("after the merge: %v", pr)
	}
	got, err := w.ReadFile(monolith, "main", "web/x.py")
	must(t, err)
	if string(got) != "x = 2\n" {
		t.Errorf("main has %q", got)
	}
}
