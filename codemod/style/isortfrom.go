package style

import (
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// isortFrom prints the statements of one module in isort's order: an alias
// interrupts the names, and so does a name with a comment of its own.
type isortFrom struct {
	*isortPrinter
	g        *isortGroup
	start    string   // "from M import "
	names    []string // what is still to be printed
	comments []string
	aliases  map[string][]string // those that are not combined
	out      []string
}

// from returns the lines of a module's statements, each of which may hold
// newlines.
func (p *isortPrinter) from(g *isortGroup, section string) []string {
	f := &isortFrom{isortPrinter: p, g: g, start: "from " + g.module + " import ", aliases: map[string][]string{}}
	f.names = slices.Clone(g.names)
	single := p.single(g.module)
	if (!p.style.Order.KeepNames || single) && !p.style.Order.OnlySections {
		sortNaturally(f.names, func(n string) string { return p.style.nameKey(n, section) })
	}
	f.comments = slices.Clone(g.comments)
	f.arrangeAliases()
	f.out = slices.Clone(g.above)
	for first := true; len(f.names) > 0; first = false {
		switch {
		case f.star() && p.style.Order.CombineStar && first:
			f.combineStar()
		case single:
			f.singles()
		default:
			f.run()
		}
	}
	return f.out
}

// single reports whether each name of the module gets a statement.
func (p *isortPrinter) single(module string) bool {
	return p.style.Order.SingleLine && !slices.Contains(p.style.Order.SingleLineExclusions, module)
}

func (f *isortFrom) star() bool { return slices.Contains(f.names, "*") }

// arrangeAliases puts aliases among the names where they are combined, and
// keeps them apart otherwise.
func (f *isortFrom) arrangeAliases() {
	combine := f.style.Order.CombineAs && !(f.star() && f.style.Order.CombineStar)
	var names []string
	for _, n := range f.names {
		as := slices.Clone(f.g.aliases[n])
		if len(as) == 0 || !combine {
			names = append(names, n)
			if len(as) > 0 {
				f.aliases[n] = as
			}
			continue
		}
		if !f.style.Order.KeepNames && !f.style.Order.OnlySections {
			sortNaturally(as, func(s string) string { return s })
		}
		if f.g.plain[n] {
			names = append(names, n)
		}
		names = append(names, as...)
	}
	f.names = names
}

// nested takes the comment of a name.
func (f *isortFrom) nested(n string) string {
	c := f.g.nested[n]
	delete(f.g.nested, n)
	return c
}

// starComments are the comments of a star import.
func (f *isortFrom) starComments() []string {
	if c := f.nested("*"); c != "" {
		return append(slices.Clone(f.comments), c)
	}
	return f.comments
}

// combineStar prints a star import in place of all names without an alias.
func (f *isortFrom) combineStar() {
	f.out = append(f.out, f.line(f.comment(f.starComments(), f.start+"*")))
	f.names = slices.DeleteFunc(f.names, func(n string) bool { return len(f.aliases[n]) == 0 })
	for _, n := range f.names {
		f.g.plain[n] = false
	}
}

// singles prints one statement a name.
func (f *isortFrom) singles() {
	for _, n := range f.names {
		line := f.withNested(n)
		f.comments = nil
		if len(f.aliases[n]) == 0 {
			f.out = append(f.out, f.line(line))
			continue
		}
		if f.g.plain[n] {
			f.out = append(f.out, f.line(line))
		}
		as := f.aliases[n]
		if !f.style.Order.OnlySections {
			sortNaturally(as, func(s string) string { return s })
		}
		for _, a := range as {
			f.out = append(f.out, f.comment(f.g.as[n], f.line(f.start+a)))
		}
	}
	f.names = nil
}

// withNested is the statement of one name with all its comments.
func (f *isortFrom) withNested(n string) string {
	line := f.comment(f.comments, f.start+n)
	c := f.nested(n)
	switch {
	case c == "":
		return line
	case len(f.comments) > 0:
		return line + "; " + c
	}
	return line + f.style.Wrapping.CommentPrefix + " " + c
}

// run prints the aliases that come first, a star import, the names with
// comments, and then the names up to the next alias.
func (f *isortFrom) run() {
	for len(f.names) > 0 && len(f.aliases[f.names[0]]) > 0 {
		f.aliased(f.names[0])
		f.names = f.names[1:]
	}
	if f.star() {
		f.out = append(f.out, f.comment(f.starComments(), f.start+"*"))
		f.names = slices.DeleteFunc(f.names, func(n string) bool { return n == "*" })
		f.comments = nil
	}
	last := ""
	if len(f.names) > 0 {
		last = f.names[len(f.names)-1]
	}
	f.names = slices.DeleteFunc(f.names, func(n string) bool {
		if f.g.nested[n] == "" {
			return false
		}
		f.out = append(f.out, f.line(f.withNested(n)))
		f.comments = nil
		return true
	})
	var names []string
	for len(f.names) > 0 && (len(f.aliases[f.names[0]]) == 0 || f.style.Order.CombineAs && f.g.plain[last]) {
		names = append(names, f.names[0])
		f.names = f.names[1:]
	}
	if f.style.Order.CombineAs {
		f.comments = append(f.comments, f.g.combined...)
		f.g.combined = nil
	}
	if len(names) > 0 {
		f.out = append(f.out, f.statement(f.start, names, f.comments))
	}
}

// aliased prints a name that has aliases: alone first, then with each.
func (f *isortFrom) aliased(n string) {
	as := f.aliases[n]
	if !f.style.Order.OnlySections {
		sortNaturally(as, func(s string) string { return s })
	}
	comments := slices.Clone(f.g.as[n])
	spellings := as
	if f.g.plain[n] {
		spellings = append([]string{n}, as...)
	}
	for _, spelling := range spellings {
		if c := f.nested(spelling); c != "" {
			comments = append(comments, c)
		}
		f.out = append(f.out, f.line(f.comment(comments, f.start+spelling)))
		comments = nil
	}
}

// statement prints one statement with several names.
func (p *isortPrinter) statement(start string, names, comments []string) string {
	w := p.style.Wrapping
	line := p.comment(comments, start+strings.Join(names, ", "))
	long := width(line) > p.width
	grid := w.GridWrap > 0 && len(names) >= w.GridWrap
	if grid || long && (len(names) > 1 || w.Mode != settings.Grid && w.Mode != settings.Vertical) {
		return p.wrapped(start, names, comments)
	}
	if long {
		return p.line(line)
	}
	return line
}

// wrapped prints the names in the style's mode.
func (p *isortPrinter) wrapped(start string, names, comments []string) string {
	mode := p.style.Wrapping.Mode
	text := p.balanced(mode, start, names, comments)
	if mode == settings.Grid && slices.ContainsFunc(strings.Split(text, "\n"), func(l string) bool { return width(l) > p.width }) {
		text = p.balanced(settings.VerticalGrid, start, names, comments)
	}
	if !strings.Contains(text, "\n") {
		return p.line(text)
	}
	return text
}
