package refs

import (
	"context"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// strings records the strings that name something through a facade.
func (w *finder) strings(ctx context.Context, c *File) error {
	first := len(c.Refs)
	for _, s := range c.Outline.Strings {
		f, rest := w.LongestFacade(s.Text)
		if f == nil {
			continue
		}
		name, _, deep := strings.Cut(rest, ".")
		c.Refs = append(c.Refs, &Reference{
			Facade: f, Name: name, Form: FormString, At: int(s.Start), Line: s.Line, Imp: -1,
			Start: int(s.Start), End: int(s.Start) + len(f.Name) + 1 + len(name), Deep: deep,
		})
	}
	if len(c.Refs) == first || c.Excluded != "" {
		return nil
	}
	return w.callees(ctx, c, c.Refs[first:])
}

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

// callees finds out which of the strings stand in calls that take a dotted
// name.
func (w *finder) callees(ctx context.Context, c *File, refs []*Reference) error {
	if err := Analyze(ctx, w.World, c); err != nil || c.Names == nil {
		return err
	}
	for _, r := range refs {
		arg, ok := c.Names.Arguments[r.Start]
		if !ok || !arg.First {
			continue
		}
		var call callable
		call, r.Known = w.callable(c, arg)
		r.Patches = call.patches && !r.Deep // a patch of F.X.y replaces y, on the object
	}
	return nil
}

// callable tells what the callee does, if it is one that takes a dotted name.
// One that the rules name may patch.
func (w *finder) callable(c *File, arg pyfile.Argument) (call callable, known bool) {
	full := w.calleeName(c, arg)
	if slices.Contains(w.Rules.StringCallables, full) || slices.Contains(w.Rules.StringCallables, arg.Callee) {
		return callable{patches: true}, true
	}
	for name, call := range callables {
		if call.modules == nil && arg.Callee == name && w.isParameter(c, arg) {
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
func (w *finder) calleeName(c *File, arg pyfile.Argument) string {
	first, rest, dotted := strings.Cut(arg.Callee, ".")
	scope, ok := c.Names.Binding(first, arg.Scope)
	if !ok {
		return arg.Callee
	}
	imports := c.Groups().Bound[BoundName{scope, first}]
	if len(imports) == 0 {
		return arg.Callee
	}
	imp := &c.Outline.Imports[imports[0].Imp]
	full := w.importedName(c, imp, imp.Names[imports[0].Name])
	if dotted {
		full += "." + rest
	}
	return full
}

func (w *finder) importedName(c *File, imp *pyfile.Import, n pyfile.Name) string {
	if !imp.From {
		if n.As != "" {
			return n.Name
		}
		return n.Bound()
	}
	abs, ok := c.Absolute(imp)
	if !ok {
		return n.Name
	}
	return abs + "." + n.Name
}

// isParameter reports whether the first part of the callee is bound by a
// function, as a fixture is.
func (w *finder) isParameter(c *File, arg pyfile.Argument) bool {
	first, _, _ := strings.Cut(arg.Callee, ".")
	scope, ok := c.Names.Binding(first, arg.Scope)
	return ok && c.Names.Scopes[scope].Kind == pyfile.FunctionScope
}
