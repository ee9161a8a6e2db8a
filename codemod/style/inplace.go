package style

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// placed is a new statement and where it goes.
type placed struct {
	statement
	instead int
	joined  bool // on the line of the statement that it replaces
}

// layout is the work of changing a block in place: what each old statement
// becomes, and what comes before and behind it.
type layout struct {
	*rewriter
	ordered bool // the block is in order, and new statements keep it so
	fixed   bool // the order of the statements has a meaning
	dense   bool // sections follow each other without blank lines
	mixed   bool // aliases stand beside other names
	merged  [][]statement
	before  [][]placed
	behind  [][]placed
}

// inPlace changes the statements concerned and nothing else.
func (r *rewriter) inPlace() []edit.Edit {
	n := len(r.old)
	l := &layout{rewriter: r, merged: make([][]statement, n), before: make([][]placed, n), behind: make([][]placed, n)}
	l.fixed = r.ambiguous()
	if r.style.Sorter == settings.NoSorter && r.oneNameALine() {
		own := *r.style
		own.Order.SingleLine = true
		r.style = &own
	}
	l.ordered = !r.off && !l.fixed && r.inOrder()
	l.dense, l.mixed = r.dense(), r.mixes()
	for _, p := range l.assign() {
		l.place(p)
	}
	return append(l.joinedEdits(), l.edits()...)
}

// ambiguous reports whether the order of the statements has a meaning that
// sorting could change: two would bind the same name to different objects, or
// an addition would come to the other side of a star import.
func (r *rewriter) ambiguous() bool {
	return r.crossesStar() || r.bindsTwice()
}

// crossesStar reports whether an addition sorts to the other side of a star
// import that stays, which may bind its name too.
func (r *rewriter) crossesStar() bool {
	for i, st := range r.old {
		if !st.from || st.names[0].name != "*" || r.leaves(i) {
			continue
		}
		for _, a := range r.added {
			if a.module != st.module && a.instead != i && (a.instead < i) != (r.compare(a.statement, st) < 0) && r.starBinds(i, a.names[0].bound()) {
				return true
			}
		}
	}
	return false
}

// starBinds reports whether the i-th statement, a star import, may bind a name.
func (r *rewriter) starBinds(i int, name string) bool {
	return r.b.StarBinds == nil || r.b.StarBinds(r.b.Statements[i], name)
}

// bindsTwice reports whether a name would be bound to different objects.
func (r *rewriter) bindsTwice() bool {
	seen := map[string]string{}
	twice := func(st statement) bool {
		for _, n := range st.names {
			object := st.module + " " + n.name
			switch {
			case n.name == "*":
				continue
			case !st.from && n.as == "":
				object = " " + n.bound() // `import a.b` and `import a.c` bind the same a
			}
			if was, ok := seen[n.bound()]; ok && was != object {
				return true
			}
			seen[n.bound()] = object
		}
		return false
	}
	for i := range r.old {
		if twice(r.left(i)) {
			return true
		}
	}
	return slices.ContainsFunc(r.added, func(a addition) bool { return twice(a.statement) })
}

// sorted reports whether statements and their names are in order.
func (r *rewriter) sorted() bool {
	for i, st := range r.old {
		if i > 0 && r.compare(r.old[i-1], st) > 0 || !r.namesSorted(st.names) || r.b.Statements[i].Joined {
			return false
		}
	}
	return true
}

func (r *rewriter) namesSorted(names []name) bool {
	return r.style.Order.KeepNames || slices.IsSortedFunc(names, r.compareNames)
}

// section is the index of a statement's section.
func (r *rewriter) section(st statement) int {
	module := st.module
	if !st.from && len(st.names) > 0 {
		module = st.names[0].name
	}
	s := r.places.section(module)
	sections := r.style.Sections
	if sections.None && s != settings.Future {
		return len(sections.Names)
	}
	if i := slices.Index(sections.Names, s); i >= 0 {
		return i
	}
	return len(sections.Names) + 1 + slices.Index(sections.Separate, s)
}

// compare is the order of statements in a block.
func (r *rewriter) compare(a, b statement) int {
	if c := cmp.Or(cmp.Compare(r.section(a), r.section(b)), compareBool(a.lazy, b.lazy)); c != 0 {
		return c
	}
	if r.style.Sorter == settings.Isort {
		return r.isortCompare(a, b)
	}
	o := r.style.Order
	if !o.WithinSections && a.from != b.from {
		return compareBool(a.from != o.FromFirst, b.from != o.FromFirst)
	}
	return r.style.compareImports(headOf(a), headOf(b))
}

// headOf is as much of a statement as decides where it stands.
func headOf(st statement) *ruffImport {
	if st.from && len(st.names) > 1 {
		st.names = st.names[:1]
	}
	st.notes = nil
	return importOf(st)
}

// importOf is a statement in ruff's terms, without its comments.
func importOf(st statement) *ruffImport {
	if !st.from {
		return &ruffImport{lazy: st.lazy, module: st.names[0].name, as: st.names[0].as}
	}
	dots := leadingDots(st.module)
	item := &ruffImport{lazy: st.lazy, from: true, level: dots, module: st.module[dots:], magic: st.magic}
	own, comments := annotate(st)
	item.remarks = own
	for i, n := range st.names {
		item.names = append(item.names, ruffName{n, comments[i]})
	}
	return item
}

func (r *rewriter) isortCompare(a, b statement) int {
	o := r.style.Order
	if o.WithinSections {
		return naturalCompare(r.lineKey(a), r.lineKey(b))
	}
	if a.from != b.from {
		return compareBool(a.from != o.FromFirst, b.from != o.FromFirst)
	}
	key := func(st statement) string {
		if st.from {
			return r.style.moduleKey(st.module, "", false)
		}
		return r.style.moduleKey(st.names[0].name, "", true)
	}
	if c := naturalCompare(key(a), key(b)); c != 0 || !a.from {
		return c
	}
	return r.compareNames(a.names[0], b.names[0])
}

// lineKey is the key of the whole line of a statement, which can be long: those
// of several names are kept.
func (r *rewriter) lineKey(st statement) string {
	if len(st.names) < 2 {
		return r.style.statementKey(st.String())
	}
	of := nameList{&st.names[0], len(st.names)}
	key, ok := r.keys[of]
	if !ok {
		key = r.style.statementKey(st.String())
		r.keys[of] = key
	}
	return key
}

// compareNames is the order of names within a statement.
func (r *rewriter) compareNames(a, b name) int {
	if r.style.Sorter != settings.Isort {
		return r.style.compareNames(a, b)
	}
	return cmp.Or(naturalCompare(r.style.nameKey(a.name, ""), r.style.nameKey(b.name, "")), naturalCompare(a.as, b.as))
}

// String is the statement on one line without comments.
func (st statement) String() string {
	var names []string
	for _, n := range st.names {
		names = append(names, n.String())
	}
	text := "import " + strings.Join(names, ", ")
	if st.from {
		text = "from " + st.module + " " + text
	}
	if st.lazy {
		text = "lazy " + text
	}
	return text
}

// assign merges additions into statements that stay or into each other, and
// returns the new statements in order.
func (l *layout) assign() []placed {
	var out []placed
	targets := l.targets()
	like := map[company]int{} // the first of those that can stand in one
	for _, a := range l.added {
		joined := l.b.Statements[a.instead].Joined
		with, sociable := l.company(a.statement, joined)
		t, ok := targets[imported{from: true, lazy: a.lazy, module: a.module}]
		if ok && sociable && !joined && len(a.notes) == 0 && len(a.above) == 0 {
			l.merged[t] = append(l.merged[t], a.statement)
			continue
		}
		k, ok := like[with]
		if ok && sociable && (!joined || out[k].instead == a.instead) {
			out[k].names = append(out[k].names, a.names[0])
			out[k].above = append(out[k].above, a.above...)
			continue
		}
		if sociable && !ok {
			like[with] = len(out)
		}
		out = append(out, placed{a.statement, a.instead, joined})
	}
	for _, p := range out {
		slices.SortStableFunc(p.names, l.compareNames)
	}
	slices.SortStableFunc(out, func(a, b placed) int { return l.compare(a.statement, b.statement) })
	return out
}

// mixes reports whether a statement of the block has an alias beside another
// name, which a sorter that sets aliases apart would have taken apart.
func (r *rewriter) mixes() bool {
	return slices.ContainsFunc(r.old, func(st statement) bool {
		return st.from && len(st.names) > 1 && slices.ContainsFunc(st.names, func(n name) bool { return n.as != "" })
	})
}

// company is what statements have in common whose names can stand in one.
type company struct {
	module, notes string
	joined, lazy  bool
}

// company says with which others the names of a statement can stand in one,
// and false if with none.
func (l *layout) company(st statement, joined bool) (company, bool) {
	o := l.style.Order
	if !st.from || o.SingleLine && !slices.Contains(o.SingleLineExclusions, st.module) {
		return company{}, false
	}
	alone := func(n name) bool {
		return n.name == "*" || n.as != "" && !o.CombineAs && l.style.Sorter != settings.NoSorter && !l.mixed
	}
	if slices.ContainsFunc(st.names, alone) {
		return company{}, false
	}
	var notes strings.Builder
	for _, c := range st.notes {
		notes.WriteString(c.text + "\n")
	}
	return company{st.module, notes.String(), joined, st.lazy}, true
}

// targets are, by module, the first statement that stays and takes additions.
func (l *layout) targets() map[imported]int {
	out := map[imported]int{}
	if l.fixed {
		return out
	}
	for i := range l.old {
		st := &l.old[i]
		key := imported{from: st.from, lazy: st.lazy, module: st.module}
		if _, seen := out[key]; seen || l.leaves(i) || l.b.Statements[i].Joined || slices.ContainsFunc(st.notes, func(c note) bool {
			return l.owner(st, c) < 0 && directive.MatchString(c.text) || len(st.names) == 1
		}) {
			continue
		}
		if _, sociable := l.company(*st, false); sociable {
			out[key] = i
		}
	}
	return out
}

// place finds the slot of a new statement.
func (l *layout) place(p placed) {
	at := p.instead
	if p.joined || !l.ordered {
		if !p.joined && !l.leaves(at) && l.compare(p.statement, l.left(at)) < 0 {
			l.before[at] = append(l.before[at], p)
			return
		}
		l.behind[at] = append(l.behind[at], p)
		return
	}
	next := sort.Search(len(l.old), func(i int) bool { return l.compare(p.statement, l.old[i]) < 0 })
	same := func(i int) bool {
		return i >= 0 && i < len(l.old) && l.section(l.old[i]) == l.section(p.statement) && l.separation(l.old[i], p.statement) == 0
	}
	if next == 0 || !same(next-1) && same(next) {
		l.before[next] = append(l.before[next], p)
		return
	}
	l.behind[next-1] = append(l.behind[next-1], p)
}

// separation is the number of blank lines between two statements, one of
// which is new.
func (l *layout) separation(a, b statement) int {
	spacing := l.style.Spacing
	switch {
	case l.dense || !l.ordered:
		return 0
	case l.section(a) != l.section(b):
		if i := l.section(b); i < len(l.style.Sections.Names) && slices.Contains(spacing.NoLinesBefore, l.style.Sections.Names[i]) {
			return 0
		}
		return spacing.BetweenSections
	case a.from != b.from && a.lazy == b.lazy && !l.style.Order.WithinSections:
		return spacing.BetweenTypes
	}
	return 0
}
