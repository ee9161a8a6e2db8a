package style

import (
	"bytes"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// segment is a run of a block's statements that a sorter treats as one block.
type segment struct {
	from, to int
	// off says that the sorter leaves the segment alone: it stands behind
	// `isort: off`, or is a statement with `isort: skip`
	// (https://pycqa.github.io/isort/docs/configuration/action_comments.html), or
	// lazy imports, which are no imports to isort.
	off bool
}

// segments cuts a block at the comments that tell a sorter so.
func (s *Style) segments(b *Block) []segment {
	var out []segment
	off := false
	for i, st := range b.Statements {
		between := b.Src[b.gapStart(i):st.Start]
		cut := i == 0
		for _, action := range actions(between) {
			cut = true
			off = action == "off" || off && action != "on"
		}
		m := sourceMap{b.Src}
		skip := slices.Contains(actions(b.Src[st.Start:m.lineEnd(st.End)]), "skip")
		strange := st.Lazy && s.Sorter == settings.Isort
		if cut || skip || len(out) > 0 && out[len(out)-1].off != (off || strange) {
			out = append(out, segment{from: i, off: off || skip || strange})
		}
		out[len(out)-1].to = i + 1
	}
	return out
}

// gapStart is the offset behind the line of the statement before the i-th, or
// that of the comments above the first.
func (b *Block) gapStart(i int) int {
	m := sourceMap{b.Src}
	if i > 0 {
		return min(m.next(m.lineEnd(b.Statements[i-1].End)), b.Statements[i].Start)
	}
	start, _ := m.above(m.lineStart(b.Statements[0].Start), 0)
	return start
}

// actions are the action comments of a text: "off", "on", "split", "skip".
func actions(text []byte) []string {
	if !bytes.Contains(text, []byte("isort:")) {
		return nil
	}
	var out []string
	for part := range strings.SplitSeq(string(text), "isort:") {
		word := strings.TrimLeft(part, " ")
		for _, action := range []string{"off", "on", "split", "skip"} {
			if strings.HasPrefix(word, action) {
				out = append(out, action)
			}
		}
	}
	return out
}

// part is a segment as a block.
func (b *Block) part(s segment) Block {
	part := *b
	part.Statements = b.Statements[s.from:s.to]
	return part
}

// share is the part of a change that concerns a segment.
type share struct {
	leaving map[int][]int
	coming  []Addition
}

// shares takes a change apart by segments.
func shares(segments []segment, remove map[int][]int, add []Addition) []share {
	out := make([]share, len(segments))
	of := func(i int) int {
		return sort.Search(len(segments), func(k int) bool { return segments[k].to > i })
	}
	for i, names := range remove {
		k := of(i)
		if out[k].leaving == nil {
			out[k].leaving = map[int][]int{}
		}
		out[k].leaving[i-segments[k].from] = names
	}
	for _, a := range add {
		k := of(a.Instead)
		a.Instead -= segments[k].from
		out[k].coming = append(out[k].coming, a)
	}
	return out
}
