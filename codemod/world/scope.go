package world

import (
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// vendored are folders whose files belong to others.
var vendored = []string{"node_modules", "site-packages", "vendor", "_vendor", "third_party", ".venv", ".git"}

// exclude says why the file may not be changed, if so.
func (w *World) exclude(s *Source) {
	switch {
	case s.Outline.Flags&pyfile.Generated != 0:
		s.Excluded = "The file is generated: change what generates it."
	case s.Size > w.Rules.MaxFileSize:
		s.Excluded, s.TooLarge = "The file is larger than the limit.", true
	case isVendored(s.Path):
		s.Excluded = "The file is vendored: change it at its source."
	case !w.inScope(s.Path):
		s.Excluded = "The file is outside of the paths that were asked for."
	case matches(w.Rules.Exclude, s.Path):
		s.Excluded = "The configuration excludes the file."
	}
}

func isVendored(p string) bool {
	for _, part := range strings.Split(path.Dir(p), "/") {
		for _, v := range vendored {
			if part == v {
				return true
			}
		}
	}
	return false
}

// inScope reports whether the path is one of those that may change.
func (w *World) inScope(p string) bool {
	if len(w.Options.Only) == 0 {
		return true
	}
	for _, o := range w.Options.Only {
		o = strings.TrimSuffix(path.Clean(o), "/")
		if o == "." || p == o || strings.HasPrefix(p, o+"/") {
			return true
		}
	}
	return false
}

func matches(globs []string, p string) bool {
	for _, g := range globs {
		if ok, err := doublestar.Match(g, p); err == nil && ok {
			return true
		}
		if strings.HasPrefix(p, strings.TrimSuffix(g, "/")+"/") {
			return true
		}
	}
	return false
}
