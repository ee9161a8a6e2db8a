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
// neither is what came along when its file was moved, which a file that is gone (not here) gives away.
func added(base, head []finding, here func(path string) bool) []finding {
	had := map[reading]int{}
	moved := map[reading]int{} // readings of files that are gone, without their path
	for _, f := range base {
		if here(f.Path) {
			had[reading{f.Path, f.Facade, f.Name}]++
		} else {
			moved[reading{"", f.Facade, f.Name}]++
		}
	}
	fresh := []finding{}
	for _, f := range head {
		key, anywhere := reading{f.Path, f.Facade, f.Name}, reading{"", f.Facade, f.Name}
		switch {
		case had[key] > 0:
			had[key]--
		case moved[anywhere] > 0:
			moved[anywhere]--
		default:
			fresh = append(fresh, f)
		}
	}
	return fresh
}
