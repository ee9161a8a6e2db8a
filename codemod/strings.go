package codemod

import (
	"context"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
)

// callable is a function whose first argument is a dotted name.
type callable struct {
	modules []string // that define it; nil: a pytest fixture, which is a parameter of that name
	patches bool     // it replaces the name where it stands, rather than only look the object up or change it
}

var mock = []string{"unittest.mock", "mock"} // https://docs.python.org/3/library/unittest.mock.html

// callables are those that are known, by the last parts of their dotted names.
var callables = map[string]callable{
	"patch":                 {mock, true},
	"patch.dict":            {mock, false},
	"patch.multiple":        {mock, false},
	"import_string":         {[]string{"django.utils.module_loading", "werkzeug.utils", "werkzeug"}, false},
	"mocker.patch":          {nil, true},
	"mocker.patch.dict":     {nil, false},
	"mocker.patch.multiple": {nil, false},
	"monkeypatch.setattr":   {nil, true},
	"monkeypatch.delattr":   {nil, true},
}

// buildString replaces `F.X` at the head of a string by the home.
func (p *planner) buildString(c *consumer, b *rewrite.Builder, r *reference) {
	r.after = strings.Replace(r.res.Home.String(), ":", ".", 1)
	b.Replace(r.start, r.end, r.after)
}

// callees finds out which of the strings stand in calls that take a dotted
// name.
func (p *planner) callees(ctx context.Context, c *consumer, refs []*reference) error {
	if err := p.analyze(ctx, c); err != nil || c.names == nil {
		return err
	}
	for _, r := range refs {
		arg, ok := c.names.Arguments[r.start]
		if !ok || !arg.First {
			continue
		}
		var call callable
		call, r.known = p.callable(c, arg)
		r.patches = call.patches && !r.deep // a patch of F.X.y replaces y, on the object
	}
	return nil
}

// callable tells what the callee does, if it is one that takes a dotted name.
// One that the rules name may patch.
func (p *planner) callable(c *consumer, arg pyfile.Argument) (call callable, known bool) {
	full := p.calleeName(c, arg)
	if slices.Contains(p.rules.StringCallables, full) || slices.Contains(p.rules.StringCallables, arg.Callee) {
		return callable{patches: true}, true
	}
	for name, call := range callables {
		if call.modules == nil && arg.Callee == name && p.isParameter(c, arg) {
			return call, true
		}
		for _, m := range call.modules {
			if full == m+"."+name {
				return call, true
			}
		}
	}
	return callable{}, false
}

// calleeName spells the callee with the module that its first part is
// imported from.
func (p *planner) calleeName(c *consumer, arg pyfile.Argument) string {
	first, rest, dotted := strings.Cut(arg.Callee, ".")
	scope, ok := c.names.Binding(first, arg.Scope)
	if !ok {
		return arg.Callee
	}
	imports := c.groups().bound[boundName{scope, first}]
	if len(imports) == 0 {
		return arg.Callee
	}
	imp := &c.outline.Imports[imports[0].imp]
	full := p.importedName(c, imp, imp.Names[imports[0].name])
	if dotted {
		full += "." + rest
	}
	return full
}

func (p *planner) importedName(c *consumer, imp *pyfile.Import, n pyfile.Name) string {
	if !imp.From {
		if n.As != "" {
			return n.Name
		}
		return n.Bound()
	}
	abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
	if !ok {
		return n.Name
	}
	return abs + "." + n.Name
}

// isParameter reports whether the first part of the callee is bound by a
// function, as a fixture is.
func (p *planner) isParameter(c *consumer, arg pyfile.Argument) bool {
	first, _, _ := strings.Cut(arg.Callee, ".")
	scope, ok := c.names.Binding(first, arg.Scope)
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
	src, err := p.text(p.source(f.mod.Path))
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

// decideString leaves the strings that cannot change.
func (p *planner) decideString(r *reference) {
	switch {
	case r.reason != "":
	case !r.known:
		r.leave(UnknownCallable, "")
	case r.res.Status == resolve.Found && r.res.Home.Attr == "" && !r.deep:
		r.leave(ModuleUsedAsValue, "The home is a module, which a string reaches as an attribute of its package only once something imported it: change it by hand.")
	case r.patches && p.readInside(r):
		r.leave(ModuleUsedAsValue, "The facade itself reads the name while it runs, so the string must go on to name it there.")
	}
}
