package codemod

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// spot is a name that is read in a scope of a file.
type spot struct{ path, scope, facade, name string }

// fresh returns the references of the newer revision that are new: their
// spots were not there before, and they are not accounted for by spots that
// moved: that are gone, of the same name of the same facade, without an import
// from the home in their place. What a statement reads that does not parse is
// not known: it may be whatever its file reads of the facade on the other side.
func (c *comparison) fresh() map[*reference]bool {
	gone := map[spot]resolve.Home{}
	read, unknown := map[spot]bool{}, map[spot]bool{} // without scope and name
	for _, co := range c.old.consumers {
		for _, r := range co.refs {
			gone[spot{co.Path, scopeOf(co, r), r.facade.name, r.shown()}] = r.res.Home
			read[spot{path: co.Path, facade: r.facade.name}] = true
			if r.unreadable() {
				unknown[spot{path: co.Path, facade: r.facade.name}] = true
			}
		}
	}
	now := map[spot][]*reference{}
	for _, co := range c.now.consumers {
		for _, r := range co.refs {
			was := spot{path: c.before(co.Path), facade: r.facade.name}
			if unknown[was] || r.unreadable() && read[was] {
				continue
			}
			s := spot{c.before(co.Path), scopeOf(co, r), r.facade.name, r.shown()}
			now[s] = append(now[s], r)
		}
	}
	out := map[*reference]bool{}
	for _, s := range c.unmatched(now, gone) {
		for _, r := range now[s] {
			out[r] = true
		}
	}
	return out
}

// unmatched returns the spots of today that nothing of yesterday explains. A
// spot of the same file explains one rather than a spot of another file.
func (c *comparison) unmatched(now map[spot][]*reference, gone map[spot]resolve.Home) (left []spot) {
	for s := range now {
		if _, had := gone[s]; !had {
			left = append(left, s)
		}
		delete(gone, s)
	}
	slices.SortFunc(left, compareSpots)
	spare := c.moved(gone)
	left = explain(left, spare, func(s spot) spot { return spot{path: s.path, facade: s.facade, name: s.name} })
	anywhere := map[spot]int{}
	for s, n := range spare {
		anywhere[spot{facade: s.facade, name: s.name}] += n
	}
	return explain(left, anywhere, func(s spot) spot { return spot{facade: s.facade, name: s.name} })
}

// moved counts the spots that are gone, by file and name, without those in
// whose place their file now imports the name from its home.
func (c *comparison) moved(gone map[spot]resolve.Home) map[spot]int {
	spare := map[spot]int{}
	mended := map[string]map[resolve.Home]int{}
	for _, s := range slices.SortedFunc(maps.Keys(gone), compareSpots) {
		home := gone[s]
		if mended[s.path] == nil {
			mended[s.path] = c.mended(s.path)
		}
		if mended[s.path][home] > 0 {
			mended[s.path][home]--
			continue
		}
		spare[spot{path: s.path, facade: s.facade, name: s.name}]++
	}
	return spare
}

// mended counts by how many statements more than before a file imports names
// from their homes. The path is the older one.
func (c *comparison) mended(path string) map[resolve.Home]int {
	count := map[resolve.Home]int{}
	c.now.countImports(c.newPath[path], 1, count)
	c.old.countImports(path, -1, count)
	return count
}

func (p *planner) countImports(path string, by int, count map[resolve.Home]int) {
	s := p.source(path)
	if s == nil {
		return
	}
	for i := range s.outline.Imports {
		imp := &s.outline.Imports[i]
		if from, ok := s.mod.Absolute(int(imp.Level), imp.Module); ok && imp.From {
			for _, n := range imp.Names {
				count[resolve.Home{Module: from, Attr: n.Name}] += by
			}
		}
	}
}

// explain drops the spots for which there is one to spare.
func explain(list []spot, spare map[spot]int, by func(spot) spot) (left []spot) {
	for _, s := range list {
		if k := by(s); spare[k] > 0 {
			spare[k]--
			continue
		}
		left = append(left, s)
	}
	return left
}

func compareSpots(a, b spot) int {
	return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.scope, b.scope), cmp.Compare(a.facade, b.facade), cmp.Compare(a.name, b.name))
}

// before is the path that a file had, a path that no file has for a new one.
func (c *comparison) before(path string) string {
	if old := c.oldPath[path]; old != "" {
		return old
	}
	return "\x00" + path
}

// unreadable reports whether the names of the reference are not known.
func (r *reference) unreadable() bool { return r.form == FormFrom && r.name == "*" }

// scopeOf names the scope that a reference stands in. A string has one of its
// own: a test that replaces a name does not read it.
func scopeOf(co *consumer, r *reference) string {
	switch {
	case r.form == FormString:
		return `"`
	case r.imp < 0:
		return ""
	}
	o := co.outline
	scope := ""
	for s := o.Imports[r.imp].Scope; s != 0; s = o.Scopes[s].Parent {
		scope = strings.TrimSuffix(o.Scopes[s].Name+"."+scope, ".")
	}
	return scope
}

// company returns the consumers that decide about the new references: those
// that are looked at, and where tests replace a name by a string, all files
// that read it or replace it, since they are only correct together.
func (c *comparison) company(ctx context.Context, fresh map[*reference]bool) ([]*consumer, error) {
	names := c.replaced(fresh)
	if len(names) == 0 {
		return c.now.consumers, nil
	}
	others, err := c.now.among(ctx, func(s *source) bool { return !c.now.look[s.Path] && c.mayRead(s, names) })
	for _, co := range others {
		for _, r := range co.refs {
			r.leave(wasThere, "")
		}
	}
	all := append(others, c.now.consumers...)
	sort.Slice(all, func(i, j int) bool { return all[i].Path < all[j].Path })
	return all, err
}

// replaced returns the names of new references that a string names anywhere.
func (c *comparison) replaced(fresh map[*reference]bool) map[patched]bool {
	out := map[patched]bool{}
	asked := map[string]patched{}
	for r := range fresh {
		if r.name != "" && r.name != "*" {
			asked[r.facade.name+"."+r.name] = patched{r.facade.name, r.name}
		}
	}
	for _, s := range c.now.files {
		for i := range s.outline.Strings {
			text := s.outline.Strings[i].Text
			for ; text != ""; text = text[:max(0, strings.LastIndexByte(text, '.'))] {
				if k, ok := asked[text]; ok {
					out[k] = true
				}
			}
		}
	}
	return out
}

// mayRead reports whether a file may read or replace one of the names.
func (c *comparison) mayRead(s *source, names map[patched]bool) bool {
	for k := range names {
		last := k.facade[strings.LastIndexByte(k.facade, '.')+1:]
		for i := range s.outline.Imports {
			if importsFrom(&s.outline.Imports[i], last) {
				return true
			}
		}
		for i := range s.outline.Strings {
			if strings.HasPrefix(s.outline.Strings[i].Text, k.facade+"."+k.name) {
				return true
			}
		}
	}
	return false
}

// importsFrom reports whether a statement may name a module by its last part.
func importsFrom(imp *pyfile.Import, last string) bool {
	if strings.HasSuffix(imp.Module, last) || imp.Level > 0 && imp.Module == "" {
		return true
	}
	for _, n := range imp.Names {
		if strings.HasSuffix(n.Name, last) {
			return true
		}
	}
	return false
}
