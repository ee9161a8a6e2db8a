package refs

import (
	"bytes"
	"context"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// Find returns the files of a world that have references through its facades,
// of those that are chosen, sorted by path. Every reference knows its home, or
// why it has none.
func Find(ctx context.Context, w *world.World, chosen func(*world.Source) bool) ([]*File, error) {
	f := &finder{w}
	var sources []*world.Source
	for _, s := range w.Sources() {
		if s.Provider == nil && chosen(s) {
			sources = append(sources, s)
		}
	}
	found := make([]*File, len(sources))
	if err := w.Each(ctx, len(sources), func(ctx context.Context, i int) error {
		found[i] = &File{Source: sources[i]}
		return f.references(ctx, found[i])
	}); err != nil {
		return nil, err
	}
	var out []*File
	for _, c := range found {
		if len(c.Refs) > 0 {
			f.resolve(c)
			out = append(out, c)
		}
	}
	return out, ctx.Err()
}

// All chooses every file.
func All(*world.Source) bool { return true }

// finder finds the references of files.
type finder struct{ *world.World }

// Analyze resolves the uses of names in the file, once.
func Analyze(ctx context.Context, w *world.World, f *File) error {
	if f.Names != nil || f.Failure != "" {
		return nil
	}
	a, err := w.Analyze(ctx, f.Source)
	f.Names = a.Names
	switch {
	case a.TooLarge:
		f.Failure = TooLarge
	case a.Broken:
		f.Failure = SyntaxError
	}
	return err
}

// references fills in the references of one file.
func (w *finder) references(ctx context.Context, c *File) error {
	var modules []ModuleBinding
	for i := range c.Outline.Imports {
		imp := &c.Outline.Imports[i]
		switch {
		case imp.Guard&pyfile.Unreadable != 0:
			if err := w.unreadable(c, i); err != nil {
				return err
			}
		case imp.From:
			modules = append(modules, w.fromImport(c, i)...)
		default:
			modules = append(modules, w.plainImport(i, imp)...)
		}
	}
	if err := w.beyond(c); err != nil {
		return err
	}
	if err := w.strings(ctx, c); err != nil {
		return err
	}
	return w.moduleUses(ctx, c, modules)
}

// fromImport records the names that a `from` statement reads through a
// facade, and returns those that bind a facade, or a package above one.
func (w *finder) fromImport(c *File, i int) (modules []ModuleBinding) {
	imp := &c.Outline.Imports[i]
	abs, ok := c.Absolute(imp)
	if !ok {
		return nil
	}
	f := w.Facade(abs)
	for k, n := range imp.Names {
		if n.Name != "*" && w.FacadeBelow(abs, n.Name) {
			modules = append(modules, ModuleBinding{Imp: i, Index: k, Bound: n.Bound(), Module: abs + "." + n.Name, Via: abs})
		}
		if f == nil || f.Mod.Path == c.Path {
			continue
		}
		r := &Reference{Facade: f, Name: n.Name, Form: FormFrom, At: int(n.Start), Line: imp.Line, Imp: i, Index: k, Typing: c.Typing(imp)}
		if n.Name == "*" {
			r.Form = FormStar
		}
		c.Refs = append(c.Refs, r)
	}
	return modules
}

// plainImport returns the facades, or packages above one, that `import a.b`
// binds.
func (w *finder) plainImport(i int, imp *pyfile.Import) (modules []ModuleBinding) {
	for k, n := range imp.Names {
		module := n.Name
		if n.As == "" {
			module = n.Bound()
		}
		if w.AboveFacade(module) {
			modules = append(modules, ModuleBinding{Imp: i, Index: k, Bound: n.Bound(), Module: module})
		}
	}
	return modules
}

// unreadable records an import that does not parse and names a facade.
func (w *finder) unreadable(c *File, i int) error {
	imp := &c.Outline.Imports[i]
	src, err := w.Text(c.Source)
	if err != nil {
		return err
	}
	text := src[imp.Start:imp.End]
	abs, ok := c.Absolute(imp)
	for _, f := range w.Facades {
		if bytes.Contains(text, []byte(f.Name)) || ok && abs == f.Name {
			r := &Reference{Facade: f, Name: "*", Form: FormFrom, At: int(imp.Start), Line: imp.Line, Imp: i, Index: -1}
			r.Why = Because(SyntaxError, "")
			c.Refs = append(c.Refs, r)
		}
	}
	return nil
}

// beyond records the lines that look like an import of a facade where the
// file does not read as Python any more: an open bracket or string has
// swallowed them.
func (w *finder) beyond(c *File) error {
	if c.Outline.Broken < 0 {
		return nil
	}
	src, err := w.Text(c.Source)
	if err != nil {
		return err
	}
	seen := map[int32]bool{}
	for i := range c.Outline.Imports {
		seen[c.Outline.Imports[i].Line] = true
	}
	lines := world.LinesOf(src)
	for n := lines.Line(c.Outline.Broken); n <= len(lines.Starts); n++ {
		at := int(lines.Starts[n-1])
		line, _, _ := bytes.Cut(src[at:], []byte("\n"))
		f := w.importedHere(bytes.TrimLeft(line, " \t"))
		if f == nil || seen[int32(n)] || f.Mod.Path == c.Path {
			continue
		}
		r := &Reference{Facade: f, Name: "*", Form: FormFrom, At: at, Line: int32(n), Imp: -1}
		r.Why = Because(SyntaxError, "")
		c.Refs = append(c.Refs, r)
	}
	return nil
}

// importedHere returns the facade that a line which begins like an import
// names.
func (w *finder) importedHere(line []byte) *world.Facade {
	for _, word := range []string{"from ", "import "} {
		rest, ok := bytes.CutPrefix(line, []byte(word))
		if !ok {
			continue
		}
		end := 0
		for end < len(rest) && (pyfile.IsIdent(rest[end]) || rest[end] == '.') {
			end++
		}
		return w.Facade(string(rest[:end]))
	}
	return nil
}

// resolve finds the home of every reference, and says of those that have none
// why they stay.
func (w *finder) resolve(c *File) {
	kept := c.Refs[:0]
	through := map[*ModuleUse]bool{} // modules of which a submodule is read
	for _, r := range c.Refs {
		if w.resolveOne(c, r) {
			kept = append(kept, r)
		} else if m := r.Module; m != nil {
			through[m], m.Keep, r.Module = true, true, nil
		}
	}
	for m := range through {
		m.forget()
	}
	c.Refs = kept
	for n, r := range kept {
		r.N, r.key = n, c.Path
	}
}

// resolveOne reports whether the reference is one at all: a submodule that
// the facade does not bind is not read through it.
func (w *finder) resolveOne(c *File, r *Reference) bool {
	if r.Name != "*" && r.Name != "" {
		r.Res = w.Lookup(r.Facade.Name, r.Name, r.Typing)
		if r.Res.Status == resolve.NoReexport {
			return false
		}
	}
	if !r.Stays() {
		r.Why = ownReason(c, r)
	}
	return true
}

// ownReason is why a reference stays by itself, if it does.
func ownReason(c *File, r *Reference) Why {
	switch {
	case c.TooLarge:
		return Because(TooLarge, "")
	case c.Excluded != "":
		return Because(Excluded, c.Excluded)
	case r.Imp >= 0 && c.Outline.Imports[r.Imp].Guard&pyfile.Kept != 0:
		return Because(Excluded, "A comment keeps it: remove the comment to have it rewritten.")
	case c.Outline.Broken >= 0 && r.At >= c.Outline.Broken:
		return Because(SyntaxError, "")
	case r.Name == "*" || r.Name == "":
		return Why{}
	case r.Res.Status == resolve.Unresolved && r.Module != nil && strings.HasPrefix(r.Name, "__"):
		return Because(ModuleUsedAsValue, "An attribute that every module has is read here.")
	case r.Res.Status == resolve.Found && r.Res.Uncertain && r.Form == FormAttribute:
		return Because(Ambiguous, "Only some branches bind the name, and it is looked up when it is used: an import at the top could fail where this does not.")
	}
	if why := StatusReason(r.Res.Status); why != "" {
		return Because(why, "")
	}
	return Why{}
}

// StatusReason is why a name that could be followed so far has no home, "" if
// it has one.
func StatusReason(s resolve.Status) Reason {
	switch s {
	case resolve.Declared:
		return DeclaredInFacade
	case resolve.Ambiguous:
		return Ambiguous
	case resolve.Dynamic:
		return Dynamic
	case resolve.OrderDependent:
		return OrderDependent
	case resolve.Unresolved:
		return Unresolved
	}
	return ""
}
