package style

import (
	"bytes"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
)

// printer prints a whole block as a sorter does.
type printer interface {
	add(statement)
	lines() []string
}

func (r *rewriter) printer() printer {
	if r.style.Sorter == Isort {
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
	first, last := r.b.Statements[0], r.b.Statements[len(r.b.Statements)-1]
	start = r.m.lineStart(first.Start)
	if len(r.old[0].above) > 0 {
		start, _ = r.m.above(start, 0)
	}
	return start, r.m.lineEnd(last.End)
}

// prepare drops the comments above the first statement that the sorter does
// not take for its own, and reports whether the sorter handles the block.
func (r *rewriter) prepare() bool {
	if len(r.old) == 0 || slices.ContainsFunc(r.b.Statements, func(s Statement) bool { return s.Joined }) {
		return false
	}
	if r.style.Sorter == Ruff || r.topComment() {
		r.old[0].above = nil
	}
	start, end := r.region()
	return !bytes.Contains(r.b.Src[start:end], []byte("isort:")) && !bytes.Contains(r.b.Src[start:end], []byte{'\f'})
}

// topComment reports whether the comments above the first statement begin at
// the top of the file, where isort leaves them alone.
func (r *rewriter) topComment() bool {
	start, _ := r.m.above(r.m.lineStart(r.b.Statements[0].Start), 0)
	return bytes.Count(r.b.Src[:start], []byte("\n")) <= 2
}

// clean reports whether the sorter prints the block as it stands.
func (r *rewriter) clean() bool {
	if !r.prepare() {
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
			if r.firstInstead(i) < 0 {
				above = append(above, r.old[i].above...)
			}
		} else {
			st := r.left(i)
			st.above = append(above, st.above...)
			above = nil
			all = append(all, st)
		}
		for _, a := range r.added {
			if a.instead == i {
				all = append(all, a.statement)
			}
		}
	}
	if len(above) > 0 || len(all) == 0 {
		return nil, false
	}
	for _, st := range all {
		p.add(st)
	}
	return r.difference(r.indented(p.lines())), true
}

// difference is the edits that turn the lines of the region into others.
// Lines that stay keep their newlines.
func (r *rewriter) difference(lines []string) []edit.Edit {
	at, old := r.oldLines()
	newline := r.m.newline(at[0].start)
	var edits []edit.Edit
	for _, h := range edit.Lines(old, lines) {
		text := strings.Join(lines[h.NewStart:h.NewEnd], newline)
		switch {
		case h.Start == h.End && h.Start == len(at):
			end := at[len(at)-1].end
			edits = append(edits, edit.Edit{Start: end, End: end, New: newline + text})
		case h.Start == h.End:
			edits = append(edits, edit.Edit{Start: at[h.Start].start, End: at[h.Start].start, New: text + newline})
		case h.NewStart < h.NewEnd:
			edits = append(edits, edit.Edit{Start: at[h.Start].start, End: at[h.End-1].end, New: text})
		case h.End < len(at):
			edits = append(edits, edit.Edit{Start: at[h.Start].start, End: at[h.End].start})
		default:
			edits = append(edits, edit.Edit{Start: at[h.Start-1].end, End: at[h.End-1].end})
		}
	}
	return edits
}
