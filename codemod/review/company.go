package review

import (
	"context"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// reExported is a name of a facade.
type reExported struct{ facade, name string }

// company returns the consumers that decide about the new references: those
// that are looked at, and where tests replace a name by a string, all files
// that read it or replace it, since they are only correct together.
func (c *comparison) company(ctx context.Context, fresh map[*refs.Reference]bool) ([]*refs.File, error) {
	names := c.replaced(fresh)
	if len(names) == 0 {
		return c.now.files, nil
	}
	others, err := refs.Find(ctx, c.now.World, func(s *world.Source) bool { return !c.now.look[s.Path] && c.mayRead(s, names) })
	all := append(others, c.now.files...)
	sort.Slice(all, func(i, j int) bool { return all[i].Path < all[j].Path })
	return all, err
}

// replaced returns the names of new references that a string names anywhere.
func (c *comparison) replaced(fresh map[*refs.Reference]bool) map[reExported]bool {
	out := map[reExported]bool{}
	byText := map[string]reExported{}
	for r := range fresh {
		if r.Name != "" && r.Name != "*" {
			byText[r.Facade.Name+"."+r.Name] = reExported{r.Facade.Name, r.Name}
		}
	}
	for _, s := range c.now.Sources() {
		for i := range s.Outline.Strings {
			text := s.Outline.Strings[i].Text
			for ; text != ""; text = text[:max(0, strings.LastIndexByte(text, '.'))] {
				if k, ok := byText[text]; ok {
					out[k] = true
				}
			}
		}
	}
	return out
}

// mayRead reports whether a file may read or replace one of the names.
func (c *comparison) mayRead(s *world.Source, names map[reExported]bool) bool {
	for k := range names {
		last := k.facade[strings.LastIndexByte(k.facade, '.')+1:]
		for i := range s.Outline.Imports {
			if importsFrom(&s.Outline.Imports[i], last) {
				return true
			}
		}
		for i := range s.Outline.Strings {
			if strings.HasPrefix(s.Outline.Strings[i].Text, k.facade+"."+k.name) {
				return true
			}
		}
	}
	return false
}

// importsFrom reports whether a statement may name a module by its last part.
func importsFrom(imp *pyfile.Import, last string) bool {
	if strings.HasSuffix(imp.Module, last) || imp.Level > 0 && imp.Module == "" {
		return true
	}
	for _, n := range imp.Names {
		if strings.HasSuffix(n.Name, last) {
			return true
		}
	}
	return false
}
