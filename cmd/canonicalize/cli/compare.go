package cli

import (
	"cmp"
	"slices"
)

func sortFindings(all []finding) {
	slices.SortStableFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// reading is what makes two findings the same wherever they stand in a file.
type reading struct{ path, facade, name string }

// added returns the findings of head that base does not have, by meaning: what moved within its file is not new, and
// neither is what came along when its file was moved. moved gives the old path of a file that was.
func added(base, head []finding, moved map[string]string) []finding {
	had := map[reading]int{}
	for _, f := range base {
		had[reading{f.Path, f.Facade, f.Name}]++
	}
	fresh := []finding{}
	for _, f := range head {
		key := reading{cmp.Or(moved[f.Path], f.Path), f.Facade, f.Name}
		if had[key] > 0 {
			had[key]--
			continue
		}
		fresh = append(fresh, f)
	}
	return fresh
}

// paths lists the files of findings for which keep answers true, each once, in order.
func pathsOf(all []finding, keep func(path string) bool) []string {
	var paths []string
	for _, f := range all {
		if (len(paths) == 0 || paths[len(paths)-1] != f.Path) && keep(f.Path) {
			paths = append(paths, f.Path)
		}
	}
	return paths
}
