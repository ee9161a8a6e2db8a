package codemod

import (
	"sort"

	"github.com/canonicalize/canonicalize/codemod/fixpoint"
)

// couples numbers the groups of files that are only correct together.
func couples(results []fixpoint.Result) map[string]int {
	parent := map[string]string{}
	var find func(string) string
	find = func(s string) string {
		if parent[s] == "" || parent[s] == s {
			return s
		}
		return find(parent[s])
	}
	grouped := map[string][]string{} // key to paths
	for _, res := range results {
		for _, f := range res.Fates {
			if f.Group != "" && !f.Stays() && res.After != nil {
				grouped[f.Group] = append(grouped[f.Group], res.File.Path)
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
