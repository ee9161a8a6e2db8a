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
	segments := b.segments()
	if len(segments) > 1 {
		add = missing(s, &b, remove, add)
	}
	var edits []edit.Edit
	for _, seg := range segments {
		part, leaving, coming := b.part(seg, remove, add)
		if len(leaving) > 0 || len(coming) > 0 {
			edits = append(edits, s.rewrite(part, seg.off, leaving, coming)...)
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
	for _, seg := range b.segments() {
		part, _, _ := b.part(seg, nil, nil)
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
	added []addition
}

// addition is a statement that comes.
type addition struct {
	statement
	instead  int
	replaces int // the name whose place it takes, -1 if none
}

func newRewriter(s *Style, b *Block, remove map[int][]int, add []Addition) *rewriter {
	r := &rewriter{style: s, b: b, m: sourceMap{b.Src}}
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
	st := statement{index: -1, from: a.From, names: []name{{a.Name, a.As}}}
	if a.From {
		st.module = strings.Repeat(".", a.Level) + a.Module
	}
	old := r.old[a.Instead]
	var comments []string
	for _, c := range old.notes {
		of := r.owner(old, c)
		if of == a.Replaces && of >= 0 || of < 0 && directive.MatchString(c.text) {
			comments = append(comments, c.text)
		}
	}
	if len(comments) > 0 {
		comments = slices.Compact(comments)
		st.notes = []note{{text: strings.Join(comments, "  "), last: true, names: []int{0}, next: 1}}
	}
	return st
}

// owner is the index of the name that a comment belongs to, -1 if it belongs
// to the statement.
func (r *rewriter) owner(st statement, c note) int {
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
	k := slices.IndexFunc(r.added, func(a addition) bool {
		return a.from == st.from && a.module == st.module && a.names[0] == st.names[0]
	})
	switch {
	case k < 0:
		r.added = append(r.added, a)
	case len(r.added[k].notes) == 0:
		r.added[k].notes = st.notes
	case len(st.notes) > 0 && !strings.Contains(r.added[k].notes[0].text, st.notes[0].text):
		r.added[k].notes = slices.Clone(r.added[k].notes)
		r.added[k].notes[0].text += "  " + st.notes[0].text
	}
}

// has reports whether the block binds an addition already, in a statement
// that stays.
func (r *rewriter) has(st statement) bool {
	for i, old := range r.old {
		if old.from != st.from || old.module != st.module {
			continue
		}
		at := slices.Index(old.names, st.names[0])
		if at >= 0 && !slices.Contains(r.gone[i], at) {
			return true
		}
	}
	return false
}

// leaves reports whether the i-th statement loses all its names.
func (r *rewriter) leaves(i int) bool { return len(r.gone[i]) == len(r.old[i].names) }

// keepAbove hands the comments of a statement that goes to the first that
// comes in its place.
func (r *rewriter) keepAbove() {
	for i, old := range r.old {
		if !r.leaves(i) {
			continue
		}
		first := r.firstInstead(i)
		if first < 0 {
			continue
		}
		r.added[first].above = slices.Clone(old.above)
		for _, c := range old.notes {
			if r.owner(old, c) >= 0 || directive.MatchString(c.text) {
				continue
			}
			at := first
			if k := r.insteadOf(i, c); k >= 0 {
				at = k
			}
			r.added[at].above = append(r.added[at].above, c.text)
		}
	}
}

// insteadOf is the index of the addition in the place of the name above which a comment on a line of its own stands, -1 if there is none.
func (r *rewriter) insteadOf(i int, c note) int {
	if len(c.names) > 0 || c.line == 0 || c.next == len(r.old[i].names) {
		return -1
	}
	return slices.IndexFunc(r.added, func(a addition) bool { return a.instead == i && a.replaces == c.next })
}

// firstInstead is the index of the addition that sorts first among those in
// place of the i-th statement, -1 if there is none.
func (r *rewriter) firstInstead(i int) int {
	best := -1
	for k, a := range r.added {
		if a.instead == i && (best < 0 || r.compare(a.statement, r.added[best].statement) < 0) {
			best = k
		}
	}
	return best
}

// left is the i-th statement without the names that leave.
func (r *rewriter) left(i int) statement {
	old := r.old[i]
	out := old
	out.names, out.notes = nil, nil
	at := make([]int, len(old.names)+1) // new index of each name, and of the next behind it
	for k, n := range old.names {
		at[k] = len(out.names)
		if !slices.Contains(r.gone[i], k) {
			out.names = append(out.names, n)
		}
	}
	at[len(old.names)] = len(out.names)
	for _, c := range old.notes {
		if of := r.owner(old, c); of >= 0 && slices.Contains(r.gone[i], of) {
			continue
		}
		moved := c
		moved.names, moved.next = nil, at[c.next]
		for _, k := range c.names {
			if !slices.Contains(r.gone[i], k) {
				moved.names = append(moved.names, at[k])
			}
		}
		out.notes = append(out.notes, moved)
	}
	return out
}
