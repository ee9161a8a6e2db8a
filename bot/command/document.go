package command

import (
	"fmt"
	"strings"
)

// Document is the table as a page of the documentation.
func Document() string {
	var b strings.Builder
	b.WriteString(`# Slash commands

Write one at the beginning of a line: of a comment on a pull request, on a line of one, on the dashboard or on any
issue, of the summary of a review, or of the description of a pull request or an issue. One text can hold several. Quotes, code and what is edited later are not read, and upper or lower case does
not matter. I react with 👀 when I have read a command, with 🚀 when it is done, and with 😕 when it cannot be done;
all commands of a comment get one answer, which I edit as I go on.

| command | where | who | what it does |
|---|---|---|---|
`)
	for _, s := range Table {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Command(), s.Where, s.Needs, s.Text)
	}
	b.WriteString("\n" + `Put ` + "`dry-run`" + ` before the word (` + "`/canonicalize dry-run all`" + `) to see what would be done.

"Write" is the permission on the repository, which GitHub is asked for; ` + "`commands.permission`" + ` in
` + "`.github/canonicalize.yml`" + ` changes it to triage, maintain or admin. A command works on the head that the pull request
has when the comment is read: if the branch moves before the work is done, I say so and do nothing. Nothing is pushed
to forks; there I suggest, and give a patch.
`)
	return b.String()
}

// String names the places for people.
func (p Place) String() string {
	if p == Anywhere {
		return "anywhere"
	}
	var list []string
	for _, one := range []struct {
		place Place
		text  string
	}{{OnPull, "people's pull requests"}, {OnOwnPull, "my pull requests"}, {OnIssue, "issues"}} {
		if p&one.place != 0 {
			list = append(list, one.text)
		}
	}
	return strings.Join(list, ", ")
}

// String names the right for people.
func (r Right) String() string {
	switch r {
	case Write:
		return "write"
	case OfTeam:
		return "write, or maintainers of the team"
	case Answers:
		return "write, or the author of one from a fork"
	}
	return "anybody"
}
