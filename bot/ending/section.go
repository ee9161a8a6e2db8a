package ending

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// Row is a line about a facade, for the dashboard: where it stands, or one thing
// that stands in its way.
type Row string

// Rows say where a facade stands, what is next, and what stands in the way of
// its end, each with its owner and what a person can do or say. Owner tells
// who owns a path.
func Rows(s Seen, d Decision, owner func(path string) string) (rows []Row) {
	free, all := s.Free()
	head := fmt.Sprintf("**%s**: %d of %d names have no reader; importing it executes %s, and %d once it is retired.", words.Code(s.State.Facade), free, all,
		words.Counted(len(s.State.Executes), "module"), len(s.State.Remains))
	switch {
	case d.Pull != nil:
		head += fmt.Sprintf(" Step **%s**: [#%d](../pull/%[2]d).", d.Step, d.Pull.Number)
	case d.Step != "":
		head += fmt.Sprintf(" Step **%s** is next.", d.Step)
	case d.Why != "":
		head += " Waits: " + words.Plain(strings.TrimSuffix(d.Why, ".")) + "."
	case s.over():
		head = fmt.Sprintf("**%s** is retired.", words.Code(s.State.Facade))
	}
	if !s.Empty.IsZero() && !s.over() {
		head += fmt.Sprintf(" Nothing stands in the way of its end since %s.", s.Empty.Format(time.DateOnly))
	}
	rows = append(rows, Row(head+"\n"))
	for _, b := range open(s.State.Blockers) {
		rows = append(rows, row(s.State.Facade, b, owner))
	}
	return rows
}

func (s *Seen) over() bool {
	return !slices.ContainsFunc(s.State.Steps, func(st retire.StepState) bool { return !st.Done })
}

// open are the blockers that nobody acknowledged, those of one kind together.
func open(all []retire.Blocker) []retire.Blocker {
	list := slices.DeleteFunc(slices.Clone(all), func(b retire.Blocker) bool { return b.By != nil })
	slices.SortStableFunc(list, func(a, b retire.Blocker) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	return list
}

func row(facade string, b retire.Blocker, owner func(path string) string) Row {
	var text strings.Builder
	fmt.Fprintf(&text, "  - %s", words.Code(string(b.Kind)))
	if b.Path != "" {
		place := b.Path
		if b.Line > 0 {
			place = fmt.Sprintf("%s:%d", b.Path, b.Line)
		}
		if b.Repository != "" {
			place = b.Repository + "/" + place
		}
		fmt.Fprintf(&text, " %s", words.Code(place))
		if who := owner(b.Path); who != "" && b.Repository == "" {
			fmt.Fprintf(&text, " of %s", words.Code(who))
		}
	}
	fmt.Fprintf(&text, ": %s", words.Plain(b.Detail))
	if say := b.Comment(facade); say != "" {
		fmt.Fprintf(&text, " Or say %s.", words.Code(say))
	}
	return Row(text.String() + "\n")
}
