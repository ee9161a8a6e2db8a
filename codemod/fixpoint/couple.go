package fixpoint

import (
	"context"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// patched is a name of a facade that tests replace there, by a string or by
// way of the module.
type patched struct {
	facade, name string
}

// patchGroup is the patches of `F.X` and the readers of X that look it up on
// F when they run: they are only correct together. A function-local import
// looks it up on the home afterwards, and so must an attribute use.
type patchGroup struct {
	patched
	members []member
}

func (p patched) String() string { return p.facade + "." + p.name }

// member is a patch or a reader of a group.
type member struct {
	f *refs.File
	r *refs.Reference
}

// couple finds the groups, and leaves those of which a member must stay.
func (l *loop) couple() {
	groups := l.replaced()
	for _, f := range l.Files {
		for _, r := range f.Refs {
			g := groups[patched{r.Facade.Name, r.Name}]
			if g == nil || r.Stores == r.Name || r.Form == refs.FormString && !r.Known || r.Form != refs.FormString && !l.readsAtRunTime(f, r) {
				continue
			}
			g.members = append(g.members, member{f, r})
			l.verdicts[f][r.N].OnHome = r.Form == refs.FormAttribute
			l.groups[r.Key()] = g.String()
			if r.Res.Home.Attr == "" && !l.Left.stays(r) {
				l.Left[r.Key()] = refs.Because(refs.ModuleUsedAsValue, "A test replaces the name on the facade while it runs, and its home is a module, which cannot be replaced like that: change both by hand.")
			}
		}
	}
	for _, g := range groups {
		l.patched = append(l.patched, g)
	}
	slices.SortFunc(l.patched, func(a, b *patchGroup) int { return strings.Compare(a.String(), b.String()) })
	l.leave(l.torn())
}

// replaced finds the names of facades that somebody replaces, with those who do.
func (l *loop) replaced() map[patched]*patchGroup {
	groups := map[patched]*patchGroup{}
	group := func(k patched) *patchGroup {
		if groups[k] == nil {
			groups[k] = &patchGroup{patched: k}
		}
		return groups[k]
	}
	for _, f := range l.Files {
		for _, r := range f.Refs {
			if r.Stores != "" {
				g := group(patched{r.Facade.Name, r.Stores})
				g.members = append(g.members, member{f, r})
			}
			if r.Form != refs.FormString {
				continue
			}
			if why := l.judgeString(r); why.Stays() {
				l.Left[r.Key()] = why
			}
			if r.Patches && r.Res.Status == resolve.Found {
				group(patched{r.Facade.Name, r.Name})
			}
		}
	}
	return groups
}

// torn objects to every member of a group of which one is left.
func (l *loop) torn() (out []Objection) {
	for _, g := range l.patched {
		why := l.groupStays(g)
		if why == "" {
			continue
		}
		for _, m := range g.members {
			if !l.Left.stays(m.r) {
				out = append(out, Objection{m.f, m.r, refs.Because(why, "A test replaces the name on the facade while it runs, and not all that belongs together there can change: change it by hand.")})
			}
		}
	}
	return out
}

// tornGroups is the objector that keeps groups together.
func (l *loop) tornGroups(context.Context) ([]Objection, error) { return l.torn(), nil }

// groupStays returns why a group is left: for the circle of imports that one
// member is left for, or because of what another does.
func (l *loop) groupStays(g *patchGroup) (why refs.Reason) {
	for _, m := range g.members {
		switch reason := l.Left[m.r.Key()].Reason; reason {
		case "":
		case refs.ImportCycle, refs.OrderDependent:
			return reason
		default:
			why = refs.ReplacedElsewhere
		}
	}
	return why
}

// readsAtRunTime reports whether the reference looks the name up on the
// facade each time that a function runs. What only type checkers read never
// does.
func (l *loop) readsAtRunTime(f *refs.File, r *refs.Reference) bool {
	if r.Typing {
		return false
	}
	if r.Form == refs.FormAttribute {
		return r.Scope != 0 && !classBody(f, r.Scope)
	}
	return f.Outline.Scopes[f.Outline.Imports[r.Imp].Scope].Kind == pyfile.FunctionScope
}

// classBody reports whether a scope runs when the module is imported.
func classBody(f *refs.File, scope int) bool {
	for scope != 0 {
		if f.Names.Scopes[scope].Kind == pyfile.FunctionScope && !f.Names.Scopes[scope].Inner {
			return false
		}
		scope = f.Names.Scopes[scope].Parent
	}
	return true
}

// readInside reports whether code of the facade itself reads the name when it
// runs: a patch of the home would not reach it.
func (l *loop) readInside(r *refs.Reference) bool {
	names := l.inside[r.Facade]
	if names == nil {
		names = l.World.NamesIn(l.World.Source(r.Facade.Mod.Path))
		l.inside[r.Facade] = names
	}
	if names == nil {
		return true
	}
	for i := range names.Uses {
		u := &names.Uses[i]
		if u.Name != r.Name || u.Import || u.Access != pyfile.Load {
			continue
		}
		if scope, ok := names.Binding(u.Name, u.Scope); (!ok || scope == 0) && u.Scope != 0 {
			return true
		}
	}
	return false
}

// judgeString says why a string cannot change, if it cannot.
func (l *loop) judgeString(r *refs.Reference) refs.Why {
	switch {
	case l.Left.stays(r):
	case !r.Known:
		return refs.Because(refs.UnknownCallable, "")
	case r.Res.Status == resolve.Found && r.Res.Home.Attr == "" && !r.Deep:
		return refs.Because(refs.ModuleUsedAsValue, "The home is a module, which a string reaches as an attribute of its package only once something imported it: change it by hand.")
	case r.Patches && l.readInside(r):
		return refs.Because(refs.ModuleUsedAsValue, "The facade itself reads the name while it runs, so the string must go on to name it there.")
	}
	return refs.Why{}
}
