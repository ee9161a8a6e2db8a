package rewrite

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/proof"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// buildModule rewrites the attribute uses of one module binding: each becomes
// a name that is imported where the module was.
func (w *writer) buildModule(b *Builder, m *refs.ModuleUse) {
	locals := map[resolve.Home]string{}
	for _, r := range m.Rewrites {
		if w.stays(r) {
			continue
		}
		name, out := r.Name, w.written(r)
		out.Bound = r.Res.Home
		if w.Verdicts[r.N].OnHome {
			out.Bound.Attr = ""
			name = out.Bound.Module[strings.LastIndexByte(out.Bound.Module, '.')+1:]
		}
		local, ok := locals[out.Bound]
		if !ok {
			if local, ok = w.localName(m, r, out.Bound, name); !ok {
				w.object(r, refs.NameTaken, "")
				continue
			}
			locals[out.Bound] = local
			for _, at := range imports(m) {
				w.importLocal(b, at, out.Bound, local)
			}
		}
		out.Local, out.After = local, local
		if w.Verdicts[r.N].OnHome {
			out.After += "." + r.Res.Home.Attr
		}
		b.Replace(r.Start, r.End, out.After)
	}
	if !slices.ContainsFunc(imports(m), func(at *refs.ModuleUse) bool { return !w.unused(at) }) {
		for _, at := range imports(m) {
			b.Remove(at.Imp, at.Index)
			w.removed[proof.Position{Imp: at.Imp, Name: at.Index}] = true
		}
	}
}

// imports are the uses of a module by each of the imports that bind it, of which
// one or another runs.
func imports(m *refs.ModuleUse) []*refs.ModuleUse {
	out := []*refs.ModuleUse{m}
	for _, at := range m.Also {
		other := *m
		other.Imp, other.Index = at.Imp, at.Name
		out = append(out, &other)
	}
	return out
}

// importLocal imports a home under its local name beside the module's import,
// unless the module scope has that very import already.
func (w *writer) importLocal(b *Builder, m *refs.ModuleUse, home resolve.Home, local string) {
	if _, ok := w.alreadyImported(m, local, home); ok || w.addedBefore(m, local, home) {
		return
	}
	b.Add(m.Imp, home, local)
	w.draft.Locals.add(local, home, m.Scope, m.Imp)
}

// localName chooses the name that takes the place of `m.X`: X, or an alias
// that the file does not use.
func (w *writer) localName(m *refs.ModuleUse, r *refs.Reference, home resolve.Home, want string) (string, bool) {
	if _, ok := w.alreadyImported(m, want, home); ok && !w.starRebinds(want, home) {
		return want, true
	}
	open := w.Outline.Imports[m.Imp].Scope == 0 && (w.starImported() || w.ListsItself())
	for _, name := range localCandidates(r.Facade.Name, want) {
		if open {
			name = "_" + name // a public one would be exported to star imports, or listed
		}
		if w.addedBefore(m, name, home) {
			return name, true
		}
		if w.starRebinds(name, home) {
			continue
		}
		if w.freeIn(name, m.Scope, home) && !isKeyword(name) && !w.mangled(name) {
			return name, true
		}
	}
	return "", false
}

// localCandidates are the names that may be bound for an attribute of a
// facade, best first. A built-in one is not hidden.
func localCandidates(facade, want string) []string {
	parts := strings.Split(facade, ".")
	var out []string
	if !isBuiltin(want) {
		out = append(out, want)
	}
	prefix := ""
	for i := len(parts) - 1; i >= 0; i-- {
		prefix = parts[i] + "_" + prefix
		out = append(out, prefix+want)
	}
	for n := 2; n < 10; n++ {
		out = append(out, fmt.Sprintf("%s_%s_%d", parts[len(parts)-1], want, n))
	}
	return out
}

// Locals are the names that are newly bound: of each name and home, the import
// that it stands beside, by the scope that binds it.
type Locals map[string]map[resolve.Home]map[int]int

func (l Locals) add(name string, home resolve.Home, scope, imp int) {
	if l[name] == nil {
		l[name] = map[resolve.Home]map[int]int{}
	}
	if l[name][home] == nil {
		l[name][home] = map[int]int{}
	}
	if _, ok := l[name][home][scope]; !ok {
		l[name][home][scope] = imp
	}
}

// freeIn reports whether a scope can bind the name to the home: no scope that
// sees it there uses it for anything else.
func (w *writer) freeIn(name string, scope int, home resolve.Home) bool {
	for _, i := range w.ScopesOf(name) {
		s := &w.Names.Scopes[i]
		if (s.Bound[name] > 0 || s.Global[name] || s.Outer[name]) && w.inside(i, scope) {
			return false
		}
	}
	for _, i := range w.UsesOf(name) {
		if w.inside(w.Names.Uses[i].Scope, scope) {
			return false
		}
	}
	for other, scopes := range w.draft.Locals[name] {
		for s := range scopes {
			if other != home && (w.inside(s, scope) || w.inside(scope, s)) {
				return false
			}
		}
	}
	return true
}

// inside reports whether a scope is the other one or lies in it.
func (w *writer) inside(scope, other int) bool {
	for scope != other && scope != 0 {
		scope = w.Names.Scopes[scope].Parent
	}
	return scope == other
}

// addedBefore reports whether the name was newly bound to the home before, in
// the suite of the module and where it always runs.
func (w *writer) addedBefore(m *refs.ModuleUse, name string, home resolve.Home) bool {
	imp, ok := w.draft.Locals[name][home][m.Scope]
	if !ok || imp > m.Imp {
		return false
	}
	first, own := &w.Outline.Imports[imp], &w.Outline.Imports[m.Imp]
	return first.Suite == own.Suite && first.Scope == 0 && first.Guard&pyfile.Conditional == 0
}

// mangled reports whether the name would be mangled in a class of the file
// (language reference, "Identifiers (Names)").
func (w *writer) mangled(name string) bool {
	return strings.HasPrefix(name, "__") && !strings.HasSuffix(name, "__")
}

func isKeyword(name string) bool {
	switch name {
	case "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
		"elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
		"not", "or", "pass", "raise", "return", "try", "while", "with", "yield":
		return true
	}
	return false
}

// starImported reports whether another file star-imports this one and would
// take in what it newly binds.
func (w *writer) starImported() bool {
	if len(w.Answers.Readers(w.Mod.Name).Star) == 0 {
		return false
	}
	facts := w.World.Module(w.Path)
	return facts == nil || len(facts.All) == 0
}

// alreadyImported returns the import that binds the name to the home in the
// suite of the module's own import, before it or in its block, if nothing
// else in the file binds the name.
func (w *writer) alreadyImported(m *refs.ModuleUse, name string, home resolve.Home) (int, bool) {
	own := &w.Outline.Imports[m.Imp]
	if own.Scope != 0 || own.Guard&pyfile.Conditional != 0 || w.Names.Scopes[0].Bound[name] != 1 || w.boundElsewhere(name) {
		return 0, false
	}
	for _, at := range w.Groups().Bound[refs.BoundName{Name: name}] {
		imp := &w.Outline.Imports[at.Imp]
		if imp.Suite != own.Suite || !imp.From || int(imp.Start) > w.EndOfBlock(m.Imp) {
			continue
		}
		if !w.gone[at] && w.importsHome(at.Imp, imp.Names[at.Name], home) {
			return at.Imp, true
		}
	}
	return 0, false
}

// boundElsewhere reports whether a scope other than the module binds the name.
func (w *writer) boundElsewhere(name string) bool {
	return slices.ContainsFunc(w.ScopesOf(name), func(i int) bool { return i != 0 && w.Names.Scopes[i].Bound[name] > 0 })
}

// importsHome reports whether the statement binds its name n to the home,
// now or once its own references are rewritten.
func (w *writer) importsHome(i int, n pyfile.Name, home resolve.Home) bool {
	imp := &w.Outline.Imports[i]
	abs, ok := w.Absolute(imp)
	if !ok {
		return false
	}
	if home.Attr != "" && abs == home.Module && n.Name == home.Attr {
		return true
	}
	if w.World.Facade(abs) == nil {
		return false
	}
	res := w.Lookup(abs, n.Name, w.Typing(imp))
	return res.Status == resolve.Found && res.Home == home
}

// unused reports whether nothing needs the module's import any more.
func (w *writer) unused(m *refs.ModuleUse) bool {
	imp := &w.Outline.Imports[m.Imp]
	if imp.Guard&pyfile.Kept != 0 || len(m.Rewrites) == 0 || imp.Scope == 0 && w.exportsName(m.Bound) {
		return false
	}
	rewritten := 0
	for _, r := range m.Refs {
		if w.stays(r) {
			return false
		}
		rewritten++
	}
	return rewritten == m.Uses && !m.Rebinds && !w.Spells(m.Bound) && w.leavesStatement(m)
}

// exportsName reports whether another file reads the name from this one.
func (w *writer) exportsName(name string) bool {
	readers := w.Answers.Readers(w.Mod.Name)
	if readers.Names[name] || len(readers.Star) > 0 && len(w.Answers.All(w.Mod.Name)) == 0 {
		return true
	}
	return slices.ContainsFunc(readers.Whole, func(s *world.Source) bool {
		src, err := w.World.Text(s)
		read := map[string]bool{name: err != nil}
		if bytes.Contains(src, []byte("."+name)) {
			refs.AttributesOf(w.World, s, w.Mod.Name, read)
		}
		return read[name]
	})
}

// leavesStatement reports whether the suite of the module's import keeps a
// statement when the import goes: another name of the statement, one that
// takes its place, or, at the top of a module, anything.
func (w *writer) leavesStatement(m *refs.ModuleUse) bool {
	imp := &w.Outline.Imports[m.Imp]
	return imp.Suite == 0 || len(imp.Names) > 1 || len(m.Rewrites) > 0
}
