package preview

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/web"
)

// readers is how many requests a page makes at once.
const readers = 4

// source is what the pages show of one repository: pull requests from GitHub, facades and left references from the
// last pass.
type source struct {
	api  api
	repo string // "owner/name"
	note string

	mu       sync.Mutex
	campaign campaign
}

// campaign is what the last pass found.
type campaign struct {
	head, branch string
	facades      []web.Facade
	left         []web.Left
	references   int
}

func (s *source) set(c campaign) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.campaign = c
}

// Repositories implements web.Source.
func (s *source) Repositories(context.Context) ([]string, error) { return []string{s.repo}, nil }

// Repository implements web.Source.
func (s *source) Repository(ctx context.Context, name string) (*web.Repository, error) {
	if !strings.EqualFold(name, s.repo) {
		return nil, web.ErrNotFound
	}
	pulls, err := s.pulls(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	c := s.campaign
	s.mu.Unlock()
	repo := &web.Repository{Name: s.repo, Branch: c.branch, Head: c.head, Note: s.note,
		Facades: c.facades, Left: c.left, References: c.references}
	for _, p := range pulls {
		repo.Pulls = append(repo.Pulls, p.Pull)
	}
	return repo, nil
}

// pulls reads every pull request of the App, by number, without what only its own page shows.
func (s *source) pulls(ctx context.Context) ([]*web.PullRequest, error) {
	listed, err := list[apiPull](ctx, s.api, s.path("/pulls?state=all"))
	if err != nil {
		return nil, err
	}
	listed = slices.DeleteFunc(listed, func(p apiPull) bool { _, ours := plan.ParseMarker(p.Body); return !ours })
	slices.SortFunc(listed, func(a, b apiPull) int { return cmp.Compare(a.Number, b.Number) })
	pulls := make([]*web.PullRequest, len(listed))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for i, p := range listed {
		group.Go(func() error {
			pull, err := s.overview(ctx, p.Number)
			pulls[i] = pull
			return err
		})
	}
	return pulls, group.Wait()
}

// overview reads one pull request with its counts and how its checks stand.
func (s *source) overview(ctx context.Context, number int) (*web.PullRequest, error) {
	var p apiPull
	if err := s.api.get(ctx, s.path("/pulls/%d", number), &p); err != nil {
		return nil, err
	}
	pull := &web.PullRequest{Author: p.User.Login, Body: p.Body, Base: p.Base.Ref, Head: p.Head.Ref,
		Pull: web.Pull{Number: p.Number, Title: p.Title, State: stateOf(p), Files: p.Files,
			Additions: p.Additions, Deletions: p.Deletions, Opened: p.CreatedAt}}
	if marker, ok := plan.ParseMarker(p.Body); ok {
		pull.Owners = marker.Owners
	}
	for _, l := range p.Labels {
		pull.Labels = append(pull.Labels, web.Label{Name: l.Name, Color: l.Color})
	}
	org, _, _ := strings.Cut(s.repo, "/")
	for _, t := range p.Teams {
		pull.Reviewers = append(pull.Reviewers, web.Reviewer{Name: "@" + org + "/" + t.Slug, State: "requested"})
	}
	for _, u := range p.Users {
		pull.Reviewers = append(pull.Reviewers, web.Reviewer{Name: "@" + u.Login, State: "requested"})
	}
	return pull, s.checks(ctx, pull, p.Head.SHA)
}

func stateOf(p apiPull) web.State {
	switch {
	case p.MergedAt != nil:
		return web.Merged
	case p.State == "closed":
		return web.Closed
	case p.Draft:
		return web.Draft
	}
	return web.Open
}

// checks adds the check runs on a commit, and the worst of their conclusions.
func (s *source) checks(ctx context.Context, pull *web.PullRequest, sha string) error {
	var checks apiChecks
	if err := s.api.get(ctx, s.path("/commits/%s/check-runs", sha), &checks); err != nil {
		return err
	}
	for _, run := range checks.Runs {
		check := web.Check{Name: run.Name, Conclusion: web.Pending, Title: deref(run.Output.Title), Summary: deref(run.Output.Summary)}
		if run.Status == "completed" {
			check.Conclusion = web.Conclusion(deref(run.Conclusion))
		}
		pull.CheckRuns = append(pull.CheckRuns, check)
		pull.Checks = worse(pull.Checks, check.Conclusion)
	}
	return nil
}

// worse returns the conclusion that is more in need of a person.
func worse(a, b web.Conclusion) web.Conclusion {
	order := []web.Conclusion{web.NoChecks, "skipped", web.Success, web.Neutral, web.Pending}
	rank := func(c web.Conclusion) int {
		if i := slices.Index(order, c); i >= 0 {
			return i
		}
		return len(order) // a failure of any kind
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// PullRequest implements web.Source.
func (s *source) PullRequest(ctx context.Context, name string, number int) (*web.PullRequest, error) {
	if !strings.EqualFold(name, s.repo) {
		return nil, web.ErrNotFound
	}
	pull, err := s.overview(ctx, number)
	if err != nil {
		return nil, err
	}
	for _, add := range []func(context.Context, *web.PullRequest) error{s.commits, s.files, s.reviews, s.comments} {
		if err := add(ctx, pull); err != nil {
			return nil, err
		}
	}
	return pull, nil
}

func (s *source) commits(ctx context.Context, pull *web.PullRequest) error {
	all, err := list[apiCommit](ctx, s.api, s.path("/pulls/%d/commits", pull.Number))
	for _, c := range all {
		pull.Commits = append(pull.Commits, web.Commit{SHA: c.SHA, Message: c.Commit.Message, Author: c.Commit.Author.Name, When: c.Commit.Author.Date})
	}
	return err
}

func (s *source) files(ctx context.Context, pull *web.PullRequest) error {
	all, err := list[apiFile](ctx, s.api, s.path("/pulls/%d/files", pull.Number))
	for _, f := range all {
		pull.Changes = append(pull.Changes, web.FileChange{Path: f.Filename, Previous: f.Previous, Additions: f.Additions, Deletions: f.Deletions, Patch: f.Patch})
	}
	return err
}

// reviewWords are GitHub's states of a review in words.
var reviewWords = map[string]string{"APPROVED": "approved", "CHANGES_REQUESTED": "changes requested", "COMMENTED": "commented", "DISMISSED": "dismissed"}

func (s *source) reviews(ctx context.Context, pull *web.PullRequest) error {
	all, err := list[apiReview](ctx, s.api, s.path("/pulls/%d/reviews", pull.Number))
	for _, r := range all {
		name := "@" + r.User.Login
		pull.Reviewers = slices.DeleteFunc(pull.Reviewers, func(known web.Reviewer) bool { return known.Name == name })
		pull.Reviewers = append(pull.Reviewers, web.Reviewer{Name: name, State: cmp.Or(reviewWords[r.State], strings.ToLower(r.State))})
		if r.Body != "" {
			pull.Comments = append(pull.Comments, web.Comment{Author: r.User.Login, Body: r.Body})
		}
	}
	return err
}

func (s *source) comments(ctx context.Context, pull *web.PullRequest) error {
	for _, path := range []string{"/issues/%d/comments", "/pulls/%d/comments"} {
		all, err := list[apiComment](ctx, s.api, s.path(path, pull.Number))
		if err != nil {
			return err
		}
		for _, c := range all {
			pull.Comments = append(pull.Comments, web.Comment{Author: c.User.Login, Body: c.Body, Path: c.Path, Line: c.Line, When: c.CreatedAt})
		}
	}
	slices.SortStableFunc(pull.Comments, func(a, b web.Comment) int { return a.When.Compare(b.When) })
	return nil
}

// path is an address below the repository.
func (s *source) path(format string, args ...any) string {
	return "/repos/" + s.repo + fmt.Sprintf(format, args...)
}
