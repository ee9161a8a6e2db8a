package style

import (
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
)

// outLine is a line of the new block: an old one that stays, or a new one.
type outLine struct {
	old  int // index of the old line; -1: new
	text string
}

// span is the lines of an old statement: [first, last], with the comments
// directly above from top on.
type span struct{ top, first, last int }

// edits writes the block anew, line by line.
func (l *layout) edits() []edit.Edit {
	at, text := l.oldLines()
	var out []outLine
	keep := func(from, to int) {
		for k := from; k < to; k++ {
			out = append(out, outLine{k, text[k]})
		}
	}
	fresh := func(lines []string) {
		for _, line := range lines {
			if l.style.Spacing.BeforeComments && len(out) > 0 && airless(out[len(out)-1].text, line) {
				out = append(out, outLine{-1, ""})
			}
			out = append(out, outLine{-1, line})
		}
	}
	done := 0
	for i, s := range l.spans(at) {
		if s.first < done { // shares its line with the statement before
			continue
		}
		keep(done, s.top)
		if l.ordered { // otherwise the comments stay above the first of what the statement becomes
			fresh(l.newLines(l.before[i], nil, &l.old[i]))
		}
		if !l.leaves(i) || len(l.instead[i]) == 0 || l.joined(i) {
			keep(s.top, s.first)
		}
		if !l.ordered {
			fresh(l.newLines(l.before[i], nil, &l.old[i]))
		}
		switch {
		case l.joined(i) || len(l.gone[i]) == 0 && len(l.merged[i]) == 0:
			keep(s.first, s.last+1)
		case !l.leaves(i):
			fresh(l.reshape(i))
		}
		if !l.joined(i) {
			fresh(l.newLines(l.behind[i], &l.old[i], nil))
		}
		done = s.last + 1
	}
	return difference(l.m, at, l.tidy(out, text))
}

// airless reports whether a comment follows an import without a blank line,
// which both black and ruff put there.
func airless(previous, line string) bool {
	previous = strings.TrimSpace(previous)
	return strings.HasPrefix(strings.TrimSpace(line), "#") && previous != "" && !strings.HasPrefix(previous, "#") &&
		!strings.HasSuffix(previous, "(") && !strings.HasSuffix(previous, ",")
}

// spans finds the lines of each statement.
func (l *layout) spans(at []line) []span {
	var out []span
	k := 0
	for i, st := range l.b.Statements {
		for k < len(at)-1 && at[k].end < st.Start {
			k++
		}
		s := span{first: k, last: k}
		for s.last < len(at)-1 && at[s.last].end < st.End {
			s.last++
		}
		s.top = s.first - min(len(l.old[i].above), s.first)
		out = append(out, s)
	}
	return out
}

// newLines prints new statements that stand behind one statement or before
// another.
func (l *layout) newLines(list []placed, behind, before *statement) []string {
	var out []string
	previous := behind
	for i := range list {
		if previous != nil {
			out = append(out, make([]string, l.separation(*previous, list[i].statement))...)
		}
		out = append(out, l.indented(list[i].above)...)
		out = append(out, l.indented(l.print(list[i].statement))...)
		previous = &list[i].statement
	}
	if before != nil && len(list) > 0 {
		blank := l.separation(*previous, *before)
		if l.ordered && len(before.above) > 0 && l.style.Spacing.BeforeComments {
			blank = max(blank, 1)
		}
		out = append(out, make([]string, blank)...)
	}
	return out
}

// tidy drops the blank lines that became superfluous where something went:
// at the start and the end of the block, and those that are more in a row
// than there were.
func (l *layout) tidy(out []outLine, old []string) []outLine {
	blank := func(i int) bool { return strings.TrimSpace(out[i].text) == "" }
	for len(out) > 0 && blank(0) {
		out = out[1:]
	}
	for len(out) > 0 && blank(len(out)-1) {
		out = out[:len(out)-1]
	}
	var tidied []outLine
	for i := 0; i < len(out); {
		j := i
		for j < len(out) && blank(j) {
			j++
		}
		if j == i {
			tidied = append(tidied, out[i])
			i++
			continue
		}
		tidied = append(tidied, l.gap(out[i-1], out[i:j], out[j])...)
		i = j
	}
	return tidied
}

// gap is what stays of the blank lines between two lines: all if they stood
// there before, otherwise the largest run of old ones, or one.
func (l *layout) gap(before outLine, blank []outLine, after outLine) []outLine {
	if before.old >= 0 && after.old == before.old+len(blank)+1 {
		return blank
	}
	var longest []outLine
	for i := 0; i < len(blank); {
		j := i + 1
		for j < len(blank) && blank[i].old >= 0 && blank[j].old == blank[j-1].old+1 {
			j++
		}
		if j-i > len(longest) {
			longest = blank[i:j]
		}
		i = j
	}
	if limit := max(l.style.Spacing.BetweenSections, 1); len(longest) > limit && blank[0].old < 0 {
		return longest[:limit]
	}
	return longest
}

// difference is the edits that turn the old lines into the new. Lines that
// stay keep their newlines, new ones get that of the line whose place they take.
func difference(m sourceMap, at []line, out []outLine) []edit.Edit {
	var edits []edit.Edit
	old := 0
	var fresh []string
	flush := func(until int) {
		if old < until || len(fresh) > 0 {
			edits = append(edits, replaceLines(m, at, old, until, fresh))
		}
		fresh = nil
	}
	for _, o := range out {
		if o.old < 0 {
			fresh = append(fresh, o.text)
			continue
		}
		flush(o.old)
		old = o.old + 1
	}
	flush(len(at))
	return slices.DeleteFunc(edits, func(e edit.Edit) bool { return e.Start == e.End && e.New == "" })
}

// replaceLines puts lines in the place of the old lines [from, to).
func replaceLines(m sourceMap, at []line, from, to int, lines []string) edit.Edit {
	newline := m.newline(at[min(from, len(at)-1)].start)
	text := strings.Join(lines, newline)
	switch {
	case from == to && from == len(at):
		end := at[len(at)-1].end
		return edit.Edit{Start: end, End: end, New: newline + text}
	case from == to:
		return edit.Edit{Start: at[from].start, End: at[from].start, New: text + newline}
	case len(lines) > 0:
		return edit.Edit{Start: at[from].start, End: at[to-1].end, New: text}
	case to < len(at):
		return edit.Edit{Start: at[from].start, End: at[to].start}
	case from > 0:
		return edit.Edit{Start: at[from-1].end, End: at[to-1].end}
	}
	return edit.Edit{Start: at[0].start, End: m.next(at[to-1].end)}
}
