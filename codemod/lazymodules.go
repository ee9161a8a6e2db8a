package codemod

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
)

// lazyList is a file's `__lazy_modules__` (PEP 810), and what becomes of it.
type lazyList struct {
	*pyfile.LazyModules
	becomes map[int][]string // the modules that an item becomes, by its offset
}

// readLazyList reads the list of a file, nil if it has none.
func (p *planner) readLazyList(ctx context.Context, c *consumer) (*lazyList, error) {
	var list *pyfile.LazyModules
	var err error
	p.parser(func(ps *pyfile.Parser) { list, err = ps.LazyModules(ctx, c.src) })
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
func (c *consumer) importedModule(imp *pyfile.Import, k int) string {
	if imp.From {
		abs, _ := c.mod.Absolute(int(imp.Level), imp.Module)
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
func (p *planner) keepLaziness(c *consumer) {
	for _, r := range c.refs {
		if r.reason != "" || r.imp < 0 || !c.lazy.obeyed(&c.outline.Imports[r.imp]) {
			continue
		}
		imp, home := &c.outline.Imports[r.imp], importingModule(r.res.Home)
		was, is := c.lazy.names(c.importedModule(imp, r.index)), c.lazy.names(home)
		switch {
		case !c.lazy.Known:
			r.leave(LazyModules, "")
		case !was && is:
			r.leave(LazyModules, fmt.Sprintf("`__lazy_modules__` names %s, and this import is not lazy: take it out of the list, or import from the home by hand.", home))
		case was && !is && c.importsEagerly(home):
			r.leave(LazyModules, fmt.Sprintf("This import is lazy, and another one here imports from %s and is not: add that module to `__lazy_modules__` if it may be lazy, or import from the home by hand.", home))
		}
	}
}

// importsEagerly reports whether an import that the list decides of is of the module.
func (c *consumer) importsEagerly(module string) bool {
	for i := range c.outline.Imports {
		imp := &c.outline.Imports[i]
		for k := range imp.Names {
			if c.lazy.obeyed(imp) && c.importedModule(imp, k) == module {
				return true
			}
		}
	}
	return false
}

// buildLazyList hands the places of facades in the list to the homes that are
// imported instead.
func (c *consumer) buildLazyList(b *rewrite.Builder) {
	if !c.lazy.Known {
		return
	}
	homes := map[string][]string{}
	for _, r := range c.refs {
		if r.reason != "" || r.imp < 0 || r.dead || !c.lazy.obeyed(&c.outline.Imports[r.imp]) {
			continue
		}
		was := c.importedModule(&c.outline.Imports[r.imp], r.index)
		if is := importingModule(r.res.Home); !c.lazy.names(is) {
			homes[was] = append(homes[was], is)
		} else if homes[was] == nil {
			homes[was] = []string{}
		}
	}
	for i, item := range c.lazy.Items {
		more, concerned := homes[item.Text]
		if !concerned {
			continue
		}
		if c.importsStill(b, item.Text) {
			more = append(more, item.Text)
		}
		slices.Sort(more)
		more = slices.Compact(more)
		if len(more) == 1 && more[0] == item.Text {
			continue
		}
		c.lazy.becomes[item.Start] = more
		c.replaceItem(b, i, more)
	}
}

// importsStill reports whether an import that stays imports from the module.
func (c *consumer) importsStill(b *rewrite.Builder, module string) bool {
	for i := range c.outline.Imports {
		imp := &c.outline.Imports[i]
		for k := range imp.Names {
			if !b.Removes(i, k) && c.lazy.obeyed(imp) && c.importedModule(imp, k) == module {
				return true
			}
		}
	}
	return false
}

// replaceItem writes modules in the place of an item of the list: each on its
// own line if the item has one. One that goes takes a comma along.
func (c *consumer) replaceItem(b *rewrite.Builder, i int, modules []string) {
	items := c.lazy.Items
	start, end := items[i].Start, items[i].End
	switch {
	case len(modules) > 0:
	case i+1 < len(items):
		end = items[i+1].Start
	case i > 0:
		start = items[i-1].End
	}
	head := c.src[bytes.LastIndexAny(c.src[:start], "\r\n")+1 : start]
	quote, between := string(c.src[items[i].Start:items[i].Start+1]), ", "
	if len(bytes.TrimLeft(head, " \t")) == 0 {
		between = "," + newlineAt(c.src, start) + string(head)
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

// lazyItem returns the dotted names that an item of the list becomes, if it
// does.
func (c *consumer) lazyItem(at int) (dotted []string, listed bool) {
	if c.lazy == nil {
		return nil, false
	}
	all, listed := c.lazy.becomes[at]
	for _, m := range all {
		if strings.Contains(m, ".") {
			dotted = append(dotted, m)
		}
	}
	return dotted, listed
}
