package codemod

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// search looks for candidates.
type search struct {
	*world.World
	read  tally
	bound map[string][]moduleBindingOf // by module
	names map[string]map[string]bool   // what each examined module re-exports, if that is enough
}

// tally is who reads which name from which module: module to name to paths.
type tally map[string]map[string]map[string]bool

func (r tally) add(module, name, path string) {
	names := r[module]
	if names == nil {
		names = map[string]map[string]bool{}
		r[module] = names
	}
	if names[name] == nil {
		names[name] = map[string]bool{}
	}
	names[name][path] = true
}

// moduleBindingOf is an import of a file that binds a module.
type moduleBindingOf struct {
	file *world.Source
	refs.ModuleBinding
}

// imports notes what the imports of a file read from modules of the tree, and
// which modules they bind.
func (s *search) imports(file *world.Source) {
	for i := range file.Outline.Imports {
		imp := &file.Outline.Imports[i]
		abs, ok := file.Absolute(imp)
		for k, n := range imp.Names {
			b := refs.ModuleBinding{Imp: i, Index: k, Bound: n.Bound(), Module: n.Name, Via: abs}
			switch m := s.Index.Module(abs); {
			case !imp.From:
				s.bind(file, b)
			case ok && s.Index.Module(abs+"."+n.Name) != nil:
				b.Module = abs + "." + n.Name
				s.bind(file, b)
			case ok && m != nil && m.Path != "" && m.Path != file.Path:
				s.read.add(abs, n.Name, file.Path)
			}
		}
	}
}

// bind notes that a file binds a module, or with `import a.b` the one above it.
func (s *search) bind(file *world.Source, b refs.ModuleBinding) {
	imp := &file.Outline.Imports[b.Imp]
	full := b.Module
	if !imp.From && imp.Names[b.Index].As == "" {
		b.Module = b.Bound
	}
	for m := full; m != ""; m = world.Parent(m) {
		if at := s.Index.Module(m); at != nil && at.Path != "" && at.Path != file.Path {
			s.bound[m] = append(s.bound[m], moduleBindingOf{file, b})
		}
		if m == b.Module {
			return
		}
	}
}

// examine resolves the names of the modules that are read most, and finds the
// uses through those that re-export enough.
func (s *search) examine(ctx context.Context) error {
	modules := s.mostRead()
	if err := s.Each(ctx, len(modules), func(_ context.Context, i int) error {
		s.Module(s.Index.Module(modules[i]).Path)
		return nil
	}); err != nil {
		return err
	}
	s.names = map[string]map[string]bool{}
	for _, m := range modules {
		names := map[string]bool{}
		for n := range s.Bound(m) {
			if s.reExports(m, n) {
				names[n] = true
			}
		}
		if len(names) >= minNames {
			s.names[m] = names
		}
	}
	return s.uses(ctx)
}

// mostRead returns the modules that are read most.
func (s *search) mostRead() []string {
	count := map[string]int{}
	for m, names := range s.read {
		for _, files := range names {
			count[m] += len(files)
		}
	}
	for m, bindings := range s.bound {
		count[m] += len(bindings)
	}
	var out []string
	for m, n := range count {
		if n >= minConsumers {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b)) })
	return out[:min(len(out), maxExamined)]
}

// uses adds what files read through the modules that they bind.
func (s *search) uses(ctx context.Context) error {
	by := map[*world.Source][]refs.ModuleBinding{}
	var files []*world.Source
	for m := range s.names {
		for _, b := range s.bound[m] {
			if by[b.file] == nil {
				files = append(files, b.file)
			}
			if !slices.Contains(by[b.file], b.ModuleBinding) {
				by[b.file] = append(by[b.file], b.ModuleBinding)
			}
		}
	}
	var mu sync.Mutex
	return s.Each(ctx, len(files), func(ctx context.Context, i int) error {
		c := &refs.File{Source: files[i]}
		if err := refs.Analyze(ctx, s.World, c); err != nil || c.Names == nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, b := range by[files[i]] {
			s.usesOf(c, b)
		}
		return nil
	})
}

// usesOf adds what one file reads through one binding.
func (s *search) usesOf(c *refs.File, b refs.ModuleBinding) {
	own := c.ScopeAt(int(c.Outline.Imports[b.Imp].Start))
	for i := range c.Names.Uses {
		u := &c.Names.Uses[i]
		if u.Name != b.Bound || u.Import {
			continue
		}
		if scope, ok := c.Names.Binding(u.Name, u.Scope); !ok || scope != own {
			continue
		}
		module := b.Module
		for _, a := range u.Attrs {
			if s.names[module][a.Name] {
				s.read.add(module, a.Name, c.Path)
				break
			}
			if module += "." + a.Name; s.Index.Module(module) == nil {
				break
			}
		}
	}
}
