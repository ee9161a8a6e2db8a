package world

import (
	"path"
	"slices"
	"strings"
)

// Others read some modules by name, without an import that could be seen: a
// framework its settings, pytest its fixtures, whoever uses a package what its
// `__init__` brings. What a star import binds there stays.

// keeper is a kind of file that is read by name.
type keeper struct {
	what  string
	globs []string
	// down says that what such a file star-imports is read by that name, too, and
	// up that what star-imports such a file is.
	down, up bool
}

var keepers = []keeper{
	{"Pytest reads fixtures and hooks by name here.", []string{"**/conftest.py"}, true, false},
	{"Django reads its settings by name here.", []string{"**/settings.py", "**/settings/*.py", "**/settings_*.py", "**/*_settings.py"}, false, true},
	{"Django reads URL patterns and handlers by name here.", []string{"**/urls.py"}, false, false},
	{"Alembic runs this file, and reads what it finds by name.", []string{"**/alembic/env.py", "**/migrations/env.py"}, false, false},
	{"Celery reads its settings by name here.", []string{"**/celeryconfig.py", "**/celeryconfig/*.py"}, false, true},
	{"Sphinx reads its settings by name here.", []string{"**/conf.py"}, false, false},
}

// StarKept says why a star import stays in the file at a path, whoever imports
// it: "" if it need not.
func (w *World) StarKept(p string) string {
	w.keeping.Do(func() { w.kept = w.starKept() })
	return w.kept[p]
}

// starKept finds the files in which star imports stay.
func (w *World) starKept() map[string]string {
	out := map[string]string{}
	stars := w.starImporters()
	for _, s := range w.sources {
		switch {
		case s.Mod.Package && s.Mod.Path == s.Path:
			out[s.Path] = "Who uses the package may read any of its names."
		case matches(w.Rules.StarKeepers, s.Path):
			out[s.Path] = "The configuration says that its names are read (`star_keepers`)."
		}
	}
	for _, k := range keepers {
		var open []string
		for _, s := range w.sources {
			if slices.ContainsFunc(k.globs, func(g string) bool { return matches([]string{g}, s.Path) }) {
				open = append(open, s.Path)
			}
		}
		k.spread(open, stars, out)
	}
	return out
}

// spread says of files, and of those that star imports lead to from there, that
// they are read by name.
func (k keeper) spread(open []string, stars starImporters, out map[string]string) {
	seen := map[string]bool{}
	for len(open) > 0 {
		p := open[0]
		if open = open[1:]; seen[p] {
			continue
		}
		seen[p] = true
		if out[p] == "" {
			out[p] = k.what
		}
		if k.down {
			open = append(open, stars.from[p]...)
		}
		if k.up {
			open = append(open, stars.by[p]...)
		}
	}
}

// starImporters are the star imports between the files of a tree, by path.
type starImporters struct{ from, by map[string][]string }

func (w *World) starImporters() starImporters {
	out := starImporters{map[string][]string{}, map[string][]string{}}
	for _, s := range w.sources {
		for i := range s.Outline.Imports {
			imp := &s.Outline.Imports[i]
			if !imp.Star() {
				continue
			}
			abs, ok := s.Absolute(imp)
			if m := w.Index.Module(abs); ok && m != nil && m.Path != "" {
				out.from[s.Path] = append(out.from[s.Path], m.Path)
				out.by[m.Path] = append(out.by[m.Path], s.Path)
			}
		}
	}
	return out
}

// IsTest reports whether pytest collects tests in the file, by the names that it
// looks for unless it is told otherwise.
func IsTest(p string) bool {
	name := path.Base(p)
	return strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test.py") || name == "tests.py"
}
