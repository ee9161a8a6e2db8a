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
)

// registryName is the last part of a registry's module.
const registryName = "_registry"

// registration is who registers what, and who sees to it.
type registration struct {
	*facade
	finder   *effects.Finder
	roots    []string // modules at which programs start
	registry string   // its module, whether or not it exists
	before   []string // what importing the facade executes now, in order
	stays    map[string]bool
	lost     []string // of before: modules with an effect that only the facade brings about, in order
	missing  []string // of lost: those that no registry and no root executes
}

// registration finds the modules whose effect is lost with the facade's
// imports.
func (f *facade) registration(finder *effects.Finder, roots []string) *registration {
	r := &registration{facade: f, finder: finder, roots: roots, registry: f.registryModule()}
	gone := f.retired()
	r.before, _ = run(f.World, nil, f.mod.Name)
	_, r.stays = run(f.World, gone, f.mod.Name)
	for _, m := range r.before {
		if !r.stays[m] && m != r.registry && len(finder.Of(m)) > 0 {
			r.lost = append(r.lost, m)
		}
	}
	covered := r.covered(gone)
	var outside []string
	for _, m := range r.lost {
		switch {
		case covered[m]:
		case f.within(m):
			r.missing = append(r.missing, m)
		default:
			outside = append(outside, m)
		}
	}
	r.missing = r.withOutside(outside, gone)
	return r
}

// registryModule is the module of the registry: in a package that is a facade,
// beside a facade that is a plain module.
func (f *facade) registryModule() string {
	if f.mod.Package {
		return f.mod.Name + "." + registryName
	}
	return strings.TrimPrefix(parent(f.mod.Name)+"._"+last(f.mod.Name)+registryName, ".")
}

// within reports whether a module belongs to the facade: it is below it, or
// beside one that is a plain module.
func (f *facade) within(module string) bool {
	if f.mod.Package {
		return below(module, f.mod.Name)
	}
	return parent(f.mod.Name) != "" && below(module, parent(f.mod.Name))
}

// covered are the modules that the registry executes, or every root does.
func (r *registration) covered(gone map[string]map[int]bool) map[string]bool {
	out := map[string]bool{}
	if r.Index().Module(r.registry) != nil {
		_, out = run(r.World, gone, r.registry)
	}
	var all map[string]bool
	for i, root := range r.rootModules() {
		_, ran := run(r.World, gone, root)
		if i == 0 {
			all = ran
		}
		for m := range all {
			if !ran[m] {
				delete(all, m)
			}
		}
	}
	for m := range all {
		out[m] = true
	}
	return out
}

// rootModules are the modules of the configured roots, which may be paths.
func (r *registration) rootModules() (out []string) {
	for _, root := range r.roots {
		if m := r.Index().File(root); m != nil && m.Name != "" {
			out = append(out, m.Name)
		} else if r.Index().Module(root) != nil {
			out = append(out, root)
		}
	}
	return out
}

// withOutside adds modules that are not the facade's, unless importing the
// others executes them, in the facade's order.
func (r *registration) withOutside(outside []string, gone map[string]map[int]bool) []string {
	_, ran := run(r.World, gone, r.missing...)
	out := slices.Clone(r.missing)
	for _, m := range outside {
		if !ran[m] {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return slices.Index(r.before, a) - slices.Index(r.before, b) })
	return out
}

// listed are the modules that the registry names already, in its order.
func (r *registration) listed() (out []string) {
	m := r.Index().Module(r.registry)
	if m == nil || m.Path == "" {
		return nil
	}
	o := r.Outline(m.Path)
	for i := range o.Imports {
		found := targets(r.World, m, &o.Imports[i])
		if o.Imports[i].From && len(found) > 0 {
			found = found[1:]
		}
		out = append(out, found...)
	}
	return out
}

// text is the registry with the modules: one statement for those of a package
// that follow on each other, so that the order is kept.
func (r *registration) text(modules []string, imports string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "\"\"\"Every module of %s that registers something when it is imported.\n\n%s\n\"\"\"\n\n", r.mod.Name, imports)
	if r.Style(r.registryPath()).Sorter != 0 {
		b.WriteString("# isort: skip_file\n\n")
	}
	for i := 0; i < len(modules); {
		if r.hidden(modules[i]) {
			fmt.Fprintf(&b, "import %s  # noqa: F401\n", modules[i])
			i++
			continue
		}
		from := parent(modules[i])
		end := i
		for end < len(modules) && parent(modules[end]) == from && !r.hidden(modules[end]) {
			end++
		}
		fmt.Fprintf(&b, "from %s import (  # noqa: F401\n", r.spelled(from))
		for _, m := range modules[i:end] {
			fmt.Fprintf(&b, "    %s,\n", last(m))
		}
		b.WriteString(")\n")
		i = end
	}
	return []byte(b.String())
}

// hidden reports whether `from package import module` would not give the
// module: it has no package, or that binds the name to something else.
func (r *registration) hidden(module string) bool {
	if parent(module) == "" {
		return true
	}
	res := r.Lookup(parent(module), last(module), false)
	return res.Status != resolve.NoReexport && res.Home != resolve.Home{Module: module}
}

// spelled is a package as the registry names it.
func (r *registration) spelled(pkg string) string {
	own := parent(r.registry)
	switch {
	case pkg == own:
		return "."
	case own != "" && strings.HasPrefix(pkg, own+"."):
		return strings.TrimPrefix(pkg, own)
	}
	return pkg
}

// registryPath is where the registry is, or is to be.
func (r *registration) registryPath() string {
	if m := r.Index().Module(r.registry); m != nil {
		return m.Path
	}
	return r.mod.Path[:strings.LastIndexByte(r.mod.Path, '/')+1] + last(r.registry) + ".py"
}

// register writes the registry and what imports it. Nothing is left to do if
// the result has no files.
func (r *registration) register(effectImports []Reader) (*Result, error) {
	out := &Result{Step: Register}
	if len(r.missing) == 0 && len(r.listed()) == 0 {
		return out, nil
	}
	starts := "Import it where a program starts: nothing else imports all of them."
	d := r.django()
	if d != nil && d.why == "" {
		starts = fmt.Sprintf("%s.import_models imports this module, so django.setup() registers them all.", d.class)
	}
	switch {
	case d != nil && d.why != "":
		out.Refused = append(out.Refused, Refusal{r.mod.Name, d.why})
		return out, nil
	case d == nil && len(r.rootModules()) == 0:
		out.Refused = append(out.Refused, Refusal{r.mod.Name, "Nothing says where the programs start that need what is registered: name their modules or files under `roots`."})
		return out, nil
	}
	if len(r.missing) > 0 {
		file := File{Path: r.registryPath(), After: r.text(append(r.listed(), r.missing...), starts)}
		before, exists := r.Text(file.Path)
		file.Before, file.New = before, !exists
		out.Files = append(out.Files, file)
	}
	if d != nil {
		out.Files, out.Notes = append(out.Files, d.files()...), append(out.Notes, d.notes...)
	}
	more, err := r.importedBy(effectImports, d == nil)
	out.Files = append(out.Files, more...)
	return out, err
}

// importedBy has the registry imported where the facade was imported for its
// effect, and at the roots.
func (r *registration) importedBy(effectImports []Reader, roots bool) (out []File, err error) {
	changed := map[string]bool{}
	for _, reader := range effectImports {
		if reader.Repository != "" || changed[reader.Path] {
			continue
		}
		changed[reader.Path] = true
		if file, ok := r.instead(reader.Path); ok {
			out = append(out, file)
		}
	}
	for _, root := range r.rootModules() {
		m := r.Index().Module(root)
		if !roots || m.Path == "" || changed[m.Path] || r.reaches(root) {
			continue
		}
		file, err := r.atRoot(m)
		if err != nil {
			return nil, err
		}
		out = append(out, file)
	}
	return out, nil
}

// reaches reports whether a module imports the registry.
func (r *registration) reaches(module string) bool {
	_, ran := run(r.World, r.retired(), module)
	return ran[r.registry]
}

// instead has each import of the facade of which a file reads nothing name the
// registry.
func (r *registration) instead(path string) (File, bool) {
	d := newDraft(r.World, path)
	names := r.Names(path)
	changes := false
	for i := range d.Outline.Imports {
		imp := &d.Outline.Imports[i]
		for k, n := range imp.Names {
			switch {
			case !imp.From && n.Name == r.mod.Name && unread(names, n.Bound(), n.As == "" && strings.Contains(n.Name, ".")):
				d.edits = append(d.edits, edit.Edit{Start: int(n.Start), End: int(n.Start) + len(n.Name), New: r.registry})
			case imp.From && r.isFacade(d.Mod, imp, n) && unread(names, n.Bound(), false):
				d.Pass(i, k, resolve.Home{Module: r.registry}, registryName, false)
			default:
				continue
			}
			changes = true
		}
	}
	file, err := d.file()
	return file, err == nil && changes
}

// isFacade reports whether a name of a from-import is the facade itself, or a
// private one of it.
func (r *registration) isFacade(m *resolve.Mod, imp *pyfile.Import, n pyfile.Name) bool {
	abs, ok := m.Absolute(int(imp.Level), imp.Module)
	return ok && (abs+"."+n.Name == r.mod.Name || abs == r.mod.Name && strings.HasPrefix(n.Name, "_") && n.Name != registryName)
}

// unread reports whether a file reads nothing of a name that an import binds.
// A package above, which `import a.b` binds, may be read for other things.
func unread(names *pyfile.Names, bound string, above bool) bool {
	if names == nil {
		return false
	}
	return above || !slices.ContainsFunc(names.Uses, func(u pyfile.Use) bool { return u.Name == bound && !u.Import && u.Access == pyfile.Load })
}

// atRoot imports the registry behind the imports of a module, at the place
// that its sorter wants.
func (r *registration) atRoot(m *resolve.Mod) (File, error) {
	src, _ := r.Text(m.Path)
	line := "import " + r.registry + "  # noqa: F401\n"
	return File{Path: m.Path, Before: src, After: insertImport(r.World, m.Path, src, line)}, nil
}

// insertImport puts the line of an import among those at the top of a file:
// where its sorter leaves it, otherwise behind the last.
func insertImport(w World, path string, src []byte, line string) []byte {
	o := w.Outline(path)
	ends := []int{}
	for i := range o.Imports {
		imp := &o.Imports[i]
		if imp.Scope != 0 || imp.Guard != 0 {
			continue
		}
		if n := bytes.IndexByte(src[imp.End:], '\n'); n >= 0 {
			ends = append(ends, int(imp.End)+n+1)
		}
	}
	if len(ends) == 0 {
		at := 0
		if body := w.Body(path); body != nil && len(body.Statements) > 0 && body.Statements[0].Kind == pyfile.Docstring {
			at = body.Statements[0].End
			if n := bytes.IndexByte(src[at:], '\n'); n >= 0 {
				at += n + 1
			}
			line = "\n" + line
		}
		return splice(src, at, line)
	}
	if Clean(w, path, src) {
		for _, at := range append([]int{int(bytes.LastIndexByte(src[:o.Imports[0].Start], '\n') + 1)}, ends...) {
			if text := splice(src, at, line); Clean(w, path, text) {
				return text
			}
		}
	}
	return splice(src, ends[len(ends)-1], line)
}

func splice(src []byte, at int, text string) []byte {
	return slices.Concat(src[:at], []byte(text), src[at:])
}
