package review

import (
	"cmp"
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// reExports finds what the facades newly pass on, and counts what a comment
// or the configuration keeps.
func (c *comparison) reExports(ctx context.Context) (out []Finding, kept int, err error) {
	for _, name := range c.now.Rules.Facades {
		f := c.now.World.Facade(name)
		if f == nil || !c.now.look[f.Mod.Path] {
			continue
		}
		found, err := c.passes(ctx, c.now.Source(f.Mod.Path), name)
		if err != nil {
			return nil, 0, err
		}
		for _, x := range found {
			if x.kept {
				kept++
				continue
			}
			out = append(out, x.Finding)
		}
	}
	return out, kept, nil
}

// judged is a finding that a comment or the configuration may keep.
type judged struct {
	Finding
	kept bool
}

// passes finds what one facade newly passes on.
func (c *comparison) passes(ctx context.Context, s *world.Source, facade string) (out []judged, err error) {
	had, stars := c.passedBefore(facade)
	var own map[string]bool
	for i := range s.Outline.Imports {
		imp := &s.Outline.Imports[i]
		for _, n := range imp.Names {
			from, ok := c.now.passesOn(s, imp, n)
			if !ok {
				continue
			}
			if n.Name != "*" && (had[n.Bound()] || strings.HasPrefix(n.Bound(), "_")) || n.Name == "*" && stars[from] {
				continue
			}
			if own == nil {
				if own, err = c.now.ownUses(ctx, s); err != nil {
					return nil, err
				}
			}
			if own[n.Bound()] {
				continue
			}
			if f, ok := c.exported(s, imp, n, from, facade, had); ok {
				out = append(out, judged{f, imp.Guard&pyfile.Kept != 0 || s.Excluded != ""})
			}
		}
	}
	return out, nil
}

// exported makes the finding of one name of a statement in a facade.
func (c *comparison) exported(s *world.Source, imp *pyfile.Import, n pyfile.Name, from, facade string, had map[string]bool) (Finding, bool) {
	src, err := c.now.Text(s)
	if err != nil {
		return Finding{}, false
	}
	f := Finding{
		Kind: NewReExport, Path: s.Path, Line: int(imp.Line), Column: world.LinesOf(src).Column(int(n.Start)), Facade: facade, Name: n.Bound(), Home: from + ":" + n.Name,
		Detail: fmt.Sprintf("%s passes on one more name: leave it out, and let readers import it from %s.", facade, from),
	}
	f.Line = world.LinesOf(src).Line(int(n.Start))
	if !imp.From {
		f.Home, f.Detail = from, fmt.Sprintf("%s passes on the module %s: leave it out, and let readers import it themselves.", facade, from)
	}
	if n.Name != "*" {
		return f, true
	}
	var fresh []string
	for name := range c.now.Public(from) {
		if !had[name] {
			fresh = append(fresh, name)
		}
	}
	sort.Strings(fresh)
	if len(fresh) == 0 {
		return Finding{}, false
	}
	shown := fresh[:min(len(fresh), namesInText)]
	f.Home = from
	f.Detail = fmt.Sprintf("%s passes on %d more names (%s): leave the star import out, and let readers import what they need from %s.",
		facade, len(fresh), strings.Join(shown, ", "), from)
	return f, true
}

// passedBefore returns the names that the facade passed on before, and the
// modules of which it passed on all.
func (c *comparison) passedBefore(facade string) (names, stars map[string]bool) {
	names, stars = map[string]bool{}, map[string]bool{}
	f := c.old.World.Facade(facade)
	if f == nil {
		return names, stars
	}
	for name := range c.old.Public(facade) {
		names[name] = true
	}
	s := c.old.Source(f.Mod.Path)
	for i := range s.Outline.Imports {
		imp := &s.Outline.Imports[i]
		for _, n := range imp.Names {
			from, ok := c.old.passesOn(s, imp, n)
			if !ok {
				continue
			}
			names[n.Bound()] = true
			if n.Name == "*" {
				stars[from] = true
			}
		}
	}
	return names, stars
}

// passesOn returns the module of the tree from which a name of a statement at
// the top level of a module is imported, or which it is, as in `import a.b as c`.
func (r *revision) passesOn(s *world.Source, imp *pyfile.Import, n pyfile.Name) (from string, ok bool) {
	if imp.Scope != 0 || imp.Guard&(pyfile.TypeChecking|pyfile.Unreadable) != 0 {
		return "", false
	}
	if !imp.From {
		return n.Name, n.As != "" && r.Index.Module(n.Name) != nil
	}
	from, ok = s.Absolute(imp)
	return from, ok && r.Index.Module(from) != nil
}

// ownUses returns the names that the code of a module reads itself: importing
// them is no re-export.
func (r *revision) ownUses(ctx context.Context, s *world.Source) (map[string]bool, error) {
	used := map[string]bool{}
	names := r.NamesIn(s)
	if names == nil {
		_, err := r.Text(s)
		return used, cmp.Or(err, ctx.Err())
	}
	for i := range names.Uses {
		if !names.Uses[i].Import && names.Uses[i].Access == pyfile.Load {
			used[names.Uses[i].Name] = true
		}
	}
	return used, ctx.Err()
}
