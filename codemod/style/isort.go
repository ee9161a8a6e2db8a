package style

import (
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// isortGroup is what isort knows about one module of `from M import ...`: it
// joins all its statements, and prints as many as it takes.
type isortGroup struct {
	module   string
	names    []string            // without aliases, in order of appearance
	plain    map[string]bool     // imported without an alias too
	aliases  map[string][]string // "a as b" by a
	comments []string            // of the statement as a whole
	combined []string            // of statements with aliases, when these are combined
	above    []string
	nested   map[string]string   // comment of a name, by its spelling
	as       map[string][]string // comments of a statement that begins with an alias, by name
}

// isortModule is what isort knows about one module of `import M`.
type isortModule struct {
	module   string
	plain    bool
	aliases  []string
	comments []string
	above    []string
}

// isortSection is what stands in one section.
type isortSection struct {
	groups   []*isortGroup
	straight []*isortModule
	group    map[string]*isortGroup // the same, by module
	imported map[string]*isortModule
}

// isortPrinter prints a block as isort does.
type isortPrinter struct {
	style  *Style
	width  int // line length without the block's indentation
	wrap   int
	places *placer
	// sections holds what was collected, by name of the section.
	sections map[string]*isortSection
}

func newIsortPrinter(s *Style, places *placer, indent string) *isortPrinter {
	p := &isortPrinter{style: s, places: places, sections: map[string]*isortSection{}}
	p.width = max(s.limit()-width(indent), 0)
	p.wrap = p.width
	if s.Wrapping.WrapLength > 0 {
		p.wrap = max(s.Wrapping.WrapLength-width(indent), 0)
	}
	return p
}

// limit is the line length as a number.
func (s *Style) limit() int {
	if s.Wrapping.LineLength <= 0 {
		return 1 << 30
	}
	return s.Wrapping.LineLength
}

// at returns the section of a module.
func (p *isortPrinter) at(module string) *isortSection {
	section := p.places.section(module)
	if p.style.Sections.None && section != settings.Future {
		section = noSections
	}
	if p.sections[section] == nil {
		p.sections[section] = &isortSection{group: map[string]*isortGroup{}, imported: map[string]*isortModule{}}
	}
	return p.sections[section]
}

// noSections is the one section of a style without sections.
const noSections = "no_sections"

// add takes a statement in.
func (p *isortPrinter) add(st statement) {
	if st.from {
		p.addFrom(st)
		return
	}
	comments := texts(st.notes)
	above := st.above
	for _, n := range st.names {
		m := p.at(n.name).moduleOf(n.name)
		if n.as == "" {
			m.plain = true
		} else if !slices.Contains(m.aliases, n.as) {
			m.aliases = append(m.aliases, n.as)
		}
		if len(comments) > 0 {
			m.comments = comments
		}
		m.above = append(m.above, above...)
		comments, above = nil, nil
	}
}

// moduleOf returns the entry of `import M`, a new one if there is none.
func (s *isortSection) moduleOf(module string) *isortModule {
	m := s.imported[module]
	if m == nil {
		m = &isortModule{module: module}
		s.straight, s.imported[module] = append(s.straight, m), m
	}
	return m
}

// groupOf returns the entry of `from M import ...`, a new one if there is none.
func (s *isortSection) groupOf(module string) *isortGroup {
	g := s.group[module]
	if g == nil {
		g = &isortGroup{
			module: module, plain: map[string]bool{}, aliases: map[string][]string{},
			nested: map[string]string{}, as: map[string][]string{},
		}
		s.groups, s.group[module] = append(s.groups, g), g
	}
	return g
}

// addFrom takes `from M import ...` in.
func (p *isortPrinter) addFrom(st statement) {
	g := p.at(st.module).groupOf(st.module)
	g.above = append(g.above, st.above...)
	for _, n := range st.names {
		if !g.plain[n.name] && len(g.aliases[n.name]) == 0 {
			g.names = append(g.names, n.name)
		}
		if n.as == "" {
			g.plain[n.name] = true
		} else if !slices.Contains(g.aliases[n.name], n.String()) {
			g.aliases[n.name] = append(g.aliases[n.name], n.String())
		}
	}
	general := g.nest(st)
	if len(general) == 0 {
		return
	}
	alias := slices.IndexFunc(st.names, func(n name) bool { return n.as != "" })
	switch {
	case alias < 0:
		g.comments = append(g.comments, general...)
	case p.style.Order.CombineAs:
		g.combined = append(g.combined, general...)
	default:
		of := st.names[alias].name
		g.as[of] = append(g.as[of], general...)
	}
}

// nest files the comments that belong to a name, and returns the others. A
// comment belongs to the one name on its line; on the first line of a
// statement only without an alias.
func (g *isortGroup) nest(st statement) (general []string) {
	for _, c := range st.notes {
		text := commentText(c.text)
		switch {
		case text == "":
		case len(c.names) == 1 && !c.split && (c.line > 0 || st.names[c.names[0]].as == ""):
			g.nested[st.names[c.names[0]].String()] = text
		default:
			general = append(general, text)
		}
	}
	return general
}

// commentText is what follows the first hash sign.
func commentText(comment string) string {
	return strings.TrimSpace(strings.TrimPrefix(comment, "#"))
}

func texts(notes []note) []string {
	var out []string
	for _, n := range notes {
		if text := commentText(n.text); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// comment puts comments behind a line, as isort joins them.
func (p *isortPrinter) comment(comments []string, line string) string {
	if p.style.Spacing.IgnoreComments {
		line, _, _ = strings.Cut(line, "#")
		return line
	}
	if len(comments) == 0 {
		return line
	}
	var unique []string
	seen := map[string]bool{}
	for _, c := range comments {
		if !seen[c] {
			seen[c] = true
			unique = append(unique, c)
		}
	}
	line, _, _ = strings.Cut(line, "#")
	return line + p.style.Wrapping.CommentPrefix + " " + strings.Join(unique, "; ")
}

// straight prints the statements of `import M`.
func (p *isortPrinter) straight(m *isortModule) []string {
	out := slices.Clone(m.above)
	if m.plain || len(m.aliases) == 0 {
		out = append(out, p.comment(m.comments, "import "+m.module))
	}
	for _, as := range m.aliases {
		out = append(out, p.comment(m.comments, "import "+m.module+" as "+as))
	}
	return out
}
