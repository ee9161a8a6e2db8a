package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/bot/plan"
)

// apply does the actions: all branches first, then what belongs to each pull
// request. An effect that GitHub refuses for good is a problem of that pull
// request; anything else ends the pass, and the next one goes on from there.
func (p *pass) apply(ctx context.Context) error {
	tips, err := p.push(ctx)
	if err != nil {
		return err
	}
	effects := map[plan.Kind]func(context.Context, plan.Action, string) error{
		plan.Open: p.open, plan.UpdateBranch: p.updateBranch, plan.UpdateBody: p.updateBody,
		plan.CloseEmpty: p.closePull, plan.CloseSuperseded: p.closePull,
		plan.Detach: p.detach, plan.Remind: p.remind,
		plan.Label: p.label, plan.RequestReviewers: p.askMissing,
	}
	for i, a := range p.out.Actions {
		p.bot.opts.Stage("pull requests", i, len(p.out.Actions))
		effect, tip := effects[a.Kind], tips[a.Branch]
		needsPush := a.Kind == plan.Open || a.Kind == plan.UpdateBranch
		if effect == nil || needsPush && tip == "" {
			continue
		}
		p.lg.Info("apply", "action", a.Key(), "pr", a.Number)
		if err := effect(ctx, a, tip); p.fatal(a.Branch, err) {
			return fmt.Errorf("%s: %w", a.Key(), err)
		}
	}
	return p.sweep(ctx)
}

// fatal tells errors that end the pass from those that concern one pull
// request, which become problems.
func (p *pass) fatal(branch string, err error) bool {
	var refused *github.ErrValidation
	if err == nil {
		return false
	}
	if !errors.As(err, &refused) && !errors.Is(err, github.ErrForbidden) && !errors.Is(err, github.ErrNotFound) && !errors.Is(err, github.ErrConflict) {
		return true
	}
	p.problem(branch, err.Error())
	p.lg.Warn("GitHub refuses", "branch", branch, "error", err)
	return false
}

// wrote counts an effect on GitHub.
func (p *pass) wrote(err error) error {
	if err == nil {
		p.out.Writes++
	}
	return err
}

// open creates a pull request and completes it. One that exists already, from
// a call whose answer was lost, is taken for it.
func (p *pass) open(ctx context.Context, a plan.Action, tip string) error {
	text, err := p.text(a.Chunk, tip)
	if err != nil {
		return err
	}
	draft := p.conf.PullRequests.Draft
	pr, err := p.repo.CreatePull(ctx, github.NewPull{
		Title: text.title, Body: text.body, Head: a.Branch, Base: p.meta.DefaultBranch, Draft: draft,
	})
	var refused *github.ErrValidation
	if errors.As(err, &refused) && refused.Says("already exists") {
		pr, err = p.find(ctx, a.Branch, err)
	}
	if p.wrote(err) != nil {
		return err
	}
	p.out.Open++
	p.lg.Info("opened", "pr", pr.Number, "branch", a.Branch)
	if err := p.sayRest(ctx, pr.Number, a.Branch, text.rest); err != nil {
		return err
	}
	return p.complete(ctx, pr, a.Chunk)
}

// sayRest comments what a body has no room for.
func (p *pass) sayRest(ctx context.Context, number int, branch string, rest []string) error {
	for i, page := range pages(rest, github.MaxBody) {
		if err := p.say(ctx, number, fmt.Sprintf("%s %d", plan.NoticeRest, i+1), page); p.fatal(branch, err) {
			return err
		}
	}
	return nil
}

func (p *pass) find(ctx context.Context, branch string, why error) (github.PullRequest, error) {
	list, err := p.repo.ListPulls(ctx, github.PullFilter{State: "open", Head: branch})
	if err != nil {
		return github.PullRequest{}, err
	}
	if len(list) == 0 || !strings.EqualFold(list[0].Author, p.self) {
		return github.PullRequest{}, why
	}
	return list[0], nil
}

// complete does the rest of an opening. Labels come last: a pull request that
// has them is complete.
func (p *pass) complete(ctx context.Context, pr github.PullRequest, c *plan.Chunk) error {
	c.Number = pr.Number
	if !p.conf.PullRequests.Draft {
		if err := p.ask(ctx, pr.Number, c, c.Reviewers); err != nil {
			return err
		}
	}
	return p.furnish(ctx, pr, c)
}

// furnish adds assignees, milestone, auto-merge and labels in one call. What
// cannot be had is a problem and blocks nothing.
func (p *pass) furnish(ctx context.Context, pr github.PullRequest, c *plan.Chunk) error {
	if p.furnishing == nil {
		found, missing, err := p.repo.FindFurniture(ctx, p.furniture())
		if err != nil && p.fatal("", err) {
			return err
		}
		for _, why := range missing {
			p.problem("", why.Error())
		}
		p.furnishing = &found
		p.out.Writes += found.Created
	}
	f := *p.furnishing
	if pr.Draft {
		f = f.WithoutAutoMerge()
	}
	if f.Empty() {
		return nil
	}
	refused, err := p.repo.Furnish(ctx, pr.NodeID, f)
	for _, why := range refused {
		p.fatal(c.Branch, why)
	}
	if p.fatal(c.Branch, p.wrote(err)) {
		return err
	}
	return nil
}

// furniture is what the configuration gives to each pull request.
func (p *pass) furniture() github.Furniture {
	conf := p.conf.PullRequests
	f := github.Furniture{Labels: conf.Labels, Assignees: withoutAt(conf.Assignees), Milestone: conf.Milestone}
	if conf.AutoMerge != config.Off && p.mergeFault() == "" {
		f.AutoMerge = strings.ToUpper(conf.AutoMerge)
	}
	return f
}

// mergeFault says why the repository would refuse the configured auto-merge,
// "" if it allows it. Its settings are read in every pass, so that no call is
// wasted on each pull request.
func (p *pass) mergeFault() string {
	may, method := p.meta.Merge, p.conf.PullRequests.AutoMerge
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
func (p *pass) ask(ctx context.Context, number int, c *plan.Chunk, list []string) error {
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
	err := p.wrote(p.repo.RequestReviewers(ctx, number, users, teams))
	if err == nil {
		return nil
	}
	if p.fatal(c.Branch, err) {
		return err
	}
	return p.say(ctx, number, plan.NoticeReview, "GitHub refused to ask "+strings.Join(list, ", ")+" for a review, so please ask whoever should look at this.")
}

func (p *pass) askMissing(ctx context.Context, a plan.Action, _ string) error {
	if err := p.ask(ctx, a.Number, a.Chunk, a.Names); err != nil {
		return err
	}
	pr, err := p.repo.GetPull(ctx, a.Number)
	if err != nil {
		return err
	}
	marker, ok := plan.ParseMarker(pr.Body)
	if !ok || !marker.Draft {
		return nil
	}
	marker.Draft = false
	body := plan.ReplaceMarker(pr.Body, marker)
	_, err = p.repo.UpdatePull(ctx, a.Number, github.PullUpdate{Body: &body})
	return p.wrote(err)
}

// label also says again what an interrupted opening may have left out.
func (p *pass) label(ctx context.Context, a plan.Action, _ string) error {
	pr, err := p.repo.GetPull(ctx, a.Number)
	if err != nil {
		return err
	}
	text, err := p.text(a.Chunk, pr.Head.SHA)
	if err != nil {
		return err
	}
	if err := p.sayRest(ctx, pr.Number, a.Branch, text.rest); err != nil {
		return err
	}
	return p.furnish(ctx, pr, a.Chunk)
}

// updateBranch follows a push with what the body says about it.
func (p *pass) updateBranch(ctx context.Context, a plan.Action, tip string) error {
	text, err := p.text(a.Chunk, tip)
	if err != nil {
		return err
	}
	return p.rewrite(ctx, a.Number, text)
}

// rewrite replaces the body, the base branch if it is another one now, and the
// title unless a person gave it.
func (p *pass) rewrite(ctx context.Context, number int, t text) error {
	pr, err := p.repo.GetPull(ctx, number)
	if err != nil {
		return err
	}
	update := github.PullUpdate{Body: &t.body}
	old, _ := plan.ParseMarker(pr.Body)
	if old.Title == titleDigest(pr.Title) && pr.Title != t.title {
		update.Title = &t.title
	}
	if pr.Base.Branch != p.meta.DefaultBranch {
		update.Base = &p.meta.DefaultBranch
	}
	_, err = p.repo.UpdatePull(ctx, number, update)
	return p.wrote(err)
}

// updateBody changes what is said about a branch that stays as it is.
func (p *pass) updateBody(ctx context.Context, a plan.Action, _ string) error {
	for _, pr := range p.have {
		if pr.Number == a.Number {
			text, err := p.text(a.Chunk, pr.Head)
			if err != nil {
				return err
			}
			return p.rewrite(ctx, a.Number, text)
		}
	}
	return nil
}

// closePull ends a pull request with a word, after a fresh look: it may have
// been merged since it was listed.
func (p *pass) closePull(ctx context.Context, a plan.Action, _ string) error {
	pr, err := p.repo.GetPull(ctx, a.Number)
	if err != nil || pr.State != "open" {
		return err
	}
	word, closed := "Nothing is left to change in these files, so this pull request is closed. Thank you!", plan.Empty
	if a.Kind == plan.CloseSuperseded {
		word, closed = fmt.Sprintf("#%d changes these files now, so this pull request is closed.", a.By), plan.Superseded
	}
	if err := p.say(ctx, a.Number, plan.NoticeThanks, word); err != nil {
		return err
	}
	marker, _ := plan.ParseMarker(pr.Body)
	marker.Closed = closed
	body, state := plan.ReplaceMarker(pr.Body, marker), "closed"
	_, err = p.repo.UpdatePull(ctx, a.Number, github.PullUpdate{Body: &body, State: &state})
	if err == nil {
		p.out.Open--
		p.closed = append(p.closed, a.Branch)
	}
	return p.wrote(err)
}

func (p *pass) detach(ctx context.Context, a plan.Action, _ string) error {
	return p.say(ctx, a.Number, plan.NoticeDetached,
		"Somebody else pushed to this branch, so I leave it alone from now on: it is yours to change and to merge. "+
			"If you close it, I will not open it again for the same changes. "+
			"To have me go on with it, comment `/canonicalize take-over`: I then make the branch anew, without what was pushed to it.")
}

func (p *pass) remind(ctx context.Context, a plan.Action, _ string) error {
	return p.say(ctx, a.Number, plan.NoticeStale,
		"A gentle reminder, the only one: this pull request waits for an answer. It can be merged alone and in any order; "+
			"closing it means no, and I will not open it again for the same changes.")
}

// say comments once: what the bot told before is looked for first.
func (p *pass) say(ctx context.Context, number int, name, text string) error {
	pr := plan.PullRequest{Number: number}
	if err := p.readComments(ctx, &pr); err != nil || pr.Said[name] {
		return err
	}
	_, err := p.repo.CreateComment(ctx, number, text+"\n\n"+Notice(name))
	return p.wrote(err)
}
