// Package edit changes texts by byte ranges and shows what changed.
//
// A rewrite is a list of [Edit], each of which replaces one range of the
// source; [Apply] carries them out and keeps every byte outside of them.
// Two edits that overlap are a bug of whoever made them: they are reported as
// an [*OverlapError] and never merged. [Unified] and [Count] show the
// difference between two texts as git does.
package edit

import (
	"fmt"
	"slices"
)

// Edit replaces the bytes [Start, End) of a source by New.
// Start == End inserts, New == "" deletes.
type Edit struct {
	Start, End int
	New        string
}

// OverlapError says that two edits of one source touch the same bytes.
type OverlapError struct {
	First, Second Edit // in order of position
}

func (e *OverlapError) Error() string {
	return fmt.Sprintf("edits overlap: bytes %d-%d and %d-%d",
		e.First.Start, e.First.End, e.Second.Start, e.Second.End)
}

// RangeError says that an edit lies outside of its source.
type RangeError struct {
	Edit Edit
	Size int // bytes of the source
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("edit of bytes %d-%d is outside of the source of %d bytes",
		e.Edit.Start, e.Edit.End, e.Size)
}

// Apply returns src with the edits carried out; src and edits stay as they
// are. The edits may come in any order. Insertions at the same point keep the
// order in which they are given, and precede a replacement that starts there.
// The error is a [*RangeError] or an [*OverlapError].
func Apply(src []byte, edits []Edit) ([]byte, error) {
	sorted := Sorted(edits)
	size, err := check(src, sorted)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, size)
	last := 0
	for _, e := range sorted {
		out = append(out, src[last:e.Start]...)
		out = append(out, e.New...)
		last = e.End
	}
	return append(out, src[last:]...), nil
}

// Sorted returns the edits in the order in which Apply carries them out.
func Sorted(edits []Edit) []Edit {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return order(a) - order(b)
	})
	return sorted
}

// order puts insertions before the replacement that starts at their point.
func order(e Edit) int {
	if e.Start == e.End {
		return 0
	}
	return 1
}

// check returns the size of the result of sorted edits, or why there is none.
func check(src []byte, sorted []Edit) (int, error) {
	size := len(src)
	for i, e := range sorted {
		if e.Start < 0 || e.End < e.Start || e.End > len(src) {
			return 0, &RangeError{Edit: e, Size: len(src)}
		}
		if i > 0 && e.Start < sorted[i-1].End {
			return 0, &OverlapError{First: sorted[i-1], Second: e}
		}
		size += len(e.New) - (e.End - e.Start)
	}
	return size, nil
}
