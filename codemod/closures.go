package codemod

import "github.com/canonicalize/canonicalize/codemod/pyfile"

// closure is how many modules an import executes.
type closure struct{ now, retired int }

// closures counts what importing each changed file executes: as the files are
// after the change, and once the facades import nothing for others any more.
// Canonicalizing alone changes the first figure hardly ever, since a module
// below a facade still executes the facade.
func (p *planner) closures(files []*consumer) map[string]closure {
	if !p.opts.Closures {
		return nil
	}
	out := map[string]closure{}
	count := func(put func(c *closure, n int)) {
		for _, c := range files {
			if c.change != nil && c.mod.Name != "" {
				was := out[c.Path]
				put(&was, p.graphs.now.Count(c.mod.Name))
				out[c.Path] = was
			}
		}
	}
	count(func(c *closure, n int) { c.now = n })
	for _, f := range p.list {
		p.graphs.now.Set(f.mod.Path, retired(p.source(f.mod.Path).outline))
	}
	count(func(c *closure, n int) { c.retired = n })
	return out
}

// retired is a facade's outline without the imports that run with it.
func retired(o *pyfile.Outline) *pyfile.Outline {
	out := *o
	out.Imports = nil
	for _, imp := range o.Imports {
		if imp.Scope != 0 {
			out.Imports = append(out.Imports, imp)
		}
	}
	return &out
}
