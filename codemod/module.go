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
	c.locals.add(local, r.bound, m.scope, m.imp)
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

// locals are the names that are newly bound: of each name and home, the import
// that it stands beside, by the scope that binds it.
type locals map[string]map[resolve.Home]map[int]int

func (l locals) add(name string, home resolve.Home, scope, imp int) {
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
func (c *consumer) freeIn(name string, scope int, home resolve.Home) bool {
	for _, i := range c.scopesOf(name) {
		s := &c.names.Scopes[i]
		if (s.Bound[name] > 0 || s.Global[name] || s.Outer[name]) && c.inside(i, scope) {
			return false
		}
	}
	for _, i := range c.usesOf(name) {
		if c.inside(c.names.Uses[i].Scope, scope) {
			return false
		}
	}
	for other, scopes := range c.locals[name] {
		for s := range scopes {
			if other != home && (c.inside(s, scope) || c.inside(scope, s)) {
				return false
			}
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
	imp, ok := c.locals[name][home][m.scope]
	if !ok || imp > m.imp {
		return false
	}
	first, own := &c.outline.Imports[imp], &c.outline.Imports[m.imp]
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
	for _, at := range c.groups().bound[boundName{0, name}] {
		imp := &c.outline.Imports[at.imp]
		if imp.Suite != own.Suite || !imp.From || int(imp.Start) > c.firstStatementAfter(m.imp) {
			continue
		}
		if !c.dead[at] && p.importsHome(c, at.imp, imp.Names[at.name], home) {
			return at.imp, true
		}
	}
	return 0, false
}

// boundElsewhere reports whether a scope other than the module binds the name.
func (c *consumer) boundElsewhere(name string) bool {
	return slices.ContainsFunc(c.scopesOf(name), func(i int) bool { return i != 0 && c.names.Scopes[i].Bound[name] > 0 })
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
	rewritten := 0
	for _, r := range m.refs {
		if r.reason != "" {
			return false
		}
		rewritten++
	}
	return rewritten == m.uses && !m.rebinds && !c.mentionedInText(m.bound) && p.leavesStatement(c, m)
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

// leavesStatement reports whether the suite of the module's import keeps a
// statement when the import goes: another name of the statement, one that
// takes its place, or, at the top of a module, anything.
func (p *planner) leavesStatement(c *consumer, m *moduleUse) bool {
	imp := &c.outline.Imports[m.imp]
	return imp.Suite == 0 || len(imp.Names) > 1 || len(m.rewrites) > 0
}
