package githubsim

import (
	"errors"
	"fmt"
	"time"
)

// PullRequest is everything that GitHub's page of a pull request shows.
type PullRequest struct {
	Number         int
	URL            string
	Title, Body    string
	Author         string
	State          string // open, closed, merged
	Draft          bool
	Head, Base     string // branches
	HeadSHA        string
	Labels         []Label
	Assignees      []string
	Milestone      string
	Reviewers      []string // requested: "login" and "org/team"
	Reviews        []Review
	Mergeable      string // clean, dirty, blocked, behind, unstable, draft, unknown
	AutoMerge      bool
	Queued         bool
	Commits        []Commit
	Files          []File
	Additions      int
	Deletions      int
	Checks         []Check
	Comments       []Comment
	Threads        []Thread
	Created        time.Time
	Updated        time.Time
	MergeCommitSHA string
}

// Label is a label with its colour in hex.
type Label struct{ Name, Color, Description string }

// Review is a submitted review.
type Review struct {
	ID          int
	Author      string
	State, Body string
	Submitted   time.Time
}

// Commit is one commit of a pull request.
type Commit struct {
	SHA, Message          string
	AuthorName, AuthorRaw string // AuthorRaw is the e-mail address
	Date                  time.Time
	Verified              bool
}

// File is one changed file.
type File struct {
	Path, Previous, Status string
	Additions, Deletions   int
	Patch                  string // hunks of the unified diff
}

// Check is the latest check run or status of one name.
type Check struct {
	ID                   int // of a check run; 0: a status
	Name, App            string
	Status, Conclusion   string
	Title, Summary, Text string
	Annotations          []Annotation
	Actions              []Action
}

// Action is a button of a check run.
type Action struct{ Label, Identifier, Description string }

// Annotation is a remark of a check run.
type Annotation struct {
	Path               string
	StartLine, EndLine int
	Level              string
	Title, Message     string
}

// Comment is a comment below an issue or pull request.
type Comment struct {
	ID        int
	Author    string
	Body      string
	Created   time.Time
	Updated   time.Time
	Minimized string
	Reactions map[string]int
}

// Thread is a conversation on lines of the diff.
type Thread struct {
	Path            string
	StartLine, Line int // in the diff of today; 0: outdated
	Resolved        bool
	Comments        []ReviewComment
}

// ReviewComment is one comment of a thread.
type ReviewComment struct {
	Comment
	Hunk string // diff that it was written on
}

// Issue is an issue as its page shows it.
type Issue struct {
	Number        int
	URL           string
	Title, Body   string
	Author, State string
	Labels        []Label
	Comments      []Comment
}

// PullRequest reads a pull request.
func (s *Server) PullRequest(owner, name string, number int) (*PullRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(owner + "/" + name)
	if err != nil {
		return nil, err
	}
	i := r.issues[number]
	if i == nil || i.pull == nil {
		return nil, fmt.Errorf("there is no pull request %s/%s#%d", owner, name, number)
	}
	return s.readPull(i.pull), nil
}

// PullRequests reads all pull requests, oldest first.
func (s *Server) PullRequests(owner, name string) ([]*PullRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(owner + "/" + name)
	if err != nil {
		return nil, err
	}
	var list []*PullRequest
	for _, p := range r.pulls() {
		list = append(list, s.readPull(p))
	}
	return list, nil
}

func (s *Server) readPull(p *pull) *PullRequest {
	d := s.pullDiff(p)
	v := &PullRequest{Number: p.number, URL: s.repoWeb(p.repo, "/pull/"+itoa(p.number)), Title: p.title, Body: p.body, Author: loginOf(p.user),
		State: p.state, Draft: p.draft, Head: p.head.ref, Base: p.base.ref, HeadSHA: p.head.sha, Labels: readLabels(p.labels),
		Mergeable: s.mergeability(p).state, AutoMerge: p.auto != nil, Queued: p.queueRef != "", Additions: d.additions, Deletions: d.deletions,
		Comments: readComments(p.comments), Checks: s.readChecks(p), Created: p.created, Updated: p.updated, MergeCommitSHA: p.mergeCommit}
	if !p.merged.IsZero() {
		v.State = "merged"
	}
	if p.milestone != nil {
		v.Milestone = p.milestone.title
	}
	for _, a := range p.assignees {
		v.Assignees = append(v.Assignees, a.login)
	}
	for _, a := range p.users {
		v.Reviewers = append(v.Reviewers, a.login)
	}
	for _, t := range p.teams {
		v.Reviewers = append(v.Reviewers, t.org.login+"/"+t.slug)
	}
	s.readGit(p, d, v)
	s.readReviews(p, v)
	return v
}

func (s *Server) readGit(p *pull, d *pullDiff, v *PullRequest) {
	for _, c := range d.commits {
		v.Commits = append(v.Commits, Commit{c.SHA, c.Message, c.Author.Name, c.Author.Email, c.Author.When, p.repo.verified[c.SHA]})
	}
	for _, f := range d.files {
		v.Files = append(v.Files, File{f.Path, f.Previous, f.Status, f.Additions, f.Deletions, f.Patch})
	}
}

func (s *Server) readReviews(p *pull, v *PullRequest) {
	for _, r := range p.reviews {
		if r.state != "PENDING" {
			v.Reviews = append(v.Reviews, Review{r.id, loginOf(r.user), r.state, r.body, r.submitted})
		}
	}
	for _, t := range p.threads {
		comments := t.published()
		if len(comments) == 0 {
			continue
		}
		at := s.locate(comments[0])
		read := Thread{Path: t.path, StartLine: at.start, Line: at.line, Resolved: t.resolved}
		for _, m := range comments {
			read.Comments = append(read.Comments, ReviewComment{Comment{m.id, loginOf(m.user), m.body, m.created, m.updated, m.minimized,
				countReactions(m.reactions)}, m.hunk})
		}
		v.Threads = append(v.Threads, read)
	}
}

func loginOf(a *account) string {
	if a == nil {
		return "ghost"
	}
	return a.login
}

func readLabels(labels []*label) []Label {
	var list []Label
	for _, l := range labels {
		list = append(list, Label{l.name, l.color, l.description})
	}
	return list
}

func readComments(comments []*comment) []Comment {
	var list []Comment
	for _, m := range comments {
		list = append(list, Comment{m.id, loginOf(m.user), m.body, m.created, m.updated, m.minimized, countReactions(m.reactions)})
	}
	return list
}

func countReactions(reactions []*reaction) map[string]int {
	counts := map[string]int{}
	for _, r := range reactions {
		counts[r.content]++
	}
	return counts
}

// readChecks lists the latest run of each name and the statuses.
func (s *Server) readChecks(p *pull) []Check {
	latest := map[string]int{}
	var list []Check
	for _, k := range p.repo.runs {
		if k.suite.sha != p.head.sha {
			continue
		}
		c := Check{ID: k.id, Name: k.name, App: k.suite.app.Slug, Status: k.status, Conclusion: k.conclusion, Title: k.title, Summary: k.summary, Text: k.text}
		c.Annotations, c.Actions = readAnnotations(k.annotations), readActions(k.actions)
		if at, known := latest[c.App+"/"+c.Name]; known {
			list[at] = c
			continue
		}
		latest[c.App+"/"+c.Name] = len(list)
		list = append(list, c)
	}
	for _, st := range p.repo.latestStatuses(p.head.sha) {
		list = append(list, Check{Name: st.context, App: loginOf(st.creator), Status: "completed", Conclusion: st.state, Title: st.description})
	}
	return list
}

func readAnnotations(annotations []obj) []Annotation {
	var list []Annotation
	for _, a := range annotations {
		str := func(k string) string { v, _ := a[k].(string); return v }
		num := func(k string) int { v, _ := a[k].(float64); return int(v) }
		list = append(list, Annotation{str("path"), num("start_line"), num("end_line"), str("annotation_level"), str("title"), str("message")})
	}
	return list
}

func readActions(actions []obj) []Action {
	var list []Action
	for _, a := range actions {
		str := func(k string) string { v, _ := a[k].(string); return v }
		list = append(list, Action{str("label"), str("identifier"), str("description")})
	}
	return list
}

// Issues reads all issues that are no pull requests, oldest first.
func (s *Server) Issues(owner, name string) ([]*Issue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(owner + "/" + name)
	if err != nil {
		return nil, err
	}
	var list []*Issue
	for _, i := range r.sortedIssues() {
		if i.pull == nil {
			list = append(list, &Issue{i.number, s.repoWeb(r, "/issues/"+itoa(i.number)), i.title, i.body, loginOf(i.user), i.state,
				readLabels(i.labels), readComments(i.comments)})
		}
	}
	return list, nil
}

// Branches lists the branches of a repository with their commits.
func (s *Server) Branches(repository string) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repository)
	if err != nil {
		return nil, err
	}
	branches := map[string]string{}
	for _, name := range r.branches() {
		branches[name] = r.branch(name)
	}
	return branches, nil
}

// DefaultBranch is the default branch of a repository.
func (s *Server) DefaultBranch(repository string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repository)
	if err != nil {
		return "", err
	}
	return r.defaultBranch, nil
}

// ReadFile reads a file at a branch or commit.
func (s *Server) ReadFile(repository, ref, path string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repository)
	if err != nil {
		return nil, err
	}
	sha, known := r.resolve(ref)
	if !known {
		return nil, fmt.Errorf("there is no commit %q in %s", ref, repository)
	}
	o, err := r.git.Object(sha + ":" + path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s of %s at %s", path, repository, ref), err)
	}
	return o.Data, nil
}

// Repositories lists the full names of all repositories.
func (s *Server) Repositories() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, r := range s.sortedRepos() {
		names = append(names, r.fullName())
	}
	return names
}

// GitDir is the folder of a repository, for checks with git itself.
func (s *Server) GitDir(repository string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repository)
	if err != nil {
		return "", err
	}
	return r.git.Dir, nil
}

// CloneURL is where git clones a repository.
func (s *Server) CloneURL(repository string) string { return s.URL + "/" + repository + ".git" }
