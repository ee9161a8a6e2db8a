package rewrite

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/style"
)

// File is one file to rewrite.
type File struct {
	Path    string
	Src     []byte
	Outline *pyfile.Outline
	Mod     *resolve.Mod
	Style   *style.Style
	Exists  func(path string) bool // whether the tree has the path
	// FirstParty says whether a module belongs to the repository.
	FirstParty func(module string) bool
	// StarBinds says whether a star import of a module binds the name.
	StarBinds func(module, name string) bool
}

// Spec is the import that binds a home to a name.
type Spec struct {
	From   bool
	Lazy   bool // as the import is whose place it takes (PEP 810)
	Level  int
	Module string
	Name   string
	As     string
}

func (s Spec) String() string {
	out := "import " + s.Name
	if s.From {
		out = "from " + strings.Repeat(".", s.Level) + s.Module + " import " + s.Name
	}
	if s.As != "" {
		out += " as " + s.As
	}
	if s.Lazy {
		out = "lazy " + out
	}
	return out
}

// Binding returns the import that binds home to the name `bound`. Where the
// statement that it replaces was relative (like is its level and module), the
// new one is relative too if the home lies below the same package.
func (f *File) Binding(home resolve.Home, bound string, explicit bool, like *pyfile.Import) Spec {
	s := Spec{From: true, Module: home.Module, Name: home.Attr}
	if home.Attr == "" {
		i := strings.LastIndexByte(home.Module, '.')
		if i < 0 {
			s = Spec{Name: home.Module}
		} else {
			s.Module, s.Name = home.Module[:i], home.Module[i+1:]
		}
	}
	if bound != s.Name || explicit {
		s.As = bound
	}
	s.Lazy = like != nil && like.Guard&pyfile.Lazy != 0
	if s.From && like != nil && like.Level > 0 && !home.External {
		f.relative(&s, int(like.Level))
	}
	return s
}

// relative spells the module of s with the dots of a relative import of the
// given level, if it lies below the package that those dots name.
func (f *File) relative(s *Spec, level int) {
	base, ok := f.Mod.Absolute(level, "")
	if !ok {
		return
	}
	if s.Module == base {
		s.Level, s.Module = level, ""
	} else if rest, ok := strings.CutPrefix(s.Module, base+"."); ok {
		s.Level, s.Module = level, rest
	}
}

// Builder collects what is to change in one file.
type Builder struct {
	File
	remove map[int]map[int]bool // import to names that leave
	add    []addition
	texts  []edit.Edit
	bound  map[slot][]int // imports by what they bind, once asked for
	stars  []int          // the star imports among them
}

type addition struct {
	imp, name int // the statement whose place it takes, and the name, or -1
	spec      Spec
}

// NewBuilder returns a builder for the file.
func NewBuilder(f File) *Builder { return &Builder{File: f, remove: map[int]map[int]bool{}} }

// Move has name k of import i come from home, and returns the import that
// binds it.
func (b *Builder) Move(i, k int, home resolve.Home) Spec {
	imp := &b.Outline.Imports[i]
	n := imp.Names[k]
	s := b.Binding(home, n.Bound(), n.As != "", imp)
	b.Remove(i, k)
	b.add = append(b.add, addition{i, k, s})
	return s
}

// Add imports home as the name `bound` beside import i, or in its place.
func (b *Builder) Add(i int, home resolve.Home, bound string) Spec {
	return b.Beside(i, home, bound, false)
}

// Beside imports home as the name `bound` beside import i, with `as bound` in any
// case if alias says so.
func (b *Builder) Beside(i int, home resolve.Home, bound string, alias bool) Spec {
	s := b.Binding(home, bound, alias, &b.Outline.Imports[i])
	b.add = append(b.add, addition{i, -1, s})
	return s
}

// Pass has name k of import i, or what a star import brings as `bound`, come
// from home, and returns the import that binds it. With alias it says
// `as bound` whether or not that is another name: the form in which a module
// declares that it passes a name on (PEP 484, "Stub Files").
func (b *Builder) Pass(i, k int, home resolve.Home, bound string, alias bool) Spec {
	s := b.Binding(home, bound, alias, &b.Outline.Imports[i])
	b.Remove(i, k)
	if b.Outline.Imports[i].Star() {
		k = -1
	}
	b.add = append(b.add, addition{i, k, s})
	return s
}

// Remove takes name k out of import i.
func (b *Builder) Remove(i, k int) {
	if b.remove[i] == nil {
		b.remove[i] = map[int]bool{}
	}
	b.remove[i][k] = true
}

// Removes reports whether name k leaves import i.
func (b *Builder) Removes(i, k int) bool { return b.remove[i][k] }

// Replace puts text in the place of the bytes from start to end, which are
// no part of an import statement.
func (b *Builder) Replace(start, end int, text string) {
	b.texts = append(b.texts, edit.Edit{Start: start, End: end, New: text})
}

// part is what changes in one block.
type part struct {
	remove map[int][]int // import to names, both from the block's first on
	add    []addition
}

// parts sorts what is to change by the first import of its block.
func (b *Builder) parts() map[int]*part {
	parts := map[int]*part{}
	starts := b.blockStarts()
	of := func(i int) (int, *part) {
		first := starts[i]
		if parts[first] == nil {
			parts[first] = &part{remove: map[int][]int{}}
		}
		return first, parts[first]
	}
	for i, names := range b.remove {
		first, p := of(i)
		p.remove[i-first] = slices.Sorted(maps.Keys(names))
	}
	for _, a := range b.add {
		_, p := of(a.imp)
		p.add = append(p.add, a)
	}
	return parts
}

// Edits returns the edits of the file.
func (b *Builder) Edits() ([]edit.Edit, error) {
	parts := b.parts()
	edits := append([]edit.Edit(nil), b.texts...)
	for _, first := range slices.Sorted(maps.Keys(parts)) {
		e, err := b.block(first, parts[first])
		if err != nil {
			return nil, err
		}
		edits = append(edits, e...)
	}
	return edits, nil
}

// Clean reports whether the repository's sorter leaves every block of the module
// itself as it is; without a sorter it is false.
func (f *File) Clean() bool {
	starts := f.blockStarts()
	for i := range starts {
		if starts[i] == i && f.Outline.Imports[i].Scope == 0 && !f.Style.Clean(f.styleBlock(i)) {
			return false
		}
	}
	return len(starts) > 0
}

// blockStarts returns, of each import, the first import of its block:
// consecutive statements of one suite.
func (f *File) blockStarts() []int {
	imports := f.Outline.Imports
	starts := make([]int, len(imports))
	for i := range imports {
		starts[i] = i
		if i > 0 && follows(&imports[i-1], &imports[i]) {
			starts[i] = starts[i-1]
		}
	}
	return starts
}

func follows(a, b *pyfile.Import) bool {
	return a.Suite == b.Suite && a.Ordinal+1 == b.Ordinal && (a.Guard|b.Guard)&pyfile.Unreadable == 0
}

// block rewrites the block that begins at import first.
func (b *Builder) block(first int, p *part) ([]edit.Edit, error) {
	var add []style.Addition
	for _, a := range p.add {
		if b.boundBefore(a, first) {
			continue
		}
		add = append(add, style.Addition{
			From: a.spec.From, Lazy: a.spec.Lazy, Level: a.spec.Level, Module: a.spec.Module,
			Name: a.spec.Name, As: a.spec.As, Instead: a.imp - first, Replaces: a.name,
		})
	}
	edits, err := b.Style.Rewrite(b.styleBlock(first), p.remove, add)
	if err != nil {
		return nil, fmt.Errorf("rewrite imports of %s: %w", b.Path, err)
	}
	return edits, nil
}

// starBinds answers package style about a star import of the block.
func (f *File) starBinds(star style.Statement, name string) bool {
	module, ok := f.Mod.Absolute(star.Level, star.Module)
	return !ok || f.StarBinds(module, name)
}

func (f *File) styleBlock(first int) style.Block {
	b := style.Block{Src: f.Src, Path: f.Path, Exists: f.Exists, FirstParty: f.FirstParty, StarBinds: f.starBinds}
	for i := first; i < len(f.Outline.Imports); i++ {
		imp := &f.Outline.Imports[i]
		if i > first && !follows(&f.Outline.Imports[i-1], imp) {
			break
		}
		s := style.Statement{
			Start: int(imp.Start), End: int(imp.End), From: imp.From, Lazy: imp.Guard&pyfile.Lazy != 0, Level: int(imp.Level), Module: imp.Module,
			Joined: imp.Guard&(pyfile.Joined|pyfile.OneLine) != 0,
		}
		for _, n := range imp.Names {
			s.Names = append(s.Names, style.Name{Name: n.Name, As: n.As, Start: int(n.Start), End: int(n.End)})
		}
		b.Statements = append(b.Statements, s)
	}
	return b
}

// boundBefore reports whether the suite has bound the name to the same home
// already, in an earlier block, with no mention of the name since: then the
// new import is dropped. Within the block, package style sees to that.
func (b *Builder) boundBefore(a addition, first int) bool {
	imp := &b.Outline.Imports[a.imp]
	bound := pyfile.Name{Name: a.spec.Name, As: a.spec.As}.Bound()
	for _, i := range slices.Backward(b.earlierImports(imp.Suite, bound)) {
		earlier := &b.Outline.Imports[i]
		if i >= first || !b.imports(earlier, a.spec, bound) {
			continue
		}
		return !b.Outline.Mentions(b.Src, earlier.End, imp.Start, bound) && !b.starBetween(earlier.End, imp.Start, bound)
	}
	return false
}

// slot is a name of a suite.
type slot struct {
	suite int32
	bound string
}

// earlierImports are the imports of a suite that bind a name.
func (b *Builder) earlierImports(suite int32, bound string) []int {
	if b.bound == nil {
		b.bound = map[slot][]int{}
		for i := range b.Outline.Imports {
			imp := &b.Outline.Imports[i]
			for _, n := range imp.Names {
				at := slot{imp.Suite, n.Bound()}
				b.bound[at] = append(b.bound[at], i)
			}
			if imp.Star() {
				b.stars = append(b.stars, i)
			}
		}
	}
	return b.bound[slot{suite, bound}]
}

// starBetween reports whether a star import between two offsets, in whatever
// suite, may bind the name.
func (b *Builder) starBetween(from, to int32, name string) bool {
	for _, i := range b.stars {
		imp := &b.Outline.Imports[i]
		if imp.Start < from || imp.End > to {
			continue
		}
		if module, ok := b.Mod.Absolute(int(imp.Level), imp.Module); !ok || b.StarBinds(module, name) {
			return true
		}
	}
	return false
}

// imports reports whether the statement binds the name as the spec does.
func (f *File) imports(imp *pyfile.Import, s Spec, bound string) bool {
	if imp.From != s.From || (imp.Guard&pyfile.Lazy != 0) != s.Lazy {
		return false
	}
	if s.From {
		have, ok := f.Mod.Absolute(int(imp.Level), imp.Module)
		want, is := f.Mod.Absolute(s.Level, s.Module)
		if !ok || !is || have != want {
			return false
		}
	}
	for _, n := range imp.Names {
		if n.Name == s.Name && n.Bound() == bound {
			return true
		}
	}
	return false
}
