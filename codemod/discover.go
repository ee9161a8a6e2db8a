package codemod

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// Candidate is a module that looks like a facade.
type Candidate struct {
	Module, Path string
	Names        int // names that it re-exports
	Consumers    int // files that read such a name from it
	Readings     int // names that those files read, counted by file
	Executes     int // modules of the tree that importing it executes
	Why          string
}

// What makes a module worth taking apart.
const (
	minNames     = 5
	minConsumers = 3
	maxExamined  = 200 // modules whose names are resolved, the most read first
)

// Discover finds the modules of a tree that re-export names which other files
// read, over `from` imports and through the module, those first whose readers
// have most modules executed. It returns a *RulesError where there is no
// Python file.
func Discover(ctx context.Context, t Tree, r Rules, o Options) ([]Candidate, error) {
	r.Facades = nil
	w, err := world.Open(ctx, t, r, o)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if err := w.Strict(); err != nil {
		return nil, err
	}
	s := &search{World: w, read: tally{}, bound: map[string][]moduleBindingOf{}}
	for _, file := range w.Sources() {
		s.imports(file)
	}
	if err := s.examine(ctx); err != nil {
		return nil, err
	}
	var out []Candidate
	for m := range s.names {
		if c, ok := s.candidate(m); ok {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Consumers*b.Executes, a.Consumers*a.Executes), cmp.Compare(b.Readings, a.Readings),
			cmp.Compare(b.Names, a.Names), strings.Compare(a.Module, b.Module))
	})
	return out, ctx.Err()
}

// candidate judges one module that re-exports enough.
func (s *search) candidate(module string) (Candidate, bool) {
	c := Candidate{Module: module, Path: s.Index.Module(module).Path, Names: len(s.names[module])}
	files := map[string]bool{}
	for n, readers := range s.read[module] {
		if !s.names[module][n] {
			continue
		}
		c.Readings += len(readers)
		for f := range readers {
			files[f] = true
		}
	}
	c.Consumers = len(files)
	if c.Consumers < minConsumers {
		return c, false
	}
	c.Executes = len(s.executed(module))
	c.Why = fmt.Sprintf("re-exports %d names, of which %d files read %d; importing it executes %d modules", c.Names, c.Consumers, c.Readings, c.Executes)
	return c, true
}

// reExports reports whether the module passes the name on from another module
// of the tree.
func (s *search) reExports(module, name string) bool {
	res := s.Lookup(module, name, false)
	return res.Status == resolve.Found && !res.Home.External
}

// executed returns the modules of the tree that importing one executes:
// itself, the packages above it, and what they import while they run.
func (s *search) executed(module string) map[string]bool {
	seen := map[string]bool{}
	queue := []string{module}
	push := func(name string) {
		for ; name != ""; name = world.Parent(name) {
			if m := s.Index.Module(name); m != nil && !seen[name] {
				seen[name] = true
				if m.Path != "" {
					queue = append(queue, name)
				}
			}
		}
	}
	push(module)
	for len(queue) > 0 {
		name := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		file := s.Source(s.Index.Module(name).Path)
		if file == nil {
			continue
		}
		for i := range file.Outline.Imports {
			s.targets(file, &file.Outline.Imports[i], push)
		}
	}
	return seen
}

// targets calls f for the modules that an import statement executes when its
// module is imported.
func (s *search) targets(file *world.Source, imp *pyfile.Import, f func(string)) {
	if file.Outline.Scopes[imp.Scope].Kind == pyfile.FunctionScope || !imp.Runs() {
		return
	}
	if !imp.From {
		for _, n := range imp.Names {
			f(n.Name)
		}
		return
	}
	abs, ok := file.Absolute(imp)
	if !ok {
		return
	}
	f(abs)
	for _, n := range imp.Names {
		if s.Index.Module(abs+"."+n.Name) != nil {
			f(abs + "." + n.Name)
		}
	}
}
