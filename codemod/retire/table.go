package retire

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
)

// emptied takes every import away that is there for others. It returns the
// names that go with them, and where the first stood, -1 for nowhere.
func (f *facade) emptied(d *draft) (gone map[string]bool, at int, refused []Refusal) {
	whole, gone := map[int]bool{}, map[string]bool{}
	for i := range f.retired()[f.mod.Path] {
		whole[i] = f.retired()[f.mod.Path][i] && f.outline.Imports[i].Guard&(pyfile.Conditional|pyfile.TypeChecking|pyfile.NotTyping) == 0
	}
	single, at := f.clearBlocks(d, whole)
	for i := range single {
		for k := range f.outline.Imports[i].Names {
			d.Remove(i, k)
		}
	}
	for _, n := range f.sorted {
		switch {
		case n.Kind == Unclear:
			refused = append(refused, Refusal{n.Name.Name, n.Why})
		case n.Kind == Declared, n.Own:
		default:
			gone[n.Name.Name] = true
			for _, e := range n.events {
				if e.Kind == pyfile.Imported && !whole[int(e.Import)] && !e.guarded() {
					d.Remove(int(e.Import), e.index)
				}
			}
		}
	}
	return gone, at, refused
}

// retire leaves nothing that is there for others.
func (f *facade) retire() (*Result, error) {
	if f.marked(shellMark) {
		return &Result{Step: Retire}, nil
	}
	if f.starred() && f.ownByStar() {
		return nil, fmt.Errorf("retire %s: its own code reads what a star import brings: do the explicit step first", f.mod.Name)
	}
	d := f.draft()
	gone, _, refused := f.emptied(d)
	f.dropTable(d)
	if err := f.relist(d, gone, true); err != nil {
		return nil, err
	}
	r, err := d.result(Retire, sortedKeys(gone), refused)
	if err == nil && len(r.Files) > 0 {
		r.Files[0].After = f.tidy(r.Files[0].After)
	}
	return r, err
}

func (f *facade) ownByStar() bool {
	return slices.ContainsFunc(f.sorted, func(n *name) bool {
		return n.Own && n.wins >= 0 && n.events[n.wins].Kind == pyfile.StarImported
	})
}

// dropTable takes a table of ours away, and the import that only it needs.
func (f *facade) dropTable(d *draft) {
	for _, s := range f.body.Statements {
		if s.Kind == pyfile.OtherStatement && bytes.Contains(f.src[s.Start:s.End], []byte(DeprecatedMark)) {
			d.edits = append(d.edits, f.without(s.Start, s.End))
			rest := append(slices.Clone(f.src[:s.Start]), f.src[s.End:]...)
			if bytes.Count(rest, []byte("TYPE_CHECKING")) == 1 {
				f.dropTyping(d)
			}
		}
	}
}

func (f *facade) dropTyping(d *draft) {
	for i := range f.outline.Imports {
		imp := &f.outline.Imports[i]
		for k, n := range imp.Names {
			if imp.Scope != 0 || n.Name != "TYPE_CHECKING" {
				continue
			}
			if len(imp.Names) == 1 {
				d.edits = append(d.edits, f.without(int(imp.Start), int(imp.End)))
			} else {
				d.Remove(i, k)
			}
		}
	}
}

// tidy ends a text as a file ends, and says in one that is otherwise empty
// what it is.
func (f *facade) tidy(text []byte) []byte {
	text = append(bytes.TrimRight(text, " \t\r\n"), '\n')
	onlyComments := true
	for _, line := range bytes.Split(text, []byte("\n")) {
		onlyComments = onlyComments && alone(line)
	}
	if onlyComments {
		text = append(bytes.TrimLeft(text, "\n"), fmt.Sprintf(emptyDoc, f.mod.Name)...)
	}
	return text
}

// entries are the names that a table can hold: not modules, which only an
// import of them loads.
func entries(all []*name) (in []*name, refused []Refusal) {
	for _, n := range all {
		if n.home.Attr == "" {
			refused = append(refused, Refusal{n.Name.Name, "It is a module, which a table cannot hold: import it from where it is."})
			continue
		}
		in = append(in, n)
	}
	return in, refused
}

// deprecate has each use of what is passed on warn.
func (f *facade) deprecate(how Deprecation) (*Result, error) {
	switch {
	case f.generated():
		return &Result{Step: Deprecate}, nil
	case !f.isExplicit():
		return nil, fmt.Errorf("deprecate %s: do the explicit step first", f.mod.Name)
	}
	names, refused := entries(f.passed())
	if len(names) == 0 {
		return &Result{Step: Deprecate, Refused: refused}, nil
	}
	d := f.draft()
	statements := f.typed(names)
	_, first, more := f.emptied(d)
	r, err := d.result(Deprecate, nil, append(refused, more...))
	if err == nil && len(r.Files) > 0 {
		r.Files[0].After = f.insert(r.Files[0].After, first, "if TYPE_CHECKING:\n"+statements+"else:\n"+deprecated(names, f.publicStaying(), f.hasAll, how))
	}
	return r, err
}

// publicStaying are the names that stay and that a star import brings, where no
// `__all__` says which, sorted.
func (f *facade) publicStaying() (out []string) {
	for _, n := range f.sorted {
		if (n.Own || n.Kind == Declared || n.Kind == Unclear) && !strings.HasPrefix(n.Name.Name, "_") {
			out = append(out, n.Name.Name)
		}
	}
	return out
}

// insert puts a compound statement that tests TYPE_CHECKING behind the imports
// of a text, or where the first was.
func (f *facade) insert(text []byte, first int, statement string) []byte {
	at := min(max(first, 0), len(text))
	imported, left := false, false
	o := pyfile.Scan(text)
	for i := range o.Imports {
		imp := &o.Imports[i]
		if n := bytes.IndexByte(text[imp.End:], '\n'); imp.Scope == 0 && imp.Guard == 0 && n >= 0 {
			at, left = int(imp.End)+n+1, true
			imported = imported || slices.ContainsFunc(imp.Names, func(n pyfile.Name) bool { return n.Name == "TYPE_CHECKING" })
		}
	}
	switch {
	case imported:
		statement = "\n" + statement
	case left:
		text = f.withTyping(text, o)
		return f.insert(text, first, statement)
	default:
		statement = "from typing import TYPE_CHECKING\n\n" + statement
	}
	rest := bytes.TrimLeft(text[at:], "\n")
	if len(rest) > 0 {
		statement += "\n\n"
	}
	return slices.Concat(bytes.TrimRight(text[:at], "\n"), []byte(newlines(at)), []byte(strings.TrimLeft(statement, "\n")), rest)
}

// newlines stand before a statement at an offset.
func newlines(at int) string {
	if at == 0 {
		return ""
	}
	return "\n\n"
}

// withTyping adds the import of TYPE_CHECKING to those of a text, where the
// repository's sorter wants it.
func (f *facade) withTyping(text []byte, o *pyfile.Outline) []byte {
	b := rewrite.NewBuilder(fileOf(f.World, f.mod.Path, text))
	last := 0
	for i := range o.Imports {
		if o.Imports[i].Scope == 0 && o.Imports[i].Guard == 0 {
			last = i
		}
	}
	b.Add(last, resolve.Home{Module: "typing", Attr: "TYPE_CHECKING", External: true}, "TYPE_CHECKING")
	edits, err := b.Edits()
	if err != nil {
		return text
	}
	after, err := edit.Apply(text, edits)
	if err != nil {
		return text
	}
	return after
}

// typed are the statements that pass names on, as they are written, for the
// suite that type checkers read.
func (f *facade) typed(names []*name) string {
	in := map[int32]bool{}
	var order []int32
	for _, n := range names {
		if e := n.events[n.wins]; !in[e.Import] {
			in[e.Import] = true
			order = append(order, e.Import)
		}
	}
	slices.Sort(order)
	var b strings.Builder
	for _, i := range order {
		b.WriteString(indented(f.reExport(i)))
	}
	return b.String()
}

// reExport is the statement of an import with those of its names only that
// are there for others.
func (f *facade) reExport(i int32) string {
	imp := &f.outline.Imports[i]
	text := string(f.src[imp.Start:imp.End])
	var names []string
	for _, n := range imp.Names {
		if !f.own[n.Bound()] {
			names = append(names, n.Name+" as "+n.Bound())
		}
	}
	style := f.Style(f.mod.Path)
	limit := style.Wrapping.LineLength
	fits := !slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool { return limit > 0 && len(line)+4 > limit })
	if len(names) == len(imp.Names) && fits && !f.hasAll {
		return text + "\n"
	}
	return style.Wrap(strings.Repeat(".", int(imp.Level))+imp.Module, names, "    ") + "\n"
}

func indented(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) != "" {
			lines[i] = "    " + line
		}
	}
	return strings.Join(lines, "")
}

// shell gives a facade that re-exports nothing a table for people at a prompt.
// Of one that has been retired before, these are the names that the modules
// below it declare.
func (f *facade) shell() (*Result, error) {
	if f.marked(shellMark) {
		return &Result{Step: Shell}, nil
	}
	names, refused := entries(f.passed())
	if len(names) == 0 && !f.generated() {
		names = f.declaredBelow()
	}
	if f.generated() {
		names, refused = entries(f.tabled())
	}
	if len(names) == 0 {
		return &Result{Step: Shell, Refused: append(refused, Refusal{"", "No module below the facade declares a public name."})}, nil
	}
	emptied, err := f.retire()
	if err != nil {
		return nil, err
	}
	text := f.src
	if len(emptied.Files) > 0 {
		text = emptied.Files[0].After
	}
	after := f.withShell(text, names)
	return &Result{Step: Shell, Gone: emptied.Gone, Refused: append(refused, emptied.Refused...),
		Files: []File{{Path: f.mod.Path, Before: f.src, After: after}}}, nil
}

// tabled are the names of a table of ours.
func (f *facade) tabled() (out []*name) {
	for n := range f.facts.Table {
		if known := f.names[n]; known != nil && known.home.Module != "" {
			out = append(out, known)
		}
	}
	slices.SortFunc(out, func(a, b *name) int { return strings.Compare(a.Name.Name, b.Name.Name) })
	return out
}

// declaredBelow are the public names that exactly one module below the facade
// declares.
func (f *facade) declaredBelow() (out []*name) {
	homes := map[string][]string{}
	for _, m := range f.Index().Names() {
		mod := f.Index().Module(m)
		if !strings.HasPrefix(m, f.mod.Name+".") || mod.Path == "" || mod.Stub || last(m) == registryName {
			continue
		}
		body := f.Body(mod.Path)
		for i := 0; body != nil && i < len(body.Statements); i++ {
			for _, n := range body.Statements[i].Names {
				if !strings.HasPrefix(n, "_") && !slices.Contains(homes[n], m) {
					homes[n] = append(homes[n], m)
				}
			}
		}
	}
	for _, n := range sortedKeys(homes) {
		if len(homes[n]) == 1 {
			home := resolve.Home{Module: homes[n][0], Attr: n}
			out = append(out, &name{Name: Name{Name: n, Kind: ReExported, Home: home.String()}, home: home})
		}
	}
	return out
}

// withShell adds the table behind the docstring, which says that it is there.
func (f *facade) withShell(text []byte, names []*name) []byte {
	s := strings.TrimRight(string(text), "\n")
	const quotes = `"""`
	if strings.HasPrefix(s, quotes) {
		if end := strings.Index(s[3:], quotes); end >= 0 {
			doc := strings.TrimRight(s[3:3+end], " \t\n")
			s = quotes + doc + "\n" + shellDoc + quotes + s[3+end+3:]
		}
	}
	head := "\n\nfrom typing import TYPE_CHECKING\n"
	if strings.Contains(s, "import TYPE_CHECKING") {
		head = "\n"
	}
	return []byte(s + head + "\nif not TYPE_CHECKING:  # for a type checker, and for a reader, there is nothing here\n" + shell(names, f.publicStaying(), f.hasAll, f.mod.Package))
}

// lazily has what is passed on imported when it is used (PEP 810): by keyword,
// or by a list that Pythons before 3.15 ignore.
func (f *facade) lazily(keyword bool) (*Result, error) {
	if f.starred() || !f.isExplicit() {
		return nil, fmt.Errorf("make %s lazy: do the explicit step first", f.mod.Name)
	}
	d := f.draft()
	gone := f.retired()[f.mod.Path]
	var modules []string
	first := -1
	for i := range f.outline.Imports {
		imp := &f.outline.Imports[i]
		if !gone[i] || imp.Guard != 0 {
			continue
		}
		if first < 0 {
			first = bytes.LastIndexByte(f.src[:imp.Start], '\n') + 1
		}
		if keyword {
			d.edits = append(d.edits, edit.Edit{Start: int(imp.Start), End: int(imp.Start), New: "lazy "})
		}
		abs, _ := f.mod.Absolute(int(imp.Level), imp.Module)
		modules = append(modules, lazyEntry(f.mod.Name, abs))
	}
	if !keyword && first >= 0 && !bytes.Contains(f.src, []byte("__lazy_modules__")) {
		slices.Sort(modules)
		var b strings.Builder
		b.WriteString("__lazy_modules__ = [\n")
		for _, m := range slices.Compact(modules) {
			b.WriteString("    " + m + ",\n")
		}
		d.edits = append(d.edits, edit.Edit{Start: first, End: first, New: b.String() + "]\n\n"})
	}
	return d.result(Lazy, nil, nil)
}

// lazyEntry names a module in `__lazy_modules__`.
func lazyEntry(facade, module string) string {
	if rest, ok := strings.CutPrefix(module, facade+"."); ok {
		return `f"{__name__}.` + rest + `"`
	}
	return fmt.Sprintf("%q", module)
}
