package pass

import (
	"context"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/plan"
)

// settled is the age from which an opening is no longer completed: what is
// missing then was taken off by a person.
const settled = 24 * time.Hour

// look reads of each open pull request what the plan may depend on, and no
// more: most need no request at all.
func (w *wanted) look(ctx context.Context) error {
	byNumber := make(map[int]*plan.Chunk)
	for i := range w.chunks {
		byNumber[w.chunks[i].Number] = &w.chunks[i]
	}
	delete(byNumber, 0)
	for i := range w.have {
		pr := &w.have[i]
		if pr.State != plan.StateOpen {
			continue
		}
		if err := w.lookAt(ctx, pr, byNumber[pr.Number]); err != nil {
			return err
		}
	}
	return nil
}

func (w *wanted) lookAt(ctx context.Context, pr *plan.PullRequest, c *plan.Chunk) error {
	old := w.limits.Now.Sub(pr.Active) >= w.limits.StaleAfter && w.limits.StaleAfter > 0
	if err := w.lookForeign(ctx, pr); err != nil {
		return err
	}
	if pr.Foreign || old {
		if err := w.readComments(ctx, pr); err != nil {
			return err
		}
	}
	moved := c == nil || c.Digest != pr.Marker.Digest || pr.Base != w.Meta.DefaultBranch
	if !pr.Foreign && (moved || surroundingsMoved(pr, c)) {
		if err := w.lookMergeable(ctx, pr); err != nil {
			return err
		}
	}
	if err := w.completed(ctx, pr, c); err != nil {
		return err
	}
	if moved || pr.Conflict || old || len(pr.Reviewers) == 0 && len(c.Reviewers) > 0 {
		if err := w.readReviews(ctx, pr, c); err != nil {
			return err
		}
	}
	var err error
	if moved && !pr.Foreign {
		pr.Queued, err = w.Repo.Queued(ctx, pr.Number)
	}
	return err
}

// gitHub commits what its API and its pages are asked for.
const gitHub = "noreply@github.com"

// isOurs knows the bot's commits by the addresses in them. The author alone
// does not tell: who amends or rebases a commit of the bot leaves it as it is.
func (w *work) isOurs(author, committer string) bool {
	return w.isBot(author) && (w.isBot(committer) || strings.EqualFold(committer, gitHub))
}

// isBot knows the bot's address, with the number of its account or without.
func (w *work) isBot(email string) bool {
	_, plain, _ := strings.Cut(w.email, "+")
	return strings.EqualFold(email, w.email) || strings.EqualFold(email, plain)
}

// surroundingsMoved says whether a file of the chunk is another one on the
// base branch than when it was pushed: only then can there be a conflict.
func surroundingsMoved(pr *plan.PullRequest, c *plan.Chunk) bool {
	for _, f := range c.Files {
		if mark, ok := pr.Marker.Mark(f.Path); !ok || !strings.HasPrefix(f.Before, mark.Before) {
			return true
		}
	}
	return false
}

// lookMergeable asks whether a pull request conflicts. GitHub finds out only
// when it is asked, so an unknown answer is asked for again a few times.
func (w *wanted) lookMergeable(ctx context.Context, pr *plan.PullRequest) error {
	for try := range 4 {
		found, err := w.Repo.GetPull(ctx, pr.Number)
		if err != nil {
			return err
		}
		if found.Mergeable != nil {
			pr.Conflict = !*found.Mergeable && found.MergeableState == "dirty"
			return nil
		}
		if err := w.Sleep(ctx, time.Second<<try); err != nil {
			return err
		}
	}
	w.problem(pr.Branch, "GitHub does not say whether it conflicts")
	return nil
}

// readReviews tells whether a pull request is approved, and whether anybody
// answered. Whoever reviewed is no longer asked, so everyone was.
func (w *wanted) readReviews(ctx context.Context, pr *plan.PullRequest, c *plan.Chunk) error {
	reviews, err := w.Repo.ListReviews(ctx, pr.Number)
	if err != nil {
		return err
	}
	latest := make(map[string]string)
	for _, r := range reviews {
		if r.State != "COMMENTED" && r.State != "PENDING" {
			latest[r.Author] = r.State
		}
		pr.Answered = pr.Answered || !strings.HasSuffix(r.Author, "[bot]")
	}
	for _, state := range latest {
		pr.Approved = pr.Approved || state == "APPROVED"
	}
	if pr.Answered && c != nil {
		pr.Reviewers = c.Reviewers
	}
	return nil
}

func (s *seen) readComments(ctx context.Context, pr *plan.PullRequest) error {
	comments, err := s.Repo.ListComments(ctx, pr.Number)
	if err != nil {
		return err
	}
	pr.Said = make(map[string]bool)
	for _, c := range comments {
		if !strings.EqualFold(c.Author, s.Self) {
			pr.Answered = pr.Answered || !strings.HasSuffix(c.Author, "[bot]")
			continue
		}
		for _, name := range plan.Notices(c.Body) {
			pr.Said[name] = true
		}
	}
	if s.locked(pr.Number) {
		pr.Said[plan.NoticeDetached], pr.Said[plan.NoticeStale] = true, true
	}
	pr.Released = pr.Said[plan.NoticeTakeOver+" "+pr.Head]
	return nil
}

// completed marks as done what an opening does after creating a pull request,
// if it was: a label or a request that is missing then was taken off by a
// person, and is not put back.
func (w *wanted) completed(ctx context.Context, pr *plan.PullRequest, c *plan.Chunk) error {
	if c == nil {
		return nil
	}
	old := w.limits.Now.Sub(pr.Active) >= settled
	if !old && !w.labelled(pr) {
		given, err := w.Repo.Given(ctx, pr.Number)
		if err != nil {
			return err
		}
		pr.Labels = append(pr.Labels, given.Labels...)
		if !pr.Marker.Draft {
			pr.Reviewers = append(pr.Reviewers, w.handles(given.Users, given.Teams)...)
		}
	}
	done := old || w.labelled(pr)
	if old {
		pr.Labels = w.limits.Labels
	}
	if ready := pr.Marker.Draft && !pr.Draft; done && !ready {
		pr.Reviewers = c.Reviewers
	}
	return nil
}

// labelled says whether a pull request has all labels; without any nothing
// shows that an opening is complete.
func (w *wanted) labelled(pr *plan.PullRequest) bool {
	for _, want := range w.limits.Labels {
		if !containsFold(pr.Labels, want) {
			return false
		}
	}
	return len(w.limits.Labels) > 0
}

func containsFold(list []string, word string) bool {
	for _, s := range list {
		if strings.EqualFold(s, word) {
			return true
		}
	}
	return false
}
