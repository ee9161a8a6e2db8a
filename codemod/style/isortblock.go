package style

import (
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// lines prints what was added, without indentation.
func (p *isortPrinter) lines() []string {
	var out []string
	var seen []string
	pending := false
	spacing := p.style.Spacing
	for _, name := range p.order() {
		before := !slices.Contains(spacing.NoLinesBefore, name)
		lines := p.section(name)
		if len(lines) == 0 {
			pending = pending || before
			continue
		}
		if heading := spacing.Headings[strings.ToLower(name)]; heading != "" && !slices.Contains(seen, heading) {
			if spacing.DedupHeadings {
				seen = append(seen, heading)
			}
			lines = append([]string{"# " + heading}, lines...)
		}
		if pending || before {
			out = append(out, make([]string, spacing.BetweenSections)...)
		}
		out = append(out, lines...)
		pending = false
	}
	if spacing.BeforeComments {
		out = airComments(out)
	}
	text := strings.Trim(strings.Join(out, "\n"), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// order is the sections in the order in which they are printed.
func (p *isortPrinter) order() []string {
	s := p.style.Sections
	if !s.None {
		return append(slices.Clone(s.Names), s.Separate...)
	}
	if slices.Contains(s.Names, settings.Future) {
		return []string{settings.Future, noSections}
	}
	return []string{noSections}
}

// section prints one section; a statement of several lines is one string.
func (p *isortPrinter) section(name string) []string {
	sec := p.sections[name]
	if sec == nil {
		return nil
	}
	o := p.style.Order
	if !o.OnlySections {
		sortNaturally(sec.straight, func(m *isortModule) string { return p.style.moduleKey(m.module, name, true) })
		sortNaturally(sec.groups, func(g *isortGroup) string { return p.style.moduleKey(g.module, name, false) })
	}
	var straight, from []string
	for _, m := range sec.straight {
		straight = append(straight, p.straight(m)...)
	}
	for _, g := range sec.groups {
		from = append(from, p.from(g, name)...)
	}
	if o.WithinSections {
		return p.mixed(straight, from, o.FromFirst)
	}
	between := make([]string, 0)
	if len(straight) > 0 && len(from) > 0 {
		between = make([]string, p.style.Spacing.BetweenTypes)
	}
	if o.FromFirst {
		return slices.Concat(from, between, straight)
	}
	return slices.Concat(straight, between, from)
}

// mixed sorts both kinds of statements among each other, each with the
// comments above it.
func (p *isortPrinter) mixed(straight, from []string, fromFirst bool) []string {
	all := append(slices.Clone(straight), from...)
	if fromFirst {
		all = append(slices.Clone(from), straight...)
	}
	type unit struct {
		comments []string
		line     string
	}
	var units []unit
	var comments []string
	for _, line := range all {
		if strings.HasPrefix(line, "#") {
			comments = append(comments, line)
			continue
		}
		units = append(units, unit{comments, line})
		comments = nil
	}
	sortNaturally(units, func(u unit) string { return p.style.statementKey(u.line) })
	var out []string
	for _, u := range units {
		out = append(append(out, u.comments...), u.line)
	}
	return out
}

// airComments puts a blank line before each comment that follows code.
func airComments(lines []string) []string {
	var out []string
	previous := ""
	for _, line := range lines {
		if strings.HasPrefix(line, "#") && previous != "" && !strings.HasPrefix(previous, "#") {
			out = append(out, "")
		}
		out = append(out, line)
		previous = line
	}
	return out
}
