package style

import (
	"bytes"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// printer prints a whole block as a sorter does.
type printer interface {
	add(statement)
	lines() []string
}

func (r *rewriter) printer() printer {
	if r.style.Sorter == settings.Isort {
		return newIsortPrinter(r.style, r.places, r.indent)
	}
	return newRuffPrinter(r.style, r.places, r.indent, r.step())
}

// step is one level of indentation, as wrapped names have it.
func (r *rewriter) step() string {
	if strings.Contains(r.indent, "\t") {
		return "\t"
	}
	return r.style.Wrapping.Indent
}

// region is the bytes of the block that the sorter prints: from the comments
// above the first statement to the end of the last line, without its newline.
func (r *rewriter) region() (start, end int) {
	return r.start, r.m.lineEnd(r.b.Statements[len(r.b.Statements)-1].End)
}

// handled reports whether the sorter takes the block as it is: nothing in it
// tells it otherwise, and each statement has its lines for itself.
func (r *rewriter) handled() bool {
	if r.style.Sorter == settings.NoSorter || r.off || len(r.old) == 0 || slices.ContainsFunc(r.b.Statements, func(s Statement) bool { return s.Joined }) {
		return false
	}
	start, end := r.region()
	return !bytes.Contains(r.b.Src[start:end], []byte{'\f'})
}

// topComment reports whether the comments above the first statement begin at
// the top of the file, where isort leaves them alone.
func (r *rewriter) topComment() bool {
	start, _ := r.m.above(r.m.lineStart(r.b.Statements[0].Start), 0)
	rest := r.b.Src[:start]
	for range 3 {
		var more bool
		if _, rest, more = bytes.Cut(rest, []byte("\n")); !more {
			return true
		}
	}
	return false
}

// clean reports whether the sorter prints the block as it stands.
func (r *rewriter) clean() bool {
	if !r.handled() || r.ambiguous() {
		return false
	}
	p := r.printer()
	for _, st := range r.old {
		p.add(st)
	}
	_, lines := r.oldLines()
	return slices.Equal(lines, r.indented(p.lines()))
}

// indented puts the block's indentation before each line that is not blank.
func (r *rewriter) indented(lines []string) []string {
	var out []string
	for _, line := range lines {
		for l := range strings.SplitSeq(line, "\n") {
			if l != "" {
				l = r.indent + l
			}
			out = append(out, l)
		}
	}
	return out
}

// line is a line of the source without its newline.
type line struct{ start, end int }

// oldLines are the lines of the region.
func (r *rewriter) oldLines() (at []line, text []string) {
	start, end := r.region()
	for p := start; ; p = r.m.next(at[len(at)-1].end) {
		e := min(r.m.lineEnd(p), end)
		p = r.m.content(p, e)
		at = append(at, line{p, e})
		text = append(text, string(r.b.Src[p:e]))
		if e >= end {
			return at, text
		}
	}
}

// resort prints the block anew with what leaves and comes. It reports false
// if a comment would be lost or nothing would be left.
func (r *rewriter) resort() ([]edit.Edit, bool) {
	p := r.printer()
	var above []string // comments of statements that went without a successor
	var all []statement
	for i := range r.old {
		if r.leaves(i) {
			if len(r.instead[i]) == 0 {
				above = append(above, r.old[i].above...)
			}
		} else {
			st := r.left(i)
			st.above = append(above, st.above...)
			above = nil
			all = append(all, st)
		}
		for _, k := range r.instead[i] {
			all = append(all, r.added[k].statement)
		}
	}
	if len(above) > 0 || len(all) == 0 {
		return nil, false
	}
	for _, st := range all {
		p.add(st)
	}
	at, old := r.oldLines()
	lines := r.indented(p.lines())
	if !saysAll(lines, all) {
		return nil, false
	}
	return difference(r.m, at, matched(old, lines)), true
}

// saysAll reports whether every comment of the statements is in the lines:
// isort loses some, such as two on one name.
func saysAll(lines []string, all []statement) bool {
	said := map[string]bool{}
	for _, line := range lines {
		_, comments, _ := strings.Cut(line, "#")
		for part := range strings.SplitSeq(strings.ReplaceAll(comments, "  #", ";"), ";") {
			said[strings.TrimSpace(part)] = true
		}
	}
	text := strings.Join(lines, "\n")
	return !slices.ContainsFunc(all, func(st statement) bool {
		return slices.ContainsFunc(st.notes, func(c note) bool {
			comment := commentText(c.text)
			return !said[comment] && !strings.Contains(text, comment) // it may hold what parts comments
		})
	})
}

// matched tells which of the new lines are old ones that stay.
func matched(old, lines []string) []outLine {
	out := make([]outLine, 0, len(lines))
	x, y := 0, 0
	until := func(h edit.Hunk) {
		for ; x < h.Start; x, y = x+1, y+1 {
			out = append(out, outLine{x, lines[y]})
		}
		for ; y < h.NewEnd; y++ {
			out = append(out, outLine{-1, lines[y]})
		}
		x = h.End
	}
	for _, h := range edit.Lines(old, lines) {
		until(h)
	}
	until(edit.Hunk{Start: len(old), End: len(old), NewStart: len(lines), NewEnd: len(lines)})
	return out
}
