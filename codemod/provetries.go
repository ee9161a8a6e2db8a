package codemod

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// tornApart says that a statement under `try` of which a name may not be there
// would become statements in which other names are bound when that one fails.
type tornApart struct{ imp int }

func (e *tornApart) Error() string {
	return fmt.Sprintf("the names of import %d would be bound in another order", e.imp)
}

// proveTries checks that the names of a statement under `try` are bound before
// or behind one that may not be there, as they were.
func (p *planner) proveTries(c *consumer, o *pyfile.Outline) error {
	var now map[slot]int32
	tried := map[int][]*reference{} // by the statement
	for _, r := range c.refs {
		if r.form == FormFrom && r.imp >= 0 && r.index >= 0 && c.outline.Imports[r.imp].Guard&pyfile.Tried != 0 && r.mayFail() {
			tried[r.imp] = append(tried[r.imp], r)
		}
	}
	if len(tried) > 0 {
		now = bindingsAt(o)
	}
	for _, imp := range slices.Sorted(maps.Keys(tried)) {
		if !inOrder(&c.outline.Imports[imp], tried[imp], now) {
			return &tornApart{imp}
		}
	}
	return nil
}

// inOrder reports whether the names of a statement are bound before or behind
// those of the references, as they were.
func inOrder(imp *pyfile.Import, refs []*reference, now map[slot]int32) bool {
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
	return !slices.ContainsFunc(refs, func(r *reference) bool { return before[r.index] >= at[r.index] || behind[r.index] < at[r.index] })
}

// mayFail reports whether the name may not be there when it is imported.
func (r *reference) mayFail() bool {
	return r.reason == Unresolved || r.reason == Dynamic || r.adrift
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

// leaveTogether leaves the names of a statement, and reports whether there
// were any to leave.
func (c *consumer) leaveTogether(imp int) (found bool) {
	for _, r := range c.refs {
		if r.imp == imp && r.form == FormFrom && r.reason == "" {
			r.leave(OrderDependent, "Another name of the statement may not be there, which its `try` is for, and what is bound then depends on the order of the names: give each a `try` of its own.")
			found = true
		}
	}
	return found
}
