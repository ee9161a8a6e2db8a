package github

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/go-github/v62/github"
)

// Issue is an issue, or what a pull request has of one.
type Issue struct {
	Number           int
	NodeID, URL      string
	Title, Body      string
	State, Reason    string // "open" or "closed"; "completed", "not_planned", "reopened" or ""
	Author, ClosedBy string
	Labels           []string
	IsPull, Merged   bool // Merged: a pull request that was merged
	Locked           bool // nobody but collaborators can comment
	Created, Updated time.Time
}

func issue(i *github.Issue) Issue {
	found := Issue{
		Number: i.GetNumber(), NodeID: i.GetNodeID(), URL: i.GetHTMLURL(), Title: i.GetTitle(), Body: i.GetBody(),
		State: i.GetState(), Reason: i.GetStateReason(), Author: i.GetUser().GetLogin(), ClosedBy: i.GetClosedBy().GetLogin(),
		Locked: i.GetLocked(), IsPull: i.IsPullRequest(), Merged: i.GetPullRequestLinks() != nil && i.PullRequestLinks.MergedAt != nil, Created: i.GetCreatedAt().Time, Updated: i.GetUpdatedAt().Time,
	}
	for _, label := range i.Labels {
		found.Labels = append(found.Labels, label.GetName())
	}
	return found
}

// GetIssue reads an issue; of a pull request it tells who closed it.
func (r *Repo) GetIssue(ctx context.Context, number int) (Issue, error) {
	found, _, err := r.api.Issues.Get(ctx, r.owner, r.name, number)
	if err != nil {
		return Issue{}, explain(r.op("read issue %d", number), err)
	}
	return issue(found), nil
}

// IssueFilter says which issues to list.
type IssueFilter struct {
	State   string // "open" (also for ""), "closed" or "all"
	Labels  []string
	Creator string // login
	Pulls   bool   // pull requests, too
}

// ListIssues lists issues, the newest first.
func (r *Repo) ListIssues(ctx context.Context, filter IssueFilter) ([]Issue, error) {
	options := &github.IssueListByRepoOptions{State: filter.State, Labels: filter.Labels, Creator: filter.Creator}
	all, err := pages(func(page github.ListOptions) ([]*github.Issue, *github.Response, error) {
		options.ListOptions = page
		return r.api.Issues.ListByRepo(ctx, r.owner, r.name, options)
	}, issue)
	if err != nil {
		return nil, explain(r.op("list issues"), err)
	}
	var found []Issue
	for _, i := range all {
		if filter.Pulls || !i.IsPull {
			found = append(found, i)
		}
	}
	return found, nil
}

// CreateIssue opens an issue.
func (r *Repo) CreateIssue(ctx context.Context, title, body string, labels []string) (Issue, error) {
	request := &github.IssueRequest{Title: github.String(capTitle(title)), Body: github.String(Cap(body))}
	if len(labels) > 0 {
		request.Labels = &labels
	}
	var made *github.Issue
	err := r.content(ctx, title, "create issue", func() (err error) {
		made, _, err = r.api.Issues.Create(ctx, r.owner, r.name, request)
		return err
	})
	if err != nil {
		return Issue{}, err
	}
	return issue(made), nil
}

// IssueUpdate is what to change; nil leaves a value as it is.
type IssueUpdate struct{ Title, Body, State, Reason *string }

// UpdateIssue changes an issue.
func (r *Repo) UpdateIssue(ctx context.Context, number int, u IssueUpdate) (Issue, error) {
	request := &github.IssueRequest{State: u.State, StateReason: u.Reason}
	if u.Title != nil {
		request.Title = github.String(capTitle(*u.Title))
	}
	if u.Body != nil {
		request.Body = github.String(Cap(*u.Body))
	}
	var made *github.Issue
	err := r.plain(ctx, key(number), fmt.Sprintf("update issue %d", number), func() (err error) {
		made, _, err = r.api.Issues.Edit(ctx, r.owner, r.name, number, request)
		return err
	})
	if err != nil {
		return Issue{}, err
	}
	return issue(made), nil
}

// Given is what an issue or a pull request was given at any time, also if it was taken off again.
type Given struct {
	Labels       []string
	Users, Teams []string // that were asked for a review; teams by slug
}

// Given reads what was given (https://docs.github.com/rest/issues/events#list-issue-events).
func (r *Repo) Given(ctx context.Context, number int) (found Given, err error) {
	events, err := pages(func(page github.ListOptions) ([]*github.IssueEvent, *github.Response, error) {
		return r.api.Issues.ListIssueEvents(ctx, r.owner, r.name, number, &page)
	}, func(e *github.IssueEvent) *github.IssueEvent { return e })
	for _, e := range events {
		switch {
		case e.GetEvent() == "labeled":
			found.Labels = append(found.Labels, e.GetLabel().GetName())
		case e.GetEvent() == "review_requested" && e.RequestedTeam != nil:
			found.Teams = append(found.Teams, e.RequestedTeam.GetSlug())
		case e.GetEvent() == "review_requested":
			found.Users = append(found.Users, e.GetRequestedReviewer().GetLogin())
		}
	}
	return found, explain(r.op("list the events of %d", number), err)
}

// Comment is a comment on an issue or in the conversation of a pull request.
type Comment struct {
	ID               int64
	NodeID, URL      string
	Author, Body     string
	Created, Updated time.Time
}

func comment(c *github.IssueComment) Comment {
	return Comment{c.GetID(), c.GetNodeID(), c.GetHTMLURL(), c.GetUser().GetLogin(), c.GetBody(),
		c.GetCreatedAt().Time, c.GetUpdatedAt().Time}
}

// ListComments lists comments, the oldest first.
func (r *Repo) ListComments(ctx context.Context, number int) ([]Comment, error) {
	list, err := pages(func(page github.ListOptions) ([]*github.IssueComment, *github.Response, error) {
		return r.api.Issues.ListComments(ctx, r.owner, r.name, number, &github.IssueListCommentsOptions{ListOptions: page})
	}, comment)
	return list, explain(r.op("list the comments of %d", number), err)
}

// GetComment reads one comment.
func (r *Repo) GetComment(ctx context.Context, id int64) (Comment, error) {
	found, _, err := r.api.Issues.GetComment(ctx, r.owner, r.name, id)
	if err != nil {
		return Comment{}, explain(r.op("read comment %d", id), err)
	}
	return comment(found), nil
}

// CreateComment comments on an issue or a pull request.
func (r *Repo) CreateComment(ctx context.Context, number int, body string) (Comment, error) {
	body = Cap(body)
	var made *github.IssueComment
	err := r.content(ctx, key(number), fmt.Sprintf("comment on %d", number), func() (err error) {
		made, _, err = r.api.Issues.CreateComment(ctx, r.owner, r.name, number, &github.IssueComment{Body: &body})
		return err
	})
	if err != nil {
		return Comment{}, err
	}
	return comment(made), nil
}

// UpdateComment changes the text of a comment.
func (r *Repo) UpdateComment(ctx context.Context, id int64, body string) error {
	body = Cap(body)
	return r.plain(ctx, fmt.Sprint(id), fmt.Sprintf("update comment %d", id), func() error {
		_, _, err := r.api.Issues.EditComment(ctx, r.owner, r.name, id, &github.IssueComment{Body: &body})
		return err
	})
}

// DeleteComment deletes a comment; one that is gone is no error.
func (r *Repo) DeleteComment(ctx context.Context, id int64) error {
	err := r.plain(ctx, fmt.Sprint(id), fmt.Sprintf("delete comment %d", id), func() error {
		_, err := r.api.Issues.DeleteComment(ctx, r.owner, r.name, id)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// Subject is what a reaction is given to.
type Subject uint8

// The subjects of reactions. An issue's number is that of a pull request, too.
const (
	OnIssue Subject = iota
	OnComment
	OnReviewComment
)

// React gives a reaction ("eyes", "rocket", "confused", "+1", ...); the same one twice is one.
func (r *Repo) React(ctx context.Context, on Subject, id int64, reaction string) error {
	return r.plain(ctx, fmt.Sprint(id), fmt.Sprintf("react with %s to %d", reaction, id), func() (err error) {
		switch on {
		case OnIssue:
			_, _, err = r.api.Reactions.CreateIssueReaction(ctx, r.owner, r.name, int(id), reaction)
		case OnComment:
			_, _, err = r.api.Reactions.CreateIssueCommentReaction(ctx, r.owner, r.name, id, reaction)
		case OnReviewComment:
			_, _, err = r.api.Reactions.CreatePullRequestCommentReaction(ctx, r.owner, r.name, id, reaction)
		}
		return err
	})
}
