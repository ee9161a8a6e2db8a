package style

import (
	"bytes"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// plain is the style that prints one statement as it is: with all its names
// in their order.
func (s *Style) plain() *Style {
	p := *s
	p.Order.KeepNames, p.Order.CombineAs, p.Order.SingleLine = true, true, false
	p.Sections.None, p.Spacing.Headings = true, nil
	return &p
}

// Wrap prints one import statement under the style, without indentation: on
// one line where it fits beside an indentation of the given width, otherwise
// wrapped in the style's mode. Newlines are "\n".
func (s *Style) Wrap(module string, names []string, indent string) string {
	st := statement{from: true, module: module}
	for _, n := range names {
		word, as, _ := strings.Cut(n, " as ")
		st.names = append(st.names, name{word, as})
	}
	r := &rewriter{style: s, b: &Block{}, indent: indent}
	return strings.Join(r.print(st), "\n")
}

// print prints one statement, without indentation and without the comments
// above it.
func (r *rewriter) print(st statement) []string {
	st.above = nil
	places := &placer{style: r.style, block: r.b, cache: map[string]string{}}
	if r.style.Sorter == settings.Isort && !st.lazy {
		p := newIsortPrinter(r.style.plain(), places, r.indent)
		p.add(st)
		return p.lines()
	}
	if !st.from {
		line := st.String()
		for _, c := range st.notes {
			line += "  " + c.text
		}
		return []string{line}
	}
	return newRuffPrinter(r.style.plain(), places, r.indent, r.step()).print(importOf(st))
}

// printed reports whether the i-th statement stands as the style prints it.
func (r *rewriter) printed(i int) bool {
	st := r.b.Statements[i]
	return string(r.b.Src[r.m.lineStart(st.Start):r.m.lineEnd(st.End)]) == strings.Join(r.indented(r.print(r.old[i])), r.m.newline(st.Start))
}

// wrapsAsSorter reports whether a statement takes several lines, and stands as
// the style prints it.
func (r *rewriter) wrapsAsSorter() bool {
	for i, s := range r.b.Statements {
		if bytes.ContainsAny(r.b.Src[s.Start:s.End], "\r\n") && r.printed(i) {
			return true
		}
	}
	return false
}

// reshape is the lines of the i-th statement without the names that leave,
// with those that join it. A statement that stands as the style prints it is
// printed again; any other keeps its form.
func (l *layout) reshape(i int) []string {
	whole := l.left(i)
	var more []name
	for _, a := range l.merged[i] {
		more = append(more, a.names[0])
	}
	whole = l.with(whole, more...)
	if l.printed(i) {
		return l.indented(l.print(whole))
	}
	if len(l.merged[i]) == 0 {
		if cut, ok := l.cut(i); ok {
			return splitAny(cut)
		}
	}
	if len(l.gone[i]) == 0 && len(l.merged[i]) == 1 {
		if grown, ok := l.grow(i, l.merged[i][0].names[0]); ok {
			return splitAny(grown)
		}
	}
	return l.indented(l.print(whole))
}

// splitAny splits a text at newlines of any kind.
func splitAny(text string) []string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
}

// with is a statement with more names: each at its place if the names are in
// order, otherwise behind the last.
func (l *layout) with(st statement, more ...name) statement {
	if len(more) == 0 {
		return st
	}
	names := slices.Concat(st.names, more)
	index := make([]int, len(names)) // of the names in what they become
	for i := range index {
		index[i] = i
	}
	if l.namesSorted(st.names) && !l.style.Order.KeepNames {
		slices.SortStableFunc(index, func(a, b int) int { return l.compareNames(names[a], names[b]) })
	}
	out := st
	out.names, out.notes = make([]name, len(names)), nil
	at := make([]int, len(names)) // where each of them comes to stand
	for k, i := range index {
		out.names[k], at[i] = names[i], k
	}
	for _, c := range st.notes {
		c.names = slices.Clone(c.names)
		for k := range c.names {
			c.names[k] = at[c.names[k]]
		}
		if c.next < len(st.names) {
			c.next = at[c.next]
		} else {
			c.next = len(names)
		}
		out.notes = append(out.notes, c)
	}
	return out
}

// alone reports whether a name of a statement is the only code on its line,
// with or without a comma, and the line is within the statement's brackets.
func (l *layout) alone(st Statement, n Name) bool {
	start, end := l.m.lineStart(n.Start), l.m.lineEnd(n.End)
	if start <= st.Start || end >= st.End || l.m.lineEnd(n.Start) < n.End {
		return false
	}
	before := strings.TrimSpace(string(l.b.Src[start:n.Start]))
	code, _, _ := strings.Cut(string(l.b.Src[n.End:end]), "#")
	code = strings.TrimSpace(code)
	return before == "" && (code == "" || code == ",")
}

// cut is the text of the i-th statement's lines without the names that leave,
// in the form that it has. It reports false if a comment would suffer.
func (l *layout) cut(i int) (string, bool) {
	st := l.b.Statements[i]
	start, end := l.m.lineStart(st.Start), l.m.lineEnd(st.End)
	edits, ok := l.cuts(i)
	if !ok {
		return "", false
	}
	for k := range edits {
		edits[k].Start -= start
		edits[k].End -= start
	}
	out, err := edit.Apply(l.b.Src[start:end], edits)
	return string(out), err == nil
}

// cuts are the edits that take names out of the i-th statement.
func (l *layout) cuts(i int) ([]edit.Edit, bool) {
	st := l.b.Statements[i]
	last := l.lastKept(i)
	var edits []edit.Edit
	for _, k := range l.gone[i] {
		n := st.Names[k]
		switch {
		case l.alone(st, n):
			edits = append(edits, edit.Edit{Start: l.m.lineStart(n.Start), End: l.m.next(l.m.lineEnd(n.End))})
		case k < last:
			edits = append(edits, edit.Edit{Start: n.Start, End: st.Names[k+1].Start})
		default:
			edits = append(edits, edit.Edit{Start: st.Names[k-1].End, End: n.End})
		}
	}
	if last < len(st.Names)-1 && !l.old[i].magic {
		if at := l.comma(st.Names[last].End); at >= 0 && !slices.ContainsFunc(edits, func(e edit.Edit) bool { return e.Start <= at && at < e.End }) {
			edits = append(edits, edit.Edit{Start: at, End: at + 1})
		}
	}
	safe := !slices.ContainsFunc(edits, func(e edit.Edit) bool {
		return bytes.IndexByte(l.b.Src[e.Start:e.End], '#') >= 0 && !l.ownComment(i, e)
	})
	return edits, safe
}

// ownComment reports whether an edit takes out whole lines of names.
func (l *layout) ownComment(i int, e edit.Edit) bool {
	names, gone := l.b.Statements[i].Names, l.gone[i]
	k := sort.Search(len(gone), func(k int) bool { return names[gone[k]].Start >= e.Start })
	return e.Start == l.m.lineStart(e.Start) && k < len(gone) && names[gone[k]].End <= e.End
}

// lastKept is the index of the last name that stays.
func (l *layout) lastKept(i int) int {
	for k := len(l.old[i].names) - 1; k >= 0; k-- {
		if !l.goes(i, k) {
			return k
		}
	}
	return -1
}

// comma is the offset of the comma behind p, -1 if none follows.
func (l *layout) comma(p int) int {
	for ; p < len(l.b.Src); p++ {
		switch l.b.Src[p] {
		case ' ', '\t':
		case ',':
			return p
		default:
			return -1
		}
	}
	return -1
}

// grow is the text of the i-th statement's lines with one more name, in the
// form that it has. It reports false if the form has no place for it.
func (l *layout) grow(i int, n name) (string, bool) {
	st := l.b.Statements[i]
	start, end := l.m.lineStart(st.Start), l.m.lineEnd(st.End)
	at := slices.Index(l.with(l.old[i], n).names, n)
	var edits []edit.Edit
	switch {
	case !l.old[i].wrapped:
		edits = l.growLine(st, at, n)
	case l.alone(st, st.Names[0]) && l.alone(st, st.Names[len(st.Names)-1]):
		edits = l.growLines(st, at, n)
	default:
		return "", false
	}
	for k := range edits {
		edits[k].Start -= start
		edits[k].End -= start
	}
	out, err := edit.Apply(l.b.Src[start:end], edits)
	if err != nil || !l.old[i].wrapped && width(string(out)) > l.style.limit() {
		return "", false
	}
	return string(out), true
}

// growLine puts a name among those on one line.
func (l *layout) growLine(st Statement, at int, n name) []edit.Edit {
	if at < len(st.Names) {
		p := st.Names[at].Start
		return []edit.Edit{{Start: p, End: p, New: n.String() + ", "}}
	}
	p := st.Names[at-1].End
	return []edit.Edit{{Start: p, End: p, New: ", " + n.String()}}
}

// growLines puts a name on a line of its own.
func (l *layout) growLines(st Statement, at int, n name) []edit.Edit {
	like := st.Names[max(at-1, 0)]
	indent, newline := l.m.indent(like.Start), l.m.newline(like.Start)
	if at < len(st.Names) {
		p := l.m.lineStart(st.Names[at].Start)
		return []edit.Edit{{Start: p, End: p, New: indent + n.String() + "," + newline}}
	}
	p := l.m.next(l.m.lineEnd(like.End))
	if l.comma(like.End) >= 0 {
		return []edit.Edit{{Start: p, End: p, New: indent + n.String() + "," + newline}}
	}
	return []edit.Edit{
		{Start: like.End, End: like.End, New: ","},
		{Start: p, End: p, New: indent + n.String() + newline},
	}
}
