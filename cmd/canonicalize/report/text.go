package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod"
)

// placesShown is how many places of one reason are listed for people; --json has them all.
const placesShown = 10

// WriteLeft lists left references by reason, the most frequent first; shown says how a path is called.
func WriteLeft(w io.Writer, left []codemod.Left, shown func(path string) string) {
	if len(left) == 0 {
		return
	}
	by := map[codemod.Reason][]codemod.Left{}
	var reasons []codemod.Reason
	for _, l := range left {
		if by[l.Reason] == nil {
			reasons = append(reasons, l.Reason)
		}
		by[l.Reason] = append(by[l.Reason], l)
	}
	slices.SortStableFunc(reasons, func(a, b codemod.Reason) int { return cmp.Compare(len(by[b]), len(by[a])) })
	fmt.Fprintf(w, "%s:\n", Count(len(left), "reference is left", "references are left"))
	for _, reason := range reasons {
		fmt.Fprintf(w, "  %s (%d)", reason, len(by[reason]))
		if advice := reason.Advice(); advice != "" {
			fmt.Fprintf(w, ": %s", advice)
		}
		fmt.Fprintln(w)
		for i, l := range by[reason] {
			if i == placesShown {
				fmt.Fprintf(w, "    and %d more, which --json lists\n", len(by[reason])-i)
				break
			}
			fmt.Fprintf(w, "    %s:%d:%d %s%s\n", shown(l.Path), l.Line, l.Column, Dotted(l.Facade, l.Name), especially(l))
		}
	}
}

// WriteLost lists what changed files bind and run no more; shown says how a path is called.
func WriteLost(w io.Writer, changes []codemod.Change, shown func(path string) string) {
	for _, lost := range []struct {
		title string
		of    func(codemod.Change) []string
	}{
		{"Public names that modules no longer bind, since a star import became the names that are needed:", func(c codemod.Change) []string { return c.Unbound }},
		{"Modules that importing a file runs no more:", func(c codemod.Change) []string { return c.Stops }},
	} {
		title := lost.title
		for _, c := range changes {
			if list := lost.of(c); len(list) > 0 {
				if title != "" {
					fmt.Fprintln(w, title)
				}
				title = ""
				fmt.Fprintf(w, "    %s: %s\n", shown(c.Path), strings.Join(list, ", "))
			}
		}
	}
}

// especially is what is to be said of one reference beyond its reason.
func especially(l codemod.Left) string {
	if l.Detail == "" || l.Detail == l.Reason.Advice() {
		return ""
	}
	return ": " + strings.TrimSpace(strings.TrimPrefix(l.Detail, l.Reason.Advice()))
}

// Dotted is what a reference reads: a name of a facade, or the facade itself.
func Dotted(facade, name string) string {
	if name == "" || name == facade {
		return facade
	}
	return facade + "." + name
}

// Count writes a number with its noun.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
