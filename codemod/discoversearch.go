package codemod

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
)

// search looks for candidates.
type search struct {
	*planner
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
	file *source
	moduleBinding
}

// imports notes what the imports of a file read from modules of the tree, and
// which modules they bind.
func (s *search) imports(file *source) {
	for i := range file.outline.Imports {
		imp := &file.outline.Imports[i]
		abs, ok := file.mod.Absolute(int(imp.Level), imp.Module)
		for k, n := range imp.Names {
			b := moduleBinding{imp: i, index: k, bound: n.Bound(), module: n.Name, via: abs}
			switch m := s.index.Module(abs); {
			case !imp.From:
				s.bind(file, b)
			case ok && s.index.Module(abs+"."+n.Name) != nil:
				b.module = abs + "." + n.Name
				s.bind(file, b)
			case ok && m != nil && m.Path != "" && m.Path != file.Path:
				s.read.add(abs, n.Name, file.Path)
			}
		}
	}
}

// bind notes that a file binds a module, or with `import a.b` the one above it.
func (s *search) bind(file *source, b moduleBinding) {
	imp := &file.outline.Imports[b.imp]
	full := b.module
	if !imp.From && imp.Names[b.index].As == "" {
		b.module = b.bound
	}
	for m := full; m != ""; m = parentOf(m) {
		if at := s.index.Module(m); at != nil && at.Path != "" && at.Path != file.Path {
			s.bound[m] = append(s.bound[m], moduleBindingOf{file, b})
		}
		if m == b.module {
			return
		}
	}
}

// examine resolves the names of the modules that are read most, and finds the
// uses through those that re-export enough.
func (s *search) examine(ctx context.Context) error {
	modules := s.mostRead()
	if err := s.each(ctx, len(modules), func(_ context.Context, i int) error {
		s.Module(s.index.Module(modules[i]).Path)
		return nil
	}); err != nil {
		return err
	}
	s.names = map[string]map[string]bool{}
	for _, m := range modules {
		names := map[string]bool{}
		for n := range s.resolver.Bound(m) {
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
	by := map[*source][]moduleBinding{}
	var files []*source
	for m := range s.names {
		for _, b := range s.bound[m] {
			if by[b.file] == nil {
				files = append(files, b.file)
			}
			if !slices.Contains(by[b.file], b.moduleBinding) {
				by[b.file] = append(by[b.file], b.moduleBinding)
			}
		}
	}
	var mu sync.Mutex
	return s.each(ctx, len(files), func(ctx context.Context, i int) error {
		c := &consumer{source: files[i]}
		if err := s.analyze(ctx, c); err != nil || c.names == nil {
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
func (s *search) usesOf(c *consumer, b moduleBinding) {
	own := c.scopeAt(int(c.outline.Imports[b.imp].Start))
	for i := range c.names.Uses {
		u := &c.names.Uses[i]
		if u.Name != b.bound || u.Import {
			continue
		}
		if scope, ok := c.names.Binding(u.Name, u.Scope); !ok || scope != own {
			continue
		}
		module := b.module
		for _, a := range u.Attrs {
			if s.names[module][a.Name] {
				s.read.add(module, a.Name, c.Path)
				break
			}
			if module += "." + a.Name; s.index.Module(module) == nil {
				break
			}
		}
	}
}
