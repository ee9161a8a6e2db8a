package edit

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/aymanbagabas/go-udiff/lcs"
)

// Unified returns the difference between two versions of the file at path as
// a unified diff with three lines of context, as `git apply` reads it: the
// names carry the prefixes a/ and b/, and a missing final newline is marked.
// Equal texts give "".
func Unified(path string, before, after []byte) string {
	if bytes.Equal(before, after) {
		return ""
	}
	a, b := label("a/"+path), label("b/"+path)
	old := string(before)
	text, err := udiff.ToUnified(a, b, old, lineEdits(old, string(after)), udiff.DefaultContextLines)
	if err != nil { // the edits above are in order and within the text
		return udiff.Unified(a, b, old, string(after))
	}
	return text
}

// Count returns how many lines were added and deleted between two texts, as
// `git diff --numstat` counts them: a changed line is one of each.
func Count(before, after []byte) (add, del int) {
	a, b := trim(splitLines(string(before)), splitLines(string(after)))
	same := len(common(a, b))
	return len(b) - same, len(a) - same
}

// label spells a path as git does in the lines --- and +++: quoted where it
// has characters that would end it, followed by a tab where it has spaces.
func label(path string) string {
	for i := range len(path) {
		if c := path[i]; c < ' ' || c == '"' || c == '\\' || c == 0x7f {
			return quote(path)
		}
	}
	if strings.Contains(path, " ") {
		return path + "\t"
	}
	return path
}

// quote is git's C-style quoting of a path.
func quote(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(path) {
		switch c := path[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			b.WriteByte('\\')
			octal := strconv.FormatUint(uint64(c), 8)
			b.WriteString(strings.Repeat("0", 3-len(octal)) + octal)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// splitLines cuts a text after each newline; there is no empty last line.
func splitLines(text string) []string {
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// trim drops the lines that both texts begin and end with.
func trim(a, b []string) ([]string, []string) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

// pair is one line of the first text and the equal line of the second.
type pair struct{ a, b int }

// common returns a longest common subsequence of lines. Lines that occur in
// one text only are taken out first, as git does: they cannot be part of it,
// and the search of the library is exact for few differences only.
func common(a, b []string) []pair {
	ai, av := occurring(a, b)
	bi, bv := occurring(b, a)
	var out []pair
	x, y := 0, 0
	keep := func(until int) {
		for ; x < until; x, y = x+1, y+1 {
			out = append(out, pair{ai[x], bi[y]})
		}
	}
	for _, d := range lcs.DiffLines(av, bv) {
		keep(d.Start)
		x, y = d.End, d.ReplEnd
	}
	keep(len(av))
	return out
}

// occurring returns the lines of a that b has too, and their indexes in a.
func occurring(a, b []string) (index []int, lines []string) {
	has := make(map[string]bool, len(b))
	for _, line := range b {
		has[line] = true
	}
	for i, line := range a {
		if has[line] {
			index, lines = append(index, i), append(lines, line)
		}
	}
	return index, lines
}

// lineEdits returns the edits of whole lines that turn one text into another.
func lineEdits(before, after string) []udiff.Edit {
	a, b := splitLines(before), splitLines(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	start := len(strings.Join(a[:head], ""))
	a, b = trim(a[head:], b[head:])
	var edits []udiff.Edit
	x, y := 0, 0
	replace := func(p pair) {
		old, text := strings.Join(a[x:p.a], ""), strings.Join(b[y:p.b], "")
		if old != "" || text != "" {
			edits = append(edits, udiff.Edit{Start: start, End: start + len(old), New: text})
		}
		start += len(old)
	}
	for _, p := range common(a, b) {
		replace(p)
		start += len(a[p.a])
		x, y = p.a+1, p.b+1
	}
	replace(pair{len(a), len(b)})
	return edits
}

// Hunk is a run of lines of one text that another text has instead of its
// own: the lines [Start, End) of the first are [NewStart, NewEnd) of the second.
type Hunk struct{ Start, End, NewStart, NewEnd int }

// Lines returns the difference between two lists of lines, in order.
func Lines(before, after []string) []Hunk {
	var hunks []Hunk
	x, y := 0, 0
	until := func(p pair) {
		if p.a > x || p.b > y {
			hunks = append(hunks, Hunk{x, p.a, y, p.b})
		}
		x, y = p.a+1, p.b+1
	}
	for _, p := range common(before, after) {
		until(p)
	}
	until(pair{len(before), len(after)})
	return hunks
}
