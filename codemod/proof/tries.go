package proof

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// TornApart says that a statement under `try` of which a name may not be there
// would become statements in which other names are bound when that one fails.
type TornApart struct{ Imp int }

func (e *TornApart) Error() string {
	return fmt.Sprintf("the names of import %d would be bound in another order", e.Imp)
}

// tries checks that the names of a statement under `try` are bound before
// or behind one that may not be there, as they were.
//
//	try:
//	    from shop import Cart, Gone, Basket
//	except ImportError:
//	    ...  # Cart is bound here, and Basket is not
func (c *check) tries() error {
	var now map[slot]int32
	tried := map[int][]int{} // the names of each statement
	for _, p := range c.want.Fragile {
		if c.old.Outline.Imports[p.Imp].Guard&pyfile.Tried != 0 {
			tried[p.Imp] = append(tried[p.Imp], p.Name)
		}
	}
	if len(tried) > 0 {
		now = bindingsAt(c.now.Outline)
	}
	for _, imp := range slices.Sorted(maps.Keys(tried)) {
		if !inOrder(&c.old.Outline.Imports[imp], tried[imp], now) {
			return &TornApart{imp}
		}
	}
	return nil
}

// inOrder reports whether the names of a statement are bound before or behind
// those that may not be there, as they were.
func inOrder(imp *pyfile.Import, fragile []int, now map[slot]int32) bool {
	at := make([]int32, len(imp.Names))
	for k, n := range imp.Names {
		var there bool
		if at[k], there = now[slot{imp.Suite, n.Bound()}]; !there && len(imp.Names) > 1 {
			return false
		}
	}
	before := make([]int32, len(at)) // the last of the names before each
	last := int32(-1)
	for k := range at {
		before[k] = last
		last = max(last, at[k])
	}
	behind := make([]int32, len(at)) // the first of those behind each
	first := int32(math.MaxInt32)
	for k := len(at) - 1; k >= 0; k-- {
		behind[k] = first
		first = min(first, at[k])
	}
	return !slices.ContainsFunc(fragile, func(k int) bool { return before[k] >= at[k] || behind[k] < at[k] })
}

// bindingsAt returns where the imports of each suite first bind each name.
func bindingsAt(o *pyfile.Outline) map[slot]int32 {
	out := map[slot]int32{}
	for i := range o.Imports {
		imp := &o.Imports[i]
		for _, n := range imp.Names {
			at := slot{imp.Suite, n.Bound()}
			if _, seen := out[at]; !seen {
				out[at] = n.Start
			}
		}
	}
	return out
}
