package reviewer

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/review"
)

// comment brings the conversations on the pull request up to date.
func (w *reviewing) comment(ctx context.Context) error {
	files, err := Commentable(w.diff, w.out.Review)
	if err != nil {
		return err
	}
	threads, err := w.threads(ctx)
	if err != nil {
		return err
	}
	summaries, err := w.summaries(ctx)
	if err != nil {
		return err
	}
	want := review.Comments(w.out.Review, files, w.offer())
	w.out.Steps = review.Sync(want, threads, summaries, func(path string) []byte {
		text, found, err := w.diff.Head.ReadPath(path)
		if err != nil || !found {
			return nil
		}
		return text
	})
	if err := w.tidy(ctx); err != nil {
		return err
	}
	return w.post(ctx, w.out.Steps)
}

// threads are the conversations that the bot began.
func (w *reviewing) threads(ctx context.Context) ([]review.Thread, error) {
	list, err := w.Repo.ListThreads(ctx, w.req.Number)
	if err != nil {
		return nil, err
	}
	var ours []review.Thread
	for _, t := range list {
		if len(t.Comments) == 0 || !w.Wrote(t.Comments[0].Author) {
			continue
		}
		own := review.Thread{ID: t.ID, Path: t.Path, Line: t.Line, Comment: t.Comments[0].ID, Body: t.Comments[0].Body, Resolved: t.Resolved}
		if t.Outdated {
			own.Line = 0
		}
		for _, c := range t.Comments[1:] {
			own.Answered = own.Answered || !w.Wrote(c.Author)
		}
		ours = append(ours, own)
	}
	return ours, nil
}

func (w *reviewing) summaries(ctx context.Context) ([]string, error) {
	list, err := w.Repo.ListReviews(ctx, w.req.Number)
	var bodies []string
	for _, r := range list {
		if strings.EqualFold(r.Author, w.Self) && r.Body != "" {
			bodies = append(bodies, r.Body)
		}
	}
	return bodies, err
}

// tidy takes back and mends what was said before. What is gone meanwhile is
// no error.
func (w *reviewing) tidy(ctx context.Context) error {
	for _, id := range w.out.Steps.Delete {
		if err := github.Gone(w.Repo.DeleteReviewComment(ctx, id)); err != nil {
			return err
		}
	}
	for _, u := range w.out.Steps.Update {
		if err := github.Gone(w.Repo.UpdateReviewComment(ctx, u.Comment, u.Body)); err != nil {
			return err
		}
	}
	for _, id := range w.out.Steps.Resolve {
		if err := github.Gone(w.Repo.ResolveThread(ctx, id)); err != nil {
			return err
		}
	}
	return nil
}

// post writes one review. If GitHub refuses a line after all, everything goes
// into the summary: one bad comment makes it refuse the whole review. The next
// review tries the lines again.
func (w *reviewing) post(ctx context.Context, s review.Steps) error {
	if len(s.Post)+len(s.Rest) == 0 {
		return nil
	}
	n := github.NewReview{SHA: w.head, Event: "COMMENT"}
	for _, c := range s.Post {
		n.Comments = append(n.Comments, github.LineComment{Path: c.Path, StartLine: c.Start, Line: c.Line, Body: c.Body})
	}
	n.Body = review.Body(w.out.Review, s.Post, s.Rest, w.offer())
	_, err := w.Repo.CreateReview(ctx, w.req.Number, n)
	var refused *github.ErrValidation
	if !errors.As(err, &refused) || len(s.Post) == 0 {
		return err
	}
	w.Log.Warn("GitHub refuses a comment of the review", "pr", w.req.Number, "error", err)
	rest := slices.DeleteFunc(append(s.Post, s.Rest...), func(c review.Comment) bool { return c.Summarized })
	if len(rest) == 0 {
		return nil
	}
	n.Comments = nil
	n.Body = review.Body(w.out.Review, nil, rest, w.offer())
	_, err = w.Repo.CreateReview(ctx, w.req.Number, n)
	return err
}

// offer is what can be done at the head: nothing is pushed to forks.
func (w *reviewing) offer() review.Offer {
	if w.req.Number != 0 && w.pr.Head.Repo != w.Meta.FullName {
		return review.Patch
	}
	return review.Commit
}
