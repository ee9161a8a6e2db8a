package codemod

import (
	"context"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
)

// patchers are the callables whose first argument names the object to
// replace, by the last parts of their dotted names, with the modules that
// define them (https://docs.python.org/3/library/unittest.mock.html).
var patchers = map[string][]string{
	"patch":                 {"unittest.mock", "mock"},
	"patch.dict":            {"unittest.mock", "mock"},
	"patch.multiple":        {"unittest.mock", "mock"},
	"import_string":         {"django.utils.module_loading", "werkzeug.utils", "werkzeug"},
	"mocker.patch":          nil, // pytest fixtures: parameters of those names
	"mocker.patch.dict":     nil,
	"mocker.patch.multiple": nil,
	"monkeypatch.setattr":   nil,
	"monkeypatch.delattr":   nil,
}

// buildString replaces `F.X` at the head of a string by the home.
func (p *planner) buildString(c *consumer, b *rewrite.Builder, r *reference) {
	r.after = strings.Replace(r.res.Home.String(), ":", ".", 1)
	b.Replace(r.start, r.end, r.after)
}

// callees finds out which of the strings stand in calls that take a dotted
// name.
func (p *planner) callees(ctx context.Context, c *consumer, refs []*reference) error {
	return p.analyzeWith(ctx, c, func(t *pyfile.Tree) {
		for _, r := range refs {
			callee, at, first, ok := t.Callee(r.start)
			r.patches = ok && first && p.known(c, callee, at)
		}
	})
}

// known reports whether the callee is one that takes a dotted name.
func (p *planner) known(c *consumer, callee string, at int) bool {
	full := p.calleeName(c, callee, at)
	for _, s := range p.rules.StringCallables {
		if full == s || callee == s {
			return true
		}
	}
	for name, modules := range patchers {
		if modules == nil {
			if callee == name && p.isParameter(c, callee, at) {
				return true
			}
			continue
		}
		for _, m := range modules {
			if full == m+"."+name {
				return true
			}
		}
	}
	return false
}

// calleeName spells the callee with the module that its first part is
// imported from.
func (p *planner) calleeName(c *consumer, callee string, at int) string {
	first, rest, dotted := strings.Cut(callee, ".")
	u := c.useAt(at)
	if u == nil {
		return callee
	}
	scope, ok := c.names.Binding(first, u.Scope)
	if !ok {
		return callee
	}
	for i := range c.outline.Imports {
		imp := &c.outline.Imports[i]
		for _, n := range imp.Names {
			if n.Bound() != first || c.scopeAt(int(imp.Start)) != scope {
				continue
			}
			full := p.importedName(c, imp, n)
			if dotted {
				full += "." + rest
			}
			return full
		}
	}
	return callee
}

func (p *planner) importedName(c *consumer, imp *pyfile.Import, n pyfile.Name) string {
	if !imp.From {
		if n.As != "" {
			return n.Name
		}
		return n.Bound()
	}
	abs, ok := p.index.Absolute(c.mod, int(imp.Level), imp.Module)
	if !ok {
		return n.Name
	}
	return abs + "." + n.Name
}

func (c *consumer) useAt(at int) *pyfile.Use {
	for i := range c.names.Uses {
		if c.names.Uses[i].Start == at {
			return &c.names.Uses[i]
		}
	}
	return nil
}

// isParameter reports whether the first part of the callee is bound by a
// function, as a fixture is.
func (p *planner) isParameter(c *consumer, callee string, at int) bool {
	first, _, _ := strings.Cut(callee, ".")
	u := c.useAt(at)
	if u == nil {
		return false
	}
	scope, ok := c.names.Binding(first, u.Scope)
	return ok && c.names.Scopes[scope].Kind == pyfile.FunctionScope
}

// readInside reports whether code of the facade itself reads the name when it
// runs: a patch of the home would not reach it.
func (p *planner) readInside(r *reference) bool {
	names := p.facadeNames(r.facade)
	if names == nil {
		return true
	}
	for i := range names.Uses {
		u := &names.Uses[i]
		if u.Name != r.name || u.Import || u.Access != pyfile.Load {
			continue
		}
		if scope, ok := names.Binding(u.Name, u.Scope); (!ok || scope == 0) && u.Scope != 0 {
			return true
		}
	}
	return false
}

// facadeNames returns the uses of names in the facade's own file.
func (p *planner) facadeNames(f *facade) *pyfile.Names {
	if f.names != nil {
		return f.names
	}
	src, err := p.text(p.byPath[f.mod.Path])
	if err != nil {
		return nil
	}
	p.parser(func(ps *pyfile.Parser) {
		if names, tree, err := ps.Names(p.ctx, src); err == nil {
			tree.Close()
			f.names = names
		}
	})
	return f.names
}

// patched is a name of a facade that tests replace there by a string.
type patched struct {
	facade, name string
}

// couple finds the patches of `F.X` and the readers of X that look it up on F
// when they run: they are only correct together. A function-local import
// looks it up on the home afterwards, and so must an attribute use. If the
// patch must stay, so must those readers.
func (p *planner) couple(files []*consumer) {
	groups := map[patched]Reason{}
	for _, c := range files {
		for _, r := range c.refs {
			if r.form != FormString {
				continue
			}
			p.decideString(r)
			if r.patches && r.res.Status == resolve.Found {
				k := patched{r.facade.name, r.name}
				groups[k] = max(groups[k], r.reason)
			}
		}
	}
	if len(groups) == 0 {
		return
	}
	for _, c := range files {
		for _, r := range c.refs {
			why, ok := groups[patched{r.facade.name, r.name}]
			if ok && r.reason == "" && (r.form == FormString || p.readsAtRunTime(c, r)) {
				p.join(c, r, why)
			}
		}
	}
}

// join makes a reference one of those that travel with a patch, or leaves it
// where the patch must stay.
func (p *planner) join(c *consumer, r *reference, why Reason) {
	switch {
	case why != "":
		r.leave(ModuleUsedAsValue, "A test replaces the name on the facade while it runs, and must go on to do so: change both by hand.")
	case r.form == FormAttribute && r.res.Home.Attr == "":
		r.leave(ModuleUsedAsValue, "A test replaces the name on the facade while it runs: change both by hand.")
	default:
		r.onHome = r.form == FormAttribute
		c.group[r] = r.facade.name + "." + r.name
	}
}

// decideString leaves the strings that cannot change.
func (p *planner) decideString(r *reference) {
	switch {
	case r.reason != "":
	case !r.patches:
		r.leave(UnknownCallable, "")
	case p.readInside(r):
		r.leave(ModuleUsedAsValue, "The facade itself reads the name while it runs, so the string must go on to name it there.")
	}
}

// readsAtRunTime reports whether the reference looks the name up on the
// facade each time that a function runs.
func (p *planner) readsAtRunTime(c *consumer, r *reference) bool {
	if r.form == FormAttribute {
		u := c.useAt(r.start)
		return u == nil || u.Scope != 0 && !c.classBody(u.Scope)
	}
	return c.outline.Scopes[c.outline.Imports[r.imp].Scope].Kind == pyfile.FunctionScope
}

// classBody reports whether a scope runs when the module is imported.
func (c *consumer) classBody(scope int) bool {
	for scope != 0 {
		if c.names.Scopes[scope].Kind == pyfile.FunctionScope && !c.names.Scopes[scope].Inner {
			return false
		}
		scope = c.names.Scopes[scope].Parent
	}
	return true
}
