package command

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Verb is what a command asks for.
type Verb string

// The verbs. Fix is the command without a word, and Paths the one with paths;
// Unknown is a word that is none of the others.
const (
	Fix      Verb = "fix"
	All      Verb = "all"
	Paths    Verb = "paths"
	Status   Verb = "status"
	Explain  Verb = "explain"
	Rebase   Verb = "rebase"
	Split    Verb = "split"
	Pause    Verb = "pause"
	Resume   Verb = "resume"
	Decline  Verb = "decline"
	Reopen   Verb = "reopen"
	TakeOver Verb = "take-over"
	Retire   Verb = "retire"
	Accept   Verb = "acknowledge"
	Revert   Verb = "revert"
	Retry    Verb = "retry"
	Help     Verb = "help"
	Unknown  Verb = "unknown"
)

// Place is where a command can be said.
type Place uint8

// Places; a command's are added up.
const (
	OnPull    Place = 1 << iota // a pull request of a person
	OnOwnPull                   // a pull request of the bot
	OnIssue                     // an issue, the dashboard among them
	Anywhere  = OnPull | OnOwnPull | OnIssue
)

// Right is what one must be allowed to.
type Right uint8

// Rights, the weakest first.
const (
	Read    Right = iota // whoever can comment
	Write                // push to the repository
	OfTeam               // write, or maintainer of the team concerned
	Answers              // write, or the author of a pull request from a fork
)

// Spec is one row of the table.
type Spec struct {
	Verb   Verb
	Syntax string // behind `/canonicalize`
	Text   string // what it does, for people
	Where  Place
	Needs  Right
	Least  int // arguments at least
	Most   int // arguments at most; -1: any number
}

// Command is the row as it is written in a comment.
func (s Spec) Command() string { return strings.TrimSpace(Name + " " + s.Syntax) }

// Table is every command there is.
var Table = []Spec{
	{Fix, "", "On a pull request of yours: import what it newly reads through a facade from its home, in one commit. On one of mine: bring it up to date.", OnPull | OnOwnPull, Answers, 0, 0},
	{All, "all", "The same for every reading in the files that the pull request touches, old ones too.", OnPull, Answers, 0, 0},
	{Paths, "PATH...", "Open pull requests for these paths now, before their turn.", OnIssue | OnOwnPull, Write, 1, -1},
	{Status, "status", "Show how far the repository is.", Anywhere, Read, 0, 0},
	{Explain, "explain NAME", "Show where a name such as `app.models.User` lives, and by which imports it gets into the facade.", Anywhere, Read, 1, 1},
	{Rebase, "rebase", "Make this pull request anew on top of its base branch.", OnOwnPull, Write, 0, 0},
	{Split, "split [N]", "Divide this pull request into N, or into one a directory.", OnOwnPull, Write, 0, 1},
	{Pause, "pause [TEAM]", "Open nothing more for a team, or for anybody.", Anywhere, OfTeam, 0, 1},
	{Resume, "resume [TEAM]", "Take a pause back.", Anywhere, OfTeam, 0, 1},
	{Decline, "decline", "Close this pull request and do not propose its changes again.", OnOwnPull, Write, 0, 0},
	{Reopen, "reopen [#N] [PATH...]", "Propose again what was declined: with this pull request, with #N, or in PATH; on the dashboard without more words everything.", OnOwnPull | OnIssue, Write, 0, -1},
	{TakeOver, "take-over", "Go on with a branch to which people have pushed; their commits are replaced.", OnOwnPull, Write, 0, 0},
	{Retire, "retire FACADE", "Say that a facade may be retired. It is proposed once nothing has stood in its way for seven days.", Anywhere, Write, 1, 1},
	{Accept, "acknowledge FACADE KIND [PATH] [NAME] REASON", "Say why something that stands in the way of a facade's end does not matter; the dashboard lists what does.", Anywhere, Write, 3, -1},
	{Revert, "revert", "On a merged pull request that was a step of a facade's end: open one that takes it back.", Anywhere, Write, 0, 0},
	{Retry, "retry FACADE", "Propose again the steps of a facade's end that were closed or taken back.", Anywhere, Write, 1, 1},
	{Help, "help", "Show this table.", Anywhere, Read, 0, 0},
}

// Lookup returns the row of a verb.
func Lookup(v Verb) (Spec, bool) {
	for _, s := range Table {
		if s.Verb == v {
			return s, true
		}
	}
	return Spec{}, false
}

// HelpText is the table in Markdown, for the help answer and the
// documentation: the commands that can be said in the place.
func HelpText(where Place) string {
	var b strings.Builder
	b.WriteString("| command | what it does |\n|---|---|\n")
	for _, s := range Table {
		if s.Where&where != 0 {
			fmt.Fprintf(&b, "| `%s` | %s |\n", s.Command(), s.Text)
		}
	}
	b.WriteString("\nPut `dry-run` before the word (`/canonicalize dry-run all`) to see what would be done.\n")
	return b.String()
}

// Nearest returns the verb that a word was probably meant to be, or "".
func Nearest(word string) Verb {
	best, least := Verb(""), 3
	for _, s := range Table {
		name := string(s.Verb)
		if s.Verb == Fix || s.Verb == Paths {
			continue
		}
		if d := levenshtein.ComputeDistance(strings.ToLower(word), name); d < least && d < len(name) {
			best, least = s.Verb, d
		}
	}
	return best
}
