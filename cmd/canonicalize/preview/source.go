package preview

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/web"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/service"
	"github.com/canonicalize/canonicalize/codemod"
)

// source is what the pages show of one repository: pull requests from the simulated GitHub, facades and left
// references from the codemod.
type source struct {
	sim         *githubsim.Server
	owner, name string
	note        string
	pace        web.Pace
	imports     *imports
	patience    time.Duration                       // with what is being found out
	tours       bool                                // lead through what can be done
	idle        func(context.Context) (bool, error) // whether the App has nothing to do

	mu     sync.Mutex
	head   string
	branch string
	result *codemod.Result
	last   *told           // nil: nothing was done by hand
	acted  map[string]bool // verbs
}

// longestExport is how long an export waits for what is being found out.
const longestExport = time.Hour

// found tells the source what the codemod says of the commit that is served.
func (s *source) found(branch, head string, result *codemod.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.branch, s.head = branch, head
	if result != nil {
		s.result = result
	}
}

// tell keeps what was done by hand.
func (s *source) tell(what *told) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = what
	if s.acted == nil {
		s.acted = map[string]bool{}
	}
	s.acted[what.act.Verb] = true
}

// forReading is the same without what only makes sense where something can be done.
func (s *source) forReading() *source {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &source{sim: s.sim, owner: s.owner, name: s.name, note: s.note, pace: s.pace, imports: s.imports, patience: longestExport, head: s.head, branch: s.branch, result: s.result}
}

func (s *source) full() string { return s.owner + "/" + s.name }

// Repositories implements web.Source.
func (s *source) Repositories(ctx context.Context) ([]web.Summary, error) {
	repo, err := s.Repository(ctx, s.full())
	if err != nil {
		return nil, err
	}
	return []web.Summary{repo.Summary()}, nil
}

// Repository implements web.Source.
func (s *source) Repository(ctx context.Context, name string) (*web.Repository, error) {
	if !strings.EqualFold(name, s.full()) {
		return nil, web.ErrNotFound
	}
	all, err := s.sim.PullRequests(s.owner, s.name)
	if err != nil {
		return nil, err
	}
	issues, err := s.issues()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	repo := &web.Repository{Name: s.full(), Branch: s.branch, Head: s.head, Note: s.note, Issues: issues, Pace: &s.pace}
	for _, p := range all {
		repo.Pulls = append(repo.Pulls, overview(p))
	}
	if s.result != nil {
		repo.Facades, repo.References = service.FacadesOf(s.result)
		repo.Left = service.LeftOf(s.result)
	}
	if s.tours {
		repo.Tour = s.tour(all, issues)
		repo.Story, err = s.story(ctx)
	}
	return repo, err
}

// story is what was done last and what came of it; nil: nothing was done.
func (s *source) story(ctx context.Context) (*web.Story, error) {
	busy, err := s.busy(ctx)
	if s.last == nil || err != nil {
		return nil, err
	}
	after, err := s.marks()
	return &web.Story{Done: s.last.said, Busy: busy, Then: since(s.full(), s.last.before, after)}, err
}

// busy says whether the App is at work.
func (s *source) busy(ctx context.Context) (bool, error) {
	ctx, stop := context.WithTimeout(ctx, 200*time.Millisecond)
	defer stop()
	idle, err := s.idle(ctx)
	if ctx.Err() != nil {
		return true, nil
	}
	return !idle, err
}

// issues reads all issues, oldest first.
func (s *source) issues() ([]web.Issue, error) {
	all, err := s.sim.Issues(s.owner, s.name)
	var out []web.Issue
	for _, i := range all {
		issue := web.Issue{Number: i.Number, Title: i.Title, Author: i.Author, State: web.State(i.State), Body: i.Body, Board: dashboard.Is(i.Body)}
		for _, c := range i.Comments {
			issue.Comments = append(issue.Comments, web.Comment{Author: c.Author, Body: c.Body, When: c.Created})
		}
		out = append(out, issue)
	}
	return out, err
}

// issue is the issue with a number, nil if there is none.
func (s *source) issue(number int) (*web.Issue, error) {
	all, err := s.issues()
	for i := range all {
		if all[i].Number == number {
			return &all[i], err
		}
	}
	return nil, err
}

// pulls reads the pull requests of the App, oldest first.
func (s *source) pulls() ([]*githubsim.PullRequest, error) {
	all, err := s.sim.PullRequests(s.owner, s.name)
	return slices.DeleteFunc(all, func(p *githubsim.PullRequest) bool {
		return !isOurs(p)
	}), err
}

// isOurs says whether the App made a pull request of a campaign.
func isOurs(p *githubsim.PullRequest) bool {
	_, ours := plan.ParseMarker(p.Body)
	return ours
}

func isConfiguration(f githubsim.File) bool { return f.Path == config.Path }

// PullRequest implements web.Source.
func (s *source) PullRequest(_ context.Context, name string, number int) (*web.PullRequest, error) {
	all, err := s.sim.PullRequests(s.owner, s.name)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(p *githubsim.PullRequest) bool { return p.Number == number })
	if i < 0 || !strings.EqualFold(name, s.full()) {
		return nil, web.ErrNotFound
	}
	return page(all[i]), nil
}

// overview is what a list shows of a pull request.
func overview(p *githubsim.PullRequest) web.Pull {
	pull := web.Pull{Number: p.Number, Title: p.Title, State: web.State(p.State), Files: len(p.Files),
		Additions: p.Additions, Deletions: p.Deletions, Opened: p.Created}
	if p.Draft && p.State == "open" {
		pull.State = web.Draft
	}
	if marker, ok := plan.ParseMarker(p.Body); ok {
		pull.Owners = marker.Owners
	}
	if !strings.HasSuffix(p.Author, "[bot]") {
		pull.Person = p.Author
	} else {
		pull.Setup = slices.ContainsFunc(p.Files, isConfiguration)
	}
	for _, l := range p.Labels {
		pull.Labels = append(pull.Labels, web.Label{Name: l.Name, Color: l.Color})
	}
	for _, c := range p.Checks {
		pull.Checks = worse(pull.Checks, conclusion(c))
	}
	return pull
}

func conclusion(c githubsim.Check) web.Conclusion {
	if c.Conclusion == "" {
		return web.Pending
	}
	return web.Conclusion(c.Conclusion)
}

// worse returns the conclusion that is more in need of a person.
func worse(a, b web.Conclusion) web.Conclusion {
	order := []web.Conclusion{web.NoChecks, "skipped", web.Success, web.Neutral, web.Pending}
	rank := func(c web.Conclusion) int {
		if i := slices.Index(order, c); i >= 0 {
			return i
		}
		return len(order) // a failure of any kind
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// page is everything that the page of a pull request shows.
func page(p *githubsim.PullRequest) *web.PullRequest {
	pull := &web.PullRequest{Pull: overview(p), Author: p.Author, Body: p.Body, Base: p.Base, Head: p.Head,
		Reviewers: reviewers(p), Comments: comments(p)}
	for _, c := range p.Commits {
		pull.Commits = append(pull.Commits, web.Commit{SHA: c.SHA, Message: c.Message, Author: c.AuthorName, When: c.Date})
	}
	for _, f := range p.Files {
		pull.Changes = append(pull.Changes, web.FileChange{Path: f.Path, Previous: f.Previous, Additions: f.Additions, Deletions: f.Deletions, Patch: f.Patch})
	}
	for _, c := range p.Checks {
		pull.CheckRuns = append(pull.CheckRuns, web.Check{Name: c.Name, Conclusion: conclusion(c), Title: c.Title, Summary: c.Summary})
	}
	return pull
}

// reviewWords are GitHub's states of a review in words.
var reviewWords = map[string]string{"APPROVED": "approved", "CHANGES_REQUESTED": "changes requested", "COMMENTED": "commented", "DISMISSED": "dismissed"}

// reviewers lists who is asked, and who has answered; the last word of a person counts.
func reviewers(p *githubsim.PullRequest) []web.Reviewer {
	var all []web.Reviewer
	for _, r := range p.Reviewers {
		all = append(all, web.Reviewer{Name: "@" + r, State: "requested"})
	}
	for _, r := range p.Reviews {
		name := "@" + r.Author
		all = slices.DeleteFunc(all, func(known web.Reviewer) bool { return known.Name == name })
		all = append(all, web.Reviewer{Name: name, State: cmp.Or(reviewWords[r.State], strings.ToLower(r.State))})
	}
	return all
}

// comments joins the conversation, the texts of reviews and the remarks on lines, oldest first.
func comments(p *githubsim.PullRequest) []web.Comment {
	var all []web.Comment
	for _, c := range p.Comments {
		all = append(all, web.Comment{Author: c.Author, Body: c.Body, When: c.Created})
	}
	for _, r := range p.Reviews {
		if r.Body != "" {
			all = append(all, web.Comment{Author: r.Author, Body: r.Body, When: r.Submitted})
		}
	}
	for _, t := range p.Threads {
		for _, c := range t.Comments {
			all = append(all, web.Comment{Author: c.Author, Body: c.Body, Path: t.Path, Line: t.Line, When: c.Created, Suggestion: suggests(c, p)})
		}
	}
	slices.SortStableFunc(all, func(a, b web.Comment) int { return a.When.Compare(b.When) })
	return all
}

// suggests is the number of a remark whose suggestion can be committed, 0 of one that has none.
func suggests(c githubsim.ReviewComment, p *githubsim.PullRequest) int {
	if p.State == "open" && strings.Contains(c.Body, "```suggestion") {
		return c.ID
	}
	return 0
}
