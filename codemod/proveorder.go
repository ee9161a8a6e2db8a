package codemod

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// orderLost says that the imports of a block bind a name more than once, and
// that another of them would be the last one in the new text.
type orderLost struct {
	suite int32
	bound string
}

func (e *orderLost) Error() string {
	return fmt.Sprintf("the imports of a block would bind %s in another order", e.bound)
}

// slot is a name of a suite. Suites have the same numbers before and after,
// since no edit makes or removes one.
type slot struct {
	suite int32
	bound string
}

// bindEvent is one import's binding of a name.
type bindEvent struct {
	block      int32  // statements other than imports before it: the same for a whole block
	start, end int32  // from the first of the block to the last
	module     string // that it is taken from
	name       string // "" if it is the module itself
	typing     bool
}

// proveOrder checks that behind each block of imports, each name is bound to
// the object that it was bound to before: where a block binds a name more
// than once, the last binding wins, and sorting can make another the last.
func (p *planner) proveOrder(c *consumer, after []byte, o *pyfile.Outline) error {
	starred := p.starredNames(c)
	replaced := map[int][]string{}
	for _, r := range c.refs {
		if r.reason == "" && r.form == FormStar {
			replaced[r.imp] = r.star
		}
	}
	c.homes = c.rewrittenHomes()
	old := p.timeline(c, c.outline, starred, replaced, c.removed)
	now := p.timeline(c, o, starred, nil, nil)
	slots := make([]slot, 0, len(old))
	for at := range old {
		if now[at] == nil {
			return fmt.Errorf("the new text has no import of %s in one of its suites", at.bound)
		}
		slots = append(slots, at)
	}
	sort.Slice(slots, func(i, j int) bool {
		return slots[i].suite < slots[j].suite || slots[i].suite == slots[j].suite && slots[i].bound < slots[j].bound
	})
	before, behind := seenText{c.src, c.outline, c.starImports()}, seenText{after, o, starImports(o)}
	for _, at := range slots {
		was, is := old[at], now[at]
		if p.sameEvents(c, was, is) || p.newName(c, at.bound, was, is) {
			continue
		}
		if !p.sameEvents(c, p.collapse(c, before, at.bound, was), p.collapse(c, behind, at.bound, is)) {
			return &orderLost{at.suite, at.bound}
		}
	}
	return nil
}

// newName reports whether the name is one that the new text binds for a use of
// an attribute, and every import of it binds that one object.
func (p *planner) newName(c *consumer, bound string, was, is []bindEvent) bool {
	for home := range c.locals[bound] {
		other := func(e bindEvent) bool { return p.eventHome(c, e) != home.String() }
		if !slices.ContainsFunc(was, other) && !slices.ContainsFunc(is, other) {
			return true
		}
	}
	return false
}

// starredNames are the names that star imports may bind and that matter here.
func (p *planner) starredNames(c *consumer) map[string]bool {
	if len(c.starImports()) == 0 {
		return nil
	}
	out := map[string]bool{}
	for _, r := range c.refs {
		if r.reason == "" && r.form == FormFrom {
			out[c.outline.Imports[r.imp].Names[r.index].Bound()] = true
		}
		for _, n := range r.star {
			out[n] = true
		}
		if r.reason == "" && r.form == FormAttribute {
			out[r.local] = true
		}
	}
	return out
}

// timeline returns what the imports of a text bind, block by block: of each
// block the last binding of a name. Of a star import that is replaced, the
// names count that it is replaced by: nothing needs the others. A module's
// import that goes has no use left, so what it bound does not count.
func (p *planner) timeline(c *consumer, o *pyfile.Outline, starred map[string]bool, replaced map[int][]string, gone map[position]bool) map[slot][]bindEvent {
	out := make(map[slot][]bindEvent, len(o.Imports))
	put := func(at slot, e bindEvent) {
		list := out[at]
		if n := len(list); n > 0 && list[n-1].block == e.block {
			e.start = list[n-1].start
			list[n-1] = e
			return
		}
		out[at] = append(list, e)
	}
	for i := range o.Imports {
		imp := &o.Imports[i]
		e := bindEvent{block: imp.Ordinal - int32(i), start: imp.Start, end: imp.End, typing: c.typing(imp)}
		if imp.From {
			abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
			if !ok {
				abs = strings.Repeat(".", int(imp.Level)) + imp.Module
			}
			e.module = abs
		}
		for k, n := range imp.Names {
			switch {
			case gone[position{i, k}]:
				continue
			case n.Name == "*" && replaced[i] != nil:
				for _, e.name = range replaced[i] {
					put(slot{imp.Suite, e.name}, e)
				}
				continue
			case n.Name == "*":
				p.starEvents(e, imp.Suite, starred, put)
				continue
			case imp.From:
				e.name = n.Name
			case n.As == "":
				e.module = n.Bound()
			default:
				e.module = n.Name
			}
			put(slot{imp.Suite, n.Bound()}, e)
		}
	}
	return out
}

// starEvents are the bindings of a star import, as far as they matter.
func (p *planner) starEvents(e bindEvent, suite int32, starred map[string]bool, put func(slot, bindEvent)) {
	if len(starred) == 0 {
		return
	}
	public := p.public(e.module)
	for n := range starred {
		if public[n] {
			e.name = n
			put(slot{suite, n}, e)
		}
	}
}

// seenText is a text of a file, with its star imports.
type seenText struct {
	src     []byte
	outline *pyfile.Outline
	stars   []int
}

// collapse drops the events that bind what the one before did, with no
// mention of the name since.
func (p *planner) collapse(c *consumer, t seenText, bound string, events []bindEvent) []bindEvent {
	out := []bindEvent{events[0]}
	for _, e := range events[1:] {
		last := out[len(out)-1]
		if p.sameEvent(c, last, e) && !t.outline.Mentions(t.src, last.end, e.start, bound) && !p.starBetween(c, t, last.end, e.start, bound) {
			out[len(out)-1].end = e.end
			continue
		}
		out = append(out, e)
	}
	return out
}

// starBetween reports whether a star import between two offsets, in whatever
// suite, may bind the name.
func (p *planner) starBetween(c *consumer, t seenText, from, to int32, name string) bool {
	return slices.ContainsFunc(t.stars, func(i int) bool {
		imp := &t.outline.Imports[i]
		if imp.Start < from || imp.End > to {
			return false
		}
		abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
		return !ok || p.starBinds(abs, name)
	})
}

func (p *planner) sameEvents(c *consumer, was, is []bindEvent) bool {
	if len(was) != len(is) {
		return false
	}
	for i := range was {
		if !p.sameEvent(c, was[i], is[i]) {
			return false
		}
	}
	return true
}

// sameEvent reports whether two imports bind the same object.
func (p *planner) sameEvent(c *consumer, a, b bindEvent) bool {
	if a.module == b.module && a.name == b.name {
		return true
	}
	return p.eventHome(c, a) == p.eventHome(c, b)
}

// eventHome follows what an import binds to its home.
func (p *planner) eventHome(c *consumer, e bindEvent) string {
	literal := resolve.Home{Module: e.module, Attr: e.name}.String()
	if e.name == "" {
		return literal
	}
	if c.homes[literal] {
		return literal
	}
	res := p.lookup(e.module, e.name, e.typing)
	switch res.Status {
	case resolve.Found, resolve.Declared, resolve.NoReexport:
		return res.Home.String()
	}
	return literal
}

// rewrittenHomes are the homes of the references of the file: the rules may
// name as one what the resolver would follow further.
func (c *consumer) rewrittenHomes() map[string]bool {
	homes := map[string]bool{}
	for _, r := range c.refs {
		if r.reason == "" {
			homes[r.res.Home.String()] = true
		}
	}
	return homes
}

// leaveUnordered leaves the references whose new imports would change which
// binding of a block is the last, and reports whether there were any.
func (c *consumer) leaveUnordered(lost *orderLost) (found bool) {
	return c.leaveBinding(lost, lost.bound) || c.leaveBinding(lost, "")
}

// leaveBinding leaves the references of the suite that bind a name, or all.
func (c *consumer) leaveBinding(lost *orderLost, bound string) (found bool) {
	for _, r := range c.refs {
		if r.reason != "" || r.dead || r.imp < 0 || c.outline.Imports[r.imp].Suite != lost.suite {
			continue
		}
		binds := bound == "" || r.form == FormFrom && c.outline.Imports[r.imp].Names[r.index].Bound() == bound
		for _, n := range r.star {
			binds = binds || n == bound
		}
		if binds {
			r.leave(NameTaken, "Several imports of the block bind the name, and sorted another of them would be the last: remove the ones that are not needed.")
			found = true
		}
	}
	return found
}
