package plan

import (
	"fmt"
	"strings"
	"time"
)

// State of a pull request.
type State string

// The states of a pull request.
const (
	StateOpen   State = "open"
	StateClosed State = "closed"
	StateMerged State = "merged"
)

// PullRequest is a pull request of ours as GitHub has it.
type PullRequest struct {
	Number    int
	State     State
	Branch    string
	Base      string // branch that it merges into
	Head      string // commit at the tip of the branch
	Marker    Marker
	Labels    []string // set, or set once and taken off by a person
	Reviewers []string // "@org/team": asked now, asked once, or having reviewed

	Draft     bool
	Approved  bool
	Queued    bool
	AutoMerge bool
	Conflict  bool // cannot be merged
	Foreign   bool // the branch holds commits that are not ours
	Released  bool // a person said that the bot may go on: take-over, reopen
	Answered  bool // a person reviewed or commented
	Active    time.Time
	Said      map[string]bool // notices that were given, by their names
}

// Existing gives the chunk that a pull request holds, false when it holds
// none: merged, closed by the bot itself, or given free by a person.
func (p *PullRequest) Existing() (Existing, bool) {
	e := Existing{Number: p.Number, ID: p.Marker.Chunk, Branch: p.Branch, Files: p.Marker.Files}
	switch p.State {
	case StateOpen:
		return e, true
	case StateClosed:
		e.Declined = true
		return e, p.Marker.Closed == "" && !p.Released
	}
	return e, false
}

// Kind of an action.
type Kind string

// The kinds of actions. Leave and Wait do nothing and say why.
const (
	Open             Kind = "open"
	UpdateBranch     Kind = "update-branch" // and body
	UpdateBody       Kind = "update-body"
	CloseEmpty       Kind = "close-empty"
	CloseSuperseded  Kind = "close-superseded"
	Detach           Kind = "detach"
	Remind           Kind = "remind"
	Label            Kind = "label"
	RequestReviewers Kind = "request-reviewers"
	Leave            Kind = "leave"
	Wait             Kind = "wait"
)

// Action is one thing to do on GitHub, or a reason for doing nothing.
type Action struct {
	Kind   Kind
	Number int    // of the pull request; 0 for Open
	Branch string // of the chunk
	Chunk  *Chunk // nil when nothing is left of it
	Lease  string // commit that the branch must be at for UpdateBranch
	Names  []string
	By     int  // pull request that supersedes
	Asked  bool // by a person: it does not count against the budget
	Why    string
}

// Writes says whether the action changes something on GitHub.
func (a Action) Writes() bool { return a.Kind != Leave && a.Kind != Wait }

// Key is the natural key: two actions with the same key are the same.
func (a Action) Key() string {
	what := a.Branch
	switch a.Kind {
	case UpdateBranch:
		what = fmt.Sprintf("%s@%s", a.Branch, a.Lease)
	case UpdateBody:
		what = fmt.Sprintf("#%d %s", a.Number, a.Chunk.Body)
	case Label, RequestReviewers:
		what = fmt.Sprintf("#%d %s", a.Number, strings.Join(a.Names, ","))
	case CloseEmpty, CloseSuperseded, Detach, Remind:
		what = fmt.Sprintf("#%d", a.Number)
	}
	return string(a.Kind) + " " + what
}

func (a Action) String() string {
	text := a.Key()
	if a.Number != 0 && (a.Kind == Leave || a.Kind == UpdateBranch) {
		text += fmt.Sprintf(" (#%d)", a.Number)
	}
	if a.Why != "" {
		text += ": " + a.Why
	}
	return text
}
