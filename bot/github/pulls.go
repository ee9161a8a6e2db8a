package github

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"
)

// PullRequest is a pull request. What GitHub tells only of a single one is in GetPull's, not in ListPulls' answer:
// Merged, Mergeable, MergeableState, MergedBy, and the counts.
type PullRequest struct {
	Number                   int
	NodeID, Title, Body, URL string
	State                    string // "open" or "closed"
	Merged, Draft            bool
	Head, Base               End
	Author                   string
	Labels, Assignees        []string
	Reviewers, Teams         []string // asked and not yet done; teams by slug
	Milestone                int      // 0: none
	AutoMerge                bool     // will merge by itself
	Mergeable                *bool    // nil: GitHub does not know yet
	MergeableState           string   // "clean", "dirty", "blocked", "behind", "unstable", "draft", "unknown", ...
	MergeCommit, MergedBy    string
	Additions, Deletions     int
	Files, Commits           int
	Created, Updated, Closed time.Time
}

// End is one end of a pull request. A repository that is gone is "".
type End struct{ Branch, SHA, Repo string }

func pull(p *github.PullRequest) PullRequest {
	found := PullRequest{
		Number: p.GetNumber(), NodeID: p.GetNodeID(), Title: p.GetTitle(), Body: p.GetBody(), URL: p.GetHTMLURL(),
		State: p.GetState(), Merged: p.GetMerged() || p.MergedAt != nil, Draft: p.GetDraft(),
		Head: end(p.GetHead()), Base: end(p.GetBase()), Author: p.GetUser().GetLogin(), Assignees: logins(p.Assignees),
		Reviewers: logins(p.RequestedReviewers), Milestone: p.GetMilestone().GetNumber(), AutoMerge: p.AutoMerge != nil,
		Mergeable: p.Mergeable, MergeableState: p.GetMergeableState(), MergeCommit: p.GetMergeCommitSHA(),
		MergedBy: p.GetMergedBy().GetLogin(), Additions: p.GetAdditions(), Deletions: p.GetDeletions(),
		Files: p.GetChangedFiles(), Commits: p.GetCommits(), Created: p.GetCreatedAt().Time, Updated: p.GetUpdatedAt().Time,
		Closed: p.GetClosedAt().Time,
	}
	for _, label := range p.Labels {
		found.Labels = append(found.Labels, label.GetName())
	}
	for _, team := range p.RequestedTeams {
		found.Teams = append(found.Teams, team.GetSlug())
	}
	return found
}

func end(b *github.PullRequestBranch) End {
	return End{b.GetRef(), b.GetSHA(), b.GetRepo().GetFullName()}
}

func logins(users []*github.User) []string {
	var list []string
	for _, user := range users {
		list = append(list, user.GetLogin())
	}
	return list
}

// PullFilter says which pull requests to list.
type PullFilter struct {
	State  string // "open" (also for ""), "closed" or "all"
	Head   string // a branch of this repository; "": any
	Prefix string // of the branch; "": any; decided here, after reading
	Base   string // a branch; "": any
}

// ListPulls lists pull requests, the newest first.
func (r *Repo) ListPulls(ctx context.Context, filter PullFilter) ([]PullRequest, error) {
	options := &github.PullRequestListOptions{State: filter.State, Base: filter.Base, Sort: "created", Direction: "desc"}
	if filter.Head != "" {
		options.Head = r.owner + ":" + filter.Head
	}
	all, err := pages(func(page github.ListOptions) ([]*github.PullRequest, *github.Response, error) {
		options.ListOptions = page
		return r.api.PullRequests.List(ctx, r.owner, r.name, options)
	}, pull)
	if err != nil {
		return nil, explain(r.op("list pull requests"), err)
	}
	var found []PullRequest
	for _, p := range all {
		if strings.HasPrefix(p.Head.Branch, filter.Prefix) {
			found = append(found, p)
		}
	}
	return found, nil
}

// PullsOf lists the pull requests that a commit belongs to, of any state
// (https://docs.github.com/rest/commits/commits#list-pull-requests-associated-with-a-commit).
func (r *Repo) PullsOf(ctx context.Context, sha string) ([]PullRequest, error) {
	list, err := pages(func(page github.ListOptions) ([]*github.PullRequest, *github.Response, error) {
		return r.api.PullRequests.ListPullRequestsWithCommit(ctx, r.owner, r.name, sha, &page)
	}, pull)
	return list, explain(r.op("list the pull requests of commit %s", sha), err)
}

// GetPull reads one pull request.
func (r *Repo) GetPull(ctx context.Context, number int) (PullRequest, error) {
	found, _, err := r.api.PullRequests.Get(ctx, r.owner, r.name, number)
	if err != nil {
		return PullRequest{}, explain(r.op("read pull request %d", number), err)
	}
	return pull(found), nil
}

// NewPull is a pull request to open. Head is a branch of the same repository.
type NewPull struct {
	Title, Body, Head, Base string
	Draft                   bool
}

// CreatePull opens a pull request. Where the repository has no drafts, it is opened as an ordinary one.
// *ErrValidation with "already exists" means that the branch has one.
func (r *Repo) CreatePull(ctx context.Context, p NewPull) (PullRequest, error) {
	title, body := capTitle(p.Title), Cap(p.Body)
	request := &github.NewPullRequest{Title: &title, Body: &body, Head: &p.Head, Base: &p.Base}
	if p.Draft {
		request.Draft = &p.Draft
	}
	var made *github.PullRequest
	create := func() (err error) {
		made, _, err = r.api.PullRequests.Create(ctx, r.owner, r.name, request)
		return err
	}
	err := r.content(ctx, p.Head, "create pull request from "+p.Head, create)
	var refused *ErrValidation
	if p.Draft && errors.As(err, &refused) && refused.Says("draft") {
		request.Draft = nil
		err = r.content(ctx, p.Head, "create pull request from "+p.Head, create)
	}
	if err != nil {
		return PullRequest{}, err
	}
	return pull(made), nil
}

// PullUpdate is what to change; nil leaves a value as it is.
type PullUpdate struct{ Title, Body, State, Base *string }

// UpdatePull changes a pull request. Reopening one whose branch is gone is *ErrValidation.
func (r *Repo) UpdatePull(ctx context.Context, number int, u PullUpdate) (PullRequest, error) {
	request := &github.PullRequest{State: u.State}
	if u.Title != nil {
		request.Title = github.String(capTitle(*u.Title))
	}
	if u.Body != nil {
		request.Body = github.String(Cap(*u.Body))
	}
	if u.Base != nil {
		request.Base = &github.PullRequestBranch{Ref: u.Base}
	}
	var made *github.PullRequest
	err := r.plain(ctx, key(number), fmt.Sprintf("update pull request %d", number), func() (err error) {
		made, _, err = r.api.PullRequests.Edit(ctx, r.owner, r.name, number, request)
		return err
	})
	if err != nil {
		return PullRequest{}, err
	}
	return pull(made), nil
}

// ClosePull closes a pull request.
func (r *Repo) ClosePull(ctx context.Context, number int) error {
	_, err := r.UpdatePull(ctx, number, PullUpdate{State: github.String("closed")})
	return err
}

// RequestReviewers asks users and teams (by slug) for a review. GitHub refuses the whole call for one that it
// does not accept: check first with IsCollaborator and TeamAccess.
func (r *Repo) RequestReviewers(ctx context.Context, number int, users, teams []string) error {
	if len(users)+len(teams) == 0 {
		return nil
	}
	return r.content(ctx, key(number), fmt.Sprintf("ask for reviews of pull request %d", number), func() error {
		_, _, err := r.api.PullRequests.RequestReviewers(ctx, r.owner, r.name, number,
			github.ReviewersRequest{Reviewers: users, TeamReviewers: teams})
		return err
	})
}

// RemoveReviewers takes such requests back.
func (r *Repo) RemoveReviewers(ctx context.Context, number int, users, teams []string) error {
	return r.plain(ctx, key(number), fmt.Sprintf("take back requests for reviews of pull request %d", number), func() error {
		_, err := r.api.PullRequests.RemoveReviewers(ctx, r.owner, r.name, number,
			github.ReviewersRequest{Reviewers: users, TeamReviewers: teams})
		return err
	})
}

// PullFile is one file that a pull request changes.
type PullFile struct {
	Path, OldPath, Status string // status: "added", "removed", "modified", "renamed", ...
	Additions, Deletions  int
	Patch                 string // "" when GitHub finds it too large
}

// MaxPullFiles is how many files GitHub lists of one pull request: beyond it, compare with git.
const MaxPullFiles = 3000

// PullFiles lists the files that a pull request changes, at most MaxPullFiles.
func (r *Repo) PullFiles(ctx context.Context, number int) ([]PullFile, error) {
	list, err := pages(func(page github.ListOptions) ([]*github.CommitFile, *github.Response, error) {
		return r.api.PullRequests.ListFiles(ctx, r.owner, r.name, number, &page)
	}, func(f *github.CommitFile) PullFile {
		return PullFile{f.GetFilename(), f.GetPreviousFilename(), f.GetStatus(), f.GetAdditions(), f.GetDeletions(), f.GetPatch()}
	})
	return list, explain(r.op("list the files of pull request %d", number), err)
}

// Commit is one commit of a pull request.
type Commit struct {
	SHA, Message                string
	AuthorEmail, CommitterEmail string // as they stand in the commit
	Verified                    bool
}

// PullCommits lists the commits of a pull request, the oldest first (at most 250).
func (r *Repo) PullCommits(ctx context.Context, number int) ([]Commit, error) {
	list, err := pages(func(page github.ListOptions) ([]*github.RepositoryCommit, *github.Response, error) {
		return r.api.PullRequests.ListCommits(ctx, r.owner, r.name, number, &page)
	}, commit)
	return list, explain(r.op("list the commits of pull request %d", number), err)
}

func commit(c *github.RepositoryCommit) Commit {
	return Commit{
		SHA: c.GetSHA(), Message: c.GetCommit().GetMessage(), AuthorEmail: c.GetCommit().GetAuthor().GetEmail(),
		CommitterEmail: c.GetCommit().GetCommitter().GetEmail(), Verified: c.GetCommit().GetVerification().GetVerified(),
	}
}

func key(number int) string { return fmt.Sprintf("#%d", number) }
