package review

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/canonicalize/canonicalize/codemod"
)

// Most is how many comments a pull request gets; what is more stands in the
// summary.
const Most = 30

// GitHub takes 65,536 characters of a comment. A suggestion that was cut would
// be a wrong one, and a mark at the end that is longer than a few thousand
// would be cut off.
const (
	maxSuggestion = 40_000 // bytes of a suggestion
	maxSuggested  = 50     // lines of one; nobody reads more before a click, and the command does it too
	maxShown      = 15_000 // bytes of code that is only shown, and of what is said about it
	maxRemembered = 100    // fingerprints of one comment
	maxHomes      = 1_500  // bytes of the homes that it remembers
)

// File is a file of the newer revision that has findings.
type File struct {
	Text  []byte
	Spans []Span // that can be commented
}

// Comment is a comment on lines of the new side of a file's diff.
type Comment struct {
	Path        string
	Start, Line int // from 1; the same for a single line; 0: no line can be commented
	Body        string
	Prints      []string // fingerprints of its findings, sorted; the first of very many
	Findings    []int    // indexes into the review's findings
	Suggests    bool     // it has a suggestion that does all of it
	Summarized  bool     // an earlier summary told it, since GitHub refused it at its line
}

// Comments makes a comment of every fix, and of every finding without one, in
// the order of the files. Those on no line of the diff have Line 0.
func Comments(r *codemod.Review, files map[string]File, o Offer) []Comment {
	prints := Fingerprints(r.Findings)
	fixed := map[int]bool{}
	var out []Comment
	for _, f := range r.Fixes {
		for _, i := range f.Findings {
			fixed[i] = true
		}
		c := place(r, f.Findings, files[f.Path])
		suggestion, ok := suggest(f, files[f.Path])
		if ok {
			c.Start, c.Line, c.Suggests = suggestion.start, suggestion.end, true
		}
		c.Body = fixText(r, f, suggestion, o)
		out = append(out, c)
	}
	for i := range r.Findings {
		if !fixed[i] {
			c := place(r, []int{i}, files[r.Findings[i].Path])
			c.Body = findingText(&r.Findings[i])
			out = append(out, c)
		}
	}
	for i := range out {
		c := &out[i]
		for _, k := range c.Findings {
			c.Prints = append(c.Prints, prints[k])
		}
		slices.Sort(c.Prints)
		c.Prints = c.Prints[:min(len(c.Prints), maxRemembered)]
		c.Body += "\n\n" + mark(c, r).String()
	}
	slices.SortStableFunc(out, func(a, b Comment) int { return a.Findings[0] - b.Findings[0] })
	return out
}

// place puts a comment on the line of the first finding that is in the diff.
func place(r *codemod.Review, findings []int, f File) Comment {
	c := Comment{Path: r.Findings[findings[0]].Path, Findings: findings}
	for _, i := range findings {
		line := r.Findings[i].Line
		if _, ok := holding(f.Spans, line, line); ok {
			c.Start, c.Line = line, line
			break
		}
	}
	return c
}

// suggestion is the new text of the lines from start to end.
type suggestion struct {
	start, end int
	lines      []string // without line ends
}

// byteOrderMark is no character of the first line to people, and what becomes
// of one in a comment is not said anywhere.
var byteOrderMark = []byte("\ufeff")

// suggest makes one suggestion of all patches of a fix, if their lines are in
// one hunk and a click gives the fix to the byte.
func suggest(f codemod.Fix, file File) (suggestion, bool) {
	if f.Coupled || bytes.IndexByte(file.Text, '\r') >= 0 || !utf8.Valid(file.Text) {
		return suggestion{}, false
	}
	text := lines(file.Text)
	start, end := len(text)+1, 0
	for _, p := range f.Patches {
		start, end = min(start, p.Start), max(end, p.End)
	}
	start, end, ok := anchored(start, end, file.Spans)
	if !ok || start == 1 && bytes.HasPrefix(file.Text, byteOrderMark) {
		return suggestion{}, false
	}
	want, ok := codemod.ApplyPatches(file.Text, f.Patches)
	if !ok {
		return suggestion{}, false
	}
	after := lines(want)
	s, size := suggestion{start: start, end: end}, 0
	for _, line := range after[start-1 : max(start-1, len(after)-(len(text)-end))] {
		s.lines, size = append(s.lines, strings.TrimSuffix(line, "\n")), size+len(line)
	}
	if size > maxSuggestion || len(s.lines) > maxSuggested || end-start >= maxSuggested || !bytes.Equal(s.apply(text), want) {
		return suggestion{}, false
	}
	return s, true
}

// anchored widens an insertion by a line next to it, so that there is a line
// to replace.
func anchored(start, end int, spans []Span) (int, int, bool) {
	if start > end {
		if _, ok := holding(spans, start, start); ok {
			end = start
		} else {
			start = end
		}
	}
	_, ok := holding(spans, start, end)
	return start, end, ok
}

// apply does what GitHub does when the suggestion is clicked.
func (s suggestion) apply(text []string) []byte {
	var b bytes.Buffer
	b.WriteString(strings.Join(text[:s.start-1], ""))
	for i, line := range s.lines {
		b.WriteString(line)
		if i < len(s.lines)-1 || strings.HasSuffix(text[s.end-1], "\n") {
			b.WriteByte('\n')
		}
	}
	b.WriteString(strings.Join(text[s.end:], ""))
	return b.Bytes()
}

// Fingerprints name findings by what they mean, whatever their position.
func Fingerprints(findings []codemod.Finding) []string {
	seen := map[string]int{}
	out := make([]string, len(findings))
	for i, f := range findings {
		key := fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%s", f.Kind, f.Path, f.Scope, f.Facade, f.Name)
		seen[key]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
		out[i] = hex.EncodeToString(sum[:])[:12]
	}
	return out
}
