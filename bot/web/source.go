package web

import (
	"context"
	"errors"
	"time"
)

// ErrNotFound is what a Source answers for a repository or a pull request that it does not have.
var ErrNotFound = errors.New("not found")

// Source is where the pages take what they show. Repositories are named "owner/name".
type Source interface {
	// Repositories lists the repositories by name, with how far each is.
	Repositories(ctx context.Context) ([]Summary, error)
	// Repository returns what is known of one repository, or ErrNotFound.
	Repository(ctx context.Context, name string) (*Repository, error)
	// PullRequest returns one pull request with everything in it, or ErrNotFound.
	PullRequest(ctx context.Context, name string, number int) (*PullRequest, error)
}

// Repository is a campaign in one repository.
type Repository struct {
	Name       string // "owner/name"
	Branch     string // the default branch
	Head       string // the commit that the last pass looked at, in hex
	Note       string // a remark for the reader in plain text; may be empty
	Pulls      []Pull
	Facades    []Facade
	References int // readings of names through the facades at Head
	Left       []Left
	Teams      []Team    // progress; empty: counted from the pull requests
	History    []Day     // progress over time, the oldest day first
	Why        string    // nothing happens now; "" if something may
	Paused     []string  // teams that are paused; "*" is everybody
	Problems   []string  // what a person may want to mend
	Updated    time.Time // when the last pass ended; zero: now
	Issues     []Issue
	Pace       *Pace  // nil: not known
	Tour       []Step // what to look at, one after the other
	Story      *Story // what was done by hand last; nil: nothing
}

// Pace bounds how many pull requests are open at once; 0 is no bound.
type Pace struct{ Open, PerTeam int }

// Issue is an issue with everything in it.
type Issue struct {
	Number   int
	Title    string
	Author   string
	State    State
	Body     string // Markdown
	Comments []Comment
	Board    bool // the dashboard
}

// Step is a step of the tour.
type Step struct {
	Text, Path string
	Done       bool
}

// Story is what a reader did and what came of it.
type Story struct {
	Done string // "You merged #3"
	Busy bool   // the App is still at work
	Then []Event
}

// Event is something that happened on GitHub.
type Event struct{ Text, Path string }

// Summary is a repository in a list.
type Summary struct {
	Name             string
	Done, Total      int // files
	Open, Waiting    int // pull requests
	References, Left int
	Why              string // nothing happens now
	Updated          time.Time
}

// Summary is what a list shows of the repository.
func (r *Repository) Summary() Summary {
	s := Summary{Name: r.Name, References: r.References, Left: len(r.Left), Why: r.Why, Updated: r.Updated}
	for _, t := range r.Teams {
		s.Done, s.Total = s.Done+t.Done, s.Total+t.Total
	}
	for _, p := range campaign(r.Pulls) {
		switch {
		case p.State == Waiting:
			s.Waiting++
		case p.State == Open || p.State == Draft:
			s.Open++
		}
		if len(r.Teams) == 0 && p.State != Closed {
			s.Total += p.Files
			if p.State == Merged {
				s.Done += p.Files
			}
		}
	}
	return s
}

// Team is how far one owner is, counted in files.
type Team struct {
	Name        string // "@org/team"; "": files that nobody owns
	Done, Total int
}

// Day is how far all were at the end of a day, counted in files.
type Day struct {
	Day         string // "2026-12-01"
	Done, Total int
}

// State is what has become of a pull request.
type State string

// The states of a pull request. Waiting is one that is planned and not opened yet.
const (
	Open    State = "open"
	Draft   State = "draft"
	Merged  State = "merged"
	Closed  State = "closed"
	Waiting State = "waiting"
)

// Pull is a pull request as it appears in a list.
type Pull struct {
	Number    int // 0 while it is waiting
	Title     string
	State     State
	Owners    []string // "@org/team" and "@user"; empty: nobody owns the files
	Labels    []Label
	Files     int
	Additions int
	Deletions int
	Checks    Conclusion
	Opened    time.Time
	Note      string // what is particular about it, or why it waits
	URL       string // its page on GitHub; "": these pages have one
	Person    string // who opened it; "": the App
	Setup     bool   // it proposes the configuration
}

// Label is a label of a pull request.
type Label struct {
	Name  string
	Color string // six hexadecimal digits
}

// Conclusion is how a check ended, with GitHub's words (https://docs.github.com/en/rest/checks/runs).
type Conclusion string

// The conclusions that pages tell apart; any other word is shown as it is.
const (
	NoChecks Conclusion = ""
	Pending  Conclusion = "pending"
	Success  Conclusion = "success"
	Neutral  Conclusion = "neutral"
	Failure  Conclusion = "failure"
)

// PullRequest is one pull request with everything in it.
type PullRequest struct {
	Pull
	Author    string
	Body      string // Markdown
	Base      string // branch
	Head      string // branch
	Reviewers []Reviewer
	Commits   []Commit
	Changes   []FileChange
	CheckRuns []Check
	Comments  []Comment
}

// Reviewer is a person or a team whose review is asked for or given.
type Reviewer struct {
	Name  string // "@org/team" or "@user"
	State string // "requested", "approved", "changes requested" or "commented"
}

// Commit is one commit of a pull request.
type Commit struct {
	SHA     string
	Message string // the first line is the title
	Author  string
	When    time.Time
}

// FileChange is one file that a pull request changes.
type FileChange struct {
	Path      string
	Previous  string // the path before a renaming; empty otherwise
	Additions int
	Deletions int
	Patch     string // unified diff, with or without the lines that name the files; empty: not shown
}

// Check is one check run.
type Check struct {
	Name       string
	Conclusion Conclusion
	Title      string
	Summary    string // Markdown
}

// Comment is a comment on the conversation or on a line of the diff.
type Comment struct {
	Author string
	Body   string // Markdown
	Path   string // with Line: the place of a review comment; empty otherwise
	Line   int
	When   time.Time

	Suggestion int // number by which its suggestion can be committed; 0: it has none
}

// Facade is one facade with the names that it re-exports.
type Facade struct {
	Module, Path string
	Consumers    int // files
	References   int
	Names        []Name // sorted by name
}

// Name is one name that a facade re-exports.
type Name struct {
	Name       string
	Home       string   // "module" or "module:attribute"; empty when it has none
	Reason     string   // why it has no home
	Readers    int      // files
	Losers     []string // declarations that the name hides
	Accidental bool     // re-exported without intent, as typing.Any is
}

// Left is a reference that stays.
type Left struct {
	Path         string
	Line         int
	Facade, Name string
	Reason       string
	Detail       string // what a person can do
}
