package refs

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// Readership is who reads what from modules of the tree: what a module exports
// must stay what they need.
type Readership struct {
	world   *world.World
	mu      sync.Mutex
	takers  []taker
	wanted  map[string]bool // the modules that are likely to be asked for
	all     bool            // collected is what is read from any module, not from these only
	known   map[string]Readers
	from    map[string][]fromImport    // by the module that they name
	plain   map[string][]*world.Source // `import module`
	strings map[string]map[string]bool // names that dotted strings read, by module
}

// fromImport is a `from` statement of a file.
type fromImport struct {
	file *world.Source
	imp  *pyfile.Import
}

// taker is a file that takes a module from a facade: it reads what it wants of
// it as a file does that imports the module.
type taker struct {
	module string
	file   *world.Source
}

// Readers is who reads what from one module.
type Readers struct {
	Names map[string]bool // that are read by name
	Star  []*world.Source // files that star-import it
	Whole []*world.Source // files that bind the module itself
}

// ReadersIn returns who reads what from the modules of a world, where the given
// files take modules from facades, and those that need more than their `from`
// imports are likely to ask who reads from them.
func ReadersIn(w *world.World, files []*File) *Readership {
	n := &Readership{world: w, wanted: map[string]bool{}}
	for _, c := range files {
		for _, r := range c.Refs {
			if h := r.Res.Home; h.Attr == "" && h.Module != "" && !h.External {
				n.takers = append(n.takers, taker{h.Module, c.Source})
			}
			if r.Form != FormFrom {
				n.wanted[c.Mod.Name] = true
			}
		}
	}
	return n
}

// Of tells who reads what from a module. What the rules say to be at home
// there is read too.
func (n *Readership) Of(module string) Readers {
	n.mu.Lock()
	defer n.mu.Unlock()
	r, ok := n.known[module]
	if !ok {
		if n.from == nil || !n.all && !n.wanted[module] {
			n.collect(n.from == nil && n.wanted[module])
		}
		r = n.of(module)
		for _, h := range n.world.Homes {
			if h.Module == module {
				r.Names[h.Attr] = true
			}
		}
		n.known[module] = r
	}
	return r
}

// Prepare collects what is likely to be asked for, before it is.
func (n *Readership) Prepare() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.from == nil && len(n.wanted) > 0 {
		n.collect(true)
	}
}

// collect goes over the imports and strings of the whole tree, for the modules
// that are wanted, or for all.
func (n *Readership) collect(wanted bool) {
	n.all = !wanted
	n.from, n.plain = map[string][]fromImport{}, map[string][]*world.Source{}
	n.strings, n.known = map[string]map[string]bool{}, map[string]Readers{}
	w := n.wants()
	for _, s := range n.world.Sources() {
		for i := range s.Outline.Imports {
			n.add(s, &s.Outline.Imports[i], w)
		}
		for i := range s.Outline.Strings {
			n.addString(s, s.Outline.Strings[i].Text, w)
		}
	}
}

// wants says what is to be collected.
type wants struct {
	modules func(string) bool // whose readers are asked for
	sources func(string) bool // that these modules, or the packages above them, are imported from
	tops    func(string) bool // the first parts of their names
}

func (n *Readership) wants() wants {
	if n.all {
		has := func(module string) bool { return n.world.Index.Module(module) != nil }
		return wants{has, has, n.world.Index.Internal}
	}
	sources, tops := map[string]bool{}, map[string]bool{}
	for m := range n.wanted {
		sources[m], sources[world.Parent(m)] = true, true
		top, _, _ := strings.Cut(m, ".")
		tops[top] = true
	}
	in := func(set map[string]bool) func(string) bool { return func(m string) bool { return set[m] } }
	return wants{in(n.wanted), in(sources), in(tops)}
}

func (n *Readership) add(s *world.Source, imp *pyfile.Import, w wants) {
	if !imp.From {
		for _, name := range imp.Names {
			if w.modules(name.Name) {
				n.plain[name.Name] = append(n.plain[name.Name], s)
			}
		}
		return
	}
	if abs, ok := s.Absolute(imp); ok && w.sources(abs) {
		n.from[abs] = append(n.from[abs], fromImport{s, imp})
	}
}

// addString notes what a dotted string may read: the name behind each module
// that it begins with, and of one that it names, whatever the file reads.
func (n *Readership) addString(s *world.Source, text string, w wants) {
	if top, _, _ := strings.Cut(text, "."); !w.tops(top) {
		return
	}
	if w.modules(text) {
		n.plain[text] = append(n.plain[text], s)
	}
	for i := strings.LastIndexByte(text, '.'); i > 0; i = strings.LastIndexByte(text[:i], '.') {
		module := text[:i]
		if !w.modules(module) {
			continue
		}
		if n.strings[module] == nil {
			n.strings[module] = map[string]bool{}
		}
		name, _, _ := strings.Cut(text[i+1:], ".")
		n.strings[module][name] = true
	}
}

// of joins what was collected about one module.
func (n *Readership) of(module string) Readers {
	r := Readers{Names: map[string]bool{}}
	for name := range n.strings[module] {
		r.Names[name] = true
	}
	for _, t := range n.takers {
		if t.module == module {
			r.Whole = append(r.Whole, t.file)
		}
	}
	r.Whole = append(r.Whole, n.plain[module]...)
	for _, f := range n.from[module] {
		for _, name := range f.imp.Names {
			if name.Name == "*" {
				r.Star = append(r.Star, f.file)
			} else {
				r.Names[name.Name] = true
			}
		}
	}
	pkg := world.Parent(module)
	for _, f := range n.from[pkg] {
		if slices.ContainsFunc(f.imp.Names, func(name pyfile.Name) bool { return name.Name == module[len(pkg)+1:] }) {
			r.Whole = append(r.Whole, f.file)
		}
	}
	return r
}

// AttributesOf adds the attributes that a file reads from a module that it
// binds: all that it reads from anything, where it passes the module on.
func AttributesOf(w *world.World, s *world.Source, module string, out map[string]bool) {
	bound := boundTo(s, module)
	if src, err := w.Text(s); err == nil && len(bound) == 0 {
		for _, m := range attribute.FindAllSubmatch(src, -1) { // it has the module in some other way
			out[string(m[1])] = true
		}
		return
	}
	names := w.NamesIn(s)
	if names == nil {
		return
	}
	all, passed := map[string]bool{}, false
	for i := range names.Uses {
		u := &names.Uses[i]
		for k := -1; k < len(u.Attrs); k++ {
			part := u.Name
			if k >= 0 {
				part = u.Attrs[k].Name
				all[part] = true
			}
			switch {
			case u.Import || !bound[part]:
			case k+1 < len(u.Attrs):
				out[u.Attrs[k+1].Name] = true
			default:
				passed = true
			}
		}
	}
	if passed {
		maps.Copy(out, all)
	}
}

// attribute matches what stands behind a dot, or is the name of an attribute in a
// call of getattr.
var attribute = regexp.MustCompile(`(?:\.\s*|["'])([A-Za-z_]\w*)`)

// boundTo returns the names that imports of a file may bind to a module, and
// the last part of its dotted name where they bind a package above it.
func boundTo(s *world.Source, module string) map[string]bool {
	bound := map[string]bool{}
	last := module[strings.LastIndexByte(module, '.')+1:]
	for i := range s.Outline.Imports {
		for _, n := range s.Outline.Imports[i].Names {
			switch {
			case n.Name != last && !strings.HasSuffix(n.Name, "."+last):
			case n.As != "":
				bound[n.As] = true
			default:
				bound[last] = true
			}
		}
	}
	return bound
}
