package codemod

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// needs is who reads what from modules of the tree: what a module exports must
// stay what they need.
type needs struct {
	mu      sync.Mutex
	takers  []taker
	wanted  map[string]bool // the modules that are likely to be asked for
	all     bool            // collected is what is read from any module, not from these only
	known   map[string]readers
	from    map[string][]fromImport    // by the module that they name
	plain   map[string][]*source       // `import module`
	strings map[string]map[string]bool // names that dotted strings read, by module
}

// fromImport is a `from` statement of a file.
type fromImport struct {
	file *source
	imp  *pyfile.Import
}

// taker is a file that takes a module from a facade: it reads what it wants of
// it as a file does that imports the module.
type taker struct {
	module string
	file   *source
}

// readers is who reads what from one module.
type readers struct {
	names map[string]bool // that are read by name
	star  []*source       // files that star-import it
	whole []*source       // files that bind the module itself
}

// expect notes what the consumers take from facades, and which of them will ask
// who reads from them.
func (n *needs) expect(files []*consumer) {
	n.wanted = map[string]bool{}
	for _, c := range files {
		for _, r := range c.refs {
			if h := r.res.Home; h.Attr == "" && h.Module != "" && !h.External {
				n.takers = append(n.takers, taker{h.Module, c.source})
			}
			if r.form != FormFrom {
				n.wanted[c.mod.Name] = true
			}
		}
	}
}

// readers tells who reads what from a module. What the rules say to be at home
// there is read too.
func (p *planner) readers(module string) readers {
	p.ask(askReaders, module, "", false)
	n := p.needs
	n.mu.Lock()
	defer n.mu.Unlock()
	r, ok := n.known[module]
	if !ok {
		if n.from == nil || !n.all && !n.wanted[module] {
			n.collect(p.corpus, n.from == nil && n.wanted[module])
		}
		r = n.of(module)
		for _, h := range p.homes {
			if h.Module == module {
				r.names[h.Attr] = true
			}
		}
		n.known[module] = r
	}
	return r
}

// prepare collects what is likely to be asked for, before it is.
func (n *needs) prepare(c *corpus) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.from == nil && len(n.wanted) > 0 {
		n.collect(c, true)
	}
}

// collect goes over the imports and strings of the whole tree, for the modules
// that are wanted, or for all.
func (n *needs) collect(c *corpus, wanted bool) {
	n.all = !wanted
	n.from, n.plain = map[string][]fromImport{}, map[string][]*source{}
	n.strings, n.known = map[string]map[string]bool{}, map[string]readers{}
	w := n.wants(c)
	for _, s := range c.sources {
		for i := range s.outline.Imports {
			n.add(c, s, &s.outline.Imports[i], w)
		}
		for i := range s.outline.Strings {
			n.addString(s.outline.Strings[i].Text, w)
		}
	}
}

// wants says what is to be collected.
type wants struct {
	modules func(string) bool // whose readers are asked for
	sources func(string) bool // that these modules, or the packages above them, are imported from
	tops    func(string) bool // the first parts of their names
}

func (n *needs) wants(c *corpus) wants {
	if n.all {
		has := func(module string) bool { return c.index.Module(module) != nil }
		return wants{has, has, c.index.Internal}
	}
	sources, tops := map[string]bool{}, map[string]bool{}
	for m := range n.wanted {
		sources[m], sources[parentOf(m)] = true, true
		top, _, _ := strings.Cut(m, ".")
		tops[top] = true
	}
	in := func(set map[string]bool) func(string) bool { return func(m string) bool { return set[m] } }
	return wants{in(n.wanted), in(sources), in(tops)}
}

func (n *needs) add(c *corpus, s *source, imp *pyfile.Import, w wants) {
	if !imp.From {
		for _, name := range imp.Names {
			if w.modules(name.Name) {
				n.plain[name.Name] = append(n.plain[name.Name], s)
			}
		}
		return
	}
	if abs, ok := s.mod.Absolute(int(imp.Level), imp.Module); ok && w.sources(abs) {
		n.from[abs] = append(n.from[abs], fromImport{s, imp})
	}
}

// addString notes what a dotted string may read: the name behind each module
// that it begins with.
func (n *needs) addString(text string, w wants) {
	if top, _, _ := strings.Cut(text, "."); !w.tops(top) {
		return
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
func (n *needs) of(module string) readers {
	r := readers{names: map[string]bool{}}
	for name := range n.strings[module] {
		r.names[name] = true
	}
	for _, t := range n.takers {
		if t.module == module {
			r.whole = append(r.whole, t.file)
		}
	}
	r.whole = append(r.whole, n.plain[module]...)
	for _, f := range n.from[module] {
		for _, name := range f.imp.Names {
			if name.Name == "*" {
				r.star = append(r.star, f.file)
			} else {
				r.names[name.Name] = true
			}
		}
	}
	pkg := parentOf(module)
	for _, f := range n.from[pkg] {
		if slices.ContainsFunc(f.imp.Names, func(name pyfile.Name) bool { return name.Name == module[len(pkg)+1:] }) {
			r.whole = append(r.whole, f.file)
		}
	}
	return r
}

// readBy gives what the names of a file mean, if it parses.
func (p *planner) readBy(s *source, give func(*pyfile.Names)) {
	src, err := p.text(s)
	if err != nil {
		return
	}
	p.parser(func(ps *pyfile.Parser) {
		names, tree, err := ps.Names(p.ctx, src)
		if err != nil {
			return
		}
		tree.Close()
		give(names)
	})
}

// attributesOf adds the attributes that a file reads from a module that it
// binds: all that it reads from anything, where it passes the module on.
func (p *planner) attributesOf(s *source, module string, out map[string]bool) {
	bound := s.boundTo(module)
	p.readBy(s, func(names *pyfile.Names) {
		all, passed := map[string]bool{}, len(bound) == 0
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
	})
}

// boundTo returns the names that imports of a file may bind to a module, and
// the last part of its dotted name where they bind a package above it.
func (s *source) boundTo(module string) map[string]bool {
	bound := map[string]bool{}
	last := module[strings.LastIndexByte(module, '.')+1:]
	for i := range s.outline.Imports {
		for _, n := range s.outline.Imports[i].Names {
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
