package rewrite

import (
	"bytes"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// buildStar replaces `from F import *` by the names that the file, or those
// that read from it, take from F.
func (w *writer) buildStar(b *Builder, r *refs.Reference) {
	if why := w.World.StarKept(w.Path); why != "" {
		w.object(r, refs.StarReExported, why+" Name it as a facade too, or import the names that are meant by hand.")
		return
	}
	if why := w.starObstacle(r); why != "" {
		w.object(r, refs.Ambiguous, why)
		return
	}
	if w.Computes(r.Facade.Name) {
		w.object(r, refs.Dynamic, "The facade computes names while it runs, so what the file takes from the star import cannot be told.")
		return
	}
	names := w.starNames(r)
	homes := map[string]resolve.Home{}
	for _, n := range names {
		res := w.Lookup(r.Facade.Name, n, r.Typing)
		switch {
		case res.Uncertain:
			w.object(r, refs.Ambiguous, "The star import may bring in "+n+", which only some branches bind: an import of it by name could fail where the star does not.")
			return
		case !r.Typing && w.Verdicts[r.N].Unsettled[n]:
			w.object(r, refs.OrderDependent, "The star import brings in "+n+", and a circle of imports leads through the facade: what it is depends on what was imported first.")
			return
		case res.Status == resolve.Found || res.Status == resolve.NoReexport || res.Status == resolve.Declared:
			homes[n] = res.Home
		default:
			w.object(r, refs.StatusReason(res.Status), "The star import brings in "+n+": "+refs.StatusReason(res.Status).Advice())
			return
		}
	}
	if len(names) == 0 {
		w.object(r, refs.ModuleUsedAsValue, "The file reads none of the facade's names: remove the import if it is not for its side effects.")
		return
	}
	var after []string
	for _, n := range names {
		after = append(after, b.Add(r.Imp, homes[n], n).String())
	}
	b.Remove(r.Imp, r.Index)
	w.written(r).After, w.written(r).Star = strings.Join(after, "\n"), names
	w.written(r).Unbound = w.unbound(r, names)
}

// unbound returns the public names that the module no longer binds once a star
// import is gone.
func (w *writer) unbound(r *refs.Reference, names []string) (out []string) {
	if w.Outline.Imports[r.Imp].Scope != 0 {
		return nil
	}
	for n := range w.Public(r.Facade.Name) {
		bound := w.Names.Scopes[0].Bound[n] > 0 || slices.ContainsFunc(w.StarImports(), func(i int) bool {
			abs, ok := w.Absolute(&w.Outline.Imports[i])
			return i != r.Imp && ok && w.Public(abs)[n]
		})
		if !bound && !slices.Contains(names, n) {
			out = append(out, n)
		}
	}
	sort.Strings(out)
	return out
}

// starObstacle says why the names that come from a star import cannot be told.
func (w *writer) starObstacle(r *refs.Reference) string {
	if w.Names == nil || w.Failure != "" {
		return "The file does not parse as a whole, so what it uses cannot be told."
	}
	if w.World.Facade(w.Mod.Name) != nil {
		return "The file is a facade itself: its re-exports go when it is retired."
	}
	facts := w.World.Module(w.Path)
	if facts == nil || facts.Flags&(pyfile.WritesSelf|pyfile.AllUnknown) != 0 || len(facts.Computed) > 0 || w.ListsItself() {
		return "The file computes its names, so what it takes from the star import cannot be told."
	}
	for i := range w.Outline.Imports {
		imp := &w.Outline.Imports[i]
		if i == r.Imp || !imp.Star() {
			continue
		}
		abs, ok := w.Absolute(imp)
		if !ok || !w.IsModule(abs) {
			return "Another star import of the file comes from a module that is not here, so what comes from which cannot be told."
		}
	}
	return ""
}

// starNames returns the names that must go on to come from the facade.
func (w *writer) starNames(r *refs.Reference) []string {
	public, needed := w.Public(r.Facade.Name), w.starNeeds(r)
	exported := w.starImported()
	var out []string
	for n := range public {
		if (needed[n] || exported) && w.starWins(r, n) && !w.overwritten(r, n) {
			out = append(out, n)
		}
	}
	sort.Strings(out)
	return out
}

// needs notes what more of the star imports is looked at that lead in a circle:
// the star can bring more than the facade exports in the end.
func (w *writer) needs() {
	for _, r := range w.Refs {
		if w.stays(r) || r.Form != refs.FormStar || w.Outline.Imports[r.Imp].Scope != 0 || !w.Verdicts[r.N].Circular {
			continue
		}
		needed := w.starNeeds(r)
		for name := range w.draft.Locals {
			delete(needed, name) // the new text binds it for a use of an attribute
		}
		w.written(r).Needs = resolve.SortedNames(needed)
	}
}

// starNeeds returns the names that somebody takes from where the star import
// binds them, or may bind them anew.
func (w *writer) starNeeds(r *refs.Reference) map[string]bool {
	needed := map[string]bool{}
	freeNames(w.Names, w.Src, needed)
	w.readByName(r, needed)
	w.boundBefore(w.EndOfBlock(r.Imp), needed)
	for name, homes := range w.draft.Locals {
		for _, scopes := range homes {
			imp, ok := scopes[0]
			needed[name] = needed[name] || ok && int(w.Outline.Imports[imp].Start) < w.EndOfBlock(r.Imp)
		}
	}
	w.neededFrom(w.Mod.Name, needed, map[string]bool{})
	w.boundByStars(r, needed)
	return needed
}

// boundByStars adds the names that star imports before it or in its block bind to something else.
func (w *writer) boundByStars(r *refs.Reference, out map[string]bool) {
	end := w.EndOfBlock(r.Imp)
	for i := range w.Outline.Imports {
		imp := &w.Outline.Imports[i]
		if i == r.Imp || !imp.Star() || int(imp.Start) >= end {
			continue
		}
		if abs, ok := w.Absolute(imp); ok && abs != r.Facade.Name {
			for n := range w.Public(abs) {
				out[n] = out[n] || w.Lookup(abs, n, r.Typing).Home != w.Lookup(r.Facade.Name, n, r.Typing).Home
			}
		}
	}
}

// overwritten reports whether an import behind the star in its block binds the
// name to another object: nothing sees what the star brings.
func (w *writer) overwritten(r *refs.Reference, name string) bool {
	home := w.Lookup(r.Facade.Name, name, r.Typing).Home
	end := w.EndOfBlock(r.Imp)
	star := &w.Outline.Imports[r.Imp]
	for _, at := range w.Groups().Bound[refs.BoundName{Scope: w.ScopeAt(int(star.Start)), Name: name}] {
		imp := &w.Outline.Imports[at.Imp]
		behind := at.Imp > r.Imp && int(imp.Start) < end && imp.Suite == star.Suite
		if behind && !w.importsHome(at.Imp, imp.Names[at.Name], home) {
			return true
		}
	}
	return false
}

// boundBefore adds the names that the module binds before the offset, the end
// of a star import's block: the star may bind them anew.
func (w *writer) boundBefore(at int, out map[string]bool) {
	for i := range w.Names.Uses {
		u := &w.Names.Uses[i]
		if u.Start >= at {
			return
		}
		if scope, ok := w.Names.Binding(u.Name, u.Scope); ok && scope == 0 && u.Access == pyfile.Store {
			out[u.Name] = true
		}
	}
}

// freeNames adds the names that the file reads and that no statement of it
// binds, or not for certain before it reads them: what a class body binds, it
// may read from the module first, and a loop need not bind its target.
func freeNames(names *pyfile.Names, src []byte, out map[string]bool) {
	bound := map[string]bool{}
	for i := range names.Uses {
		u := &names.Uses[i]
		scope, ok := names.Binding(u.Name, u.Scope)
		switch {
		case !ok:
			out[u.Name] = true
		case u.Access != pyfile.Load:
			out[u.Name] = out[u.Name] || u.Reads && scope == 0 && !bound[u.Name]
			bound[u.Name] = bound[u.Name] || scope == 0 && u.Scope == 0 && alwaysBinds(src, u)
		case scope == 0 && !bound[u.Name], names.Scopes[scope].Kind == pyfile.ClassScope:
			out[u.Name] = true
		}
	}
}

// alwaysBinds reports whether a statement of the module binds the name that
// runs whenever the module does: it begins its line, and is no header.
func alwaysBinds(src []byte, u *pyfile.Use) bool {
	if u.Access != pyfile.Store {
		return false
	}
	at := u.Start
	line := src[bytes.LastIndexAny(src[:at], "\r\n")+1 : at]
	for _, head := range []string{"", "def ", "class ", "async def "} {
		if string(line) == head {
			return true
		}
	}
	return u.Import && (bytes.HasPrefix(line, []byte("import ")) || bytes.HasPrefix(line, []byte("from ")))
}

// readByName adds the names of a facade that the file reads otherwise than by
// code: in quoted types and type comments, in `__all__`, in what it evaluates,
// and, in tests, as the fixtures that parameters name.
func (w *writer) readByName(r *refs.Reference, out map[string]bool) {
	test := world.IsTest(w.Path)
	for n := range w.Public(r.Facade.Name) {
		switch {
		case w.Spells(n):
			out[n] = true
		case test:
			out[n] = out[n] || slices.ContainsFunc(w.ScopesOf(n), func(i int) bool { return w.Names.Scopes[i].Kind == pyfile.FunctionScope })
		}
	}
}

// neededFrom adds the names that other files read from a module.
func (w *writer) neededFrom(module string, out, seen map[string]bool) {
	if seen[module] {
		return
	}
	seen[module] = true
	readers := w.Answers.Readers(module)
	for name := range readers.Names {
		out[name] = true
	}
	listed := w.Answers.All(module)
	for _, name := range listed {
		out[name] = true
	}
	for _, s := range readers.Whole {
		refs.AttributesOf(w.World, s, module, out)
	}
	if len(listed) > 0 {
		return // a star import takes what is listed and nothing else
	}
	for _, s := range readers.Star {
		if names := w.World.NamesIn(s); names != nil {
			src, _ := w.World.Text(s)
			freeNames(names, src, out)
		}
		if s.Mod != nil {
			w.neededFrom(s.Mod.Name, out, seen)
		}
	}
}

// starWins reports whether the name comes from this star import, and not from
// one behind it.
func (w *writer) starWins(r *refs.Reference, name string) bool {
	for _, i := range w.StarImports() {
		imp := &w.Outline.Imports[i]
		if i <= r.Imp || imp.Scope != w.Outline.Imports[r.Imp].Scope {
			continue
		}
		abs, ok := w.Absolute(imp)
		if ok && abs != r.Facade.Name && w.Public(abs)[name] {
			return w.readsBetween(name, r.At, int(imp.Start))
		}
	}
	return true
}

// readsBetween reports whether the file reads the name between two offsets,
// outside of a statement that binds it.
func (w *writer) readsBetween(name string, from, to int) bool {
	return slices.ContainsFunc(w.UsesOf(name), func(i int) bool {
		u := &w.Names.Uses[i]
		return u.Access == pyfile.Load && u.Start > from && u.Start < to
	})
}

// starRebinds reports whether a star import of the file binds the name to
// something other than the home.
func (w *writer) starRebinds(name string, home resolve.Home) bool {
	for _, i := range w.StarImports() {
		imp := &w.Outline.Imports[i]
		abs, ok := w.Absolute(imp)
		if !ok || !w.Public(abs)[name] {
			continue
		}
		if res := w.Lookup(abs, name, w.Typing(imp)); res.Home != home {
			return true
		}
	}
	return false
}

// starBinds reports whether a star import of the module may bind the name.
func (w *writer) starBinds(module, name string) bool {
	if !w.IsModule(module) {
		return true
	}
	return w.Public(module)[name]
}
