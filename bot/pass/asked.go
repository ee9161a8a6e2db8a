package pass

import (
	"context"
	"strings"

	"github.com/canonicalize/canonicalize/bot/owners"
)

// finish adds to the chunks what follows from GitHub: who can be asked, and
// whether anything may be opened at all.
func (w *wanted) finish(ctx context.Context) error {
	fresh := false
	for i := range w.chunks {
		c := &w.chunks[i]
		fresh = fresh || c.Number == 0
		reviewers, err := w.askable(ctx, c.Reviewers)
		if err != nil {
			return err
		}
		c.Reviewers = reviewers
		c.Body = w.text.Digest(c)
	}
	if !fresh || !w.conf.PullRequests.PauseWhenRed || w.limits.Hold != "" {
		return nil
	}
	red, err := w.red(ctx)
	if err == nil && red {
		w.limits.Hold = "the checks of " + w.Meta.DefaultBranch + " fail"
	}
	return err
}

// red says whether a check of somebody else, or a commit status, fails on the
// default branch.
func (w *wanted) red(ctx context.Context) (bool, error) {
	app, _, _ := strings.Cut(w.Self, "[")
	checks, err := w.Repo.ListChecks(ctx, w.out.Head, "")
	for _, c := range checks {
		if c.App != app && (c.Conclusion == "failure" || c.Conclusion == "timed_out") {
			return true, nil
		}
	}
	if err != nil {
		return false, err
	}
	return w.Repo.StatusFails(ctx, w.out.Head)
}

// askable keeps the owners who can be asked for a review. GitHub refuses a
// whole request for one team without access, so each is looked up, once.
func (w *wanted) askable(ctx context.Context, list []string) ([]string, error) {
	if !w.conf.PullRequests.Reviewers {
		return nil, nil
	}
	var can []string
	for _, name := range list {
		why, known := w.text.Absent[name]
		if !known {
			var err error
			if why, err = w.cannotAsk(ctx, name); err != nil {
				return nil, err
			}
			w.text.Absent[name] = why
			if why != "" {
				w.problem("", name+" cannot be asked for a review: "+why)
			}
		}
		if why == "" {
			can = append(can, name)
		}
	}
	return can, nil
}

// cannotAsk says why an owner cannot be asked, "" if it can.
func (w *wanted) cannotAsk(ctx context.Context, name string) (string, error) {
	o, err := owners.ParseOwner(name)
	if err != nil {
		return err.Error(), nil
	}
	switch o.Kind {
	case owners.Email:
		return "GitHub asks users and teams only", nil
	case owners.User:
		is, err := w.Repo.IsCollaborator(ctx, o.Login())
		if err == nil && !is {
			return "no collaborator of the repository has this name", nil
		}
		return "", err
	}
	org, slug, _ := strings.Cut(o.Login(), "/")
	if !strings.EqualFold(org, w.Meta.Owner) {
		return "the team belongs to another organization", nil
	}
	permission, found, err := w.Repo.TeamAccess(ctx, slug)
	switch {
	case err != nil:
		return "", err
	case !found:
		return "the team does not exist, is secret, or has no access to the repository", nil
	case permission == "pull" || permission == "triage":
		return "the team has no write access to the repository", nil
	}
	return "", nil
}
