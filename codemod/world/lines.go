package world

import "sort"

// Lines finds the line of an offset.
type Lines struct{ Starts []int32 }

func LinesOf(src []byte) *Lines {
	l := &Lines{Starts: []int32{0}}
	for i := 0; i < len(src); i++ {
		if src[i] == '\n' || src[i] == '\r' && (i+1 == len(src) || src[i+1] != '\n') {
			l.Starts = append(l.Starts, int32(i+1))
		}
	}
	return l
}

// Line returns the number, from 1, of the line that holds the offset.
func (l *Lines) Line(at int) int {
	return sort.Search(len(l.Starts), func(i int) bool { return int(l.Starts[i]) > at })
}

// Column returns the column, from 1, of the offset in its line, in bytes.
func (l *Lines) Column(at int) int { return at - int(l.Starts[l.Line(at)-1]) + 1 }
