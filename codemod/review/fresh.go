package review

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// spot is a name that is read in a scope of a file.
type spot struct{ path, scope, facade, name string }

// fresh returns the references of the newer revision that are new: their
// spots were not there before, and they are not accounted for by spots that
// moved: that are gone, of the same name of the same facade, without an import
// from the home in their place. What a statement reads that does not parse is
// not known: it may be whatever its file reads of the facade on the other side.
func (c *comparison) fresh() map[*refs.Reference]bool {
	gone := map[spot]resolve.Home{}
	read, unknown := map[spot]bool{}, map[spot]bool{} // without scope and name
	for _, co := range c.old.files {
		for _, r := range co.Refs {
			gone[spot{co.Path, scopeOf(co, r), r.Facade.Name, r.Shown()}] = r.Res.Home
			read[spot{path: co.Path, facade: r.Facade.Name}] = true
			if r.Unreadable() {
				unknown[spot{path: co.Path, facade: r.Facade.Name}] = true
			}
		}
	}
	now := map[spot][]*refs.Reference{}
	for _, co := range c.now.files {
		for _, r := range co.Refs {
			was := spot{path: c.was(co.Path), facade: r.Facade.Name}
			if unknown[was] || r.Unreadable() && read[was] {
				continue
			}
			s := spot{c.was(co.Path), scopeOf(co, r), r.Facade.Name, r.Shown()}
			now[s] = append(now[s], r)
		}
	}
	out := map[*refs.Reference]bool{}
	for _, s := range c.unmatched(now, gone) {
		for _, r := range now[s] {
			out[r] = true
		}
	}
	return out
}

// unmatched returns the spots of today that nothing of yesterday explains. A
// spot of the same file explains one rather than a spot of another file.
func (c *comparison) unmatched(now map[spot][]*refs.Reference, gone map[spot]resolve.Home) (left []spot) {
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

func (r *revision) countImports(path string, by int, count map[resolve.Home]int) {
	s := r.Source(path)
	if s == nil {
		return
	}
	for i := range s.Outline.Imports {
		imp := &s.Outline.Imports[i]
		if from, ok := s.Absolute(imp); ok && imp.From {
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

// was is the path that a file had, a path that no file has for a new one.
func (c *comparison) was(path string) string {
	if old := c.oldPath[path]; old != "" {
		return old
	}
	return "\x00" + path
}

// scopeOf names the scope that a reference stands in. A string has one of its
// own: a test that replaces a name does not read it.
func scopeOf(co *refs.File, r *refs.Reference) string {
	switch {
	case r.Form == refs.FormString:
		return `"`
	case r.Imp < 0:
		return ""
	}
	o := co.Outline
	scope := ""
	for s := o.Imports[r.Imp].Scope; s != 0; s = o.Scopes[s].Parent {
		scope = strings.TrimSuffix(o.Scopes[s].Name+"."+scope, ".")
	}
	return scope
}
