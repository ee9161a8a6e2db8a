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

// File is the new text of one file.
type File struct {
	Path          string
	Before, After []byte
	New           bool // there is none yet
}

// Diff is the change as a unified diff that `git apply` reads.
func (f *File) Diff() string {
	text := edit.Unified(f.Path, f.Before, f.After)
	if f.New {
		text = strings.Replace(text, "--- a/"+f.Path, "--- /dev/null", 1)
	}
	return text
}

// Refusal is something that a step leaves as it is, and why.
type Refusal struct{ Name, Why string }

// Result is what a step does. Nothing is to be done where Files is empty.
type Result struct {
	Step    Step
	Files   []File
	Gone    []string // names that the facade binds no more, sorted
	Refused []Refusal
	Notes   []string // what a person must know of the change
}

// draft collects what is to change in one file.
type draft struct {
	*rewrite.Builder
	edits []edit.Edit
}

// draft begins a change of the facade, as it is on disk.
func (f *facade) draft() *draft { return newDraft(f.World, f.mod.Path) }

func newDraft(w World, path string) *draft {
	src, _ := w.Text(path)
	return &draft{Builder: rewrite.NewBuilder(fileOf(w, path, src))}
}

// fileOf is a file of the tree with a text that it has or may have.
func fileOf(w World, path string, src []byte) rewrite.File {
	m := w.Index().File(path)
	if m == nil {
		m = &resolve.Mod{Path: path}
	}
	return rewrite.File{
		Path: path, Src: src, Outline: pyfile.Scan(src), Mod: m, Style: w.Style(path),
		Exists: exists(w), FirstParty: w.FirstParty,
		StarBinds: func(module, name string) bool { return w.Index().Module(module) == nil || w.Public(module)[name] },
	}
}

// Clean reports whether a text of a file is sorted as its repository sorts.
func Clean(w World, path string, src []byte) bool {
	f := fileOf(w, path, src)
	return f.Clean()
}

// Imports reports whether a text imports anything at its top level.
func Imports(src []byte) bool {
	return slices.ContainsFunc(pyfile.Scan(src).Imports, func(i pyfile.Import) bool { return i.Scope == 0 })
}

// exists tells of files and folders of the tree.
func exists(w World) func(string) bool {
	paths := w.Paths()
	return func(path string) bool {
		i, ok := slices.BinarySearch(paths, path)
		if ok {
			return true
		}
		j, _ := slices.BinarySearch(paths, path+"/")
		return i < len(paths) && strings.HasPrefix(paths[i], path+"/") || j < len(paths) && strings.HasPrefix(paths[j], path+"/")
	}
}

// file carries the draft out.
func (d *draft) file() (File, error) {
	edits, err := d.Edits()
	if err != nil {
		return File{}, err
	}
	after, err := edit.Apply(d.Src, append(edits, d.edits...))
	if err != nil {
		return File{}, fmt.Errorf("change %s: %w", d.Path, err)
	}
	return File{Path: d.Path, Before: d.Src, After: after}, nil
}

// result is the outcome of a step that changes one file.
func (d *draft) result(step Step, gone []string, refused []Refusal) (*Result, error) {
	file, err := d.file()
	if err != nil {
		return nil, err
	}
	r := &Result{Step: step, Gone: gone, Refused: refused}
	slices.Sort(r.Gone)
	if !bytes.Equal(file.Before, file.After) {
		r.Files = []File{file}
	}
	return r, nil
}

// relist edits `__all__`: it loses what is gone. Spelled is whether it must
// name everything itself from now on, since what it takes in goes.
func (f *facade) relist(d *draft, gone map[string]bool, spelled bool) error {
	if !f.hasAll || !slices.ContainsFunc(f.body.Statements, f.aboutAll) { // that of a table goes with it
		return nil
	}
	if f.facts.Flags&pyfile.AllUnknown != 0 || len(f.all) == 0 && len(f.facts.All) > 0 && len(f.body.All) > 0 {
		return fmt.Errorf("change %s: `__all__` is computed: write it as a list of names first", f.mod.Path)
	}
	if left := slices.DeleteFunc(slices.Clone(f.all), func(n string) bool { return gone[n] }); len(left) == 0 && len(f.all) > 0 {
		f.spellAll(d, gone)
		return nil
	}
	literal := !slices.ContainsFunc(f.facts.All, func(op pyfile.AllOp) bool { return len(op.From) > 0 || op.Kind == pyfile.AllRemove })
	if !literal && spelled {
		f.spellAll(d, gone)
		return nil
	}
	for _, item := range f.body.All {
		if gone[item.Name] {
			d.edits = append(d.edits, f.unlist(item))
		}
	}
	return nil
}

// unlist takes one string out of a list: its line, if nothing else is on it.
func (f *facade) unlist(item pyfile.AllItem) edit.Edit {
	start, end := item.Start, item.End
	rest := f.src[end:]
	blank := func(b []byte) int { return len(b) - len(bytes.TrimLeft(b, " \t")) }
	after := end + blank(rest)
	comma := after < len(f.src) && f.src[after] == ','
	if comma {
		end = after + 1
	}
	lineStart := bytes.LastIndexByte(f.src[:start], '\n') + 1
	tail := f.src[end:]
	newline := bytes.IndexByte(tail, '\n')
	if newline >= 0 && len(bytes.TrimSpace(f.src[lineStart:start])) == 0 && alone(tail[:newline]) {
		return edit.Edit{Start: lineStart, End: end + newline + 1}
	}
	if comma {
		return edit.Edit{Start: start, End: end + blank(tail)}
	}
	head := bytes.TrimRight(f.src[:start], " \t\r\n")
	if bytes.HasSuffix(head, []byte(",")) {
		start = len(head) - 1
	}
	return edit.Edit{Start: start, End: end}
}

// alone reports whether nothing but a comment is left of a line.
func alone(rest []byte) bool {
	rest = bytes.TrimSpace(rest)
	return len(rest) == 0 || rest[0] == '#'
}

// spellAll writes `__all__` as one list, and takes away what else is done to
// it.
func (f *facade) spellAll(d *draft, gone map[string]bool) {
	var text strings.Builder
	text.WriteString("__all__ = [\n")
	seen := map[string]bool{}
	for _, n := range f.all {
		if !gone[n] && !seen[n] {
			fmt.Fprintf(&text, "    %q,\n", n)
		}
		seen[n] = true
	}
	text.WriteString("]")
	list := strings.Replace(text.String(), "[\n]", "[]", 1)
	written := false
	for _, s := range f.body.Statements {
		if !f.aboutAll(s) {
			continue
		}
		if !written {
			written = true
			d.edits = append(d.edits, edit.Edit{Start: s.Start, End: s.End, New: list})
			continue
		}
		d.edits = append(d.edits, f.without(s.Start, s.End))
	}
}

func (f *facade) aboutAll(s pyfile.Statement) bool {
	if s.Kind == pyfile.Assignment {
		return slices.Contains(s.Names, "__all__")
	}
	return s.Kind == pyfile.Expression && bytes.HasPrefix(f.src[s.Start:s.End], []byte("__all__"))
}

// without takes the lines of a statement away.
func (f *facade) without(start, end int) edit.Edit {
	start = bytes.LastIndexByte(f.src[:start], '\n') + 1
	if i := bytes.IndexByte(f.src[end:], '\n'); i >= 0 && alone(f.src[end:end+i]) {
		end += i + 1
	}
	return edit.Edit{Start: start, End: end}
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// clearBlocks takes away whole runs of imports that go together with the
// comments between them, which belonged to them. It returns the imports that
// are left to be removed one by one, and where the first run began, -1 for
// nowhere.
func (f *facade) clearBlocks(d *draft, gone map[int]bool) (single map[int]bool, at int) {
	single, at = map[int]bool{}, -1
	imports := f.outline.Imports
	for i := 0; i < len(imports); {
		end := i + 1
		for end < len(imports) && imports[end].Suite == imports[i].Suite && imports[end].Ordinal == imports[end-1].Ordinal+1 {
			end++
		}
		whole := imports[i].Scope == 0
		for k := i; k < end; k++ {
			whole = whole && gone[k] && imports[k].Guard&pyfile.Joined == 0
		}
		if whole {
			e := f.without(int(imports[i].Start), int(imports[end-1].End))
			d.edits = append(d.edits, e)
			if at < 0 {
				at = e.Start
			}
		}
		for k := i; k < end && !whole; k++ {
			if gone[k] {
				single[k] = true
				if at < 0 {
					at = bytes.LastIndexByte(f.src[:imports[k].Start], '\n') + 1
				}
			}
		}
		i = end
	}
	return single, at
}
