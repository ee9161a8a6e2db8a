package refs

import (
	"context"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// ModuleBinding is an import that binds a facade, or a package above one.
type ModuleBinding struct {
	Imp, Index int
	Bound      string // the name that is bound
	Module     string // the module that it is bound to
	Via        string // `from via import …`, "" for a plain import
}

// ModuleUse is a module binding with all that the file does with it.
type ModuleUse struct {
	ModuleBinding
	// Also are imports of the same in other branches: what takes the place of one
	// has to stand in all.
	Also     []Position
	branched bool // some branches bind the name to something else
	Keep     bool // something that is no name of a facade needs the import
	Scope    int  // index into Names.Scopes
	Uses     int  // how often the file reads the name from this import
	Rebinds  bool // another import of the scope binds the name to another module
	changes  bool // and a function can see that
	Refs     []*Reference
	Rewrites []*Reference // those of them that may be rewritten
}

// forget drops the uses that turned out to be none of a facade's names.
func (m *ModuleUse) forget() {
	gone := func(r *Reference) bool { return r.Module != m }
	m.Refs, m.Rewrites = slices.DeleteFunc(m.Refs, gone), slices.DeleteFunc(m.Rewrites, gone)
}

// moduleUses records the attribute uses of modules that the file binds.
func (w *finder) moduleUses(ctx context.Context, c *File, bindings []ModuleBinding) error {
	bindings, err := w.plausible(c, bindings)
	if err != nil || len(bindings) == 0 {
		return err
	}
	if err := Analyze(ctx, w.World, c); err != nil {
		return err
	}
	if c.Names == nil || c.Failure != "" {
		w.unanalyzed(c, bindings)
		return nil
	}
	lines, err := w.LinesOf(c.Source)
	if err != nil {
		return err
	}
	w.usesOf(c, bindings, lines)
	sort.SliceStable(c.Refs, func(i, j int) bool { return c.Refs[i].At < c.Refs[j].At })
	return nil
}

// plausible drops the bindings of packages above a facade in files that do not
// spell the rest of the facade's name.
func (w *finder) plausible(c *File, bindings []ModuleBinding) ([]ModuleBinding, error) {
	var out []ModuleBinding
	for _, b := range bindings {
		for _, f := range w.Facades {
			if f.Name == b.Module {
				out = append(out, b)
				break
			}
			rest, ok := strings.CutPrefix(f.Name, b.Module+".")
			if !ok {
				continue
			}
			spelled, err := w.Spells(c.Source, b.Bound, rest)
			if err != nil {
				return nil, err
			}
			if spelled {
				out = append(out, b)
				break
			}
		}
	}
	return out, nil
}

// unanalyzed leaves the uses of modules in a file that did not parse.
func (w *finder) unanalyzed(c *File, bindings []ModuleBinding) {
	for _, b := range bindings {
		f := w.facadeImported(c, b)
		if f == nil || f.Mod.Path == c.Path {
			continue
		}
		imp := &c.Outline.Imports[b.Imp]
		r := &Reference{Facade: f, Form: FormModule, At: int(imp.Names[b.Index].Start), Line: imp.Line, Imp: b.Imp, Index: b.Index}
		r.Why = Because(c.Failure, "")
		c.Refs = append(c.Refs, r)
	}
}

// usesOf records what the file does with its module bindings.
func (w *finder) usesOf(c *File, bindings []ModuleBinding, lines *world.Lines) {
	byName, byImport := map[string]bool{}, map[Position]*ModuleUse{}
	modules := make([]*ModuleUse, len(bindings))
	for i, b := range bindings {
		m := &ModuleUse{ModuleBinding: b, Scope: c.ScopeAt(int(c.Outline.Imports[b.Imp].Start))}
		modules[i] = m
		byName[b.Bound], byImport[Position{b.Imp, b.Index}] = true, m
	}
	groups := c.Groups()
	read := map[*ModuleUse]bool{}
	for _, m := range modules {
		m.Rebinds, m.changes = groups.rebinds(m)
		if byImport[Position{m.Imp, m.Index}] != m {
			read[m] = true // joined with one before
			continue
		}
		m.Also, m.branched = c.branches(m)
		for _, at := range m.Also {
			byImport[at] = m
		}
	}
	for i := range c.Names.Uses {
		u := &c.Names.Uses[i]
		if u.Import || !byName[u.Name] {
			continue
		}
		scope, ok := c.Names.Binding(u.Name, u.Scope)
		if !ok {
			continue
		}
		if m := byImport[groups.nearest(scope, u)]; m != nil {
			m.Uses++
			read[m] = w.useOf(c, m, m.Module, u, lines) || read[m]
		}
	}
	for _, m := range modules {
		if !read[m] {
			w.unreadModule(c, m)
		}
	}
}

// branches returns the other imports of the same module under the same name, in
// other branches of the scope, and whether there are branches that bind the name
// to something else.
//
//	try:
//	    import app.models
//	except ImportError:
//	    import app.models
func (c *File) branches(m *ModuleUse) (also []Position, branched bool) {
	imports := c.Outline.Imports
	own := &imports[m.Imp]
	always, typing, mixed, others := own.Guard&pyfile.Conditional == 0, c.Typing(own), false, false
	for _, at := range c.Groups().Bound[BoundName{m.Scope, m.Bound}] {
		imp := &imports[at.Imp]
		same := imp.From == own.From && imp.Level == own.Level && imp.Module == own.Module && imp.Names[at.Name].Name == own.Names[m.Index].Name
		switch {
		case at.Imp == m.Imp:
		case !same:
			others = others || imp.Suite != own.Suite
		case imp.Suite != own.Suite:
			always = always || imp.Guard&pyfile.Conditional == 0
			mixed = mixed || c.Typing(imp) != typing
			if at.Imp > m.Imp {
				also = append(also, at)
			}
		}
	}
	deleted := len(c.Groups().Bound[BoundName{m.Scope, m.Bound}]) > 1 && slices.ContainsFunc(c.UsesOf(m.Bound), func(i int) bool {
		return c.Names.Uses[i].Access == pyfile.Delete && len(c.Names.Uses[i].Attrs) == 0
	})
	return also, mixed || deleted || others && !always
}

// unreadModule leaves a facade that is imported for none of its names.
func (w *finder) unreadModule(c *File, m *ModuleUse) {
	f := w.facadeImported(c, m.ModuleBinding)
	if f == nil || f.Mod.Path == c.Path {
		return
	}
	imp := &c.Outline.Imports[m.Imp]
	r := &Reference{Facade: f, Form: FormModule, At: int(imp.Names[m.Index].Start), Line: imp.Line, Imp: m.Imp, Index: m.Index, Typing: c.Typing(imp)}
	r.Why = Because(ModuleUsedAsValue, "The facade is imported and none of its names is read here: remove the import if it is not for its side effects, or import the module that has them.")
	c.Refs = append(c.Refs, r)
}

// facadeImported returns the facade that the import of a binding runs, if it is one:
// `import a.b` binds a, and runs a.b.
func (w *finder) facadeImported(c *File, b ModuleBinding) *world.Facade {
	imp := &c.Outline.Imports[b.Imp]
	if n := imp.Names[b.Index]; !imp.From && n.As == "" {
		return w.Facade(n.Name)
	}
	return w.Facade(b.Module)
}

// runsWith reports whether code in a scope runs when the code around it does,
// up to another Scope: no function stands between.
func (c *File) runsWith(scope, outer int) bool {
	for ; scope != outer && scope != 0; scope = c.Names.Scopes[scope].Parent {
		if s := &c.Names.Scopes[scope]; s.Kind == pyfile.FunctionScope {
			return false
		}
	}
	return true
}

// useOf records one use of a module's name, and reports whether it reads from
// or passes on a facade. Module is what the part of the chain before u's
// attributes is.
func (w *finder) useOf(c *File, m *ModuleUse, module string, u *pyfile.Use, lines *world.Lines) bool {
	depth := 0
	for w.Facade(module) == nil && depth < len(u.Attrs) && w.AboveFacade(module+"."+u.Attrs[depth].Name) {
		module += "." + u.Attrs[depth].Name
		depth++
	}
	f := w.Facade(module)
	if f == nil || f.Mod.Path == c.Path {
		return false
	}
	if depth < len(u.Attrs) && w.Facade(module+"."+u.Attrs[depth].Name) != nil {
		inner := *u
		inner.Attrs = u.Attrs[depth+1:]
		if len(inner.Attrs) == 0 {
			inner.End = u.Attrs[depth].End
		}
		return w.useOf(c, m, module+"."+u.Attrs[depth].Name, &inner, lines)
	}
	r := &Reference{
		Facade: f, Form: FormAttribute, At: u.Start, Line: int32(lines.Line(u.Start)), Imp: m.Imp, Index: m.Index,
		Start: u.Start, End: u.End, Scope: u.Scope, Module: m, Typing: c.Typing(&c.Outline.Imports[m.Imp]),
	}
	if depth < len(u.Attrs) {
		r.Name, r.End = u.Attrs[depth].Name, u.Attrs[depth].End
	}
	switch {
	case m.branched:
		r.Why = Because(ModuleUsedAsValue, "Other branches bind the module's name to something else, or do not bind it: read the name from its home by hand.")
	case r.Name == "":
		r.Why = Because(ModuleUsedAsValue, "")
		r.Stores = w.replacedThere(c, u)
	case !c.runsWith(u.Scope, m.Scope) && m.changes:
		r.Why = Because(ModuleUsedAsValue, "The name is bound to another module too, so which one is read depends on when the function runs: give them two names.")
	case u.Shown:
		r.Why = Because(ModuleUsedAsValue, "The string keeps the text of the expression beside its value: change it by hand.")
	case depth == len(u.Attrs)-1 && u.Compared:
		r.Why = Because(ModuleUsedAsValue, "A name alone would be bound here, and not compared (PEP 634, \"Capture Patterns\"): write it with the module that declares it, by hand.")
	case depth == len(u.Attrs)-1 && u.Last != pyfile.Load:
		r.Stores = r.Name
		r.Why = Because(ModuleUsedAsValue, "The attribute of the module is set or deleted here: do that on the module that declares it.")
	default:
		m.Rewrites = append(m.Rewrites, r)
	}
	c.Refs, m.Refs = append(c.Refs, r), append(m.Refs, r)
	return true
}

// replaced matches what follows a module in a call that replaces a name of
// it, as in `patch.object(module, "name", ...)`, and reads what comes before
// one that only looks there.
var (
	replaced = regexp.MustCompile(`^\s*,\s*["'](\w+)["']`)
	onlyGets = regexp.MustCompile(`\b(?:get|has)attr\(\s*$`)
)

// replacedThere is the name of a module that the call replaces which is given
// the module at u and the name behind it, "" if none does.
func (w *finder) replacedThere(c *File, u *pyfile.Use) string {
	src, err := w.Text(c.Source)
	if err != nil {
		return ""
	}
	end := u.End
	if n := len(u.Attrs); n > 0 {
		end = u.Attrs[n-1].End
	}
	m := replaced.FindSubmatch(src[end:])
	if m == nil || onlyGets.Match(src[max(0, u.Start-40):u.Start]) {
		return ""
	}
	return string(m[1])
}
