package rewrite

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// lazyList is a file's `__lazy_modules__` (PEP 810), and what becomes of it.
type lazyList struct {
	*pyfile.LazyModules
	becomes map[int][]string // the modules that an item becomes, by its offset
}

// readLazyList reads the list of a file, nil if it has none.
func (w *writer) readLazyList(ctx context.Context) (*lazyList, error) {
	var list *pyfile.LazyModules
	var err error
	w.World.Parse(func(ps *pyfile.Parser) { list, err = ps.LazyModules(ctx, w.Src) })
	if list == nil || err != nil {
		return nil, err
	}
	return &lazyList{LazyModules: list, becomes: map[int][]string{}}, nil
}

// obeyed reports whether the list says something of the import.
func (l *lazyList) obeyed(imp *pyfile.Import) bool {
	return imp.Scope == 0 && int(imp.Start) > l.At && imp.Guard&(pyfile.Lazy|pyfile.Tried) == 0 && !imp.Star()
}

func (l *lazyList) names(module string) bool {
	return slices.ContainsFunc(l.Items, func(n pyfile.QuotedName) bool { return n.Text == module })
}

// importedModule is the module that Python looks up in the list for name k of
// an import.
func (w *writer) importedModule(imp *pyfile.Import, k int) string {
	if imp.From {
		abs, _ := w.Absolute(imp)
		return abs
	}
	return imp.Names[k].Name
}

// importingModule is the one that it looks up for an import of the home.
func importingModule(h resolve.Home) string {
	if i := strings.LastIndexByte(h.Module, '.'); h.Attr == "" && i > 0 {
		return h.Module[:i]
	}
	return h.Module
}

// keepLaziness leaves the references whose imports would become lazy, or lazy
// no more.
func (w *writer) keepLaziness() {
	for _, r := range w.Refs {
		if w.stays(r) || r.Imp < 0 || !w.lazy.obeyed(&w.Outline.Imports[r.Imp]) {
			continue
		}
		imp, home := &w.Outline.Imports[r.Imp], importingModule(r.Res.Home)
		was, is := w.lazy.names(w.importedModule(imp, r.Index)), w.lazy.names(home)
		switch {
		case !w.lazy.Known:
			w.object(r, refs.LazyModules, "")
		case !was && is:
			w.object(r, refs.LazyModules, fmt.Sprintf("`__lazy_modules__` names %s, and this import is not lazy: take it out of the list, or import from the home by hand.", home))
		case was && !is && w.importsEagerly(home):
			w.object(r, refs.LazyModules, fmt.Sprintf("This import is lazy, and another one here imports from %s and is not: add that module to `__lazy_modules__` if it may be lazy, or import from the home by hand.", home))
		}
	}
}

// importsEagerly reports whether an import that the list decides of is of the module.
func (w *writer) importsEagerly(module string) bool {
	for i := range w.Outline.Imports {
		imp := &w.Outline.Imports[i]
		for k := range imp.Names {
			if w.lazy.obeyed(imp) && w.importedModule(imp, k) == module {
				return true
			}
		}
	}
	return false
}

// buildLazyList hands the places of facades in the list to the homes that are
// imported instead.
func (w *writer) buildLazyList(b *Builder) {
	if !w.lazy.Known {
		return
	}
	homes := map[string][]string{}
	for _, r := range w.Refs {
		if w.stays(r) || r.Imp < 0 || w.dead(r) || !w.lazy.obeyed(&w.Outline.Imports[r.Imp]) {
			continue
		}
		was := w.importedModule(&w.Outline.Imports[r.Imp], r.Index)
		if is := importingModule(r.Res.Home); !w.lazy.names(is) {
			homes[was] = append(homes[was], is)
		} else if homes[was] == nil {
			homes[was] = []string{}
		}
	}
	for i, item := range w.lazy.Items {
		more, concerned := homes[item.Text]
		if !concerned {
			continue
		}
		if w.importsStill(b, item.Text) {
			more = append(more, item.Text)
		}
		slices.Sort(more)
		more = slices.Compact(more)
		if len(more) == 1 && more[0] == item.Text {
			continue
		}
		w.lazy.becomes[item.Start] = more
		w.replaceItem(b, i, more)
	}
}

// importsStill reports whether an import that stays imports from the module.
func (w *writer) importsStill(b *Builder, module string) bool {
	for i := range w.Outline.Imports {
		imp := &w.Outline.Imports[i]
		for k := range imp.Names {
			if !b.Removes(i, k) && w.lazy.obeyed(imp) && w.importedModule(imp, k) == module {
				return true
			}
		}
	}
	return false
}

// replaceItem writes modules in the place of an item of the list: each on its
// own line if the item has one. One that goes takes a comma along.
func (w *writer) replaceItem(b *Builder, i int, modules []string) {
	items := w.lazy.Items
	start, end := items[i].Start, items[i].End
	switch {
	case len(modules) > 0:
	case i+1 < len(items):
		end = items[i+1].Start
	case i > 0:
		start = items[i-1].End
	}
	head := w.Src[bytes.LastIndexAny(w.Src[:start], "\r\n")+1 : start]
	quote, between := string(w.Src[items[i].Start:items[i].Start+1]), ", "
	if len(bytes.TrimLeft(head, " \t")) == 0 {
		between = "," + newlineAt(w.Src, start) + string(head)
	}
	var text []string
	for _, m := range modules {
		text = append(text, quote+m+quote)
	}
	b.Replace(start, end, strings.Join(text, between))
}

// newlineAt is how the line of an offset ends.
func newlineAt(src []byte, at int) string {
	rest := src[at:]
	i := bytes.IndexAny(rest, "\r\n")
	switch {
	case i < 0:
		return "\n"
	case bytes.HasPrefix(rest[i:], []byte("\r\n")):
		return "\r\n"
	}
	return string(rest[i : i+1])
}
