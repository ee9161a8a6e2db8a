package pass

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/description"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/bot/plan"
)

// open creates a pull request and completes it. One that exists already, from
// a call whose answer was lost, is taken for it.
func (e *effects) open(ctx context.Context, a plan.Action, tip string) error {
	text, err := e.text.Text(a.Chunk, tip)
	if err != nil {
		return err
	}
	draft := e.conf.PullRequests.Draft
	pr, err := e.Repo.CreatePull(ctx, github.NewPull{
		Title: text.Title, Body: text.Body, Head: a.Branch, Base: e.Meta.DefaultBranch, Draft: draft,
	})
	var refused *github.ErrValidation
	if errors.As(err, &refused) && refused.Says("already exists") {
		pr, err = e.find(ctx, a.Branch, err)
	}
	if e.wrote(err) != nil {
		return err
	}
	e.out.Open++
	e.Log.Info("opened", "pr", pr.Number, "branch", a.Branch)
	if err := e.sayRest(ctx, pr.Number, a.Branch, text.Rest); err != nil {
		return err
	}
	return e.complete(ctx, pr, a.Chunk)
}

// sayRest comments what a body has no room for.
func (e *effects) sayRest(ctx context.Context, number int, branch string, rest []string) error {
	for i, page := range description.Pages(rest, github.MaxBody) {
		if err := e.say(ctx, number, fmt.Sprintf("%s %d", plan.NoticeRest, i+1), page); e.fatal(branch, err) {
			return err
		}
	}
	return nil
}

func (e *effects) find(ctx context.Context, branch string, why error) (github.PullRequest, error) {
	list, err := e.Repo.ListPulls(ctx, github.PullFilter{State: "open", Head: branch})
	if err != nil {
		return github.PullRequest{}, err
	}
	if len(list) == 0 || !strings.EqualFold(list[0].Author, e.Self) {
		return github.PullRequest{}, why
	}
	return list[0], nil
}

// complete does the rest of an opening. Labels come last: a pull request that
// has them is complete.
func (e *effects) complete(ctx context.Context, pr github.PullRequest, c *plan.Chunk) error {
	c.Number = pr.Number
	if !e.conf.PullRequests.Draft {
		if err := e.ask(ctx, pr.Number, c, c.Reviewers); err != nil {
			return err
		}
	}
	return e.furnish(ctx, pr, c)
}

// furnish adds assignees, milestone, auto-merge and labels in one call. What
// cannot be had is a problem and blocks nothing.
func (e *effects) furnish(ctx context.Context, pr github.PullRequest, c *plan.Chunk) error {
	if e.furnishing == nil {
		found, missing, err := e.Repo.FindFurniture(ctx, e.furniture())
		if err != nil && e.fatal("", err) {
			return err
		}
		for _, why := range missing {
			e.problem("", why.Error())
		}
		e.furnishing = &found
		e.out.Writes += found.Created
	}
	f := *e.furnishing
	if pr.Draft {
		f = f.WithoutAutoMerge()
	}
	if f.Empty() {
		return nil
	}
	refused, err := e.Repo.Furnish(ctx, pr.NodeID, f)
	for _, why := range refused {
		e.fatal(c.Branch, why)
	}
	if e.fatal(c.Branch, e.wrote(err)) {
		return err
	}
	return nil
}

// furniture is what the configuration gives to each pull request.
func (e *effects) furniture() github.Furniture {
	conf := e.conf.PullRequests
	f := github.Furniture{Labels: conf.Labels, Assignees: withoutAt(conf.Assignees), Milestone: conf.Milestone}
	if conf.AutoMerge != config.Off && e.mergeFault() == "" {
		f.AutoMerge = strings.ToUpper(conf.AutoMerge)
	}
	return f
}

// mergeFault says why the repository would refuse the configured auto-merge,
// "" if it allows it. Its settings are read in every pass, so that no call is
// wasted on each pull request.
func (s *seen) mergeFault() string {
	may, method := s.Meta.Merge, s.conf.PullRequests.AutoMerge
	allowed := map[string]bool{config.Off: true, "merge": may.Commit, "squash": may.Squash, "rebase": may.Rebase}
	switch {
	case method != config.Off && !may.Auto:
		return "pull_requests.auto_merge is set, but the repository does not allow auto-merge: allow it in its settings"
	case !allowed[method]:
		return "pull_requests.auto_merge is " + method + ", which the repository does not allow: allow it in its settings, or choose another"
	}
	return ""
}

func withoutAt(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, strings.TrimPrefix(s, "@"))
	}
	return out
}

// ask requests reviews. If GitHub refuses although all were looked up, that
// is told once on the pull request and stops nothing.
func (e *effects) ask(ctx context.Context, number int, c *plan.Chunk, list []string) error {
	var users, teams []string
	for _, name := range list {
		o, err := owners.ParseOwner(name)
		switch {
		case err != nil:
			return err
		case o.Kind == owners.Team:
			_, slug, _ := strings.Cut(o.Login(), "/")
			teams = append(teams, slug)
		case o.Kind == owners.User:
			users = append(users, o.Login())
		}
	}
	if len(users)+len(teams) == 0 {
		return nil
	}
	err := e.wrote(e.Repo.RequestReviewers(ctx, number, users, teams))
	if err == nil {
		return nil
	}
	if e.fatal(c.Branch, err) {
		return err
	}
	return e.say(ctx, number, plan.NoticeReview, "GitHub refused to ask "+strings.Join(list, ", ")+" for a review, so please ask whoever should look at this.")
}
