package codemod

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// moduleBinding is an import that binds a facade, or a package above one.
type moduleBinding struct {
	imp, index int
	bound      string // the name that is bound
	module     string // the module that it is bound to
	via        string // `from via import …`, "" for a plain import
}

// moduleUse is a module binding with all that the file does with it.
type moduleUse struct {
	moduleBinding
	keep     bool // something that is no name of a facade needs the import
	scope    int  // index into Names.Scopes
	uses     int  // how often the file reads the name from this import
	rebinds  bool // another import of the scope binds the name to another module
	changes  bool // and a function can see that
	refs     []*reference
	rewrites []*reference // those of them that may be rewritten
}

// forget drops the uses that turned out to be none of a facade's names.
func (m *moduleUse) forget() {
	gone := func(r *reference) bool { return r.module != m }
	m.refs, m.rewrites = slices.DeleteFunc(m.refs, gone), slices.DeleteFunc(m.rewrites, gone)
}

// analyze resolves the uses of names in the file, once.
func (p *planner) analyze(ctx context.Context, c *consumer) error {
	if c.names != nil || c.failure != "" {
		return nil
	}
	a, err := cached(p.cache, &p.cache.analyses, c.ID, func() (analysis, error) {
		src, err := p.text(c.source)
		if err != nil {
			return analysis{}, err
		}
		return p.analyzeText(ctx, src), ctx.Err()
	})
	c.names, c.failure = a.names, a.failure
	return err
}

// analysis is what the uses of names in a file are, and why they are not known
// for certain.
type analysis struct {
	names   *pyfile.Names
	failure Reason
}

func (p *planner) analyzeText(ctx context.Context, src []byte) (a analysis) {
	if len(src) > maxParse {
		return analysis{failure: TooLarge}
	}
	p.parser(func(ps *pyfile.Parser) {
		names, tree, err := ps.Names(ctx, src)
		if err != nil {
			a.failure = SyntaxError
			return
		}
		defer tree.Close()
		a.names = names
		if !tree.Sound(0, len(src)) {
			a.failure = SyntaxError
		}
	})
	return a
}

// moduleUses records the attribute uses of modules that the file binds.
func (p *planner) moduleUses(ctx context.Context, c *consumer, bindings []moduleBinding) error {
	bindings, err := p.plausible(c, bindings)
	if err != nil || len(bindings) == 0 {
		return err
	}
	if err := p.analyze(ctx, c); err != nil {
		return err
	}
	if c.names == nil || c.failure != "" {
		p.unanalyzed(c, bindings)
		return nil
	}
	lines, err := p.linesOf(c.source)
	if err != nil {
		return err
	}
	p.usesOf(c, bindings, lines)
	sort.SliceStable(c.refs, func(i, j int) bool { return c.refs[i].at < c.refs[j].at })
	return nil
}

// plausible drops the bindings of packages above a facade in files that do not
// spell the rest of the facade's name.
func (p *planner) plausible(c *consumer, bindings []moduleBinding) ([]moduleBinding, error) {
	var out []moduleBinding
	for _, b := range bindings {
		for _, f := range p.list {
			if f.name == b.module {
				out = append(out, b)
				break
			}
			rest, ok := strings.CutPrefix(f.name, b.module+".")
			if !ok {
				continue
			}
			spelled, err := p.spells(c.source, b.bound, rest)
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

// spells reports whether the file may hold `bound.rest`.
func (p *planner) spells(s *source, bound, rest string) (bool, error) {
	first, _, _ := strings.Cut(rest, ".")
	key := ""
	if s.ID != "" {
		key = s.ID + " " + bound + " " + first
	}
	return cached(p.cache, &p.cache.spelled, key, func() (bool, error) {
		src, err := p.text(s)
		return bytes.Contains(src, []byte(bound)) && bytes.Contains(src, []byte(first)), err
	})
}

// unanalyzed leaves the uses of modules in a file that did not parse.
func (p *planner) unanalyzed(c *consumer, bindings []moduleBinding) {
	for _, b := range bindings {
		f := p.facadeImported(c, b)
		if f == nil || f.mod.Path == c.Path {
			continue
		}
		imp := &c.outline.Imports[b.imp]
		r := &reference{facade: f, form: FormModule, at: int(imp.Names[b.index].Start), line: imp.Line, imp: b.imp, index: b.index}
		r.leave(c.failure, "")
		c.refs = append(c.refs, r)
	}
}

// usesOf records what the file does with its module bindings.
func (p *planner) usesOf(c *consumer, bindings []moduleBinding, lines *lineIndex) {
	byName, byImport := map[string]bool{}, map[position]*moduleUse{}
	modules := make([]*moduleUse, len(bindings))
	for i, b := range bindings {
		m := &moduleUse{moduleBinding: b, scope: c.scopeAt(int(c.outline.Imports[b.imp].Start))}
		modules[i] = m
		byName[b.bound], byImport[position{b.imp, b.index}] = true, m
	}
	groups := c.groups()
	for _, m := range modules {
		m.rebinds, m.changes = groups.rebinds(m)
	}
	read := map[*moduleUse]bool{}
	for i := range c.names.Uses {
		u := &c.names.Uses[i]
		if u.Import || !byName[u.Name] {
			continue
		}
		scope, ok := c.names.Binding(u.Name, u.Scope)
		if !ok {
			continue
		}
		if m := byImport[groups.nearest(scope, u)]; m != nil {
			m.uses++
			read[m] = p.useOf(c, m, m.module, u, lines) || read[m]
		}
	}
	for _, m := range modules {
		if !read[m] {
			p.unreadModule(c, m)
		}
	}
}

// unreadModule leaves a facade that is imported for none of its names.
func (p *planner) unreadModule(c *consumer, m *moduleUse) {
	f := p.facadeImported(c, m.moduleBinding)
	if f == nil || f.mod.Path == c.Path {
		return
	}
	imp := &c.outline.Imports[m.imp]
	r := &reference{facade: f, form: FormModule, at: int(imp.Names[m.index].Start), line: imp.Line, imp: m.imp, index: m.index, typing: c.typing(imp)}
	r.leave(ModuleUsedAsValue, "The facade is imported and none of its names is read here: remove the import if it is not for its side effects, or import the module that has them.")
	c.refs = append(c.refs, r)
}

// facadeImported returns the facade that the import of a binding runs, if it is one:
// `import a.b` binds a, and runs a.b.
func (p *planner) facadeImported(c *consumer, b moduleBinding) *facade {
	imp := &c.outline.Imports[b.imp]
	if n := imp.Names[b.index]; !imp.From && n.As == "" {
		return p.facade(n.Name)
	}
	return p.facade(b.module)
}

// runsWith reports whether code in a scope runs when the code around it does,
// up to another scope: no function stands between.
func (c *consumer) runsWith(scope, outer int) bool {
	for ; scope != outer && scope != 0; scope = c.names.Scopes[scope].Parent {
		if s := &c.names.Scopes[scope]; s.Kind == pyfile.FunctionScope {
			return false
		}
	}
	return true
}

// useOf records one use of a module's name, and reports whether it reads from
// or passes on a facade. Module is what the part of the chain before u's
// attributes is.
func (p *planner) useOf(c *consumer, m *moduleUse, module string, u *pyfile.Use, lines *lineIndex) bool {
	depth := 0
	for p.facade(module) == nil && depth < len(u.Attrs) && p.aboveFacade(module+"."+u.Attrs[depth].Name) {
		module += "." + u.Attrs[depth].Name
		depth++
	}
	f := p.facade(module)
	if f == nil || f.mod.Path == c.Path {
		return false
	}
	if depth < len(u.Attrs) && p.facade(module+"."+u.Attrs[depth].Name) != nil {
		inner := *u
		inner.Attrs = u.Attrs[depth+1:]
		if len(inner.Attrs) == 0 {
			inner.End = u.Attrs[depth].End
		}
		return p.useOf(c, m, module+"."+u.Attrs[depth].Name, &inner, lines)
	}
	r := &reference{
		facade: f, form: FormAttribute, at: u.Start, line: int32(lines.line(u.Start)), imp: m.imp, index: m.index,
		start: u.Start, end: u.End, scope: u.Scope, module: m, typing: c.typing(&c.outline.Imports[m.imp]),
	}
	if depth < len(u.Attrs) {
		r.name, r.end = u.Attrs[depth].Name, u.Attrs[depth].End
	}
	switch {
	case r.name == "":
		r.leave(ModuleUsedAsValue, "")
		r.stores = p.replacedThere(c, u)
	case !c.runsWith(u.Scope, m.scope) && m.changes:
		r.leave(ModuleUsedAsValue, "The name is bound to another module too, so which one is read depends on when the function runs: give them two names.")
	case u.Shown:
		r.leave(ModuleUsedAsValue, "The string keeps the text of the expression beside its value: change it by hand.")
	case depth == len(u.Attrs)-1 && u.Compared:
		r.leave(ModuleUsedAsValue, "A name alone would be bound here, and not compared (PEP 634, \"Capture Patterns\"): write it with the module that declares it, by hand.")
	case depth == len(u.Attrs)-1 && u.Last != pyfile.Load:
		r.stores = r.name
		r.leave(ModuleUsedAsValue, "The attribute of the module is set or deleted here: do that on the module that declares it.")
	default:
		m.rewrites = append(m.rewrites, r)
	}
	c.refs, m.refs = append(c.refs, r), append(m.refs, r)
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
func (p *planner) replacedThere(c *consumer, u *pyfile.Use) string {
	src, err := p.text(c.source)
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

// strings records the strings that name something through a facade.
func (p *planner) strings(ctx context.Context, c *consumer) error {
	first := len(c.refs)
	for _, s := range c.outline.Strings {
		f, rest := p.longestFacade(s.Text)
		if f == nil {
			continue
		}
		name, _, deep := strings.Cut(rest, ".")
		c.refs = append(c.refs, &reference{
			facade: f, name: name, form: FormString, at: int(s.Start), line: s.Line, imp: -1,
			start: int(s.Start), end: int(s.Start) + len(f.name) + 1 + len(name), deep: deep,
		})
	}
	if len(c.refs) == first || c.excluded != "" {
		return nil
	}
	return p.callees(ctx, c, c.refs[first:])
}

// longestFacade returns the facade whose name, with a dot, begins the text.
func (p *planner) longestFacade(text string) (best *facade, rest string) {
	for _, f := range p.list {
		if n := len(f.name); len(text) > n+1 && text[n] == '.' && strings.HasPrefix(text, f.name) && (best == nil || n > len(best.name)) {
			best, rest = f, text[n+1:]
		}
	}
	return best, rest
}
