package world

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Strict says that rules which name what the tree does not have are wrong, and
// that a tree without any Python file is.
func (w *World) Strict() error {
	if len(w.sources) == 0 {
		return &RulesError{Problems: []string{"There is no Python file here: check the folder."}}
	}
	var problems []string
	for _, name := range w.given.Facades {
		m := w.Index.Module(name)
		switch {
		case m == nil:
			problems = append(problems, w.missing("facade", name))
		case m.Path == "":
			problems = append(problems, fmt.Sprintf("The facade %s is a folder without an __init__.py, which binds no names: name a module that does.", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.given.Homes)) {
		if _, problem := w.override(name, w.given.Homes[name]); problem != "" {
			problems = append(problems, problem)
		}
	}
	if len(problems) > 0 {
		return &RulesError{Problems: problems}
	}
	return nil
}

// settle takes from the rules what the tree has, which Strict says is all: a
// revision of long ago need not have every facade of today.
func (w *World) settle() {
	homes := map[string]string{}
	w.Homes = map[string]resolve.Home{}
	for name, home := range w.Rules.Homes {
		if h, problem := w.override(name, home); problem == "" {
			homes[name], w.Homes[name] = home, h
		}
	}
	var present []string
	for _, name := range w.Rules.Facades {
		m := w.Index.Module(name)
		if m == nil || m.Path == "" {
			continue
		}
		present = append(present, name)
		if w.named[name] == nil {
			w.named[name] = &Facade{Name: name, Mod: m}
			w.Facades = append(w.Facades, w.named[name])
		}
	}
	w.Rules.Facades, w.Rules.Homes = present, homes
	w.resolver = w.newResolver()
}

// missing is the problem of a module that does not exist, with those that
// look like it.
func (w *World) missing(what, name string) string {
	near := Nearest(name, w.Index.Names(), 3)
	hint := "Check its spelling and `source_roots`."
	if len(near) > 0 {
		hint = "Did you mean " + strings.Join(near, ", ") + "?"
	}
	return fmt.Sprintf("There is no module for the %s %s. %s", what, name, hint)
}

// override checks one entry of Rules.Homes.
func (w *World) override(name, home string) (resolve.Home, string) {
	module, attr, has := strings.Cut(home, ":")
	h := resolve.Home{Module: module, Attr: attr, External: !w.Index.Internal(module)}
	m := w.Index.Module(module)
	switch {
	case h.External:
		return h, ""
	case m == nil:
		return h, w.missing("home of "+name, module)
	case !has || m.Path == "":
		return h, ""
	}
	if facts := w.Module(m.Path); facts != nil {
		probe := resolve.New(w.Index, w, nil, nil)
		if probe.Lookup(module, attr, true).Status == resolve.Unresolved {
			return h, fmt.Sprintf("The home %s of %s does not exist: %s binds no %s.", home, name, module, attr)
		}
	}
	return h, ""
}

// Nearest returns the names that are most like the given one.
func Nearest(name string, all []string, n int) []string {
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
