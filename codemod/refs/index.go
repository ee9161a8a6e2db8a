package refs

import (
	"bytes"
	"slices"
	"sort"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// nameIndex finds what would else be looked for from one end of a file to the
// other, each time. Each part is made when it is first asked for.
type nameIndex struct {
	groups     *Groups
	uses       map[string][]int // the uses of a name
	scopes     map[string][]int // the scopes that bind a name, or declare it global or nonlocal
	statements []int            // the scopes in which statements stand, by where they begin
	blocks     []int            // of each import, the last of its block
	stars      []int            // the star imports
	starred    bool             // that they are known
	mentioned  map[string]bool  // whether a text or type comment spells a name
	lists      *bool            // whether the file looks at all the names that it binds
}

// UsesOf returns the uses of a name.
func (c *File) UsesOf(name string) []int {
	x := &c.index
	if x.uses == nil {
		x.uses = map[string][]int{}
		for i := range c.Names.Uses {
			u := &c.Names.Uses[i]
			x.uses[u.Name] = append(x.uses[u.Name], i)
		}
	}
	return x.uses[name]
}

// ScopesOf returns the scopes that bind a name, or declare it global or
// nonlocal.
func (c *File) ScopesOf(name string) []int {
	x := &c.index
	if x.scopes == nil {
		x.scopes = map[string][]int{}
		for i := range c.Names.Scopes {
			x.add(i, &c.Names.Scopes[i])
		}
	}
	return x.scopes[name]
}

func (x *nameIndex) add(scope int, s *pyfile.NameScope) {
	put := func(name string) {
		if list := x.scopes[name]; len(list) == 0 || list[len(list)-1] != scope {
			x.scopes[name] = append(list, scope)
		}
	}
	for name := range s.Bound {
		put(name)
	}
	for name := range s.Global {
		put(name)
	}
	for name := range s.Outer {
		put(name)
	}
}

// ScopeAt returns the innermost scope in which a statement at the offset
// stands.
func (c *File) ScopeAt(at int) int {
	x, scopes := &c.index, c.Names.Scopes
	if x.statements == nil {
		for i := range scopes {
			if !scopes[i].Inner {
				x.statements = append(x.statements, i)
			}
		}
		slices.SortStableFunc(x.statements, func(a, b int) int { return scopes[a].Start - scopes[b].Start })
	}
	k := sort.Search(len(x.statements), func(k int) bool { return scopes[x.statements[k]].Start > at })
	if k == 0 {
		return 0
	}
	i := x.statements[k-1] // it ends before the offset, or else is the one: what encloses it goes on
	for i != 0 && (scopes[i].Inner || at >= scopes[i].End) {
		i = scopes[i].Parent
	}
	return i
}

// EndOfBlock returns the end of the block of imports that import i
// is part of.
func (c *File) EndOfBlock(i int) int {
	x, imports := &c.index, c.Outline.Imports
	if x.blocks == nil {
		x.blocks = make([]int, len(imports))
		for k := len(imports) - 1; k >= 0; k-- {
			x.blocks[k] = k
			if k+1 < len(imports) && Adjacent(&imports[k], &imports[k+1]) {
				x.blocks[k] = x.blocks[k+1]
			}
		}
	}
	return int(imports[x.blocks[i]].End)
}

// StarImports are the star imports of the file.
func (c *File) StarImports() []int {
	if x := &c.index; !x.starred {
		x.stars, x.starred = StarImports(c.Outline), true
	}
	return c.index.stars
}

// StarImports are the star imports of a text.
func StarImports(o *pyfile.Outline) (out []int) {
	for i := range o.Imports {
		if o.Imports[i].Star() {
			out = append(out, i)
		}
	}
	return out
}

// inImport reports whether an import statement stands at the offset.
func (c *File) inImport(at int) bool {
	imports := c.Outline.Imports
	k := sort.Search(len(imports), func(k int) bool { return int(imports[k].Start) > at })
	return k > 0 && at < int(imports[k-1].End)
}

// ListsItself reports whether the file looks at all the names that it binds, as those do that compute `__all__`.
func (c *File) ListsItself() bool {
	if c.index.lists == nil {
		lists := slices.ContainsFunc(c.Names.Uses, func(u pyfile.Use) bool {
			switch u.Name {
			case "globals", "locals", "vars", "dir":
				_, bound := c.Names.Binding(u.Name, u.Scope)
				return !bound && bytes.HasPrefix(c.Src[u.End:], []byte("()")) // with an argument it is another's
			}
			return false
		})
		c.index.lists = &lists
	}
	return *c.index.lists
}

// Spells reports whether a quoted type or a type comment spells the
// name, or a string is the name, as an item of `__all__` is.
func (c *File) Spells(name string) bool {
	is, ok := c.index.mentioned[name]
	if !ok {
		if c.index.mentioned == nil {
			c.index.mentioned = map[string]bool{}
		}
		is = c.findMention(name)
		c.index.mentioned[name] = is
	}
	return is
}

// evaluates reports whether the file runs strings as code.
func (c *File) evaluates() bool {
	return slices.ContainsFunc(c.Names.Uses, func(u pyfile.Use) bool { return u.Call && (u.Name == "eval" || u.Name == "exec") })
}

func (c *File) findMention(name string) bool {
	evaluates := c.evaluates()
	code := map[int]bool{}
	for _, i := range c.UsesOf(name) {
		code[c.Names.Uses[i].Start] = true
	}
	for at := 0; ; {
		i := bytes.Index(c.Src[at:], []byte(name))
		if i < 0 {
			return false
		}
		i += at
		at = i + len(name)
		if code[i] || i > 0 && pyfile.IsIdent(c.Src[i-1]) || at < len(c.Src) && pyfile.IsIdent(c.Src[at]) || c.inImport(i) {
			continue
		}
		quoted := i > 0 && at < len(c.Src) && (c.Src[i-1] == '"' || c.Src[i-1] == '\'') && c.Src[at] == c.Src[i-1]
		if quoted || evaluates || c.inType(i) {
			return true
		}
	}
}

// inType reports whether the offset lies in a quoted type or a type comment.
func (c *File) inType(at int) bool {
	for _, q := range c.Names.Quoted {
		if q.Start <= at && at < q.End {
			return true
		}
	}
	line := c.Src[bytes.LastIndexByte(c.Src[:at], '\n')+1 : at]
	return bytes.Contains(line, []byte("# type:"))
}

// Adjacent reports whether one import follows the other with nothing between.
func Adjacent(a, b *pyfile.Import) bool { return a.Suite == b.Suite && a.Ordinal+1 == b.Ordinal }
