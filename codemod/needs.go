package codemod

import (
	"slices"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// needs is who reads what from each module of the tree: what a module exports
// must stay what they need.
type needs struct {
	once    sync.Once
	from    map[string][]fromImport    // by the module that they name
	plain   map[string][]*source       // `import module`
	strings map[string]map[string]bool // names that dotted strings read, by module
	takers  []taker

	mu    sync.Mutex
	known map[string]readers
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

// takesModules notes the files that take modules from facades.
func (p *planner) takesModules(files []*consumer) {
	for _, c := range files {
		for _, r := range c.refs {
			if h := r.res.Home; h.Attr == "" && h.Module != "" && !h.External {
				p.needs.takers = append(p.needs.takers, taker{h.Module, c.source})
			}
		}
	}
}

// readers tells who reads what from a module.
func (p *planner) readers(module string) readers {
	p.ask(askReaders, module, "", false)
	n := p.needs
	n.collect(p.corpus)
	n.mu.Lock()
	defer n.mu.Unlock()
	r, ok := n.known[module]
	if !ok {
		r = n.of(module)
		n.known[module] = r
	}
	return r
}

// collect goes over the imports and strings of the whole tree, once.
func (n *needs) collect(c *corpus) { n.once.Do(func() { n.collectNow(c) }) }

func (n *needs) collectNow(c *corpus) {
	n.from, n.plain = map[string][]fromImport{}, map[string][]*source{}
	n.strings, n.known = map[string]map[string]bool{}, map[string]readers{}
	for _, s := range c.files {
		for i := range s.outline.Imports {
			n.add(c, s, &s.outline.Imports[i])
		}
		for i := range s.outline.Strings {
			n.addString(c, s.outline.Strings[i].Text)
		}
	}
}

func (n *needs) add(c *corpus, s *source, imp *pyfile.Import) {
	if !imp.From {
		for _, name := range imp.Names {
			n.plain[name.Name] = append(n.plain[name.Name], s)
		}
		return
	}
	if abs, ok := c.index.Absolute(s.mod, int(imp.Level), imp.Module); ok && c.index.Module(abs) != nil {
		n.from[abs] = append(n.from[abs], fromImport{s, imp})
	}
}

// addString notes what a dotted string may read: the name behind each module
// that it begins with.
func (n *needs) addString(c *corpus, text string) {
	for i := strings.LastIndexByte(text, '.'); i > 0; i = strings.LastIndexByte(text[:i], '.') {
		module := text[:i]
		if c.index.Module(module) == nil {
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
