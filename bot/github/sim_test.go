package github_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/githubsim"
)

var ctx = context.Background()

// noWait is a clock on which nobody waits.
type noWait struct{ github.SystemClock }

func (noWait) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// world is the simulated GitHub with an App on one repository.
type world struct {
	*githubsim.Server
	t    *testing.T
	sim  *githubsim.App
	inst *githubsim.Installation
	app  *github.App
	repo *github.Repo
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Server: githubsim.ForTest(t, githubsim.Options{}), t: t}
	w.AddOrg("acme", "ada")
	var lines strings.Builder
	for i := range 60 {
		fmt.Fprintf(&lines, "x%d = %d\n", i, i)
	}
	w.must(w.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "mono", Settings: githubsim.Settings{AllowAutoMerge: true},
		Files: map[string]string{"a.py": lines.String(), "b.py": "y = 1\n", "bin.dat": "\xff\xfe"}}))
	w.must(w.AddTeam(githubsim.TeamSpec{Org: "acme", Name: "Web", Members: []string{"bob"}, Maintainers: []string{"mia"}, Access: map[string]string{"mono": "push"}}))
	w.must(w.AddTeam(githubsim.TeamSpec{Org: "acme", Name: "Outside", Members: []string{"eve"}}))
	var err error
	w.sim, err = w.AddApp(githubsim.AppSpec{Slug: "canon"})
	w.must(err)
	w.inst, err = w.Install(w.sim, "acme")
	w.must(err)
	w.app, err = github.New(slog.New(slog.NewTextHandler(new(bytes.Buffer), nil)), github.Options{
		BaseURL: w.URL, AppID: int64(w.sim.ID), Key: w.sim.PEM, Clock: noWait{}})
	w.must(err)
	w.repo = w.app.Client(int64(w.inst.ID)).Repo("acme", "mono")
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// branch pushes a change by git with a token of the App, and returns its commit.
func (w *world) branch(name string, files map[string]string) string {
	w.t.Helper()
	client := w.app.Client(int64(w.inst.ID))
	m, err := git.Open(filepath.Join(w.t.TempDir(), "m"), w.CloneURL("acme/mono"),
		client.Auth("acme/mono", github.Permissions{"contents": "write"}))
	w.must(err)
	defer m.Close()
	base, err := m.Fetch(ctx, "refs/heads/main")
	w.must(err)
	blobs := map[string]*git.Blob{}
	for path, text := range files {
		blobs[path] = &git.Blob{Content: []byte(text)}
	}
	sha, err := m.Commit(git.CommitSpec{Parent: base, Message: "Change\n", Files: blobs,
		Author: git.Signature{Name: "canon[bot]", Email: "canon@example.com", When: time.Unix(1700000000, 0)}})
	w.must(err)
	results, err := m.Push(ctx, nil, []git.RefUpdate{{Name: "refs/heads/" + name, New: sha}})
	w.must(err)
	w.must(results[0].Err)
	return sha
}

func (w *world) pull(branch string) github.PullRequest {
	w.t.Helper()
	w.branch(branch, map[string]string{"b.py": "y = 2\n"})
	p, err := w.repo.CreatePull(ctx, github.NewPull{Title: "T", Body: "B", Head: branch, Base: "main"})
	w.must(err)
	return p
}

func TestTheAppOnGitHub(t *testing.T) {
	w := newWorld(t)
	info, err := w.app.Check(ctx)
	w.must(err)
	if info.Login() != "canon[bot]" || len(info.Missing) != 0 {
		t.Errorf("%+v", info)
	}
	list, err := w.app.Installations(ctx)
	w.must(err)
	found, err := w.app.InstallationFor(ctx, "acme", "mono")
	w.must(err)
	if len(list) != 1 || list[0].ID != found.ID || !found.IsOrg || found.Account != "acme" {
		t.Errorf("%+v, %+v", list, found)
	}
	repos, err := w.app.Client(found.ID).Repositories(ctx)
	w.must(err)
	if len(repos) != 1 || repos[0].FullName != "acme/mono" || repos[0].DefaultBranch != "main" {
		t.Errorf("%+v", repos)
	}
	w.Suspend(w.inst, true)
	if _, err := w.repo.Get(ctx); !errors.Is(err, github.ErrSuspended) {
		t.Errorf("suspended: %v", err)
	}
	w.Suspend(w.inst, false)
	if _, err := w.repo.Get(ctx); err != nil {
		t.Errorf("back: %v", err)
	}
}

func TestPullRequestsOnGitHub(t *testing.T) {
	w := newWorld(t)
	p := w.pull("canonicalize/b")
	w.must(w.repo.RequestReviewers(ctx, p.Number, []string{"bob"}, []string{"web"}))
	var refused *github.ErrValidation
	if err := w.repo.RequestReviewers(ctx, p.Number, nil, []string{"outside"}); !errors.As(err, &refused) {
		t.Errorf("a team without access: %v", err)
	}
	title := "New title"
	_, err := w.repo.UpdatePull(ctx, p.Number, github.PullUpdate{Title: &title})
	w.must(err)
	got, err := w.repo.GetPull(ctx, p.Number)
	w.must(err)
	if got.Title != title || got.Body != "B" || !slices.Equal(got.Reviewers, []string{"bob"}) ||
		!slices.Equal(got.Teams, []string{"web"}) || got.Files != 1 || got.Author != "canon[bot]" {
		t.Errorf("%+v", got)
	}
	if _, err := w.repo.CreatePull(ctx, github.NewPull{Title: "T", Head: "canonicalize/b", Base: "main"}); !errors.As(err, &refused) || !refused.Says("already exists") {
		t.Errorf("a second pull request: %v", err)
	}
	for filter, want := range map[github.PullFilter]int{{Head: "canonicalize/b"}: 1, {Head: "x"}: 0, {Prefix: "canonicalize/"}: 1, {Prefix: "y"}: 0} {
		if list, err := w.repo.ListPulls(ctx, filter); err != nil || len(list) != want {
			t.Errorf("%+v: %d, %v", filter, len(list), err)
		}
	}
	files, err := w.repo.PullFiles(ctx, p.Number)
	w.must(err)
	commits, err := w.repo.PullCommits(ctx, p.Number)
	w.must(err)
	if len(files) != 1 || files[0].Path != "b.py" || len(commits) != 1 || commits[0].AuthorEmail != "canon@example.com" {
		t.Errorf("%+v, %+v", files, commits)
	}
	w.must(w.As("bob").Review("acme/mono", p.Number, "APPROVE", "good"))
	reviews, err := w.repo.ListReviews(ctx, p.Number)
	w.must(err)
	if len(reviews) != 1 || reviews[0].State != "APPROVED" || reviews[0].Author != "bob" {
		t.Errorf("%+v", reviews)
	}
	w.must(w.repo.RemoveReviewers(ctx, p.Number, []string{"bob"}, nil))
	w.must(w.repo.ClosePull(ctx, p.Number))
	issue, err := w.repo.GetIssue(ctx, p.Number)
	w.must(err)
	if issue.ClosedBy != "canon[bot]" || !issue.IsPull {
		t.Errorf("%+v", issue)
	}
}

func TestIssuesAndCommentsOnGitHub(t *testing.T) {
	w := newWorld(t)
	issue, err := w.repo.CreateIssue(ctx, "Dashboard", strings.Repeat("long ", 20000), []string{"bug"})
	w.must(err)
	if len(issue.Body) > github.MaxBody || !strings.Contains(issue.Body, "cut here") {
		t.Errorf("a body of %d", len(issue.Body))
	}
	body, closed, reason := "short", "closed", "not_planned"
	_, err = w.repo.UpdateIssue(ctx, issue.Number, github.IssueUpdate{Body: &body, State: &closed, Reason: &reason})
	w.must(err)
	list, err := w.repo.ListIssues(ctx, github.IssueFilter{State: "all", Labels: []string{"bug"}})
	w.must(err)
	if len(list) != 1 || list[0].Body != "short" || list[0].Reason != "not_planned" {
		t.Errorf("%+v", list)
	}
	comment, err := w.repo.CreateComment(ctx, issue.Number, "one")
	w.must(err)
	w.must(w.repo.UpdateComment(ctx, comment.ID, "two"))
	for range 2 {
		w.must(w.repo.React(ctx, github.OnComment, comment.ID, "eyes"))
		w.must(w.repo.React(ctx, github.OnIssue, int64(issue.Number), "rocket"))
	}
	comments, err := w.repo.ListComments(ctx, issue.Number)
	w.must(err)
	if len(comments) != 1 || comments[0].Body != "two" || comments[0].Author != "canon[bot]" {
		t.Errorf("%+v", comments)
	}
	w.must(w.repo.DeleteComment(ctx, comment.ID))
	w.must(w.repo.DeleteComment(ctx, comment.ID))
}

func TestChecksAndReviewsOnGitHub(t *testing.T) {
	w := newWorld(t)
	p := w.pull("canonicalize/b")
	check := github.CheckRun{Name: "canonicalize", SHA: p.Head.SHA, Status: "completed", Conclusion: "failure", Title: "Title", Summary: "Summary",
		Actions: []github.Action{{Label: "Fix", Description: "Fix it", Identifier: "fix"}}}
	for i := range 60 {
		check.Annotations = append(check.Annotations, github.Annotation{Path: "b.py", StartLine: 1, EndLine: 1, Level: "warning", Message: fmt.Sprint(i)})
	}
	made, err := w.repo.CreateCheck(ctx, check)
	w.must(err)
	made.Conclusion, made.Title = "success", "Better"
	_, err = w.repo.UpdateCheck(ctx, made)
	w.must(err)
	runs, err := w.repo.ListChecks(ctx, p.Head.SHA, "canonicalize")
	w.must(err)
	if len(runs) != 1 || runs[0].Conclusion != "success" || runs[0].Title != "Better" || runs[0].App != "canon" {
		t.Errorf("%+v", runs)
	}
	w.must(w.As("bob").Status("acme/mono", p.Head.SHA, "ci", "failure"))
	if fails, err := w.repo.StatusFails(ctx, p.Head.SHA); err != nil || fails {
		t.Errorf("the status of a private repository: %v, %v", fails, err)
	}
	_, err = w.repo.CreateReview(ctx, p.Number, github.NewReview{SHA: p.Head.SHA, Event: "COMMENT", Body: "b",
		Comments: []github.LineComment{{Path: "b.py", Line: 1, Body: "here"}}})
	w.must(err)
	var refused *github.ErrValidation
	_, err = w.repo.CreateReview(ctx, p.Number, github.NewReview{SHA: p.Head.SHA, Event: "COMMENT", Body: "b",
		Comments: []github.LineComment{{Path: "b.py", Line: 40, Body: "nowhere"}}})
	if !errors.As(err, &refused) {
		t.Errorf("a comment outside of the diff: %v", err)
	}
	threads, err := w.repo.ListThreads(ctx, p.Number)
	w.must(err)
	if len(threads) != 1 || threads[0].Path != "b.py" || threads[0].Resolved || threads[0].Comments[0].Body != "here" {
		t.Fatalf("%+v", threads)
	}
	w.must(w.repo.ResolveThread(ctx, threads[0].ID))
	id := threads[0].Comments[0].ID
	_, err = w.repo.ReplyToReviewComment(ctx, p.Number, id, "answer")
	w.must(err)
	w.must(w.repo.UpdateReviewComment(ctx, id, "there"))
	w.must(w.repo.React(ctx, github.OnReviewComment, id, "eyes"))
	list, err := w.repo.ListReviewComments(ctx, p.Number)
	w.must(err)
	if len(list) != 2 || list[0].Body != "there" || list[1].ReplyTo != id {
		t.Errorf("%+v", list)
	}
	w.must(w.repo.DeleteReviewComment(ctx, id))
	if queued, err := w.repo.Queued(ctx, p.Number); err != nil || queued {
		t.Errorf("queued: %v, %v", queued, err)
	}
}

func TestAccessOnGitHub(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetCollaborator("zoe", "acme/mono", "triage"))
	for user, want := range map[string]string{"ada": "admin", "bob": "write", "zoe": "triage", "stranger": "none"} {
		if got, err := w.repo.Permission(ctx, user); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", user, got, err, want)
		}
	}
	for team, want := range map[string]string{"web": "push", "outside": "", "nope": ""} {
		if got, found, err := w.repo.TeamAccess(ctx, team); err != nil || got != want || found != (want != "") {
			t.Errorf("%s: %q, %v, %v", team, got, found, err)
		}
	}
	for user, want := range map[string]string{"mia": "maintainer", "bob": "member", "eve": ""} {
		if got, err := w.repo.TeamRole(ctx, "web", user); err != nil || got != want {
			t.Errorf("%s in web: %q, %v", user, got, err)
		}
	}
	if is, err := w.repo.IsCollaborator(ctx, "bob"); err != nil || !is {
		t.Errorf("bob: %v, %v", is, err)
	}
}

// moveRefs makes canonicalize/v at a commit, and tries what the lease forbids.
func (w *world) moveRefs(main, sha string) {
	w.t.Helper()
	about, err := w.repo.Get(ctx)
	w.must(err)
	v, other := github.RefMove{Name: "refs/heads/canonicalize/v", New: sha}, github.RefMove{Name: "refs/heads/canonicalize/w", New: main}
	w.must(w.repo.MoveRefs(ctx, about.NodeID, []github.RefMove{v}))
	var refused *github.ErrValidation
	if err := w.repo.MoveRefs(ctx, about.NodeID, []github.RefMove{other, v}); !errors.As(err, &refused) {
		w.t.Errorf("made twice: %v", err)
	}
	v.Old = main
	if err := w.repo.MoveRefs(ctx, about.NodeID, []github.RefMove{v, other}); !errors.As(err, &refused) {
		w.t.Errorf("it is elsewhere: %v", err)
	}
	v.Old, v.New = sha, main
	w.must(w.repo.MoveRefs(ctx, about.NodeID, []github.RefMove{v})) // backwards
	v.Old, v.New = main, sha
	w.must(w.repo.MoveRefs(ctx, about.NodeID, []github.RefMove{v}))
	branches, err := w.Branches("acme/mono")
	w.must(err)
	if branches["canonicalize/v"] != sha || branches["canonicalize/w"] != "" {
		w.t.Errorf("branches %v: all move or none", branches)
	}
}

// Each part of the furniture is given or refused for itself, in one call.
func TestFurnishOnGitHub(t *testing.T) {
	w := newWorld(t)
	p := w.pull("canonicalize/b")
	w.must(w.As("ada").SetLabels("acme/mono", p.Number, "theirs"))
	found, missing, err := w.repo.FindFurniture(ctx, github.Furniture{Labels: []string{"new one", "THEIRS"}, Assignees: []string{"Bob", "bo"}, Milestone: "v9", AutoMerge: "SQUASH"})
	w.must(err)
	if found.Created != 1 || len(missing) != 2 || !errors.Is(missing[0], github.ErrNotFound) ||
		!strings.Contains(missing[0].Error(), "assign bo") || !strings.Contains(missing[1].Error(), `milestone "v9"`) {
		t.Errorf("%+v, missing %v", found, missing)
	}
	if again, _, err := w.repo.FindFurniture(ctx, github.Furniture{Labels: []string{"new one"}}); err != nil || again.Created != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	w.ForgetCalls()
	refused, err := w.repo.Furnish(ctx, p.NodeID, found)
	w.must(err)
	var no *github.ErrValidation
	if len(refused) != 1 || !errors.As(refused[0], &no) || !strings.Contains(refused[0].Error(), "automerge") || len(w.Calls()) != 1 {
		t.Errorf("%d calls, refused %v", len(w.Calls()), refused)
	}
	got, err := w.repo.GetPull(ctx, p.Number)
	w.must(err)
	if !slices.Equal(got.Labels, []string{"theirs", "new one"}) || !slices.Equal(got.Assignees, []string{"bob"}) {
		t.Errorf("labels %v, assignees %v", got.Labels, got.Assignees)
	}
	if found, _, err := w.repo.FindFurniture(ctx, github.Furniture{}); err != nil || !found.Empty() {
		t.Errorf("nothing: %+v, %v", found, err)
	}
	refused, err = w.repo.Furnish(ctx, "PR_nowhere", found)
	w.must(err)
	if len(refused) != 3 || !errors.Is(refused[0], github.ErrNotFound) {
		t.Errorf("a pull request that is gone: %v", refused)
	}
}

func TestReferencesAndContentsOnGitHub(t *testing.T) {
	w := newWorld(t)
	if text, found, err := w.repo.Content(ctx, "b.py", ""); err != nil || !found || string(text) != "y = 1\n" {
		t.Errorf("%q, %v, %v", text, found, err)
	}
	if _, found, err := w.repo.Content(ctx, "nope.py", ""); err != nil || found {
		t.Errorf("%v, %v", found, err)
	}
	branches, err := w.Branches("acme/mono")
	w.must(err)
	main := branches["main"]
	sha, err := w.repo.CreateCommit(ctx, main, "Verified\n", []github.TreeFile{
		{Path: "b.py", Mode: "100644", Content: []byte("y = 3\n")}, {Path: "new.bin", Mode: "100755", Content: []byte{0xff, 0}}, {Path: "bin.dat", Mode: "100644"}})
	w.must(err)
	w.moveRefs(main, sha)
	if _, found, err := w.repo.Content(ctx, "bin.dat", sha); err != nil || found {
		t.Errorf("bin.dat: %v, %v", found, err)
	}
	p, err := w.repo.CreatePull(ctx, github.NewPull{Title: "T", Head: "canonicalize/v", Base: "main"})
	w.must(err)
	commits, err := w.repo.PullCommits(ctx, p.Number)
	w.must(err)
	if len(commits) != 1 || !commits[0].Verified {
		t.Errorf("%+v", commits)
	}
	if base, err := w.repo.MergeBase(ctx, "main", "canonicalize/v"); err != nil || base != main {
		t.Errorf("merge base %s, %v", base, err)
	}
	w.must(w.As("ada").Archive("acme/mono", true))
	if _, err := w.repo.CreateIssue(ctx, "x", "y", nil); !errors.Is(err, github.ErrArchived) {
		t.Errorf("archived: %v", err)
	}
}

// Git asks for a token of this client, and the server's refusals have their names.
func TestGitOnGitHub(t *testing.T) {
	w := newWorld(t)
	w.must(w.As("ada").Protect("acme/mono", githubsim.Protection{Branch: "release", RequiredReviews: 1, RequirePullRequest: true}))
	client := w.app.Client(int64(w.inst.ID))
	open := func(permissions github.Permissions) *git.Mirror {
		m, err := git.Open(filepath.Join(t.TempDir(), "m"), w.CloneURL("acme/mono"), client.Auth("acme/mono", permissions))
		w.must(err)
		t.Cleanup(func() { m.Close() })
		return m
	}
	m := open(github.Permissions{"contents": "write"})
	base, err := m.Fetch(ctx, "refs/heads/main")
	w.must(err)
	sha, err := m.Commit(git.CommitSpec{Parent: base, Message: "x\n", Files: map[string]*git.Blob{"b.py": {Content: []byte("z\n")}},
		Author: git.Signature{Name: "n", Email: "e", When: time.Unix(1700000000, 0)}})
	w.must(err)
	results, err := m.Push(ctx, nil, []git.RefUpdate{{Name: "refs/heads/ok", New: sha}, {Name: "refs/heads/release", New: sha}, {Name: "refs/heads/main", New: sha}})
	w.must(err)
	if results[0].Err != nil || !errors.Is(results[2].Err, git.ErrLease) {
		t.Errorf("%v", results)
	}
	t.Logf("protected: %v", results[1].Err)
	reader := open(github.Permissions{"contents": "read"})
	_, err = reader.Fetch(ctx, "refs/heads/main")
	w.must(err)
	if _, err = reader.Push(ctx, nil, []git.RefUpdate{{Name: "refs/heads/z", New: base}}); !errors.Is(err, git.ErrAuth) {
		t.Errorf("a token that may only read: %v", err)
	}
	if _, err := client.Token(ctx, "acme/other", nil); err == nil {
		t.Error("a token for a repository that does not exist")
	}
}
