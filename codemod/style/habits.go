package style

import (
	"bytes"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// oneNameALine reports whether the block imports every name by a statement of its own, also those of one module.
func (r *rewriter) oneNameALine() bool {
	seen, twice := map[string]bool{}, false
	for _, st := range r.old {
		if len(st.names) > 1 {
			return false
		}
		twice = twice || st.from && seen[st.module]
		seen[st.module] = true
	}
	return twice
}

// inOrder reports whether the block is in order. Where no sorter says which, it is one of those in which people sort by hand, and that one
// counts from then on.
func (r *rewriter) inOrder() bool {
	if r.style.Sorter != settings.NoSorter || r.sorted() {
		return r.sorted()
	}
	style, places := r.style, r.places
	for variant := range 1 << 4 {
		has := func(bit int) bool { return variant&(1<<bit) != 0 }
		own := *style
		own.Order.ByType, own.Order.WithinSections, own.Order.ReverseRelative = !has(0), has(1), has(2)
		r.style = &own
		r.places = &placer{style: &own, block: r.b, cache: map[string]string{}, flat: has(3)}
		if r.sorted() {
			return true
		}
	}
	r.style, r.places = style, places
	return false
}

// dense reports whether two sections of the block have no blank line between.
func (r *rewriter) dense() bool {
	for i := 1; i < len(r.old); i++ {
		if r.section(r.old[i-1]) == r.section(r.old[i]) {
			continue
		}
		between := r.b.Src[r.b.Statements[i-1].End:r.b.Statements[i].Start]
		blank := slices.ContainsFunc(slices.Collect(bytes.Lines(between))[1:], func(line []byte) bool {
			return len(bytes.TrimSpace(line)) == 0 && bytes.ContainsAny(line, "\n\r")
		})
		if !blank {
			return true
		}
	}
	return false
}
