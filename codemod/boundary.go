package codemod

import (
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// Boundary says that a module, with all below it, may not import some others,
// as the forbidden contracts of import-linter do. It is about direct imports.
type Boundary struct {
	From   string
	Forbid []string // modules, with all below them
	// Except are modules, with all below them, that it may import all the same,
	// or "A -> B" for imports of B in A. In both "*" stands for one part of a
	// module's name and "**" for any number of parts.
	// https://import-linter.readthedocs.io/en/stable/contract_types/#options-used-by-multiple-contracts
	Except []string
}

// forbids returns the forbidden module that an import falls under, "" if it
// may be.
func (b *Boundary) forbids(from, to string) string {
	if !below(from, b.From) {
		return ""
	}
	for _, e := range b.Except {
		importer, imported, pair := strings.Cut(e, "->")
		if !pair {
			importer, imported = "**", e
		}
		if belowPattern(from, strings.TrimSpace(importer)) && belowPattern(to, strings.TrimSpace(imported)) {
			return ""
		}
	}
	for _, f := range b.Forbid {
		if below(to, f) && !below(from, f) {
			return f
		}
	}
	return ""
}

// below reports whether a module is another one or below it.
func below(module, of string) bool {
	rest, ok := strings.CutPrefix(module, of)
	return ok && (rest == "" || rest[0] == '.')
}

// belowPattern reports whether a module is one that a pattern stands for, or
// below one.
func belowPattern(module, pattern string) bool {
	return matchParts(strings.Split(module, "."), strings.Split(pattern, "."))
}

func matchParts(parts, pattern []string) bool {
	switch {
	case len(pattern) == 0:
		return true
	case pattern[0] == "**":
		return matchParts(parts, pattern[1:]) || len(parts) > 0 && matchParts(parts[1:], pattern)
	}
	return len(parts) > 0 && (pattern[0] == "*" || pattern[0] == parts[0]) && matchParts(parts[1:], pattern[1:])
}

// crossing is an import of a module that may not be imported.
type crossing struct{ path, to string }

// crossings finds the imports over boundaries that are new in their files, and
// counts what a comment or the configuration keeps.
func (c *comparison) crossings() (out []Finding, kept int) {
	if len(c.now.rules.Boundaries) == 0 {
		return nil, 0
	}
	had := map[crossing]bool{} // whether one was not kept
	for path := range c.old.look {
		for _, f := range c.old.crossingsIn(path) {
			k := crossing{path, f.Facade}
			had[k] = had[k] || !f.kept
		}
	}
	for path := range c.now.look {
		for _, f := range c.now.crossingsIn(path) {
			k := crossing{c.before(path), f.Facade}
			open, known := had[k]
			switch {
			case open, f.kept && known:
			case f.kept:
				had[k] = false
				kept++
			default:
				had[k] = true
				out = append(out, f.Finding)
			}
		}
	}
	return out, kept
}

// crossingsIn finds the imports of one file over boundaries.
func (p *planner) crossingsIn(path string) (out []judged) {
	s := p.source(path)
	if s == nil || s.mod.Name == "" {
		return nil
	}
	var lines *lineIndex
	for i := range s.outline.Imports {
		imp := &s.outline.Imports[i]
		if imp.Guard&pyfile.Unreadable != 0 {
			continue
		}
		for _, n := range imp.Names {
			to := p.imported(s, imp, n)
			b, what := p.boundary(s.mod.Name, to)
			if b == nil {
				continue
			}
			if lines == nil {
				src, err := p.text(s)
				if err != nil {
					return out
				}
				lines = newLines(src)
			}
			out = append(out, judged{kept: imp.Guard&pyfile.Kept != 0 || s.excluded != "", Finding: Finding{
				Kind: NewCrossing, Path: path, Line: lines.line(int(n.Start)), Column: lines.column(int(n.Start)), Facade: to, Home: to,
				Detail: fmt.Sprintf("%s may not import %s: that is a boundary in the configuration. Move what both need to a module that both may import, or add an exception under `boundaries`.", b.From, what),
			}})
		}
	}
	return out
}

// boundary returns the first boundary that an import crosses, with the module
// that is forbidden; nil if it crosses none.
func (p *planner) boundary(from, to string) (*Boundary, string) {
	for k := range p.rules.Boundaries {
		if what := p.rules.Boundaries[k].forbids(from, to); what != "" {
			return &p.rules.Boundaries[k], what
		}
	}
	return nil, ""
}

// imported returns the module that a name of an import statement is from: the
// name itself where it is a module.
func (p *planner) imported(s *source, imp *pyfile.Import, n pyfile.Name) string {
	if !imp.From {
		return n.Name
	}
	abs, ok := s.mod.Absolute(int(imp.Level), imp.Module)
	if !ok {
		return ""
	}
	if p.index.Module(abs+"."+n.Name) != nil {
		return abs + "." + n.Name
	}
	return abs
}
