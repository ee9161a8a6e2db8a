package codemod

import (
	"sort"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// report tells what was found about each facade.
func (p *planner) report(files []*consumer) []FacadeReport {
	out := make([]FacadeReport, 0, len(p.rules.Facades))
	seen := map[string]bool{}
	for _, name := range p.rules.Facades {
		if seen[name] {
			continue
		}
		seen[name] = true
		out = append(out, p.reportOne(p.facades[name], files))
	}
	return out
}

func (p *planner) reportOne(f *facade, files []*consumer) FacadeReport {
	rep := FacadeReport{Module: f.name, Path: f.mod.Path}
	if strings.HasPrefix(f.mod.Path, provided) {
		rep.Provider, rep.Path = p.providerOf(f.mod.Path), providedPath(f.mod.Path)
	}
	readers := map[string]map[string]bool{}
	consumers := map[string]bool{}
	for _, c := range files {
		for _, r := range c.refs {
			if r.facade != f {
				continue
			}
			consumers[c.Path] = true
			rep.References++
			if r.reason == "" {
				rep.Rewritten++
			} else {
				rep.Left++
			}
			if readers[r.name] == nil {
				readers[r.name] = map[string]bool{}
			}
			readers[r.name][c.Path] = true
		}
	}
	rep.Consumers = len(consumers)
	rep.Names = p.namesOf(f, readers)
	return rep
}

// namesOf lists the names that the facade re-exports, and those that are read
// from it and have no home.
func (p *planner) namesOf(f *facade, readers map[string]map[string]bool) []FacadeName {
	all := map[string]bool{}
	for n := range p.resolver.Bound(f.name) {
		all[n] = true
	}
	for n := range readers {
		if n != "*" && n != "" {
			all[n] = true
		}
	}
	var out []FacadeName
	for _, n := range resolve.SortedNames(all) {
		res := p.resolver.Lookup(f.name, n, false)
		if res.Status == resolve.NoReexport || res.Status == resolve.Declared && len(readers[n]) == 0 {
			continue
		}
		fn := FacadeName{Name: n, Reason: statusReason(res.Status), Readers: len(readers[n])}
		if res.Status == resolve.Found {
			fn.Home = res.Home.String()
			fn.Accidental = p.accidental(f, n, res)
		}
		for _, l := range res.Losers {
			fn.Losers = append(fn.Losers, l.String())
		}
		sort.Strings(fn.Losers)
		out = append(out, fn)
	}
	return out
}

// accidental reports whether the facade passes on what a submodule imported
// for its own use: an object from outside of the project.
func (p *planner) accidental(f *facade, name string, res resolve.Resolution) bool {
	if !res.Home.External {
		return false
	}
	for _, n := range p.all(f.name) {
		if n == name {
			return false
		}
	}
	return true
}

// couples numbers the groups of files that are only correct together.
func couples(files []*consumer) map[string]int {
	parent := map[string]string{}
	var find func(string) string
	find = func(s string) string {
		if parent[s] == "" || parent[s] == s {
			return s
		}
		return find(parent[s])
	}
	grouped := map[string][]string{} // key to paths
	for _, c := range files {
		for _, r := range c.refs {
			if key := c.group[r]; key != "" && r.reason == "" && c.change != nil {
				grouped[key] = append(grouped[key], c.Path)
			}
		}
	}
	for _, paths := range grouped {
		for _, path := range paths[1:] {
			if a, b := find(paths[0]), find(path); a != b {
				parent[max(a, b)] = min(a, b)
			}
		}
	}
	size := map[string]map[string]bool{}
	for _, paths := range grouped {
		for _, path := range paths {
			root := find(path)
			if size[root] == nil {
				size[root] = map[string]bool{}
			}
			size[root][path] = true
		}
	}
	var roots []string
	for root, paths := range size {
		if len(paths) > 1 {
			roots = append(roots, root)
		}
	}
	sort.Strings(roots)
	out := map[string]int{}
	for i, root := range roots {
		for path := range size[root] {
			out[path] = i + 1
		}
	}
	return out
}

// Lines returns how many lines the change adds and deletes, as git counts them.
func (c Change) Lines() (additions, deletions int) { return edit.Count(c.Before, c.After) }

// Diff returns the change as a unified diff with the prefixes a/ and b/.
func (c Change) Diff() string { return edit.Unified(c.Path, c.Before, c.After) }

// nearest returns the names that are most like the given one.
func nearest(name string, all []string, n int) []string {
	type scored struct {
		name string
		d    int
	}
	var found []scored
	for _, a := range all {
		if d := levenshtein.ComputeDistance(name, a); d <= max(2, len(name)/4) || strings.HasSuffix(a, "."+name) {
			found = append(found, scored{a, d})
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].d < found[j].d })
	var out []string
	for i := 0; i < len(found) && i < n; i++ {
		out = append(out, found[i].name)
	}
	return out
}
