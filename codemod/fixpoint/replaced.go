package fixpoint

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// replacing is what the tree replaces while it runs, and no string says in so
// many words: names of facades, and names that consumers bind to them.
//
//	# tests/test_cart.py                      # shop/cart.py
//	patch.multiple("shop.models", fmt=...)    from shop import models
//	patch(f"{MODELS}.fmt")                    def total(): models.fmt()
//	patch("shop.cart.models.fmt")
//	patch("shop.cart.models")
type replacing struct {
	*loop
	names   map[patched]string // by what, as "path:line"; the name "*" stands for any
	aliases map[alias]string
	binds   map[string][]string // of consumers, by module, the names that they bind to facades
}

// alias is a name that a module binds to another module.
type alias struct{ module, name string }

// any is the name that stands for whichever.
const any = "*"

// keepReplaced leaves what looks up names that are replaced by what cannot be
// rewritten along.
func (l *loop) keepReplaced(ctx context.Context) error {
	w := &replacing{loop: l, names: map[patched]string{}, aliases: map[alias]string{}, binds: map[string][]string{}}
	if !w.concerned() {
		return nil
	}
	sources := l.World.Sources()
	found := make([][]pyfile.Replacement, len(sources))
	if err := l.World.Each(ctx, len(sources), func(ctx context.Context, i int) (err error) {
		if sources[i].Provider == nil && w.mayReplace(sources[i]) {
			found[i], err = w.replacements(ctx, sources[i])
		}
		return err
	}); err != nil {
		return err
	}
	strings := l.stringsAt()
	for i, list := range found {
		for _, r := range list {
			if !strings[place{sources[i].Path, int(r.At)}] {
				w.add(sources[i], r)
			}
		}
	}
	w.leaveReaders()
	return nil
}

// place is an offset in a file.
type place struct {
	path string
	at   int
}

// stringsAt are the strings that are references of their own.
func (l *loop) stringsAt() map[place]bool {
	out := map[place]bool{}
	for _, f := range l.Files {
		for _, r := range f.Refs {
			if r.Form == refs.FormString && r.Known {
				out[place{f.Path, r.Start}] = true
			}
		}
	}
	return out
}

// concerned reports whether anything reads names of facades when it runs, and
// notes who binds the facades themselves.
func (w *replacing) concerned() (yes bool) {
	for _, f := range w.Files {
		for _, r := range f.Refs {
			if r.Imp < 0 || r.Form == refs.FormStar || w.Left.stays(r) {
				continue
			}
			yes = yes || w.readsAtRunTime(f, r)
			if m := r.Module; m != nil && f.Outline.Imports[m.Imp].Scope == 0 && !slices.Contains(w.binds[f.Mod.Name], m.Bound) {
				w.binds[f.Mod.Name] = append(w.binds[f.Mod.Name], m.Bound)
				yes = true
			}
		}
	}
	return yes
}

// words stand in every text that replaces something.
var words = []string{"patch", "setattr", "delattr", "setitem", "sys.modules", "import_module", "__dict__", "vars("}

// mayReplace reports whether a file may replace a name of a facade, or one that
// leads there: it spells the facade, or who binds it, and has a word for it.
func (w *replacing) mayReplace(s *world.Source) bool {
	leads := func(text string) bool {
		if w.World.Facade(text) != nil {
			return true
		}
		for module := text; module != ""; module = world.Parent(module) {
			if w.binds[module] != nil || w.World.Facade(module) != nil {
				return true
			}
		}
		return false
	}
	named := slices.ContainsFunc(s.Outline.Strings, func(d pyfile.DottedString) bool { return leads(d.Text) })
	alias := false
	for i := range s.Outline.Imports {
		imp := &s.Outline.Imports[i]
		abs, ok := s.Absolute(imp)
		for _, n := range imp.Names {
			module := n.Name
			if imp.From && ok {
				module = abs + "." + n.Name
			}
			alias = alias || w.binds[module] != nil
			named = named || w.World.Facade(module) != nil
		}
	}
	if !named && !alias && !mocks(s) {
		return false
	}
	src, err := w.World.Text(s)
	named = named || err == nil && len(w.facadesIn(src)) > 0
	return err == nil && (alias || named && slices.ContainsFunc(words, func(word string) bool { return bytes.Contains(src, []byte(word)) }))
}

// mocks reports whether a file is one of tests, or imports what replaces names.
func mocks(s *world.Source) bool {
	return world.IsTest(s.Path) || path.Base(s.Path) == "conftest.py" || slices.ContainsFunc(s.Outline.Imports, func(imp pyfile.Import) bool {
		return strings.Contains(imp.Module, "mock") || slices.ContainsFunc(imp.Names, func(n pyfile.Name) bool { return strings.Contains(n.Name, "mock") })
	})
}

// facadesIn returns the facades whose names a text spells.
func (w *replacing) facadesIn(src []byte) (out []*world.Facade) {
	for _, f := range w.World.Facades {
		if bytes.Contains(src, []byte(f.Name)) {
			out = append(out, f)
		}
	}
	return out
}

// replacements finds what a file replaces.
func (w *replacing) replacements(ctx context.Context, s *world.Source) ([]pyfile.Replacement, error) {
	shelf := world.ShelfOf[string, []pyfile.Replacement](w.World.Cache, "replacements")
	return world.Cached(w.World.Cache, shelf, s.ID, func() (out []pyfile.Replacement, err error) {
		src, err := w.World.Text(s)
		if err != nil || len(src) > world.MaxParse || s.Outline.Flags&pyfile.TooDeep != 0 {
			return nil, err
		}
		w.World.Parse(func(ps *pyfile.Parser) { out, err = ps.Replacements(ctx, src, s.Outline) })
		return out, err
	})
}

// add notes what is replaced. Where the target is not known, it may be whatever
// the file's strings name.
func (w *replacing) add(s *world.Source, r pyfile.Replacement) {
	lines, err := w.World.LinesOf(s)
	if err != nil {
		return
	}
	by := fmt.Sprintf("%s:%d", s.Path, lines.Line(int(r.At)))
	if target, ok := s.Mod.Spelled(r.Target); ok {
		w.addTarget(target, by)
		return
	}
	name := r.Name
	if name == "" {
		name = any
	}
	src, err := w.World.Text(s)
	if err != nil {
		return
	}
	for _, f := range w.facadesIn(src) {
		w.names[patched{f.Name, name}] = by
	}
}

// addTarget follows a dotted path from the module that it begins with.
func (w *replacing) addTarget(target, by string) {
	of, name := world.Parent(target), target[strings.LastIndexByte(target, '.')+1:]
	module := of
	for module != "" && !w.World.IsModule(module) {
		module = world.Parent(module)
	}
	if module == "" {
		return
	}
	for _, attr := range strings.FieldsFunc(of[len(module):], func(c rune) bool { return c == '.' }) {
		h := w.World.Lookup(module, attr, false).Home
		if h.Attr != "" || !w.World.IsModule(h.Module) {
			return // an attribute of an object
		}
		module = h.Module
	}
	if name == "" {
		name = any
	}
	if w.World.Facade(module) != nil {
		w.names[patched{module, name}] = by
	}
	w.aliases[alias{module, name}] = by
}

// leaveReaders leaves the references that look up what is replaced.
func (w *replacing) leaveReaders() {
	for _, f := range w.Files {
		for _, r := range f.Refs {
			if w.Left.stays(r) || r.Imp < 0 || r.Form == refs.FormStar {
				continue
			}
			if by := w.replacedBy(f, r); by != "" {
				w.Left[r.Key()] = refs.Because(refs.ReplacedElsewhere, fmt.Sprintf("%s replaces it where this looks it up while the program runs, and cannot change along: change both by hand.", by))
			}
		}
	}
}

// replacedBy is where the name of a reference, or that of its module, is
// replaced; "" if that does not concern it.
func (w *replacing) replacedBy(f *refs.File, r *refs.Reference) string {
	if m := r.Module; m != nil && f.Outline.Imports[m.Imp].Scope == 0 {
		for _, name := range []string{m.Bound, any} {
			if by := w.aliases[alias{f.Mod.Name, name}]; by != "" {
				return by
			}
		}
	}
	for _, name := range []string{r.Name, any} {
		if by := w.names[patched{r.Facade.Name, name}]; by != "" && w.readsAtRunTime(f, r) {
			return by
		}
	}
	return ""
}
