package style

import (
	"bytes"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
)

// joinedEdits are the edits of statements that share their line with others:
// what a statement becomes stands in its place, joined by semicolons.
func (l *layout) joinedEdits() []edit.Edit {
	var edits []edit.Edit
	for i, st := range l.b.Statements {
		if !l.joined(i) || len(l.gone[i]) == 0 && len(l.behind[i]) == 0 {
			continue
		}
		var parts []string
		if !l.leaves(i) {
			parts = append(parts, l.left(i).String())
		}
		for _, p := range l.behind[i] {
			parts = append(parts, p.String())
		}
		e := edit.Edit{Start: st.Start, End: st.End, New: strings.Join(parts, "; ")}
		if len(parts) == 0 {
			e = l.vanish(st)
			if n := len(edits); n > 0 && e.Start < edits[n-1].End {
				e = l.vanishLast(edits[n-1], e)
			}
		}
		edits = append(edits, e)
	}
	return edits
}

// vanishLast is the edit of the last statement of a line whose others are gone
// too, with the semicolon between: nothing of the line stays but its comment.
func (l *layout) vanishLast(before, e edit.Edit) edit.Edit {
	src := l.b.Src
	e.Start = before.End
	if len(bytes.TrimSpace(src[l.m.lineStart(before.Start):before.Start])) > 0 {
		return e
	}
	for e.End < len(src) && (src[e.End] == ' ' || src[e.End] == '\t') {
		e.End++
	}
	return e
}

// joined reports whether a statement shares its line with others. One that has
// but a semicolon behind it goes with its line.
func (l *layout) joined(i int) bool {
	st, src := l.b.Statements[i], l.b.Src
	if !st.Joined || !l.leaves(i) || len(l.behind[i]) > 0 {
		return st.Joined
	}
	head, rest := src[l.m.lineStart(st.Start):st.Start], src[st.End:l.m.lineEnd(st.End)]
	return len(bytes.TrimSpace(head)) > 0 || string(bytes.TrimSpace(rest)) != ";"
}

// vanish takes a statement out of its line, with one of the semicolons around
// it; alone behind a colon it leaves a `pass`.
func (l *layout) vanish(st Statement) edit.Edit {
	src := l.b.Src
	rest := src[st.End:l.m.lineEnd(st.End)]
	after := bytes.TrimLeft(rest, " \t")
	if follows := bytes.TrimLeft(bytes.TrimPrefix(after, []byte(";")), " \t"); len(after) > 0 && after[0] == ';' && len(follows) > 0 && follows[0] != '#' {
		return edit.Edit{Start: st.Start, End: st.End + len(rest) - len(follows)}
	}
	head := bytes.TrimRight(src[l.m.lineStart(st.Start):st.Start], " \t")
	if bytes.HasSuffix(head, []byte(";")) {
		return edit.Edit{Start: l.m.lineStart(st.Start) + len(head) - 1, End: st.End}
	}
	return edit.Edit{Start: st.Start, End: st.End, New: "pass"}
}
