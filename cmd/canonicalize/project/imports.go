package project

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/revision"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/importgraph"
)

// Imports says what importing the modules of the folder executes: now, and once the facades are retired.
func (p *Project) Imports(ctx context.Context, tell Progress) (*codemod.Imports, error) {
	imports, err := codemod.ReadImports(ctx, p.watched(p.tree), p.Rules(), codemod.Options{Progress: tell, Cache: p.facts()})
	if err != nil {
		return nil, asInput(p.withAbsent(err))
	}
	return imports, nil
}

// Module returns the name of a module that a person named, by its dotted name or its path from dir. One that is not
// there is an *InputError that says what is like it.
func (p *Project) Module(g *importgraph.Graph, named, dir string) (string, error) {
	if name := g.Find(named); name != "" {
		return name, nil
	}
	full := named
	if !filepath.IsAbs(full) {
		full = filepath.Join(dir, named)
	}
	if rel, err := filepath.Rel(p.Dir, full); err == nil {
		if name := g.Find(filepath.ToSlash(rel)); name != "" {
			return name, nil
		}
	}
	hint := "give a dotted name, as in an import, or the path of a Python file"
	if near := g.Near(named); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return "", inputf("there is no module %s in %s, and nothing there imports one: %s", named, p.Dir, hint)
}

// TestFile is a test that a change may break.
type TestFile struct {
	Path         string
	Now, Retired bool // it executes a file that changed: as it is, and once the facades are retired
}

// Affected is what a change reaches.
type Affected struct {
	Base    string   // the commit that was compared with
	Changed []string // Python files that differ from it, sorted
	Others  []string // files that differ and are no Python: who depends on them is not known
	All     int      // test files
	Tests   []TestFile
}

// TestGlobs are the files that pytest and Django take for tests unless told otherwise.
var TestGlobs = []string{"**/test*.py", "**/*_test.py"}

// Affected finds the test files that execute a file which differs from the commit. Globs say which files are tests;
// deferred, that imports in functions count wherever they are, and not in the tests only.
func (p *Project) Affected(ctx context.Context, base *revision.Tree, globs []string, deferred bool, tell Progress) (*Affected, error) {
	whole := *p
	whole.only = nil
	c := comparison{&whole, base, p.tree, nil}
	files, err := c.changed()
	if err != nil {
		return nil, err
	}
	imports, err := p.Imports(ctx, tell)
	if err != nil {
		return nil, err
	}
	out := &Affected{Base: base.SHA()}
	gone := out.sort(files)
	tests := p.tests(globs)
	out.All = len(tests)
	now := affectedBy(imports.Now, tests, out.Changed, deferred)
	retired := affectedBy(imports.Retired, tests, out.Changed, deferred)
	if gone {
		rules := p.Rules()
		rules.Facades = nil
		was, err := codemod.ReadImports(ctx, p.watched(base), rules, codemod.Options{Progress: tell, Cache: p.facts()})
		if err != nil {
			return nil, asInput(err)
		}
		for path := range affectedBy(was.Now, tests, out.Changed, deferred) {
			now[path], retired[path] = true, true
		}
	}
	for _, path := range tests {
		if now[path] || retired[path] {
			out.Tests = append(out.Tests, TestFile{path, now[path], retired[path]})
		}
	}
	return out, nil
}

// sort tells Python files from others, and whether one of them is gone.
func (a *Affected) sort(files []codemod.ReviewFile) (gone bool) {
	for _, f := range files {
		for _, name := range []string{f.Path, f.Old} {
			switch {
			case name == "":
			case python(name):
				a.Changed = append(a.Changed, name)
				gone = gone || name != f.Path
			default:
				a.Others = append(a.Others, name)
			}
		}
	}
	slices.Sort(a.Changed)
	slices.Sort(a.Others)
	a.Changed, a.Others = slices.Compact(a.Changed), slices.Compact(a.Others)
	return gone
}

// tests returns the test files that were asked about, sorted.
func (p *Project) tests(globs []string) (paths []string) {
	for _, f := range p.tree.Files() {
		is := func(glob string) bool { return doublestar.MatchUnvalidated(glob, f.Path) }
		if f.Mode <= codemod.Executable && p.Asked(f.Path) && slices.ContainsFunc(globs, is) {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// affectedBy returns the tests that execute a changed file, or whose conftest.py does: pytest imports those of all
// folders above a test before it.
func affectedBy(g *importgraph.Graph, tests, changed []string, deferred bool) map[string]bool {
	var modules []string
	for _, path := range changed {
		if name := g.Find(path); name != "" {
			modules = append(modules, name)
		}
	}
	with := map[string][]string{}
	var asked []string
	for _, test := range tests {
		for _, file := range append(conftests(test), test) {
			if name := g.Find(file); name != "" {
				with[name] = append(with[name], test)
				asked = append(asked, name)
			}
		}
	}
	affected := map[string]bool{}
	for _, name := range g.Affected(asked, modules, deferred) {
		for _, test := range with[name] {
			affected[test] = true
		}
	}
	return affected
}

func conftests(test string) (paths []string) {
	for dir := path.Dir(test); ; dir = path.Dir(dir) {
		paths = append(paths, path.Join(dir, "conftest.py"))
		if dir == "." || dir == "/" {
			return paths
		}
	}
}

// IsTest tells a test by its path, for figures.
func IsTest(path string) bool {
	return slices.ContainsFunc(append([]string{"**/tests/**", "**/conftest.py"}, TestGlobs...), func(glob string) bool {
		return doublestar.MatchUnvalidated(glob, path)
	})
}
