package review

import (
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// forbids returns the forbidden module that an import falls under, "" if it
// may be.
func forbids(b *world.Boundary, from, to string) string {
	if !world.Below(from, b.From) {
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
		if world.Below(to, f) && !world.Below(from, f) {
			return f
		}
	}
	return ""
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
	if len(c.now.Rules.Boundaries) == 0 {
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
			k := crossing{c.was(path), f.Facade}
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
func (r *revision) crossingsIn(path string) (out []judged) {
	s := r.Source(path)
	if s == nil || s.Mod.Name == "" {
		return nil
	}
	var lines *world.Lines
	for i := range s.Outline.Imports {
		imp := &s.Outline.Imports[i]
		if imp.Guard&pyfile.Unreadable != 0 {
			continue
		}
		for _, n := range imp.Names {
			to := r.imported(s, imp, n)
			b, what := r.boundary(s.Mod.Name, to)
			if b == nil {
				continue
			}
			if lines == nil {
				src, err := r.Text(s)
				if err != nil {
					return out
				}
				lines = world.LinesOf(src)
			}
			out = append(out, judged{kept: imp.Guard&pyfile.Kept != 0 || s.Excluded != "", Finding: Finding{
				Kind: NewCrossing, Path: path, Line: lines.Line(int(n.Start)), Column: lines.Column(int(n.Start)), Facade: to, Home: to,
				Detail: fmt.Sprintf("%s may not import %s: that is a boundary in the configuration. Move what both need to a module that both may import, or add an exception under `boundaries`.", b.From, what),
			}})
		}
	}
	return out
}

// boundary returns the first boundary that an import crosses, with the module
// that is forbidden; nil if it crosses none.
func (r *revision) boundary(from, to string) (*world.Boundary, string) {
	for k := range r.Rules.Boundaries {
		if what := forbids(&r.Rules.Boundaries[k], from, to); what != "" {
			return &r.Rules.Boundaries[k], what
		}
	}
	return nil, ""
}

// imported returns the module that a name of an import statement is from: the
// name itself where it is a module.
func (r *revision) imported(s *world.Source, imp *pyfile.Import, n pyfile.Name) string {
	if !imp.From {
		return n.Name
	}
	abs, ok := s.Absolute(imp)
	if !ok {
		return ""
	}
	if r.Index.Module(abs+"."+n.Name) != nil {
		return abs + "." + n.Name
	}
	return abs
}
