package retire

import (
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/effects"
)

// Lapse is something that a facade which has ended, or is about to, must not
// have.
type Lapse struct {
	Kind   Kind // Unregistered, Read, or ReExport
	Path   string
	Line   int
	Name   string // the module of what is unregistered, otherwise the name; "*" for all
	Home   string
	Detail string
	After  string // what to write, and where
}

// ReExport is the kind of a lapse: a retired facade passes something on again.
const ReExport Kind = "re-export"

// Watch finds the lapses of one facade. Once there is a registry, every module
// below the facade that has an effect belongs to it. Of one that is retired
// nobody reads a name, and it passes none on.
func Watch(w World, rules Rules, readers []Reader, retired bool) ([]Lapse, error) {
	f, err := read(w, rules.Facade)
	if err != nil {
		return nil, err
	}
	finder := effects.New(w.Index(), w, effects.Rules{Effects: rules.Effects, NoEffects: rules.NoEffects})
	r := f.registration(finder, rules.Roots)
	out := r.forgotten()
	if retired || f.marked(shellMark) {
		out = append(out, f.relapses(readers)...)
	}
	return out, nil
}

// forgotten are the modules below the facade with an effect that the registry
// does not import, whether or not the facade does.
func (r *registration) forgotten() (out []Lapse) {
	listed := r.listed()
	if len(listed) == 0 {
		return nil
	}
	covered := r.covered(r.retired())
	for _, name := range r.Index().Names() {
		m := r.Index().Module(name)
		if m.Path == "" || m.Stub || name == r.registry || name == r.mod.Name || covered[name] || !r.within(name) || isTest(name) {
			continue
		}
		found := r.finder.Of(name)
		if len(found) == 0 {
			continue
		}
		line, _ := at(r.World, m.Path, found[0].At)
		statement := "import " + name + "  # noqa: F401"
		if !r.hidden(name) {
			statement = fmt.Sprintf("from %s import %s  # noqa: F401", r.spelled(parent(name)), last(name))
		}
		out = append(out, Lapse{Kind: Unregistered, Path: m.Path, Line: line, Name: name, After: statement,
			Detail: fmt.Sprintf("%s registers something when it is imported (%s), and the registry does not import it: add `%s` to %s.", name, found[0].What, statement, r.registryPath())})
	}
	return out
}

// isTest reports whether a module is one of tests, or a migration: nothing
// that a program loads.
func isTest(module string) bool {
	return slices.ContainsFunc(strings.Split(module, "."), func(part string) bool {
		return part == "tests" || part == "test" || part == "migrations" || part == "conftest" || strings.HasPrefix(part, "test_") || strings.HasSuffix(part, "_test")
	})
}

// relapses are what a retired facade has again: names that it passes on, and
// readers.
func (f *facade) relapses(readers []Reader) (out []Lapse) {
	for _, n := range f.passed() {
		if len(n.events) == 0 {
			continue
		}
		line, _ := at(f.World, f.mod.Path, int(n.events[len(n.events)-1].At))
		out = append(out, Lapse{Kind: ReExport, Path: f.mod.Path, Line: line, Name: n.Name.Name, Home: n.Name.Home,
			Detail: fmt.Sprintf("%s is retired, and passes on %s again: leave it out, and import it from %s where it is used.", f.mod.Name, n.Name.Name, n.Name.Home)})
	}
	homes := map[string]string{}
	for _, n := range f.declaredBelow() {
		homes[n.Name.Name] = n.home.String()
	}
	for _, r := range readers {
		if n := f.names[r.Name]; r.Form == ForEffect || n != nil && n.Kind == Declared {
			continue
		}
		lapse := Lapse{Kind: Read, Path: r.Path, Line: r.Line, Name: r.Name, Home: homes[r.Name]}
		switch {
		case r.Name == "*":
			lapse.Detail = fmt.Sprintf("%s is retired: `from %[1]s import *` brings nothing, and fails nowhere. Import each name from the module that declares it.", f.mod.Name)
		case lapse.Home != "":
			module, attr, _ := strings.Cut(lapse.Home, ":")
			lapse.After = fmt.Sprintf("from %s import %s", module, attr)
			lapse.Detail = fmt.Sprintf("%s is retired and has no %s any more: write `%s`.", f.mod.Name, r.Name, lapse.After)
		default:
			lapse.Detail = fmt.Sprintf("%s is retired and has no %s any more: import it from the module that declares it.", f.mod.Name, r.Name)
		}
		out = append(out, lapse)
	}
	return out
}
