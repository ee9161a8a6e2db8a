package codemod

import (
	"context"

	"github.com/canonicalize/canonicalize/codemod/fixpoint"
	"github.com/canonicalize/canonicalize/codemod/importorder"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// closure is how many modules an import executes.
type closure struct{ now, retired int }

// closures counts what importing each changed file executes: as the files are
// after the change, and once the facades import nothing for others any more.
// Canonicalizing alone changes the first figure hardly ever, since a module
// below a facade still executes the facade.
func closures(ctx context.Context, w *world.World, p *fixpoint.Plan) map[string]closure {
	if !w.Options.Closures {
		return nil
	}
	out := map[string]closure{}
	imports := fixpoint.Imports(ctx, p.After)
	count := func(counter *importorder.Counter, put func(c *closure, n int)) {
		for _, r := range p.Results {
			if r.After != nil && r.File.Mod.Name != "" && ctx.Err() == nil {
				was := out[r.File.Path]
				put(&was, counter.Count(r.File.Mod.Name))
				out[r.File.Path] = was
			}
		}
	}
	count(imports.Counter(), func(c *closure, n int) { c.now = n })
	emptied := map[int]importorder.File{}
	for _, f := range w.Facades {
		place, _ := w.Index.Place(f.Mod.Path)
		emptied[place] = importorder.File{Outline: retired(p.After.Outline(f.Mod.Path))}
	}
	count(imports.With(emptied, nil).Counter(), func(c *closure, n int) { c.retired = n })
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
