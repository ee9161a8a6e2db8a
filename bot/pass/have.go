package pass

import (
	"context"
	"strings"

	"github.com/canonicalize/canonicalize/bot/ending"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
)

// readHave finds the bot's pull requests: the open ones, and those that a
// person closed and that hold something of what is wanted now.
func (w *wanted) readHave(ctx context.Context) error {
	for _, pr := range w.pulls {
		if !strings.EqualFold(pr.Author, w.Self) || strings.Contains(pr.Body, plan.Notice(proposalNotice)) {
			continue
		}
		if _, step := ending.ParseMark(pr.Body); step {
			continue
		}
		marker, ok := plan.ParseMarker(pr.Body)
		if !ok {
			if !strings.HasPrefix(pr.Head.Branch, w.conf.PullRequests.BranchPrefix) {
				continue
			}
			var err error
			if marker, err = w.lostMarker(ctx, pr); err != nil {
				return err
			}
		}
		w.have = append(w.have, plan.PullRequest{
			Number: pr.Number, State: plan.StateOpen, Branch: pr.Head.Branch, Base: pr.Base.Branch, Head: pr.Head.SHA,
			Marker: marker, Labels: pr.Labels, Reviewers: w.handles(pr.Reviewers, pr.Teams),
			Draft: pr.Draft, AutoMerge: pr.AutoMerge, Foreign: !ok, Active: pr.Created,
		})
	}
	return w.readDeclined(ctx)
}

// lostMarker describes a pull request whose marker a person took out of the
// body: it keeps its files, and is theirs from then on.
func (w *wanted) lostMarker(ctx context.Context, pr github.PullRequest) (plan.Marker, error) {
	list, err := w.Repo.PullFiles(ctx, pr.Number)
	if err != nil {
		return plan.Marker{}, err
	}
	c := plan.Chunk{ID: plan.ChunkID(pr.Head.Branch)}
	for _, f := range list {
		c.Files = append(c.Files, plan.File{Path: f.Path})
	}
	return plan.NewMarker(&c, "", ""), nil
}

// handles names users and teams as CODEOWNERS does.
func (w *wanted) handles(users, teams []string) []string {
	var list []string
	for _, user := range users {
		list = append(list, "@"+user)
	}
	for _, slug := range teams {
		list = append(list, "@"+w.Meta.Owner+"/"+slug)
	}
	return list
}

// readDeclined looks at closed pull requests whose content is wanted again,
// and tells those that were merged from those that a person closed.
func (w *wanted) readDeclined(ctx context.Context) error {
	for _, issue := range w.issues {
		marker, ok := plan.ParseMarker(issue.Body)
		if !issue.IsPull || issue.Merged || issue.State != "closed" || !ok || marker.Closed != "" || !marker.HoldsAny(w.files) {
			continue
		}
		pr, err := w.Repo.GetPull(ctx, issue.Number)
		if err != nil {
			return err
		}
		state := plan.StateClosed
		switch {
		case pr.Merged:
			state = plan.StateMerged
		case pr.State == "open":
			continue // opened again a moment ago: the next pass sees it
		}
		w.have = append(w.have, plan.PullRequest{Number: pr.Number, State: state, Branch: pr.Head.Branch, Head: pr.Head.SHA, Marker: marker})
	}
	return nil
}
