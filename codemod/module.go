package codemod

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
)

// buildModule rewrites the attribute uses of one module binding: each becomes
// a name that is imported where the module was.
func (p *planner) buildModule(c *consumer, b *rewrite.Builder, m *moduleUse) {
	locals := map[resolve.Home]string{}
	for _, r := range m.rewrites {
		if r.reason != "" {
			continue
		}
		name := r.name
		r.bound = r.res.Home
		if r.onHome {
			r.bound.Attr = ""
			name = r.bound.Module[strings.LastIndexByte(r.bound.Module, '.')+1:]
		}
		local, ok := locals[r.bound]
		if !ok {
			if local, ok = p.localName(c, m, r, name); !ok {
				r.leave(NameTaken, "")
				continue
			}
			locals[r.bound] = local
			p.importLocal(c, b, m, r, local)
		}
		r.local, r.after = local, local
		if r.onHome {
			r.after += "." + r.res.Home.Attr
		}
		b.Replace(r.start, r.end, r.after)
	}
	if p.unused(c, m) {
		b.Remove(m.imp, m.index)
		c.removed[position{m.imp, m.index}] = true
	}
}

// importLocal imports a home under its local name beside the module's import,
// unless the module scope has that very import already.
func (p *planner) importLocal(c *consumer, b *rewrite.Builder, m *moduleUse, r *reference, local string) {
	if _, ok := p.alreadyImported(c, m, local, r.bound); ok || c.addedBefore(m, local, r.bound) {
		return
	}
	b.Add(m.imp, r.bound, local)
	if k := (localKey{m.scope, local}); c.locals[k] == nil {
		c.locals[k] = &localName{home: r.bound, imp: m.imp}
	}
}

// localName chooses the name that takes the place of `m.X`: X, or an alias
// that the file does not use.
func (p *planner) localName(c *consumer, m *moduleUse, r *reference, want string) (string, bool) {
	if _, ok := p.alreadyImported(c, m, want, r.bound); ok && !p.starRebinds(c, want, r.bound) {
		return want, true
	}
	open := c.outline.Imports[m.imp].Scope == 0 && (p.starImported(c) || c.listsItself())
	for _, name := range localCandidates(r.facade.name, want) {
		if open {
			name = "_" + name // a public one would be exported to star imports, or listed
		}
		if c.addedBefore(m, name, r.bound) {
			return name, true
		}
		if p.starRebinds(c, name, r.bound) {
			continue
		}
		if c.freeIn(name, m.scope, r.bound) && !isKeyword(name) && !c.mangled(name) {
			return name, true
		}
	}
	return "", false
}

// listsItself reports whether the file looks at all the names that it binds, as those do that compute `__all__`.
func (c *consumer) listsItself() bool {
	return slices.ContainsFunc(c.names.Uses, func(u pyfile.Use) bool {
		switch u.Name {
		case "globals", "locals", "vars", "dir":
			_, bound := c.names.Binding(u.Name, u.Scope)
			return !bound && bytes.HasPrefix(c.src[u.End:], []byte("()")) // with an argument it is another's
		}
		return false
	})
}

// localCandidates are the names that may be bound for an attribute of a
// facade, best first.
func localCandidates(facade, want string) []string {
	parts := strings.Split(facade, ".")
	out := []string{want}
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

// localKey is a name that is newly bound in a scope.
type localKey struct {
	scope int
	name  string
}

// localName says to what a name is newly bound, and where.
type localName struct {
	home resolve.Home
	imp  int // the import that it stands beside
}

// freeIn reports whether a scope can bind the name to the home: no scope that
// sees it there uses it for anything else.
func (c *consumer) freeIn(name string, scope int, home resolve.Home) bool {
	for i := range c.names.Scopes {
		s := &c.names.Scopes[i]
		if (s.Bound[name] > 0 || s.Global[name] || s.Outer[name]) && c.inside(i, scope) {
			return false
		}
	}
	for i := range c.names.Uses {
		if u := &c.names.Uses[i]; u.Name == name && c.inside(u.Scope, scope) {
			return false
		}
	}
	for k, l := range c.locals {
		if k.name == name && l.home != home && (c.inside(k.scope, scope) || c.inside(scope, k.scope)) {
			return false
		}
	}
	return true
}

// inside reports whether a scope is the other one or lies in it.
func (c *consumer) inside(scope, other int) bool {
	for scope != other && scope != 0 {
		scope = c.names.Scopes[scope].Parent
	}
	return scope == other
}

// addedBefore reports whether the name was newly bound to the home before, in
// the suite of the module and where it always runs.
func (c *consumer) addedBefore(m *moduleUse, name string, home resolve.Home) bool {
	l := c.locals[localKey{m.scope, name}]
	if l == nil || l.home != home || l.imp > m.imp {
		return false
	}
	first, own := &c.outline.Imports[l.imp], &c.outline.Imports[m.imp]
	return first.Suite == own.Suite && first.Scope == 0 && first.Guard&pyfile.Conditional == 0
}

// mangled reports whether the name would be mangled in a class of the file
// (language reference, "Identifiers (Names)").
func (c *consumer) mangled(name string) bool {
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
func (p *planner) starImported(c *consumer) bool {
	if len(p.readers(c.mod.Name).star) == 0 {
		return false
	}
	facts := p.Module(c.Path)
	return facts == nil || len(facts.All) == 0
}

// alreadyImported returns the import that binds the name to the home in the
// suite of the module's own import, before it or in its block, if nothing
// else in the file binds the name.
func (p *planner) alreadyImported(c *consumer, m *moduleUse, name string, home resolve.Home) (int, bool) {
	own := &c.outline.Imports[m.imp]
	if own.Scope != 0 || own.Guard&pyfile.Conditional != 0 || c.names.Scopes[0].Bound[name] != 1 || c.boundElsewhere(name) {
		return 0, false
	}
	for i := range c.outline.Imports {
		imp := &c.outline.Imports[i]
		if imp.Suite != own.Suite || !imp.From || int(imp.Start) > c.firstStatementAfter(m.imp) {
			continue
		}
		for k, n := range imp.Names {
			if n.Bound() == name && !c.goes(i, k) && p.importsHome(c, i, n, home) {
				return i, true
			}
		}
	}
	return 0, false
}

// goes reports whether a name of an import goes, since a later one overwrites
// it.
func (c *consumer) goes(imp, index int) bool {
	return slices.ContainsFunc(c.refs, func(r *reference) bool { return r.dead && r.reason == "" && r.imp == imp && r.index == index })
}

// firstStatementAfter returns the end of the block of imports that import i
// is part of.
func (c *consumer) firstStatementAfter(i int) int {
	imports := c.outline.Imports
	for i+1 < len(imports) && imports[i+1].Suite == imports[i].Suite && imports[i+1].Ordinal == imports[i].Ordinal+1 {
		i++
	}
	return int(imports[i].End)
}

// boundElsewhere reports whether a scope other than the module binds the name.
func (c *consumer) boundElsewhere(name string) bool {
	for i := 1; i < len(c.names.Scopes); i++ {
		if c.names.Scopes[i].Bound[name] > 0 {
			return true
		}
	}
	return false
}

// importsHome reports whether the statement binds its name n to the home,
// now or once its own references are rewritten.
func (p *planner) importsHome(c *consumer, i int, n pyfile.Name, home resolve.Home) bool {
	imp := &c.outline.Imports[i]
	abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
	if !ok {
		return false
	}
	if home.Attr != "" && abs == home.Module && n.Name == home.Attr {
		return true
	}
	if p.facade(abs) == nil {
		return false
	}
	res := p.lookup(abs, n.Name, c.typing(imp))
	return res.Status == resolve.Found && res.Home == home
}

// unused reports whether nothing needs the module's import any more.
func (p *planner) unused(c *consumer, m *moduleUse) bool {
	imp := &c.outline.Imports[m.imp]
	if imp.Guard&pyfile.Kept != 0 || len(m.rewrites) == 0 || imp.Scope == 0 && p.exportsName(c, m.bound) {
		return false
	}
	for _, r := range c.refs {
		if r.module == m && r.reason != "" {
			return false
		}
	}
	return !p.usedOtherwise(c, m) && !c.rebinds(m) && !mentionedInText(c, m.bound) && p.leavesStatement(c, m)
}

// rebinds reports whether another import of the scope binds the name to
// another module: without this one, the name would be that.
func (c *consumer) rebinds(m *moduleUse) bool {
	own := c.outline.Imports[m.imp].Names[m.index]
	for i := range c.outline.Imports {
		imp := &c.outline.Imports[i]
		if i == m.imp || !binds(imp, m.bound) || c.scopeAt(int(imp.Start)) != m.scope {
			continue
		}
		for _, n := range imp.Names {
			same := imp.From == (m.via != "") && n.As == own.As && (n.Name == own.Name || n.As == "" && !imp.From)
			if n.Bound() == m.bound && !same {
				return true
			}
		}
	}
	return false
}

// rebindsLater reports whether a function can see the name bound to another
// module: not where one block of imports binds it again and again, and the
// last time to this one.
func (c *consumer) rebindsLater(m *moduleUse) bool {
	if !c.rebinds(m) {
		return false
	}
	own := &c.outline.Imports[m.imp]
	for i := range c.outline.Imports {
		imp := &c.outline.Imports[i]
		if i == m.imp || !binds(imp, m.bound) || c.scopeAt(int(imp.Start)) != m.scope {
			continue
		}
		if i > m.imp || imp.Suite != own.Suite || own.Ordinal-imp.Ordinal != int32(m.imp-i) {
			return true
		}
	}
	return false
}

// usedOtherwise reports whether a use that is not rewritten reads the name
// from this import.
func (p *planner) usedOtherwise(c *consumer, m *moduleUse) bool {
	rewritten := map[int]bool{}
	for _, r := range c.refs {
		if r.module != nil && r.form == FormAttribute && r.reason == "" {
			rewritten[r.at] = true
		}
	}
	for i := range c.names.Uses {
		u := &c.names.Uses[i]
		if u.Name != m.bound || u.Import || rewritten[u.Start] {
			continue
		}
		if scope, ok := c.names.Binding(u.Name, u.Scope); ok && scope == m.scope && c.nearest(m.moduleBinding, scope, u) {
			return true
		}
	}
	return false
}

// exportsName reports whether another file reads the name from this one.
func (p *planner) exportsName(c *consumer, name string) bool {
	readers := p.readers(c.mod.Name)
	if readers.names[name] || len(readers.star) > 0 && len(p.all(c.mod.Name)) == 0 {
		return true
	}
	return slices.ContainsFunc(readers.whole, func(s *source) bool {
		src, err := p.text(s)
		read := map[string]bool{name: err != nil}
		if bytes.Contains(src, []byte("."+name)) {
			p.attributesOf(s, c.mod.Name, read)
		}
		return read[name]
	})
}

// mentionedInText reports whether a quoted type or a type comment spells the
// name, or a string is the name, as an item of `__all__` is.
func mentionedInText(c *consumer, name string) bool {
	code := map[int]bool{}
	for i := range c.names.Uses {
		if c.names.Uses[i].Name == name {
			code[c.names.Uses[i].Start] = true
		}
	}
	for at := 0; ; {
		i := bytes.Index(c.src[at:], []byte(name))
		if i < 0 {
			return false
		}
		i += at
		at = i + len(name)
		if code[i] || i > 0 && pyfile.IsIdent(c.src[i-1]) || at < len(c.src) && pyfile.IsIdent(c.src[at]) || c.inImport(i) {
			continue
		}
		quoted := i > 0 && at < len(c.src) && (c.src[i-1] == '"' || c.src[i-1] == '\'') && c.src[at] == c.src[i-1]
		if quoted || c.inType(i) {
			return true
		}
	}
}

// inType reports whether the offset lies in a quoted type or a type comment.
func (c *consumer) inType(at int) bool {
	for _, q := range c.names.Quoted {
		if q.Start <= at && at < q.End {
			return true
		}
	}
	line := c.src[bytes.LastIndexByte(c.src[:at], '\n')+1 : at]
	return bytes.Contains(line, []byte("# type:"))
}

func (c *consumer) inImport(at int) bool {
	for i := range c.outline.Imports {
		if imp := &c.outline.Imports[i]; int(imp.Start) <= at && at < int(imp.End) {
			return true
		}
	}
	return false
}

// leavesStatement reports whether the suite of the module's import keeps a
// statement when the import goes: another name of the statement, one that
// takes its place, or, at the top of a module, anything.
func (p *planner) leavesStatement(c *consumer, m *moduleUse) bool {
	imp := &c.outline.Imports[m.imp]
	return imp.Suite == 0 || len(imp.Names) > 1 || len(m.rewrites) > 0
}
