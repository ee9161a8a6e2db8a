package fixpoint

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/importorder"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// unloaded is the objector for the references without which nothing that a file
// imports would load a submodule any more that the file reads as an attribute of
// its package (language reference, "Submodules").
//
//	import shop
//	from shop import Cart   # loads shop.cart, and that imports shop.store
//	shop.store.open()
func (l *loop) unloaded(context.Context) (out []Objection, err error) {
	was := l.order.Program
	var facades map[*world.Facade]map[string]bool
	for _, f := range l.Files {
		d := l.Draft(f)
		if d.Text == nil || !l.stopsRunning(f, d.Text.Outline) {
			continue
		}
		reads := l.submodulesRead(f, d.Text)
		if len(reads) == 0 {
			continue
		}
		if facades == nil {
			facades = l.loadedByFacades()
		}
		before, after := l.loads(was, f, f.Outline), l.loads(l.order.now, f, d.Text.Outline)
		for _, module := range reads {
			if before[0][module] && !after[0][module] || before[1][module] && !after[1][module] {
				out = append(out, l.loading(f, module, facades)...)
			}
		}
	}
	return out, nil
}

// loadedByFacades is what the import of each facade executes.
func (l *loop) loadedByFacades() map[*world.Facade]map[string]bool {
	out := map[*world.Facade]map[string]bool{}
	for _, f := range l.World.Facades {
		out[f] = l.order.Loads(f.Mod.Path, nil)
	}
	return out
}

// loading objects to the references of a file through facades that load a
// module.
func (l *loop) loading(f *refs.File, module string, facades map[*world.Facade]map[string]bool) (out []Objection) {
	why := refs.Because(refs.OrderDependent, fmt.Sprintf("The file reads %s as an attribute, and of all that it imports only the facade loads that: write `import %[1]s` here, then this can go.", module))
	for _, r := range f.Refs {
		if !l.Left.stays(r) && r.Form != refs.FormString && facades[r.Facade][module] {
			out = append(out, Objection{f, r, why})
		}
	}
	return out
}

// stopsRunning reports whether the import of a changed file may run a facade no
// more that it ran: no import leads there, or below.
func (l *loop) stopsRunning(f *refs.File, after *pyfile.Outline) bool {
	var running []*world.Facade
	for _, r := range f.Refs {
		if l.Left.stays(r) || r.Form == refs.FormString || slices.Contains(running, r.Facade) {
			continue
		}
		imp := &f.Outline.Imports[r.Imp]
		still := imp.Scope == 0 && imp.Runs() && !l.Dead(f, r) && world.Below(r.Res.Home.Module, r.Facade.Name)
		if !still && !slices.ContainsFunc(after.Imports, func(imp pyfile.Import) bool { return namesBelow(f, &imp, r.Facade.Name) }) {
			return true
		}
		running = append(running, r.Facade)
	}
	return false
}

// namesBelow reports whether an import that runs with its module names another,
// or one below it.
func namesBelow(f *refs.File, imp *pyfile.Import, module string) bool {
	if imp.Scope != 0 || !imp.Runs() {
		return false
	}
	if imp.From {
		abs, ok := f.Absolute(imp)
		return ok && world.Below(abs, module)
	}
	return slices.ContainsFunc(imp.Names, func(n pyfile.Name) bool { return world.Below(n.Name, module) })
}

// submodulesRead returns the submodules that the new text of a file spells as
// attributes of packages that it imports, and that it does not import itself.
func (l *loop) submodulesRead(f *refs.File, after *world.Text) (out []string) {
	named := l.imported(f, after.Outline, func(*pyfile.Import) bool { return true })
	for i := range after.Outline.Imports {
		imp := &after.Outline.Imports[i]
		for _, n := range imp.Names {
			module := n.Name
			if abs, ok := f.Absolute(imp); imp.From && ok {
				module = abs + "." + n.Name
			} else if n.As == "" {
				module = n.Bound()
			}
			if l.World.Index.Module(module) == nil {
				continue
			}
			for _, chain := range spelled(after.Src, n.Bound()) {
				out = append(out, l.submodulesIn(module, chain, named)...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// submodulesIn returns the modules that a chain of attributes leads to, without
// those that are named.
func (l *loop) submodulesIn(module string, chain []string, named []string) (out []string) {
	for _, attr := range chain {
		if module += "." + attr; l.World.Index.Module(module) == nil {
			break
		}
		if !slices.ContainsFunc(named, func(name string) bool { return world.Below(name, module) }) {
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
func (l *loop) imported(f *refs.File, outline *pyfile.Outline, which func(*pyfile.Import) bool) (out []string) {
	for i := range outline.Imports {
		imp := &outline.Imports[i]
		if imp.Guard&pyfile.TypeChecking != 0 || !which(imp) {
			continue
		}
		abs, ok := f.Absolute(imp)
		if imp.From && ok {
			out = append(out, abs)
		}
		for _, n := range imp.Names {
			switch {
			case !imp.From:
				out = append(out, n.Name)
			case ok && l.World.Index.Module(abs+"."+n.Name) != nil:
				out = append(out, abs+"."+n.Name)
			}
		}
	}
	return out
}

// loads returns what importing a file executes, and what it and the imports in
// its functions do.
func (l *loop) loads(g *importorder.Program, f *refs.File, outline *pyfile.Outline) [2]map[string]bool {
	inside := l.imported(f, outline, func(imp *pyfile.Import) bool { return imp.Scope != 0 })
	return [2]map[string]bool{g.Loads(f.Path, nil), g.Loads(f.Path, inside)}
}
