package retire

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/effects"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
)

// moving is what leaves the facade for one module.
type moving struct {
	*facade
	module     string
	path       string
	names      []string        // that were asked for, sorted
	statements map[int]bool    // by index in the body
	binds      map[string]bool // names that these bind
	reads      []string        // names that they read and do not bind, sorted
	fills      []string        // modules that fill an object that a value is read off
}

// move takes declarations out of the facade. Moves names the module for each
// name; one that exists already, or a declaration that cannot leave, is
// refused.
func (f *facade) move(moves map[string]string, finder *effects.Finder, replaced map[string]bool) (*Result, error) {
	out := &Result{Step: Move}
	groups := map[string][]string{}
	for _, n := range sortedKeys(moves) {
		known := f.names[n]
		switch {
		case known == nil:
			out.Refused = append(out.Refused, Refusal{n, "The facade binds no such name."})
		case known.Kind != Declared: // it has moved before
		default:
			groups[moves[n]] = append(groups[moves[n]], n)
		}
	}
	d := f.draft()
	for _, module := range sortedKeys(groups) {
		m := &moving{facade: f, module: module, names: groups[module], statements: map[int]bool{}, binds: map[string]bool{}}
		if why := m.plan(finder, replaced); why != "" {
			for _, n := range m.names {
				out.Refused = append(out.Refused, Refusal{n, why})
			}
			continue
		}
		text, err := m.text()
		if err != nil {
			return nil, err
		}
		m.leave(d)
		out.Files = append(out.Files, File{Path: m.path, After: text, New: true})
		out.Notes = append(out.Notes, m.notes()...)
	}
	if len(out.Files) == 0 {
		return out, nil
	}
	file, err := d.file()
	out.Files = append(out.Files, file)
	return out, err
}

// plan finds what goes along, or says why nothing can go.
func (m *moving) plan(finder *effects.Finder, replaced map[string]bool) (why string) {
	if m.path = m.pathOf(m.module); m.path == "" {
		return fmt.Sprintf("%s is not below a package of the facade's source root: name another module under `moves`.", m.module)
	}
	if m.Index().Module(m.module) != nil {
		return fmt.Sprintf("%s exists already: name a new module under `moves`.", m.module)
	}
	if m.facade.Names(m.mod.Path) == nil {
		return "What the facade's names mean could not be read."
	}
	for queue := slices.Clone(m.names); len(queue) > 0; queue = queue[1:] {
		more, why := m.take(queue[0])
		if why != "" {
			return why
		}
		queue = append(queue, more...)
	}
	return m.obstacle(finder, replaced)
}

// pathOf is the path of a module beside the facade.
func (f *facade) pathOf(module string) string {
	own := strings.ReplaceAll(f.mod.Name, ".", "/")
	root := strings.TrimSuffix(strings.TrimSuffix(f.mod.Path, ".py"), "/__init__")
	root, ok := strings.CutSuffix(root, own)
	if p := f.Index().Module(parent(module)); !ok || parent(module) != "" && (p == nil || !p.Package) {
		return ""
	}
	return root + strings.ReplaceAll(module, ".", "/") + ".py"
}

// take adds the statements that bind a name, and returns the names of the
// facade that they need.
func (m *moving) take(name string) (more []string, why string) {
	found := false
	for i, s := range m.body.Statements {
		if !slices.Contains(s.Names, name) {
			continue
		}
		if m.statements[i] {
			return nil, ""
		}
		if found || s.Kind != pyfile.Definition && s.Kind != pyfile.Assignment {
			return nil, fmt.Sprintf("%s is bound more than once, or under a condition: bind it in one statement first.", name)
		}
		found = true
		m.statements[i] = true
		for _, n := range s.Names {
			m.binds[n] = true
		}
		for _, n := range m.readsIn(s) {
			if known := m.facade.names[n]; known != nil && known.Kind == Declared && !m.binds[n] {
				more = append(more, n)
			} else if !slices.Contains(m.reads, n) {
				m.reads = append(m.reads, n)
			}
		}
	}
	if !found {
		return nil, fmt.Sprintf("%s is bound under a condition: bind it in one statement first.", name)
	}
	if kinds := m.facade.names[name]; slices.ContainsFunc(kinds.events, func(e event) bool { return e.Kind == pyfile.Rebound }) {
		return nil, fmt.Sprintf("A function says `global %s` and binds it anew: readers would go on to see two of it.", name)
	}
	return more, ""
}

// readsIn are the names of the module that a statement reads, sorted.
func (m *moving) readsIn(s pyfile.Statement) (out []string) {
	names := m.facade.Names(m.mod.Path)
	for i := range names.Uses {
		u := &names.Uses[i]
		if u.Start < s.Start || u.End > s.End || u.Access != pyfile.Load || slices.Contains(out, u.Name) {
			continue
		}
		if scope, ok := names.Binding(u.Name, u.Scope); ok && scope != 0 || !ok && m.facade.names[u.Name] == nil && !isDunder(u.Name) {
			continue
		}
		out = append(out, u.Name)
	}
	for _, q := range names.Quoted {
		for n := range m.facade.names {
			if q.Start >= s.Start && q.End <= s.End && !slices.Contains(out, n) && pyfile.Mentions(m.src[q.Start:q.End], n) {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	return out
}

func isDunder(n string) bool { return strings.HasPrefix(n, "__") && strings.HasSuffix(n, "__") }

// obstacle says why the statements cannot leave.
func (m *moving) obstacle(finder *effects.Finder, replaced map[string]bool) string {
	slices.Sort(m.reads)
	for _, n := range m.reads {
		known := m.facade.names[n]
		switch {
		case isDunder(n):
			return fmt.Sprintf("It reads %s, which is another one in another module.", n)
		case known == nil:
		case known.Kind == Unclear:
			return fmt.Sprintf("It needs %s. %s", n, known.Why)
		}
	}
	for n := range m.binds {
		if replaced[n] {
			return fmt.Sprintf("Somebody replaces %s on the facade: what moves along would go on to read the original.", n)
		}
	}
	for _, e := range finder.Of(m.mod.Name) {
		if e.Name != "" && m.binds[e.Name] && (e.Kind == effects.Task || e.Kind == effects.Registers || e.Kind == effects.Decorated || e.Kind == effects.DjangoModel) {
			return fmt.Sprintf("%s registers %s, maybe under the name of its module: move it by hand.", e.What, e.Name)
		}
	}
	m.fills = m.filling(finder)
	return ""
}

// filling returns the modules that the facade executes before a value that is
// read off an object is read: they may put it there.
func (m *moving) filling(finder *effects.Finder) []string {
	acts := m.Acts(m.mod.Path)
	end := -1
	for i, s := range m.body.Statements {
		for _, n := range s.Names {
			if m.statements[i] && m.readOff(acts, n) {
				end = s.Start
			}
		}
	}
	if end < 0 {
		return nil
	}
	var out []string
	for i := range m.outline.Imports {
		imp := &m.outline.Imports[i]
		if int(imp.Start) > end || !runs(m.outline, imp) {
			continue
		}
		for _, t := range targets(m.World, m.mod, imp) {
			if len(finder.Of(t)) > 0 && !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

func (m *moving) readOff(acts *pyfile.Acts, name string) bool {
	if acts == nil {
		return false
	}
	for _, v := range acts.Values {
		root, _, dotted := strings.Cut(v.Of, ".")
		if v.Name != name || !dotted || strings.HasSuffix(v.Of, "()") {
			continue
		}
		if known := m.facade.names[root]; known != nil && known.home.Attr != "" {
			return true
		}
	}
	return false
}

// text is the new module.
func (m *moving) text() ([]byte, error) {
	imports, err := m.imports()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if future := m.future(); future != "" {
		b.WriteString(future + "\n")
		if len(imports) > 0 {
			b.WriteString("\n")
		}
	}
	b.Write(imports)
	for _, module := range m.fills {
		fmt.Fprintf(&b, "import %s  # noqa: F401\n", module)
	}
	previous := -1
	for _, i := range sortedInts(m.statements) {
		s := m.body.Statements[i]
		start, end := m.withComments(s)
		switch {
		case b.Len() == 0:
		case previous >= 0 && s.Kind == pyfile.Assignment && m.body.Statements[previous].Kind == pyfile.Assignment:
			if previous != i-1 {
				b.WriteString("\n")
			}
		case previous < 0 && s.Kind == pyfile.Assignment:
			b.WriteString("\n")
		default:
			b.WriteString("\n\n")
		}
		previous = i
		b.Write(bytes.TrimRight(m.src[start:end], "\n"))
		b.WriteString("\n")
	}
	return b.Bytes(), nil
}

// future is the statement that makes the compiler read what moves as it did
// before: only definitions have what that changes.
func (m *moving) future() string {
	for i := range m.outline.Imports {
		imp := &m.outline.Imports[i]
		for k := range m.statements {
			if imp.From && imp.Module == "__future__" && m.body.Statements[k].Kind == pyfile.Definition {
				return string(m.src[imp.Start:imp.End])
			}
		}
	}
	return ""
}

func sortedInts(set map[int]bool) (out []int) {
	for i := range set {
		out = append(out, i)
	}
	slices.Sort(out)
	return out
}

// withComments is a statement with the comment lines right above it, and one
// behind it.
func (f *facade) withComments(s pyfile.Statement) (start, end int) {
	start = bytes.LastIndexByte(f.src[:s.Start], '\n') + 1
	for start > 0 {
		above := bytes.LastIndexByte(f.src[:start-1], '\n') + 1
		if line := bytes.TrimSpace(f.src[above:start]); !bytes.HasPrefix(line, []byte("#")) {
			break
		}
		start = above
	}
	end = len(f.src)
	if n := bytes.IndexByte(f.src[s.End:], '\n'); n >= 0 {
		end = s.End + n + 1
	}
	return start, end
}

// imports are the import statements that the new module needs, as the
// repository writes them.
func (m *moving) imports() ([]byte, error) {
	var specs []resolve.Home
	bound := map[resolve.Home]string{}
	for _, n := range m.reads {
		if known := m.facade.names[n]; known != nil && known.Kind != Declared {
			specs = append(specs, known.home)
			bound[known.home] = n
		}
	}
	if len(specs) == 0 {
		return nil, nil
	}
	mod := &resolve.Mod{Name: m.module, Path: m.path}
	file := rewrite.File{Path: m.path, Mod: mod, Style: m.Style(m.path), Exists: exists(m.World), FirstParty: m.FirstParty,
		StarBinds: func(string, string) bool { return false }}
	slices.SortFunc(specs, func(a, b resolve.Home) int {
		if a.External != b.External {
			return map[bool]int{true: -1, false: 1}[a.External]
		}
		return strings.Compare(a.Module+":"+a.Attr, b.Module+":"+b.Attr)
	})
	text := file.Binding(specs[0], bound[specs[0]], false, nil).String() + "\n"
	for i, h := range specs[1:] { // one at a time: each goes to its place among the others
		file.Src, file.Outline = []byte(text), pyfile.Scan([]byte(text))
		b := rewrite.NewBuilder(file)
		b.Add(len(file.Outline.Imports)-1, h, bound[h])
		edits, err := b.Edits()
		if err != nil {
			return nil, err
		}
		after, err := edit.Apply(file.Src, edits)
		if err != nil {
			return nil, err
		}
		text = string(after)
		if file.Style.Sorter == 0 && h.External != specs[i].External {
			text = strings.Replace(text, "\n"+file.Binding(h, bound[h], false, nil).String(), "\n\n"+file.Binding(h, bound[h], false, nil).String(), 1)
		}
	}
	return []byte(text), nil
}

// leave takes the statements out of the facade and imports their names from
// where they are now.
func (m *moving) leave(d *draft) {
	alias := !m.hasAll
	first := sortedInts(m.statements)[0]
	before := -1
	for i := range m.outline.Imports {
		imp := &m.outline.Imports[i]
		if imp.Scope == 0 && imp.Guard == 0 && int(imp.Start) < m.body.Statements[first].Start {
			before = i
		}
	}
	var back []string
	for _, n := range sortedKeys(m.binds) {
		if m.stays(n) {
			back = append(back, n)
		}
	}
	for _, i := range sortedInts(m.statements) {
		start, end := m.withComments(m.body.Statements[i])
		e := edit.Edit{Start: start, End: end}
		if i == first && before < 0 {
			e.New = m.Style(m.mod.Path).Wrap(m.module, aliased(back, alias), "") + "\n"
		}
		for e.New == "" && e.Start > 1 && m.src[e.Start-1] == '\n' && m.src[e.Start-2] == '\n' && (e.End == len(m.src) || m.src[e.End] == '\n') {
			e.Start-- // one run of blank lines is left, not two
		}
		d.edits = append(d.edits, e)
	}
	for _, n := range back {
		if before >= 0 {
			d.Beside(before, resolve.Home{Module: m.module, Attr: n}, n, alias)
		}
	}
}

func aliased(names []string, alias bool) (out []string) {
	for _, n := range names {
		if alias {
			n += " as " + n
		}
		out = append(out, n)
	}
	return out
}

// stays reports whether the facade goes on to bind a name that moves: helpers
// that only what moves needs are nobody else's business.
func (m *moving) stays(name string) bool {
	if slices.Contains(m.names, name) || !strings.HasPrefix(name, "_") {
		return true
	}
	for i, s := range m.body.Statements {
		if !m.statements[i] && slices.Contains(m.readsIn(s), name) {
			return true
		}
	}
	return false
}

func (m *moving) notes() (out []string) {
	var defined []string
	for _, i := range sortedInts(m.statements) {
		if s := m.body.Statements[i]; s.Kind == pyfile.Definition {
			defined = append(defined, s.Names...)
		}
	}
	if len(defined) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s of %s: what is pickled from now on names %s. What was pickled before names the facade, which has to go on binding it until such data is gone.",
		strings.Join(defined, ", "), m.mod.Name, m.module)}
}
