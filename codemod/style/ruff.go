package style

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// remarks are the comments of a statement or a name in ruff's terms.
type remarks struct {
	atop     []string // lines above
	inline   []string // on its line; of a wrapped statement, behind the opening parenthesis
	trailing []string // below the last name; of a statement, behind the closing parenthesis
}

func (r remarks) empty() bool { return len(r.atop)+len(r.inline)+len(r.trailing) == 0 }

func (r *remarks) add(other remarks) {
	r.atop = append(r.atop, other.atop...)
	r.inline = append(r.inline, other.inline...)
	r.trailing = append(r.trailing, other.trailing...)
}

// ruffName is one name of a statement with its comments.
type ruffName struct {
	name
	remarks
}

// ruffImport is one statement as ruff and black print it.
type ruffImport struct {
	from   bool
	lazy   bool
	level  int
	module string // without dots; the module of a plain import, too
	as     string // of a plain import
	names  []ruffName
	remarks
	magic bool
	index map[name]int // of names, once asked for
}

// ruffPrinter prints a block as ruff's rule I001 wants it.
type ruffPrinter struct {
	style    *Style
	indent   string // of the block
	step     string // one level of indentation
	places   *placer
	sections map[string][]*ruffImport
	entries  map[ruffKey]*ruffImport // the same, by what makes them one
}

// ruffKey is what statements have in common that become one.
type ruffKey struct {
	section    string
	from, lazy bool
	level      int
	module, as string
	alone      name // the only name that the statement takes
}

func newRuffPrinter(s *Style, places *placer, indent, step string) *ruffPrinter {
	return &ruffPrinter{style: s, places: places, indent: indent, step: step, sections: map[string][]*ruffImport{}, entries: map[ruffKey]*ruffImport{}}
}

// annotate sorts the comments of a statement to what they belong to.
func annotate(st statement) (own remarks, names []remarks) {
	own.atop = st.above
	names = make([]remarks, len(st.names))
	for _, c := range st.notes {
		switch {
		case !st.from:
			own.inline = append(own.inline, c.text)
		case c.line == 0 && (len(st.names) > 1 || len(c.names) == 0):
			own.inline = append(own.inline, c.text)
		case len(c.names) > 0:
			names[c.names[0]].inline = append(names[c.names[0]].inline, c.text)
		case c.next < len(names):
			names[c.next].atop = append(names[c.next].atop, c.text)
		case !c.last && len(names) > 0:
			names[len(names)-1].trailing = append(names[len(names)-1].trailing, c.text)
		default:
			own.trailing = append(own.trailing, c.text)
		}
	}
	return own, names
}

// add takes a statement in, joined with those of the same module.
func (p *ruffPrinter) add(st statement) {
	own, comments := annotate(st)
	if !st.from {
		for i, n := range st.names {
			item := p.entry(ruffImport{lazy: st.lazy, module: n.name, as: n.as}, n.name)
			if i == 0 {
				item.add(own)
			}
		}
		return
	}
	single := p.style.Order.SingleLine && !slices.Contains(p.style.Order.SingleLineExclusions, strings.TrimLeft(st.module, ".")) &&
		st.names[0].name != "*"
	for i, n := range st.names {
		item := p.fromEntry(st, n, single)
		switch {
		case i == 0:
			item.add(own)
		case single:
			item.add(remarks{inline: own.inline, trailing: own.trailing})
		}
		item.name(n).add(comments[i])
		item.magic = item.magic || st.magic && !single && p.style.Wrapping.MagicComma
	}
}

// fromEntry is the statement that a name ends in: aliases stand alone unless
// they are combined, and so do stars.
func (p *ruffPrinter) fromEntry(st statement, n name, single bool) *ruffImport {
	dots := leadingDots(st.module)
	like := ruffImport{lazy: st.lazy, from: true, level: dots, module: st.module[dots:]}
	if n.name == "*" || single || n.as != "" && !p.style.Order.CombineAs {
		like.names = []ruffName{{name: n}}
	}
	return p.entry(like, st.module)
}

// entry finds the statement like the given one in its section, or adds it.
// Names given in like must be its only ones.
func (p *ruffPrinter) entry(like ruffImport, module string) *ruffImport {
	section := p.places.section(module)
	if p.style.Sections.None && section != settings.Future {
		section = noSections
	}
	key := ruffKey{section, like.from, like.lazy, like.level, like.module, like.as, name{}}
	if len(like.names) == 1 {
		key.alone = like.names[0].name
	}
	if item := p.entries[key]; item != nil {
		return item
	}
	p.sections[section], p.entries[key] = append(p.sections[section], &like), &like
	return &like
}

// name returns the entry of a name, a new one if there is none.
func (r *ruffImport) name(n name) *remarks {
	if r.index == nil {
		r.index = map[name]int{}
		for i := range r.names {
			r.index[r.names[i].name] = i
		}
	}
	i, ok := r.index[n]
	if !ok {
		i = len(r.names)
		r.names, r.index[n] = append(r.names, ruffName{name: n}), i
	}
	return &r.names[i].remarks
}

// lines prints what was added, without indentation.
func (p *ruffPrinter) lines() []string {
	var out []string
	pending := false
	for _, section := range p.order() {
		pending = pending || !slices.Contains(p.style.Spacing.NoLinesBefore, section)
		items := p.sections[section]
		if len(items) == 0 {
			continue
		}
		if len(out) > 0 && pending {
			out = append(out, make([]string, p.style.Spacing.BetweenSections)...)
		}
		pending = false
		out = append(out, p.sectionLines(section, items)...)
	}
	return out
}

func (p *ruffPrinter) order() []string {
	s := p.style.Sections
	if s.None {
		return []string{settings.Future, noSections}
	}
	return append(slices.Clone(s.Names), s.Separate...)
}

// sectionLines prints one section.
func (p *ruffPrinter) sectionLines(section string, items []*ruffImport) []string {
	p.sort(section, items)
	var out []string
	o := p.style.Order
	for i, item := range items {
		if i > 0 && item.from != items[i-1].from && item.lazy == items[i-1].lazy && !o.WithinSections && section != settings.Future {
			out = append(out, make([]string, p.style.Spacing.BetweenTypes)...)
		}
		if i > 0 && len(item.atop) > 0 {
			out = append(out, "")
		}
		out = append(append(out, item.atop...), p.print(item)...)
	}
	return out
}

// sort orders the names of each statement, and the statements.
func (p *ruffPrinter) sort(section string, items []*ruffImport) {
	for _, item := range items {
		slices.SortStableFunc(item.names, func(a, b ruffName) int { return p.style.compareNames(a.name, b.name) })
	}
	o := p.style.Order
	slices.SortStableFunc(items, func(a, b *ruffImport) int {
		if a.lazy != b.lazy {
			return compareBool(a.lazy, b.lazy)
		}
		if (section == settings.Future || !o.WithinSections) && a.from != b.from {
			if a.from == (section == settings.Future || o.FromFirst) {
				return -1
			}
			return 1
		}
		return p.style.compareImports(a, b)
	})
}

// print prints a statement without the comments above it.
func (p *ruffPrinter) print(item *ruffImport) []string {
	if !item.from {
		return []string{strings.Join(append([]string{item.keyword() + "import " + name{item.module, item.as}.String()}, item.inline...), "  ")}
	}
	star := slices.ContainsFunc(item.names, func(n ruffName) bool { return n.name.name == "*" })
	if line := p.oneLine(item); star || !p.mustWrap(item) && p.fits(line) {
		return []string{line}
	}
	return p.exploded(item)
}

func (p *ruffPrinter) fits(line string) bool {
	tabs := strings.Count(p.indent, "\t")
	return width(line)+width(p.indent)+tabs*(tabWidth-1) <= p.style.limit()
}

// tabWidth is how wide a tab counts (indent-width of ruff, tab size of black).
const tabWidth = 4

// mustWrap reports whether a statement is wrapped although it may fit.
func (p *ruffPrinter) mustWrap(item *ruffImport) bool {
	if item.magic {
		return true
	}
	if len(item.names) == 1 {
		return false
	}
	return slices.ContainsFunc(item.names, func(n ruffName) bool {
		return !n.empty() || n.as != "" && p.style.Wrapping.WrapAliases
	})
}

// keyword is what stands before `import` or `from`.
func (item *ruffImport) keyword() string {
	if item.lazy {
		return "lazy "
	}
	return ""
}

func (item *ruffImport) start() string {
	return item.keyword() + "from " + strings.Repeat(".", item.level) + item.module + " import "
}

func (p *ruffPrinter) oneLine(item *ruffImport) string {
	var names, comments []string
	comments = append(comments, item.inline...)
	for _, n := range item.names {
		names = append(names, n.String())
		comments = append(append(append(comments, n.atop...), n.inline...), n.trailing...)
	}
	comments = append(comments, item.trailing...)
	return strings.Join(append([]string{item.start() + strings.Join(names, ", ")}, comments...), "  ")
}

func (p *ruffPrinter) exploded(item *ruffImport) []string {
	out := []string{strings.Join(append([]string{item.start() + "("}, item.inline...), "  ")}
	for _, n := range item.names {
		for _, c := range n.atop {
			out = append(out, p.step+c)
		}
		out = append(out, p.step+strings.Join(append([]string{n.String() + ","}, n.inline...), "  "))
		for _, c := range n.trailing {
			out = append(out, p.step+c)
		}
	}
	return append(out, strings.Join(append([]string{")"}, item.trailing...), "  "))
}

// compareImports is ruff's order of statements.
func (s *Style) compareImports(a, b *ruffImport) int {
	o := s.Order
	length := 0
	if o.LengthSort || o.LengthSortStraight && !a.from && !b.from {
		length = cmp.Compare(width(a.module)+a.level, width(b.module)+b.level)
	}
	distance := cmp.Compare(b.level, a.level)
	if o.ReverseRelative {
		distance = -distance
	}
	return cmp.Or(
		-compareBool(slices.Contains(o.ForceToTop, a.module), slices.Contains(o.ForceToTop, b.module)),
		length, distance, s.compareText(a.module, b.module),
		compareBool(a.from, b.from), s.compareFirst(a, b), natural(a.as, b.as),
	)
}

// compareFirst compares statements of one module by their first names.
func (s *Style) compareFirst(a, b *ruffImport) int {
	if len(a.names) == 0 || len(b.names) == 0 {
		return cmp.Compare(len(a.names), len(b.names))
	}
	return s.compareNames(a.names[0].name, b.names[0].name)
}

// compareNames is ruff's order of the names of a statement.
func (s *Style) compareNames(a, b name) int {
	kind, length := 0, 0
	if s.Order.ByType {
		kind = cmp.Compare(s.kind(a.name), s.kind(b.name))
	}
	if s.Order.LengthSort {
		length = cmp.Compare(width(a.name), width(b.name))
	}
	return cmp.Or(
		-compareBool(a.name == "*", b.name == "*"), kind, length,
		s.compareText(a.name, b.name), natural(a.as, b.as),
	)
}

// compareText compares without case first, unless case matters.
func (s *Style) compareText(a, b string) int {
	folded := 0
	if !s.Order.CaseSensitive {
		folded = natural(strings.ToLower(a), strings.ToLower(b))
	}
	return cmp.Or(folded, natural(a, b))
}

// compareBool puts false first.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// natural orders texts as ruff does: character by character, runs of digits
// by their value.
func natural(a, b string) int {
	x, y := []rune(a), []rune(b)
	for len(x) > 0 && len(y) > 0 {
		if unicode.IsDigit(x[0]) && unicode.IsDigit(y[0]) {
			n, m := digits(x), digits(y)
			if c := compareNumbers(string(x[:n]), string(y[:m])); c != 0 {
				return c
			}
			x, y = x[n:], y[m:]
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Compare(len(x), len(y))
}

// digits is how many digits a text begins with.
func digits(s []rune) int {
	n := slices.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
	if n < 0 {
		return len(s)
	}
	return n
}
