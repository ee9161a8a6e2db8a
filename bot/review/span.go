package review

import (
	"slices"
	"strings"
)

// Span is a run of lines of the new side of a diff, from 1, both inclusive,
// that is within one hunk.
type Span struct{ Start, End int }

// context is the lines that a diff shows around a change.
const context = 3

// Spans returns lines of a file that are in a diff with three lines of
// context, however the diff is made: those that no line of the old text is
// like are added in any diff, and so are those around them shown. Git may tell
// a change in several ways (a line was repeated: which one is new?), and a
// comment on a line that it does not show has GitHub refuse the whole review.
func Spans(before, after []byte) []Span {
	had := map[string]bool{}
	for _, line := range lines(before) {
		had[line] = true
	}
	var spans []Span
	text := lines(after)
	for i, line := range text {
		if had[line] {
			continue
		}
		s := Span{max(1, i+1-context), min(len(text), i+1+context)}
		if n := len(spans); n > 0 && s.Start <= spans[n-1].End+1 {
			spans[n-1].End = s.End
			continue
		}
		spans = append(spans, s)
	}
	return spans
}

// Whole is the span of a file that is new.
func Whole(text []byte) []Span {
	if n := len(lines(text)); n > 0 {
		return []Span{{1, n}}
	}
	return nil
}

// Renamed narrows the spans of a new file, for the case that it is taken for
// one of the files that are gone under a new name: GitHub shows only what
// differs then, as git does for files that are half alike.
func Renamed(spans []Span, text []byte, gone [][]byte) []Span {
	for _, old := range gone {
		if alike(old, text) {
			spans = intersect(spans, Spans(old, text))
		}
	}
	return spans
}

// alike reports whether git might take one file for the other. Git asks for
// half of the bytes; less is asked for here, so as to be on the safe side.
func alike(a, b []byte) bool {
	count := map[string]int{}
	for _, line := range lines(a) {
		count[line]++
	}
	shared := 0
	for _, line := range lines(b) {
		if count[line] > 0 {
			count[line]--
			shared += len(line)
		}
	}
	return 3*shared >= max(len(a), len(b), 1)
}

func intersect(a, b []Span) (out []Span) {
	for _, s := range a {
		for _, t := range b {
			if both := (Span{max(s.Start, t.Start), min(s.End, t.End)}); both.Start <= both.End {
				out = append(out, both)
			}
		}
	}
	return out
}

// holding returns the span that holds all lines from start to end.
func holding(spans []Span, start, end int) (Span, bool) {
	i := slices.IndexFunc(spans, func(s Span) bool { return s.Start <= start && end <= s.End })
	if i < 0 {
		return Span{}, false
	}
	return spans[i], true
}

// lines cuts a text behind each newline; there is no empty last line.
func lines(text []byte) []string {
	list := strings.SplitAfter(string(text), "\n")
	if list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}
