package codemod

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// leaveUnloaded leaves the references without which nothing that a file imports
// would load a submodule any more that the file reads as an attribute of its
// package (language reference, "Submodules"), and returns the files that must be
// rewritten again.
func (o *orderKeeper) leaveUnloaded(files []*consumer) (again []*consumer) {
	reads := map[*consumer][]string{}
	for _, c := range files {
		if c.change != nil && o.stopsRunning(c) {
			if submodules := o.submodulesRead(c); len(submodules) > 0 {
				reads[c] = submodules
			}
		}
	}
	if len(reads) == 0 {
		return nil
	}
	was, is := o.loadsBefore(files, reads), map[*consumer][2]map[string]bool{}
	for c := range reads {
		is[c] = o.loads(o.graph, c, c.outlineAfter)
	}
	for _, c := range files {
		dirty := false
		for _, module := range reads[c] {
			lost := was.of[c][0][module] && !is[c][0][module] || was.of[c][1][module] && !is[c][1][module]
			dirty = lost && o.leaveLoading(c, module, was.facades) || dirty
		}
		if dirty {
			again = append(again, c)
		}
	}
	return again
}

// stopsRunning reports whether the import of a changed file may run a facade no
// more that it ran: no import leads there, or below.
func (o *orderKeeper) stopsRunning(c *consumer) bool {
	var runs []*facade
	for _, r := range c.refs {
		if r.reason != "" || r.form == FormString || slices.Contains(runs, r.facade) {
			continue
		}
		imp := &c.outline.Imports[r.imp]
		still := imp.Scope == 0 && imp.Runs() && !r.dead && below(r.res.Home.Module, r.facade.name)
		if !still && !o.runsStill(c, r.facade.name) {
			return true
		}
		runs = append(runs, r.facade)
	}
	return false
}

func (o *orderKeeper) runsStill(c *consumer, module string) bool {
	for i := range c.outlineAfter.Imports {
		if o.names(c, &c.outlineAfter.Imports[i], module) {
			return true
		}
	}
	return false
}

// names reports whether an import that runs with its module names another, or
// one below it.
func (o *orderKeeper) names(c *consumer, imp *pyfile.Import, module string) bool {
	if imp.Scope != 0 || !imp.Runs() {
		return false
	}
	if imp.From {
		abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
		return ok && below(abs, module)
	}
	return slices.ContainsFunc(imp.Names, func(n pyfile.Name) bool { return below(n.Name, module) })
}

// submodulesRead returns the submodules that the new text of a file spells as
// attributes of packages that it imports, and that it does not import itself.
func (o *orderKeeper) submodulesRead(c *consumer) (out []string) {
	named := o.imported(c, c.outlineAfter, func(*pyfile.Import) bool { return true })
	for i := range c.outlineAfter.Imports {
		imp := &c.outlineAfter.Imports[i]
		for _, n := range imp.Names {
			module := n.Name
			if abs, ok := c.mod.Absolute(int(imp.Level), imp.Module); imp.From && ok {
				module = abs + "." + n.Name
			} else if n.As == "" {
				module = n.Bound()
			}
			if o.index.Module(module) == nil {
				continue
			}
			for _, chain := range spelled(c.change.After, n.Bound()) {
				out = append(out, o.submodulesIn(module, chain, named)...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// submodulesIn returns the modules that a chain of attributes leads to, without
// those that are named.
func (o *orderKeeper) submodulesIn(module string, chain []string, named []string) (out []string) {
	for _, attr := range chain {
		if module += "." + attr; o.index.Module(module) == nil {
			break
		}
		if !slices.ContainsFunc(named, func(name string) bool { return below(name, module) }) {
			out = append(out, module)
		}
	}
	return out
}

// spelled returns the attributes that a text spells behind a name, wherever.
func spelled(src []byte, name string) (chains [][]string) {
	for at := 0; ; {
		i := bytes.Index(src[at:], []byte(name))
		if i < 0 {
			return chains
		}
		start := at + i
		at = start + len(name)
		if start > 0 && (pyfile.IsIdent(src[start-1]) || src[start-1] == '.') {
			continue
		}
		if chain := attributes(src[at:]); len(chain) > 0 {
			chains = append(chains, chain)
		}
	}
}

// attributes returns the names behind dots that a text begins with.
func attributes(src []byte) (chain []string) {
	const blank = " \t\f\r\n\\"
	for {
		rest, dot := bytes.CutPrefix(bytes.TrimLeft(src, blank), []byte("."))
		rest = bytes.TrimLeft(rest, blank)
		end := 0
		for end < len(rest) && pyfile.IsIdent(rest[end]) {
			end++
		}
		if !dot || end == 0 {
			return chain
		}
		chain, src = append(chain, string(rest[:end])), rest[end:]
	}
}

// imported returns the modules that imports of a file name, and what may be
// their submodules.
func (o *orderKeeper) imported(c *consumer, outline *pyfile.Outline, which func(*pyfile.Import) bool) (out []string) {
	for i := range outline.Imports {
		imp := &outline.Imports[i]
		if imp.Guard&pyfile.TypeChecking != 0 || !which(imp) {
			continue
		}
		abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
		if imp.From && ok {
			out = append(out, abs)
		}
		for _, n := range imp.Names {
			switch {
			case !imp.From:
				out = append(out, n.Name)
			case ok && o.index.Module(abs+"."+n.Name) != nil:
				out = append(out, abs+"."+n.Name)
			}
		}
	}
	return out
}

// loads returns what importing a file executes, and what it and the imports in
// its functions do.
func (o *orderKeeper) loads(g *graph.Graph, c *consumer, outline *pyfile.Outline) [2]map[string]bool {
	inside := o.imported(c, outline, func(imp *pyfile.Import) bool { return imp.Scope != 0 })
	return [2]map[string]bool{g.Loads(c.Path, nil), g.Loads(c.Path, inside)}
}

// loadedBefore is what was executed in the tree as it is.
type loadedBefore struct {
	of      map[*consumer][2]map[string]bool
	facades map[*facade]map[string]bool
}

// loadsBefore returns what the import of files and of the facades executes in
// the tree as it is.
func (o *orderKeeper) loadsBefore(files []*consumer, of map[*consumer][]string) loadedBefore {
	out := loadedBefore{map[*consumer][2]map[string]bool{}, map[*facade]map[string]bool{}}
	g := o.graphs.was
	if g == o.graph {
		flip := o.flip(files)
		flip(false)
		defer flip(true)
	}
	for c := range of {
		out.of[c] = o.loads(g, c, c.outline)
	}
	for _, f := range o.list {
		out.facades[f] = g.Loads(f.mod.Path, nil)
	}
	return out
}

// leaveLoading leaves the references of a file through facades that load a
// module, and reports whether there were any.
func (o *orderKeeper) leaveLoading(c *consumer, module string, facades map[*facade]map[string]bool) (found bool) {
	for _, r := range c.refs {
		if r.reason == "" && r.form != FormString && facades[r.facade][module] {
			r.leave(OrderDependent, fmt.Sprintf("The file reads %s as an attribute, and of all that it imports only the facade loads that: write `import %[1]s` here, then this can go.", module))
			found = true
		}
	}
	return found
}
