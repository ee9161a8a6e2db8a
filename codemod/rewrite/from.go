package rewrite

import (
	"bytes"
	"fmt"
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
	Index   *resolve.Index
	Style   *style.Style
	Exists  func(path string) bool // whether the tree has the path
}

// Move is a name of an import statement that is to be imported from elsewhere.
type Move struct {
	Import, Name int          // indexes into the outline's imports and the statement's names
	Home         resolve.Home // where it is declared
}

// Spec is the import that binds a home to a name.
type Spec struct {
	From   bool
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
	if s.From && like != nil && like.Level > 0 && !home.External {
		f.relative(&s, int(like.Level))
	}
	return s
}

// relative spells the module of s with the dots of a relative import of the
// given level, if it lies below the package that those dots name.
func (f *File) relative(s *Spec, level int) {
	base, ok := f.Index.Absolute(f.Mod, level, "")
	if !ok {
		return
	}
	if s.Module == base {
		s.Level, s.Module = level, ""
	} else if rest, ok := strings.CutPrefix(s.Module, base+"."); ok {
		s.Level, s.Module = level, rest
	}
}

// FromImports returns the edits that carry out the moves, and for each move
// the import that binds its name afterwards.
func (f *File) FromImports(moves []Move) ([]edit.Edit, []Spec, error) {
	specs := make([]Spec, len(moves))
	byBlock := map[int][]int{} // first import of the block to indexes of moves
	var order []int
	for i, m := range moves {
		imp := &f.Outline.Imports[m.Import]
		n := imp.Names[m.Name]
		specs[i] = f.Binding(m.Home, n.Bound(), n.As != "", imp)
		first := f.blockStart(m.Import)
		if byBlock[first] == nil {
			order = append(order, first)
		}
		byBlock[first] = append(byBlock[first], i)
	}
	var edits []edit.Edit
	for _, first := range order {
		e, err := f.block(first, byBlock[first], moves, specs)
		if err != nil {
			return nil, nil, err
		}
		edits = append(edits, e...)
	}
	return edits, specs, nil
}

// blockStart returns the first import of the block that import i belongs to:
// consecutive statements of one suite.
func (f *File) blockStart(i int) int {
	imports := f.Outline.Imports
	for i > 0 && follows(&imports[i-1], &imports[i]) {
		i--
	}
	return i
}

func follows(a, b *pyfile.Import) bool {
	return a.Suite == b.Suite && a.Ordinal+1 == b.Ordinal && (a.Guard|b.Guard)&pyfile.Unreadable == 0
}

// block rewrites the block that begins at import first.
func (f *File) block(first int, which []int, moves []Move, specs []Spec) ([]edit.Edit, error) {
	b := f.styleBlock(first)
	remove := map[int][]int{}
	var add []style.Addition
	for _, i := range which {
		at := moves[i].Import - first
		remove[at] = append(remove[at], moves[i].Name)
		if f.boundBefore(moves[i], specs[i], first) {
			continue
		}
		add = append(add, style.Addition{
			From: specs[i].From, Level: specs[i].Level, Module: specs[i].Module,
			Name: specs[i].Name, As: specs[i].As, Instead: at, Replaces: moves[i].Name,
		})
	}
	edits, err := f.Style.Rewrite(b, remove, add)
	if err != nil {
		return nil, fmt.Errorf("rewrite imports of %s: %w", f.Path, err)
	}
	return edits, nil
}

func (f *File) styleBlock(first int) style.Block {
	b := style.Block{Src: f.Src, Path: f.Path, Exists: f.Exists, FirstParty: f.Index.Internal}
	for i := first; i < len(f.Outline.Imports); i++ {
		imp := &f.Outline.Imports[i]
		if i > first && !follows(&f.Outline.Imports[i-1], imp) {
			break
		}
		s := style.Statement{
			Start: int(imp.Start), End: int(imp.End), From: imp.From, Level: int(imp.Level), Module: imp.Module,
			Joined: imp.Guard&(pyfile.Joined|pyfile.OneLine) != 0,
		}
		for _, n := range imp.Names {
			s.Names = append(s.Names, style.Name{Name: n.Name, As: n.As, Start: int(n.Start), End: int(n.End)})
		}
		b.Statements = append(b.Statements, s)
	}
	return b
}

// boundBefore reports whether the scope has bound the name to the same home
// already, in an earlier block of the same suite, with no mention of the name
// since: then the new import is dropped. Within the block, package style sees
// to that.
func (f *File) boundBefore(m Move, s Spec, first int) bool {
	imp := &f.Outline.Imports[m.Import]
	bound := imp.Names[m.Name].Bound()
	for i := first - 1; i >= 0; i-- {
		earlier := &f.Outline.Imports[i]
		if earlier.Suite != imp.Suite || !f.imports(earlier, s, bound) {
			continue
		}
		return !bytes.Contains(f.Src[earlier.End:imp.Start], []byte(bound))
	}
	return false
}

// imports reports whether the statement binds the name as the spec does.
func (f *File) imports(imp *pyfile.Import, s Spec, bound string) bool {
	if imp.From != s.From {
		return false
	}
	if s.From {
		have, ok := f.Index.Absolute(f.Mod, int(imp.Level), imp.Module)
		want, is := f.Index.Absolute(f.Mod, s.Level, s.Module)
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
