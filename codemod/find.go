package codemod

import (
	"bytes"
	"context"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// consumer is a file with references through facades.
type consumer struct {
	*source
	refs    []*reference // by position
	names   *pyfile.Names
	index   nameIndex
	proven  *pyfile.Names     // of the change's new text, where the proof asked for them
	lazy    *lazyList         // nil: the file has no `__lazy_modules__`
	sound   bool              // the references were held against the syntax of the old text
	locals  locals            // names that are newly bound
	removed map[position]bool // module imports that go
	dead    map[position]bool // names that go since a later import overwrites them
	group   map[*reference]string
	change  *Change
	homes   map[string]bool // of the references that are rewritten, once the proof asked for them
	// outlineAfter is the outline of the change's new text.
	outlineAfter *pyfile.Outline
	simulated    *pyfile.Outline // what the import order was simulated with
	edits        []edit.Edit     // that made the change
	idAfter      string          // the key of facts about the new text; "" where none are kept
	watch        *graph.Watch    // what of the change the simulated imports compare
	before       *consumer       // of the same file in the round before
	planner      *planner        // of a later round
	failure      Reason          // why what needs the whole file is left, "" if it is not
}

// reference is one reading of a name through a facade.
type reference struct {
	facade *facade
	name   string // "*" for a star import that is not yet taken apart
	form   string
	at     int // offset
	line   int32
	imp    int // index of the import statement, -1 for a string
	index  int // of the name in the statement
	start  int // extent of the attribute use or string
	end    int
	scope  int // attribute uses: that they stand in
	typing bool

	res      resolve.Resolution
	reason   Reason // why it is left, "" if it is rewritten
	detail   string
	adrift   bool   // left since circles of imports decide what it is, and whether it is there
	after    string // the statement or expression that took its place
	module   *moduleUse
	dead     bool         // a later name of the block overwrites it: it goes
	local    string       // attribute uses: the name that is bound instead
	bound    resolve.Home // and to what
	onHome   bool         // attribute uses: go on to look the name up when they run
	known    bool         // strings: in a call that is known to take one
	deep     bool         // strings: they go on behind the name
	circular bool         // star imports: the facade leads back to the file
	patches  bool         // strings: the call replaces the name on the facade
	stores   string       // uses of a module: the name that they replace there
	star     []string     // the names that a star import was replaced by
}

// leave says that the reference stays.
func (r *reference) leave(why Reason, detail string) {
	if own := statusReason(r.res.Status); r.dead && own != "" {
		why, detail = own, "" // it was to go, not to be read from elsewhere
	}
	if detail == "" {
		detail = why.Advice()
	}
	r.reason, r.detail = why, detail
}

// leaveCircular says that the reference stays since what it is depends on where
// circles of imports are entered.
func (r *reference) leaveCircular(detail string) {
	r.adrift = true
	r.leave(OrderDependent, detail)
}

// find collects the references of every file.
func (p *planner) find(ctx context.Context) ([]*consumer, error) {
	var mu sync.Mutex
	found := make([]*consumer, len(p.files))
	err := p.each(ctx, len(p.files), func(ctx context.Context, i int) error {
		if p.files[i].provider != nil {
			return nil
		}
		c := p.newConsumer(p.files[i])
		if err := p.references(ctx, c, &mu); err != nil {
			return err
		}
		if len(c.refs) > 0 {
			found[i] = c
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []*consumer
	for _, c := range found {
		if c != nil {
			out = append(out, c)
		}
	}
	return out, nil
}

// references fills in the references of one file.
func (p *planner) references(ctx context.Context, c *consumer, mu *sync.Mutex) error {
	var modules []moduleBinding
	for i := range c.outline.Imports {
		imp := &c.outline.Imports[i]
		if imp.Guard&pyfile.Unreadable != 0 {
			if err := p.unreadable(c, i); err != nil {
				return err
			}
			continue
		}
		if imp.From {
			modules = append(modules, p.fromImport(c, i)...)
		} else {
			modules = append(modules, p.plainImport(i, imp)...)
		}
	}
	if err := p.beyond(c); err != nil {
		return err
	}
	if err := p.strings(ctx, c); err != nil {
		return err
	}
	return p.moduleUses(ctx, c, modules)
}

// fromImport records the names that a `from` statement reads through a
// facade, and returns those that bind a facade, or a package above one.
func (p *planner) fromImport(c *consumer, i int) (modules []moduleBinding) {
	imp := &c.outline.Imports[i]
	abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
	if !ok {
		return nil
	}
	f := p.facade(abs)
	for k, n := range imp.Names {
		if n.Name != "*" && p.facadeBelow(abs, n.Name) {
			modules = append(modules, moduleBinding{imp: i, index: k, bound: n.Bound(), module: abs + "." + n.Name, via: abs})
		}
		if f == nil || f.mod.Path == c.Path {
			continue
		}
		r := &reference{facade: f, name: n.Name, form: FormFrom, at: int(n.Start), line: imp.Line, imp: i, index: k, typing: c.typing(imp)}
		if n.Name == "*" {
			r.form = FormStar
		}
		c.refs = append(c.refs, r)
	}
	return modules
}

// plainImport returns the facades, or packages above one, that `import a.b`
// binds.
func (p *planner) plainImport(i int, imp *pyfile.Import) (modules []moduleBinding) {
	for k, n := range imp.Names {
		module := n.Name
		if n.As == "" {
			module = n.Bound()
		}
		if p.aboveFacade(module) {
			modules = append(modules, moduleBinding{imp: i, index: k, bound: n.Bound(), module: module})
		}
	}
	return modules
}

// facade returns the facade of a name, nil if it is none. There are few: to
// compare is faster than to hash each module that a file imports.
func (p *planner) facade(module string) *facade {
	if len(p.list) > fewFacades {
		return p.facades[module]
	}
	for _, f := range p.list {
		if f.name == module {
			return f
		}
	}
	return nil
}

const fewFacades = 8

// aboveFacade reports whether the module is a facade or a package above one.
func (p *planner) aboveFacade(module string) bool {
	for _, f := range p.list {
		if rest, ok := strings.CutPrefix(f.name, module); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}

// facadeBelow reports whether `module.name` is a facade or a package above
// one, without spelling that out.
func (p *planner) facadeBelow(module, name string) bool {
	for _, f := range p.list {
		if len(f.name) > len(module) && f.name[len(module)] == '.' && strings.HasPrefix(f.name, module) {
			if rest, ok := strings.CutPrefix(f.name[len(module)+1:], name); ok && (rest == "" || rest[0] == '.') {
				return true
			}
		}
	}
	return false
}

// unreadable records an import that does not parse and names a facade.
func (p *planner) unreadable(c *consumer, i int) error {
	imp := &c.outline.Imports[i]
	src, err := p.text(c.source)
	if err != nil {
		return err
	}
	text := src[imp.Start:imp.End]
	abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
	for _, f := range p.list {
		if bytes.Contains(text, []byte(f.name)) || ok && abs == f.name {
			r := &reference{facade: f, name: "*", form: FormFrom, at: int(imp.Start), line: imp.Line, imp: i, index: -1}
			r.leave(SyntaxError, "")
			c.refs = append(c.refs, r)
		}
	}
	return nil
}

// beyond records the lines that look like an import of a facade where the
// file does not read as Python any more: an open bracket or string has
// swallowed them.
func (p *planner) beyond(c *consumer) error {
	if c.outline.Broken < 0 {
		return nil
	}
	src, err := p.text(c.source)
	if err != nil {
		return err
	}
	seen := map[int32]bool{}
	for i := range c.outline.Imports {
		seen[c.outline.Imports[i].Line] = true
	}
	lines := newLines(src)
	for n := lines.line(c.outline.Broken); n <= len(lines.starts); n++ {
		at := int(lines.starts[n-1])
		line, _, _ := bytes.Cut(src[at:], []byte("\n"))
		f := p.importedHere(bytes.TrimLeft(line, " \t"))
		if f == nil || seen[int32(n)] || f.mod.Path == c.Path {
			continue
		}
		r := &reference{facade: f, name: "*", form: FormFrom, at: at, line: int32(n), imp: -1}
		r.leave(SyntaxError, "")
		c.refs = append(c.refs, r)
	}
	return nil
}

// importedHere returns the facade that a line which begins like an import
// names.
func (p *planner) importedHere(line []byte) *facade {
	for _, word := range []string{"from ", "import "} {
		rest, ok := bytes.CutPrefix(line, []byte(word))
		if !ok {
			continue
		}
		end := 0
		for end < len(rest) && (pyfile.IsIdent(rest[end]) || rest[end] == '.') {
			end++
		}
		return p.facade(string(rest[:end]))
	}
	return nil
}

// resolve finds the home of every reference, and leaves those that have none.
func (p *planner) resolve(files []*consumer) {
	for _, c := range files {
		kept := c.refs[:0]
		through := map[*moduleUse]bool{} // modules of which a submodule is read
		for _, r := range c.refs {
			if p.resolveOne(c, r) {
				kept = append(kept, r)
			} else if m := r.module; m != nil {
				through[m], m.keep, r.module = true, true, nil
			}
		}
		for m := range through {
			m.forget()
		}
		c.refs = kept
	}
}

// resolveOne reports whether the reference is one at all: a submodule that
// the facade does not bind is not read through it.
func (p *planner) resolveOne(c *consumer, r *reference) bool {
	if r.name != "*" && r.name != "" {
		r.res = p.resolver.Lookup(r.facade.name, r.name, r.typing)
		if r.res.Status == resolve.NoReexport {
			return false
		}
	}
	switch {
	case r.reason != "":
	case c.excluded != "":
		r.leave(c.reason, c.excluded)
	case r.imp >= 0 && c.outline.Imports[r.imp].Guard&pyfile.Kept != 0:
		r.leave(Excluded, "A comment keeps it: remove the comment to have it rewritten.")
	case c.outline.Broken >= 0 && r.at >= c.outline.Broken:
		r.leave(SyntaxError, "")
	case r.name == "*" || r.name == "":
	case r.res.Status == resolve.Unresolved && r.module != nil && strings.HasPrefix(r.name, "__"):
		r.leave(ModuleUsedAsValue, "An attribute that every module has is read here.")
	case r.res.Status == resolve.Found && r.res.Uncertain && r.form == FormAttribute:
		r.leave(Ambiguous, "Only some branches bind the name, and it is looked up when it is used: an import at the top could fail where this does not.")
	default:
		if why := statusReason(r.res.Status); why != "" {
			r.leave(why, "")
		}
	}
	return true
}

func statusReason(s resolve.Status) Reason {
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
