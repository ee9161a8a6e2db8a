package codemod

import "sort"

// lineIndex finds the line of an offset.
type lineIndex struct{ starts []int32 }

func newLines(src []byte) *lineIndex {
	l := &lineIndex{starts: []int32{0}}
	for i := 0; i < len(src); i++ {
		if src[i] == '\n' || src[i] == '\r' && (i+1 == len(src) || src[i+1] != '\n') {
			l.starts = append(l.starts, int32(i+1))
		}
	}
	return l
}

// line returns the number, from 1, of the line that holds the offset.
func (l *lineIndex) line(at int) int {
	return sort.Search(len(l.starts), func(i int) bool { return int(l.starts[i]) > at })
}

// column returns the column, from 1, of the offset in its line, in bytes.
func (l *lineIndex) column(at int) int { return at - int(l.starts[l.line(at)-1]) + 1 }
