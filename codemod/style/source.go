package style

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// width is the number of characters of a line.
func width(s string) int { return utf8.RuneCountInString(s) }

// statement is an import statement as the sorters see it.
type statement struct {
	index   int // in Block.Statements; -1 for an addition
	from    bool
	lazy    bool
	module  string // with its dots; "" in a plain import
	names   []name
	above   []string // comments directly above, one a line, without indentation
	notes   []note   // comments within and behind the statement, in order
	wrapped bool     // covers more than one line
	magic   bool     // a comma stands behind the last name
	section string
}

// name is one name of a statement.
type name struct {
	name, as string
}

// String is the name as a statement spells it.
func (n name) String() string {
	if n.as == "" {
		return n.name
	}
	return n.name + " as " + n.as
}

// bound is the name that is bound in the scope.
func (n name) bound() string {
	if n.as != "" {
		return n.as
	}
	first, _, _ := strings.Cut(n.name, ".")
	return first
}

// note is a comment, and what stands before it on its line.
type note struct {
	text string // from its hash sign, without blanks at the end
	line int    // 0 is the statement's first line
	last bool   // it stands on the statement's last line
	// names are the indexes of the names that end on its line.
	names []int
	next  int  // index of the first name behind it; len(names) behind the last
	split bool // the first of these names began on a line before
}

// sourceMap finds lines in the source of a block.
type sourceMap struct {
	src []byte
}

// lineStart is the offset of the first byte of the line at p, behind a byte
// order mark and form feeds, which are no part of what stands on the line.
func (m sourceMap) lineStart(p int) int {
	start := p
	for start > 0 && m.src[start-1] != '\n' && m.src[start-1] != '\r' {
		start--
	}
	return m.content(start, p)
}

// content skips a byte order mark and form feeds from start on, up to p.
func (m sourceMap) content(start, p int) int {
	if start == 0 && p >= len(bom) && bytes.HasPrefix(m.src, bom) {
		start = len(bom)
	}
	for start < p && m.src[start] == '\f' {
		start++
	}
	return start
}

var bom = []byte("\ufeff")

// lineEnd is the offset of the newline of the line at p.
func (m sourceMap) lineEnd(p int) int {
	rest := m.src[min(p, len(m.src)):]
	for _, newline := range []byte("\n\r") {
		if n := bytes.IndexByte(rest, newline); n >= 0 {
			rest = rest[:n]
		}
	}
	return p + len(rest)
}

// next is the offset behind the newline at p.
func (m sourceMap) next(p int) int {
	if bytes.HasPrefix(m.src[p:], []byte("\r\n")) {
		return p + 2
	}
	return min(p+1, len(m.src))
}

// newline is the newline of the line at p, or of one before it, "\n" if there
// is none at all.
func (m sourceMap) newline(p int) string {
	end := m.lineEnd(p)
	if end == len(m.src) {
		if end = m.lineStart(p) - 1; end < 0 {
			return "\n"
		}
		if end > 0 && m.src[end] == '\n' && m.src[end-1] == '\r' {
			end--
		}
	}
	return string(m.src[end:m.next(end)])
}

// indent is the white space before the first other byte of the line at p.
func (m sourceMap) indent(p int) string {
	start := m.lineStart(p)
	line := m.src[start:p]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t\f"))])
}

// above returns the first line of the comments directly above the line that
// starts at p, and those comments. They end at a blank line and at floor.
func (m sourceMap) above(p, floor int) (start int, comments []string) {
	start = p
	for start > floor {
		at := m.lineStart(start - 1)
		if start >= 2 && m.src[start-1] == '\n' && m.src[start-2] == '\r' {
			at = m.lineStart(start - 2)
		}
		text := bytes.TrimSpace(m.src[at:m.lineEnd(at)])
		if at < floor || len(text) == 0 || text[0] != '#' {
			break
		}
		comments = append(comments, string(text))
		start = at
	}
	slices.Reverse(comments)
	return start, comments
}

// read turns the i-th statement of a block into what the sorters see.
func (b *Block) read(i int) statement {
	st := b.Statements[i]
	out := statement{index: i, from: st.From, lazy: st.Lazy, section: ""}
	if st.From {
		out.module = strings.Repeat(".", st.Level) + st.Module
	}
	for _, n := range st.Names {
		out.names = append(out.names, name{n.Name, n.As})
	}
	m := sourceMap{b.Src}
	out.wrapped = m.lineEnd(st.Start) < st.End
	if !st.Joined {
		_, out.above = m.above(m.lineStart(st.Start), b.floor(i))
		out.notes = b.notes(st)
	}
	if n := len(st.Names); n > 0 && st.From {
		out.magic = hasComma(b.Src[st.Names[n-1].End:st.End])
	}
	return out
}

// floor is the offset below which nothing belongs to the i-th statement.
func (b *Block) floor(i int) int {
	if i == 0 {
		return 0
	}
	m := sourceMap{b.Src}
	return m.next(m.lineEnd(b.Statements[i-1].End))
}

// hasComma reports whether a comma stands outside of the comments of a text.
func hasComma(text []byte) bool {
	for line := range bytes.Lines(text) {
		code, _, _ := bytes.Cut(line, []byte("#"))
		if bytes.IndexByte(code, ',') >= 0 {
			return true
		}
	}
	return false
}

// notes collects the comments of a statement. No string can stand in it, so
// that every hash sign begins a comment.
func (b *Block) notes(st Statement) []note {
	m := sourceMap{b.Src}
	var out []note
	stop := m.lineEnd(st.End)
	for p, line := st.Start, 0; p <= stop; line++ {
		end := m.lineEnd(p)
		if at := bytes.IndexByte(b.Src[p:end], '#'); at >= 0 {
			n := note{text: string(bytes.TrimRight(b.Src[p+at:end], " \t\f")), line: line, last: end >= st.End}
			n.names, n.next = namesOnLine(st.Names, p, p+at)
			n.split = len(n.names) > 0 && st.Names[n.names[0]].Start < p
			out = append(out, n)
		}
		if end == len(b.Src) {
			break
		}
		p = m.next(end)
	}
	return out
}

// namesOnLine returns which names end between the offsets, and the first that
// starts behind them.
func namesOnLine(names []Name, start, end int) (on []int, next int) {
	first := sort.Search(len(names), func(i int) bool { return names[i].End > start })
	for i := first; i < len(names) && names[i].End <= end; i++ {
		on = append(on, i)
	}
	return on, sort.Search(len(names), func(i int) bool { return names[i].Start >= end })
}
