package proof

import (
	"fmt"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// place is where an import binds a name.
type place struct {
	scope string
	bound string
}

// imports compares, scope by scope, what the imports bind.
func (c *check) imports() error {
	old, now, expected := c.bindings(c.old.Outline), c.bindings(c.now.Outline), c.expected()
	for at, was := range old {
		is := now[at]
		gone := difference(was, is)
		for _, g := range gone {
			if home, ok := expected[at][g]; !ok {
				return fmt.Errorf("%s no longer binds %s to %s", scopeName(at.scope), at.bound, g)
			} else if home != "" && !c.bindsHome(is, home) {
				return fmt.Errorf("%s does not bind %s to %s", scopeName(at.scope), at.bound, home)
			}
		}
	}
	for at, is := range now {
		for _, n := range difference(is, old[at]) {
			if !c.wanted(n, expected[at]) {
				return fmt.Errorf("%s newly binds %s to %s", scopeName(at.scope), at.bound, n)
			}
		}
	}
	for at, homes := range expected {
		for _, home := range homes {
			if home != "" && !c.bindsHome(now[at], home) {
				return fmt.Errorf("%s does not bind %s to %s", scopeName(at.scope), at.bound, home)
			}
		}
	}
	return nil
}

func scopeName(s string) string {
	if s == "" {
		return "the module"
	}
	return strings.TrimPrefix(s, "/")
}

// bindings returns what the imports of an outline bind, as "module:name" for
// a `from` import and "module" for a plain one, by scope and name.
func (c *check) bindings(o *pyfile.Outline) map[place][]string {
	paths := scopePaths(o)
	out := map[place][]string{}
	for i := range o.Imports {
		imp := &o.Imports[i]
		for _, n := range imp.Names {
			at := place{paths[imp.Scope], n.Bound()}
			out[at] = append(out[at], c.object(imp, n))
		}
	}
	return out
}

func (c *check) object(imp *pyfile.Import, n pyfile.Name) string {
	if !imp.From {
		if n.As == "" {
			return n.Name + " by its first part"
		}
		return n.Name
	}
	return c.absolute(imp) + ":" + n.Name
}

// scopePaths names each scope by the names of those around it, and a number
// where two have the same.
func scopePaths(o *pyfile.Outline) []string {
	out := make([]string, len(o.Scopes))
	seen := map[string]int{}
	for i := 1; i < len(o.Scopes); i++ {
		path := out[o.Scopes[i].Parent] + "/" + o.Scopes[i].Name
		seen[path]++
		if seen[path] > 1 {
			path = fmt.Sprintf("%s#%d", path, seen[path])
		}
		out[i] = path
	}
	return out
}

// expected returns what may disappear: by place, the old object and the home
// that must be bound instead ("" if nothing must).
func (c *check) expected() map[place]map[string]string {
	paths := scopePaths(c.old.Outline)
	out := map[place]map[string]string{}
	put := func(at place, old, home string) {
		if out[at] == nil {
			out[at] = map[string]string{}
		}
		if home != "" || out[at][old] == "" {
			out[at][old] = home // of several, one that is not overwritten
		}
	}
	at := func(p Position) (scope string, at place, object string) {
		imp := &c.old.Outline.Imports[p.Imp]
		n := imp.Names[p.Name]
		return paths[imp.Scope], place{paths[imp.Scope], n.Bound()}, c.object(imp, n)
	}
	for _, m := range c.want.Moved {
		_, at, old := at(m.Position)
		home := m.Home.String()
		if m.Dead {
			home = ""
		}
		put(at, old, home)
	}
	for _, s := range c.want.Stars {
		scope, at, old := at(s.Position)
		put(at, old, "")
		for _, name := range s.Names {
			home := c.Lookup(s.Module, name, s.Typing).Home.String()
			put(place{scope, name}, "+"+home, home)
		}
	}
	for _, u := range c.want.Uses {
		scope, at, old := at(u.Position)
		put(at, old, "")
		put(place{scope, u.Local}, "+"+u.Bound.String(), u.Bound.String())
	}
	return out
}

// wanted reports whether a new binding is one that is expected.
func (c *check) wanted(object string, expected map[string]string) bool {
	for _, home := range expected {
		if home != "" && c.bindsHome([]string{object}, home) {
			return true
		}
	}
	return false
}

// bindsHome reports whether one of the objects, followed anew, is the home.
func (c *check) bindsHome(objects []string, home string) bool {
	for _, o := range objects {
		if strings.TrimSuffix(o, " by its first part") == home {
			return true
		}
		module, name, from := strings.Cut(o, ":")
		if !from {
			continue
		}
		if res := c.Lookup(module, name, true); (res.Status == resolve.Found || res.Status == resolve.Declared || res.Status == resolve.NoReexport) && res.Home.String() == home {
			return true
		}
		if res := c.Lookup(module, name, false); res.Home.String() == home || o == home {
			return true
		}
		if module+"."+name == home {
			return true
		}
	}
	return false
}

// difference returns what is in a and not in b.
func difference(a, b []string) (out []string) {
	has := map[string]bool{}
	for _, s := range b {
		has[s] = true
	}
	for _, s := range a {
		if !has[s] {
			out = append(out, s)
		}
	}
	sort.Strings(out)
	return out
}
