package codemod

import (
	"fmt"

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
	for _, r := range c.refs {
		if r.form != FormFrom || r.imp < 0 || r.index < 0 || c.outline.Imports[r.imp].Guard&pyfile.Tried == 0 || !r.mayFail() {
			continue
		}
		imp := &c.outline.Imports[r.imp]
		at, ok := bindingAt(o, imp.Suite, imp.Names[r.index].Bound())
		for k, n := range imp.Names {
			other, there := bindingAt(o, imp.Suite, n.Bound())
			if k != r.index && (!ok || !there || (k < r.index) != (other < at)) {
				return &tornApart{r.imp}
			}
		}
	}
	return nil
}

// mayFail reports whether the name may not be there when it is imported.
func (r *reference) mayFail() bool {
	return r.reason == Unresolved || r.reason == Dynamic || r.adrift
}

// bindingAt returns where an import of a suite binds a name.
func bindingAt(o *pyfile.Outline, suite int32, bound string) (at int32, ok bool) {
	for i := range o.Imports {
		imp := &o.Imports[i]
		if imp.Suite != suite {
			continue
		}
		for _, n := range imp.Names {
			if n.Bound() == bound {
				return n.Start, true
			}
		}
	}
	return 0, false
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
