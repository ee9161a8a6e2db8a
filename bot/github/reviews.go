package github

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-github/v62/github"
)

// Review is a review of a pull request.
type Review struct {
	ID                  int64
	Author, Body, State string // state: "APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED" or "PENDING"
	SHA                 string // the head that was reviewed
	Submitted           time.Time
}

func review(r *github.PullRequestReview) Review {
	return Review{r.GetID(), r.GetUser().GetLogin(), r.GetBody(), r.GetState(), r.GetCommitID(), r.GetSubmittedAt().Time}
}

// ListReviews lists the reviews of a pull request, the oldest first.
func (r *Repo) ListReviews(ctx context.Context, number int) ([]Review, error) {
	list, err := pages(func(page github.ListOptions) ([]*github.PullRequestReview, *github.Response, error) {
		return r.api.PullRequests.ListReviews(ctx, r.owner, r.name, number, &page)
	}, review)
	return list, explain(r.op("list the reviews of pull request %d", number), err)
}

// NewReview is a review to write. Event is "COMMENT", "APPROVE" or "REQUEST_CHANGES".
type NewReview struct {
	SHA, Event, Body string
	Comments         []LineComment
}

// LineComment stands on lines of the new side of the diff; start and end must be in one hunk.
type LineComment struct {
	Path            string
	StartLine, Line int // StartLine 0 or Line: a single line
	Body            string
}

// CreateReview writes a review with all of its comments. One comment outside of the diff makes GitHub refuse it
// whole: *ErrValidation.
func (r *Repo) CreateReview(ctx context.Context, number int, n NewReview) (Review, error) {
	request := &github.PullRequestReviewRequest{CommitID: optional(n.SHA), Event: &n.Event}
	if n.Body != "" {
		request.Body = github.String(Cap(n.Body))
	}
	side := "RIGHT"
	for _, c := range n.Comments {
		draft := &github.DraftReviewComment{Path: github.String(c.Path), Line: github.Int(c.Line), Side: &side, Body: github.String(Cap(c.Body))}
		if c.StartLine > 0 && c.StartLine != c.Line {
			draft.StartLine, draft.StartSide = github.Int(c.StartLine), &side
		}
		request.Comments = append(request.Comments, draft)
	}
	var made *github.PullRequestReview
	err := r.content(ctx, key(number)+" "+n.SHA, fmt.Sprintf("review pull request %d", number), func() (err error) {
		made, _, err = r.api.PullRequests.CreateReview(ctx, r.owner, r.name, number, request)
		return err
	})
	if err != nil {
		return Review{}, err
	}
	return review(made), nil
}

// ReviewComment is a comment on lines.
type ReviewComment struct {
	ID, ReplyTo, Review int64
	NodeID, URL         string
	Author, Body        string
	Path, SHA           string
	StartLine, Line     int // 0: outdated
	Created             time.Time
}

func reviewComment(c *github.PullRequestComment) ReviewComment {
	return ReviewComment{c.GetID(), c.GetInReplyTo(), c.GetPullRequestReviewID(), c.GetNodeID(), c.GetHTMLURL(),
		c.GetUser().GetLogin(), c.GetBody(), c.GetPath(), c.GetCommitID(), c.GetStartLine(), c.GetLine(), c.GetCreatedAt().Time}
}

// ListReviewComments lists the comments on lines of a pull request, the oldest first.
func (r *Repo) ListReviewComments(ctx context.Context, number int) ([]ReviewComment, error) {
	list, err := pages(func(page github.ListOptions) ([]*github.PullRequestComment, *github.Response, error) {
		return r.api.PullRequests.ListComments(ctx, r.owner, r.name, number, &github.PullRequestListCommentsOptions{ListOptions: page})
	}, reviewComment)
	return list, explain(r.op("list the review comments of pull request %d", number), err)
}

// ReplyToReviewComment answers in a thread by its first comment.
func (r *Repo) ReplyToReviewComment(ctx context.Context, number int, id int64, body string) (ReviewComment, error) {
	var made github.PullRequestComment
	err := r.content(ctx, fmt.Sprint(id), fmt.Sprintf("answer review comment %d", id), func() error {
		path := fmt.Sprintf("pulls/%d/comments/%d/replies", number, id)
		return r.call(ctx, http.MethodPost, path, map[string]string{"body": Cap(body)}, &made)
	})
	if err != nil {
		return ReviewComment{}, err
	}
	return reviewComment(&made), nil
}

// UpdateReviewComment changes the text of a comment on lines.
func (r *Repo) UpdateReviewComment(ctx context.Context, id int64, body string) error {
	body = Cap(body)
	return r.plain(ctx, fmt.Sprint(id), fmt.Sprintf("update review comment %d", id), func() error {
		_, _, err := r.api.PullRequests.EditComment(ctx, r.owner, r.name, id, &github.PullRequestComment{Body: &body})
		return err
	})
}

// DeleteReviewComment deletes a comment on lines.
func (r *Repo) DeleteReviewComment(ctx context.Context, id int64) error {
	return r.plain(ctx, fmt.Sprint(id), fmt.Sprintf("delete review comment %d", id), func() error {
		_, err := r.api.PullRequests.DeleteComment(ctx, r.owner, r.name, id)
		return err
	})
}
