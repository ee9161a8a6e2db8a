package proof

import (
	"fmt"
	"slices"
	"sort"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// OrderLost says that the imports of a block bind a name more than once, and
// that another of them would be the last one in the new text.
type OrderLost struct {
	Suite int32
	Bound string
}

func (e *OrderLost) Error() string {
	return fmt.Sprintf("the imports of a block would bind %s in another order", e.Bound)
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

// order checks that behind each block of imports, each name is bound to
// the object that it was bound to before: where a block binds a name more
// than once, the last binding wins, and sorting can make another the last.
func (c *check) order() error {
	starred := c.starredNames()
	replaced := map[int][]string{}
	for _, s := range c.want.Stars {
		replaced[s.Imp] = s.Names
	}
	old := c.timeline(c.old.Outline, starred, replaced, c.want.Removed)
	now := c.timeline(c.now.Outline, starred, nil, nil)
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
	for _, at := range slots {
		was, is := old[at], now[at]
		if c.sameEvents(was, is) || c.newName(at.bound, was, is) {
			continue
		}
		if !c.sameEvents(c.collapse(c.old, at.bound, was), c.collapse(c.now, at.bound, is)) {
			return &OrderLost{at.suite, at.bound}
		}
	}
	return nil
}

// newName reports whether the name is one that the new text binds for a use of
// an attribute, and every import of it binds that one object.
func (c *check) newName(bound string, was, is []bindEvent) bool {
	for _, a := range c.want.Added {
		other := func(e bindEvent) bool { return a.Name != bound || c.eventHome(e) != a.Home.String() }
		if !slices.ContainsFunc(was, other) && !slices.ContainsFunc(is, other) {
			return true
		}
	}
	return false
}

// starredNames are the names that star imports may bind and that matter here.
func (c *check) starredNames() map[string]bool {
	if len(c.old.stars) == 0 {
		return nil
	}
	out := map[string]bool{}
	for _, m := range c.want.Moved {
		out[c.old.Outline.Imports[m.Imp].Names[m.Name].Bound()] = true
	}
	for _, s := range c.want.Stars {
		for _, n := range s.Names {
			out[n] = true
		}
	}
	for _, u := range c.want.Uses {
		out[u.Local] = true
	}
	return out
}

// timeline returns what the imports of a text bind, block by block: of each
// block the last binding of a name. Of a star import that is replaced, the
// names count that it is replaced by: nothing needs the others. A module's
// import that goes has no use left, so what it bound does not count.
func (c *check) timeline(o *pyfile.Outline, starred map[string]bool, replaced map[int][]string, gone map[Position]bool) map[slot][]bindEvent {
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
			e.module = c.absolute(imp)
		}
		for k, n := range imp.Names {
			switch {
			case gone[Position{i, k}]:
				continue
			case n.Name == "*" && replaced[i] != nil:
				for _, e.name = range replaced[i] {
					put(slot{imp.Suite, e.name}, e)
				}
				continue
			case n.Name == "*":
				c.starEvents(e, imp.Suite, starred, put)
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
func (c *check) starEvents(e bindEvent, suite int32, starred map[string]bool, put func(slot, bindEvent)) {
	if len(starred) == 0 {
		return
	}
	public := c.Public(e.module)
	for n := range starred {
		if public[n] {
			e.name = n
			put(slot{suite, n}, e)
		}
	}
}

// collapse drops the events that bind what the one before did, with no
// mention of the name since.
func (c *check) collapse(t Text, bound string, events []bindEvent) []bindEvent {
	out := []bindEvent{events[0]}
	for _, e := range events[1:] {
		last := out[len(out)-1]
		if c.sameEvent(last, e) && !t.Outline.Mentions(t.Src, last.end, e.start, bound) && !c.starBetween(t, last.end, e.start, bound) {
			out[len(out)-1].end = e.end
			continue
		}
		out = append(out, e)
	}
	return out
}

// starBetween reports whether a star import between two offsets, in whatever
// suite, may bind the name.
func (c *check) starBetween(t Text, from, to int32, name string) bool {
	return slices.ContainsFunc(t.stars, func(i int) bool {
		imp := &t.Outline.Imports[i]
		if imp.Start < from || imp.End > to {
			return false
		}
		abs, ok := c.file.Mod.Absolute(int(imp.Level), imp.Module)
		return !ok || !c.IsModule(abs) || c.Public(abs)[name]
	})
}

func (c *check) sameEvents(was, is []bindEvent) bool {
	if len(was) != len(is) {
		return false
	}
	for i := range was {
		if !c.sameEvent(was[i], is[i]) {
			return false
		}
	}
	return true
}

// sameEvent reports whether two imports bind the same object.
func (c *check) sameEvent(a, b bindEvent) bool {
	if a.module == b.module && a.name == b.name {
		return true
	}
	return c.eventHome(a) == c.eventHome(b)
}

// eventHome follows what an import binds to its home.
func (c *check) eventHome(e bindEvent) string {
	literal := resolve.Home{Module: e.module, Attr: e.name}.String()
	if e.name == "" {
		return literal
	}
	if c.homes[literal] {
		return literal
	}
	res := c.Lookup(e.module, e.name, e.typing)
	switch res.Status {
	case resolve.Found, resolve.Declared, resolve.NoReexport:
		return res.Home.String()
	}
	return literal
}
