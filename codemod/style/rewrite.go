package style

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// Rewrite returns the edits of b.Src that take names out of a block and bring
// others in. remove maps indexes of statements to indexes of their names; a
// statement that loses all its names goes. An addition that the block imports
// already is dropped. Two calls for the same block give the same edits,
// whatever the order of remove's lists.
//
// The caller sees to it that a suite does not become empty: statements that
// share their line with other code leave a `pass` where nothing else is left
// on it, others leave nothing.
//
// The error says that an index does not exist in the block.
func (s *Style) Rewrite(b Block, remove map[int][]int, add []Addition) ([]edit.Edit, error) {
	if err := b.check(remove, add); err != nil {
		return nil, err
	}
	if len(remove) == 0 && len(add) == 0 {
		return nil, nil
	}
	segments := s.segments(&b)
	if len(segments) > 1 {
		add = missing(s, &b, remove, add)
	}
	var edits []edit.Edit
	for k, change := range shares(segments, remove, add) {
		if len(change.leaving) > 0 || len(change.coming) > 0 {
			edits = append(edits, s.rewrite(b.part(segments[k]), segments[k].off, change.leaving, change.coming)...)
		}
	}
	return edits, nil
}

// rewrite is Rewrite for one segment.
func (s *Style) rewrite(b Block, off bool, remove map[int][]int, add []Addition) []edit.Edit {
	r := newRewriter(s, &b, remove, add)
	r.off = off
	clean := r.clean()
	if s.Black != nil && !r.wrapsAsSorter() {
		r.wrapAsBlack()
	}
	if clean {
		if edits, ok := r.resort(); ok {
			return edits
		}
	}
	return r.inPlace()
}

// wrapAsBlack wraps as black does: of two tools that do not agree only one is
// run, and it is black where no statement is wrapped as the sorter wraps.
func (r *rewriter) wrapAsBlack() {
	own := *r.style
	own.Wrapping, own.Black = *own.Black, nil
	r.style = &own
}

// missing are the additions that no statement of the block has.
func missing(s *Style, b *Block, remove map[int][]int, add []Addition) []Addition {
	r := newRewriter(s, b, remove, nil)
	return slices.DeleteFunc(slices.Clone(add), func(a Addition) bool { return r.has(r.addition(a)) })
}

// Clean reports whether the style's sorter would leave the block as it is.
// Without a sorter it is false.
func (s *Style) Clean(b Block) bool {
	for _, seg := range s.segments(&b) {
		part := b.part(seg)
		if !seg.off && !newRewriter(s, &part, nil, nil).clean() {
			return false
		}
	}
	return s.Sorter != settings.NoSorter
}

// Sorted reports whether the statements of a block, and the names of each,
// are in the order of the style, however they are wrapped and spaced.
func (s *Style) Sorted(b Block) bool {
	return newRewriter(s, &b, nil, nil).sorted()
}

// check reports an index that the block does not have.
func (b Block) check(remove map[int][]int, add []Addition) error {
	for i, names := range remove {
		if i < 0 || i >= len(b.Statements) {
			return fmt.Errorf("rewrite imports: statement %d of %d does not exist", i, len(b.Statements))
		}
		for _, n := range names {
			if n < 0 || n >= len(b.Statements[i].Names) {
				return fmt.Errorf("rewrite imports: name %d of statement %d does not exist", n, i)
			}
		}
	}
	for _, a := range add {
		if a.Instead < 0 || a.Instead >= len(b.Statements) {
			return fmt.Errorf("rewrite imports: %s is to stand instead of statement %d, which does not exist", a, a.Instead)
		}
		if a.Replaces >= len(b.Statements[a.Instead].Names) {
			return fmt.Errorf("rewrite imports: %s replaces name %d, which does not exist", a, a.Replaces)
		}
	}
	return nil
}

// rewriter is the work on one block.
type rewriter struct {
	style  *Style
	b      *Block
	m      sourceMap
	indent string
	places *placer
	old    []statement
	start  int  // offset of the first line that the sorter prints
	off    bool // the sorter is told to leave the block alone
	// gone[i] are the names that leave the i-th statement, in order.
	gone [][]int
	// added are the additions that the block does not have yet, in the order
	// given, as statements of one name.
	added   []addition
	stays   map[imported]bool // what statements bring that stay
	comes   map[imported]int  // the addition that brings something
	instead [][]int           // of each statement, the additions in its place
	lefts   map[int]statement // statements without what leaves, once asked for
	remarks map[int]noteIndex
	keys    map[nameList]string // of statements, where the sorter compares lines
}

// nameList identifies the names of a statement.
type nameList struct {
	first *name
	size  int
}

// imported is what a statement brings.
type imported struct {
	from   bool
	lazy   bool
	module string
	name   name
}

// addition is a statement that comes.
type addition struct {
	statement
	instead  int
	replaces int // the name whose place it takes, -1 if none
}

func newRewriter(s *Style, b *Block, remove map[int][]int, add []Addition) *rewriter {
	r := &rewriter{
		style: s, b: b, m: sourceMap{b.Src}, stays: map[imported]bool{}, comes: map[imported]int{},
		instead: make([][]int, len(b.Statements)), lefts: map[int]statement{}, remarks: map[int]noteIndex{}, keys: map[nameList]string{},
	}
	r.places = &placer{style: s, block: b, cache: map[string]string{}}
	if len(b.Statements) > 0 {
		r.indent = r.m.indent(b.Statements[0].Start)
	}
	r.gone = make([][]int, len(b.Statements))
	for i := range b.Statements {
		r.old = append(r.old, b.read(i))
		r.gone[i] = slices.Compact(slices.Sorted(slices.Values(remove[i])))
	}
	r.ownComments()
	r.findStaying()
	for _, a := range add {
		r.take(addition{r.addition(a), a.Instead, a.Replaces})
	}
	r.keepAbove()
	return r
}

// ownComments takes from the statements the comments above them that are not
// theirs: the headings of sections, which the sorter prints, and those above
// the first that it leaves where they are.
func (r *rewriter) ownComments() {
	if len(r.old) == 0 {
		return
	}
	r.start = r.m.lineStart(r.b.Statements[0].Start)
	above, first := r.old[0].above, &r.old[0]
	for i := range r.old {
		r.old[i].above = r.withoutHeadings(r.old[i].above)
	}
	if headed := len(first.above) < len(above); !headed && (r.style.Sorter == settings.Ruff || r.topComment() || len(actions([]byte(strings.Join(above, "\n")))) > 0) {
		first.above = nil
	} else if len(above) > 0 {
		r.start, _ = r.m.above(r.start, 0)
	}
}

// withoutHeadings drops the headings that comments begin with.
func (r *rewriter) withoutHeadings(comments []string) []string {
	for len(comments) > 0 && r.style.heading(comments[0]) {
		comments = comments[1:]
	}
	return comments
}

// heading reports whether a comment is the heading of a section.
func (s *Style) heading(comment string) bool {
	for _, text := range s.Spacing.Headings {
		if comment == "# "+text {
			return true
		}
	}
	return false
}

// addition is the statement of an addition, with the comments that go along.
func (r *rewriter) addition(a Addition) statement {
	st := statement{index: -1, from: a.From, lazy: a.Lazy, names: []name{{a.Name, a.As}}}
	if a.From {
		st.module = strings.Repeat(".", a.Level) + a.Module
	}
	if comments := r.going(a); len(comments) > 0 {
		comments = slices.Compact(comments)
		st.notes = []note{{text: strings.Join(comments, "  "), last: true, names: []int{0}, next: 1}}
	}
	return st
}

// noteIndex are the comments of a statement by the name that they belong to,
// and the directives that belong to the statement, by their index.
type noteIndex struct {
	owned      map[int][]int
	directives []int
}

// going are the comments that go along with an addition.
func (r *rewriter) going(a Addition) (comments []string) {
	old := &r.old[a.Instead]
	if len(old.notes) == 0 {
		return nil
	}
	x, ok := r.remarks[a.Instead]
	if !ok {
		x.owned = map[int][]int{}
		for k, c := range old.notes {
			if of := r.owner(old, c); of >= 0 {
				x.owned[of] = append(x.owned[of], k)
			} else if directive.MatchString(c.text) {
				x.directives = append(x.directives, k)
			}
		}
		r.remarks[a.Instead] = x
	}
	both := slices.Concat(x.owned[a.Replaces], x.directives)
	slices.Sort(both)
	for _, k := range both {
		comments = append(comments, old.notes[k].text)
	}
	return comments
}

// owner is the index of the name that a comment belongs to, -1 if it belongs
// to the statement.
func (r *rewriter) owner(st *statement, c note) int {
	if len(c.names) == 1 && (len(st.names) == 1 || st.wrapped) {
		return c.names[0]
	}
	return -1
}

// directive matches comments that tools obey, and which therefore must stand
// on every statement that a statement becomes.
var directive = regexp.MustCompile(`(?i)#\s*(noqa\b|type:\s*ignore|pylint:|isort:|pragma\b|fmt:|ruff:|mypy:|pyright:|nosec\b|yapf:|nopycln|noinspection\b|lint-?ignore|flake8:)`)

// take adds a statement that the block does not have yet.
func (r *rewriter) take(a addition) {
	st := a.statement
	if r.has(st) {
		return
	}
	k, comes := r.comes[st.brings()]
	switch {
	case !comes:
		k = len(r.added)
		r.added = append(r.added, a)
		r.comes[st.brings()] = k
		r.instead[a.instead] = append(r.instead[a.instead], k)
	case len(r.added[k].notes) == 0:
		r.added[k].notes = st.notes
	case len(st.notes) > 0 && !strings.Contains(r.added[k].notes[0].text, st.notes[0].text):
		r.added[k].notes = slices.Clone(r.added[k].notes)
		r.added[k].notes[0].text += "  " + st.notes[0].text
	}
}

// has reports whether the block binds an addition already, in a statement
// that stays.
func (r *rewriter) has(st statement) bool { return r.stays[st.brings()] }

// brings is what a statement of one name brings.
func (st *statement) brings() imported { return imported{st.from, st.lazy, st.module, st.names[0]} }

// findStaying notes what the statements bring that stay: of a name that one
// has twice, the first counts.
func (r *rewriter) findStaying() {
	for i, st := range r.old {
		seen := map[name]bool{}
		for k, n := range st.names {
			if !seen[n] && !r.goes(i, k) {
				r.stays[imported{st.from, st.lazy, st.module, n}] = true
			}
			seen[n] = true
		}
	}
}

// goes reports whether the k-th name leaves the i-th statement.
func (r *rewriter) goes(i, k int) bool {
	_, found := slices.BinarySearch(r.gone[i], k)
	return found
}

// leaves reports whether the i-th statement loses all its names.
func (r *rewriter) leaves(i int) bool { return len(r.gone[i]) == len(r.old[i].names) }

// keepAbove hands the comments of a statement that goes to the first that
// comes in its place.
func (r *rewriter) keepAbove() {
	for i := range r.old {
		old := &r.old[i]
		if !r.leaves(i) {
			continue
		}
		first := r.firstInstead(i)
		if first < 0 {
			continue
		}
		r.added[first].above = slices.Clone(old.above)
		replaces := r.replaced(i)
		for _, c := range old.notes {
			if r.owner(old, c) >= 0 || directive.MatchString(c.text) {
				continue
			}
			at, ok := replaces[c.next]
			if !ok || len(c.names) > 0 || c.line == 0 || c.next == len(old.names) {
				at = first // it stands above no name on a line of its own
			}
			r.added[at].above = append(r.added[at].above, c.text)
		}
	}
}

// replaced is the first addition in the place of each name of the i-th
// statement.
func (r *rewriter) replaced(i int) map[int]int {
	out := map[int]int{}
	for _, k := range r.instead[i] {
		if _, seen := out[r.added[k].replaces]; !seen {
			out[r.added[k].replaces] = k
		}
	}
	return out
}

// firstInstead is the index of the addition that sorts first among those in
// place of the i-th statement, -1 if there is none.
func (r *rewriter) firstInstead(i int) int {
	best := -1
	for _, k := range r.instead[i] {
		if best < 0 || r.compare(r.added[k].statement, r.added[best].statement) < 0 {
			best = k
		}
	}
	return best
}

// left is the i-th statement without the names that leave.
func (r *rewriter) left(i int) statement {
	st, ok := r.lefts[i]
	if !ok {
		st = r.without(i)
		r.lefts[i] = st
	}
	return st
}

func (r *rewriter) without(i int) statement {
	old := &r.old[i]
	if len(r.gone[i]) == 0 {
		return *old
	}
	out := *old
	out.names, out.notes = nil, nil
	at := make([]int, len(old.names)+1) // new index of each name, and of the next behind it
	for k, n := range old.names {
		at[k] = len(out.names)
		if !r.goes(i, k) {
			out.names = append(out.names, n)
		}
	}
	at[len(old.names)] = len(out.names)
	for _, c := range old.notes {
		if of := r.owner(old, c); of >= 0 && r.goes(i, of) {
			continue
		}
		moved := c
		moved.names, moved.next = nil, at[c.next]
		for _, k := range c.names {
			if !r.goes(i, k) {
				moved.names = append(moved.names, at[k])
			}
		}
		out.notes = append(out.notes, moved)
	}
	return out
}
