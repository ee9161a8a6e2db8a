package bot

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
)

// settled is the age from which an opening is no longer completed: what is
// missing then was taken off by a person.
const settled = 24 * time.Hour

// readHave finds the bot's pull requests: the open ones, and those that a
// person closed and that hold something of what is wanted now.
func (p *pass) readHave(ctx context.Context, files []plan.File) error {
	for _, pr := range p.pulls {
		if !strings.EqualFold(pr.Author, p.self) || isProposal(pr.Body) {
			continue
		}
		marker, ok := plan.ParseMarker(pr.Body)
		if !ok {
			if !strings.HasPrefix(pr.Head.Branch, p.conf.PullRequests.BranchPrefix) {
				continue
			}
			var err error
			if marker, err = p.lostMarker(ctx, pr); err != nil {
				return err
			}
		}
		p.have = append(p.have, plan.PullRequest{
			Number: pr.Number, State: plan.StateOpen, Branch: pr.Head.Branch, Base: pr.Base.Branch, Head: pr.Head.SHA,
			Marker: marker, Labels: pr.Labels, Reviewers: p.handles(pr.Reviewers, pr.Teams),
			Draft: pr.Draft, AutoMerge: pr.AutoMerge, Foreign: !ok, Active: pr.Created,
		})
	}
	return p.readDeclined(ctx, files)
}

// lostMarker describes a pull request whose marker a person took out of the
// body: it keeps its files, and is theirs from then on.
func (p *pass) lostMarker(ctx context.Context, pr github.PullRequest) (plan.Marker, error) {
	list, err := p.repo.PullFiles(ctx, pr.Number)
	if err != nil {
		return plan.Marker{}, err
	}
	c := plan.Chunk{ID: chunkID(pr.Head.Branch)}
	for _, f := range list {
		c.Files = append(c.Files, plan.File{Path: f.Path})
	}
	return plan.NewMarker(&c, "", ""), nil
}

// chunkID is the last part of a branch's name.
func chunkID(branch string) string { return branch[strings.LastIndexByte(branch, '-')+1:] }

// handles names users and teams as CODEOWNERS does.
func (p *pass) handles(users, teams []string) []string {
	var list []string
	for _, user := range users {
		list = append(list, "@"+user)
	}
	for _, slug := range teams {
		list = append(list, "@"+p.meta.Owner+"/"+slug)
	}
	return list
}

// readDeclined looks at closed pull requests whose content is wanted again,
// and tells those that were merged from those that a person closed.
func (p *pass) readDeclined(ctx context.Context, files []plan.File) error {
	for _, issue := range p.issues {
		marker, ok := plan.ParseMarker(issue.Body)
		if !issue.IsPull || issue.State != "closed" || !ok || marker.Closed != "" || !holdsAny(marker, files) {
			continue
		}
		pr, err := p.repo.GetPull(ctx, issue.Number)
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
		p.have = append(p.have, plan.PullRequest{Number: pr.Number, State: state, Branch: pr.Head.Branch, Head: pr.Head.SHA, Marker: marker})
	}
	return nil
}

func holdsAny(m plan.Marker, files []plan.File) bool {
	for _, f := range files {
		if mark, ok := m.Mark(f.Path); ok && mark.Digest != "" && strings.HasPrefix(f.Digest, mark.Digest) {
			return true
		}
	}
	return false
}

// look reads of each open pull request what the plan may depend on, and no
// more: most need no request at all.
func (p *pass) look(ctx context.Context) error {
	byNumber := make(map[int]*plan.Chunk)
	for i := range p.chunks {
		byNumber[p.chunks[i].Number] = &p.chunks[i]
	}
	delete(byNumber, 0)
	for i := range p.have {
		pr := &p.have[i]
		if pr.State != plan.StateOpen {
			continue
		}
		if err := p.lookAt(ctx, pr, byNumber[pr.Number]); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) lookAt(ctx context.Context, pr *plan.PullRequest, c *plan.Chunk) error {
	old := p.limits.Now.Sub(pr.Active) >= p.limits.StaleAfter && p.limits.StaleAfter > 0
	if err := p.lookForeign(ctx, pr); err != nil {
		return err
	}
	if pr.Foreign || old {
		if err := p.readComments(ctx, pr); err != nil {
			return err
		}
	}
	moved := c == nil || c.Digest != pr.Marker.Digest || pr.Base != p.meta.DefaultBranch
	if !pr.Foreign && (moved || surroundingsMoved(pr, c)) {
		if err := p.lookMergeable(ctx, pr); err != nil {
			return err
		}
	}
	if err := p.completed(ctx, pr, c); err != nil {
		return err
	}
	if moved || pr.Conflict || old || len(pr.Reviewers) == 0 && len(c.Reviewers) > 0 {
		if err := p.readReviews(ctx, pr, c); err != nil {
			return err
		}
	}
	var err error
	if moved && !pr.Foreign {
		pr.Queued, err = p.repo.Queued(ctx, pr.Number)
	}
	return err
}

// lookForeign finds commits that are not the bot's. The tip that the marker
// remembers needs no look.
func (p *pass) lookForeign(ctx context.Context, pr *plan.PullRequest) error {
	if pr.Head == pr.Marker.Head || pr.Foreign {
		return nil
	}
	commits, err := p.repo.PullCommits(ctx, pr.Number)
	if err != nil {
		return err
	}
	for _, c := range commits {
		if !p.isOurs(c.AuthorEmail, c.CommitterEmail) {
			pr.Foreign = true
		}
	}
	return nil
}

// gitHub commits what its API and its pages are asked for.
const gitHub = "noreply@github.com"

// isOurs knows the bot's commits by the addresses in them. The author alone
// does not tell: who amends or rebases a commit of the bot leaves it as it is.
func (p *pass) isOurs(author, committer string) bool {
	return p.isBot(author) && (p.isBot(committer) || strings.EqualFold(committer, gitHub))
}

// isBot knows the bot's address, with the number of its account or without.
func (p *pass) isBot(email string) bool {
	_, plain, _ := strings.Cut(p.email, "+")
	return strings.EqualFold(email, p.email) || strings.EqualFold(email, plain)
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
func (p *pass) lookMergeable(ctx context.Context, pr *plan.PullRequest) error {
	for try := range 4 {
		found, err := p.repo.GetPull(ctx, pr.Number)
		if err != nil {
			return err
		}
		if found.Mergeable != nil {
			pr.Conflict = !*found.Mergeable && found.MergeableState == "dirty"
			return nil
		}
		if err := p.bot.opts.Sleep(ctx, time.Second<<try); err != nil {
			return err
		}
	}
	p.problem(pr.Branch, "GitHub does not say whether it conflicts")
	return nil
}

// readReviews tells whether a pull request is approved, and whether anybody
// answered. Whoever reviewed is no longer asked, so everyone was.
func (p *pass) readReviews(ctx context.Context, pr *plan.PullRequest, c *plan.Chunk) error {
	reviews, err := p.repo.ListReviews(ctx, pr.Number)
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

// notice is a hidden mark in a comment: what it told, so that it is told once.
var notice = regexp.MustCompile(`<!-- canonicalize: notice ([a-z0-9 -]+) -->`)

// Notice is the hidden mark of a comment that tells something once.
func Notice(name string) string { return "<!-- canonicalize: notice " + name + " -->" }

func (p *pass) readComments(ctx context.Context, pr *plan.PullRequest) error {
	comments, err := p.repo.ListComments(ctx, pr.Number)
	if err != nil {
		return err
	}
	pr.Said = make(map[string]bool)
	for _, c := range comments {
		if !strings.EqualFold(c.Author, p.self) {
			pr.Answered = pr.Answered || !strings.HasSuffix(c.Author, "[bot]")
			continue
		}
		for _, m := range notice.FindAllStringSubmatch(c.Body, -1) {
			pr.Said[m[1]] = true
		}
	}
	pr.Released = pr.Said[plan.NoticeTakeOver+" "+pr.Head]
	return nil
}

// completed marks as done what an opening does after creating a pull request,
// if it was: a label or a request that is missing then was taken off by a
// person, and is not put back.
func (p *pass) completed(ctx context.Context, pr *plan.PullRequest, c *plan.Chunk) error {
	if c == nil {
		return nil
	}
	old := p.limits.Now.Sub(pr.Active) >= settled
	if !old && !p.labelled(pr) {
		given, err := p.repo.Given(ctx, pr.Number)
		if err != nil {
			return err
		}
		pr.Labels = append(pr.Labels, given.Labels...)
		if !pr.Marker.Draft {
			pr.Reviewers = append(pr.Reviewers, p.handles(given.Users, given.Teams)...)
		}
	}
	done := old || p.labelled(pr)
	if old {
		pr.Labels = p.limits.Labels
	}
	if ready := pr.Marker.Draft && !pr.Draft; done && !ready {
		pr.Reviewers = c.Reviewers
	}
	return nil
}

// labelled says whether a pull request has all labels; without any nothing
// shows that an opening is complete.
func (p *pass) labelled(pr *plan.PullRequest) bool {
	for _, want := range p.limits.Labels {
		if !containsFold(pr.Labels, want) {
			return false
		}
	}
	return len(p.limits.Labels) > 0
}

func containsFold(list []string, word string) bool {
	for _, s := range list {
		if strings.EqualFold(s, word) {
			return true
		}
	}
	return false
}
