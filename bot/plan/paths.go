package plan

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// CleanPaths makes paths as people write them comparable.
func CleanPaths(list []string) (out []string) {
	for _, p := range list {
		out = append(out, strings.Trim(strings.TrimPrefix(p, "./"), "/"))
	}
	return out
}

// Under reports whether a path is one of those, below one, or matches a glob.
func Under(path string, list []string) bool {
	return slices.ContainsFunc(list, func(p string) bool {
		return p == "" || p == "." || path == p || strings.HasPrefix(path, p+"/") || doublestar.MatchUnvalidated(p, path)
	})
}
