package codemod

import (
	"context"
	"fmt"
	"sort"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
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
// read, the most read first. It returns a *RulesError where there is no
// Python file.
func Discover(ctx context.Context, t Tree, r Rules, o Options) ([]Candidate, error) {
	p := newPlanner(t, r, o)
	defer p.close()
	p.ctx = ctx
	if err := p.load(ctx); err != nil {
		return nil, err
	}
	p.rules.Facades = nil
	if err := p.check(); err != nil {
		return nil, err
	}
	read := p.readNames()
	modules := mostRead(read)
	if err := p.each(ctx, len(modules), func(_ context.Context, i int) error {
		p.Module(p.index.Module(modules[i]).Path)
		return nil
	}); err != nil {
		return nil, err
	}
	var out []Candidate
	for _, m := range modules {
		if c, ok := p.candidate(m, read[m]); ok {
			out = append(out, c)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Readings > out[j].Readings })
	return out, ctx.Err()
}

// readNames returns who reads which name from which module, over `from`
// imports: module to name to paths.
func (p *planner) readNames() map[string]map[string]map[string]bool {
	out := map[string]map[string]map[string]bool{}
	for _, s := range p.files {
		for i := range s.outline.Imports {
			imp := &s.outline.Imports[i]
			abs, ok := p.index.Absolute(s.mod, int(imp.Level), imp.Module)
			m := p.index.Module(abs)
			if !imp.From || !ok || m == nil || m.Path == "" || m.Path == s.Path {
				continue
			}
			for _, n := range imp.Names {
				names := out[abs]
				if names == nil {
					names = map[string]map[string]bool{}
					out[abs] = names
				}
				if names[n.Name] == nil {
					names[n.Name] = map[string]bool{}
				}
				names[n.Name][s.Path] = true
			}
		}
	}
	return out
}

// mostRead returns the modules that are read most.
func mostRead(read map[string]map[string]map[string]bool) []string {
	count := map[string]int{}
	var out []string
	for m, names := range read {
		for _, files := range names {
			count[m] += len(files)
		}
		if count[m] >= minConsumers {
			out = append(out, m)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if count[out[i]] != count[out[j]] {
			return count[out[i]] > count[out[j]]
		}
		return out[i] < out[j]
	})
	return out[:min(len(out), maxExamined)]
}

// candidate judges one module.
func (p *planner) candidate(module string, read map[string]map[string]bool) (Candidate, bool) {
	m := p.index.Module(module)
	c := Candidate{Module: module, Path: m.Path}
	for n := range p.resolver.Bound(module) {
		if p.reExports(module, n) {
			c.Names++
		}
	}
	files := map[string]bool{}
	for n, readers := range read {
		if n == "*" || !p.reExports(module, n) {
			continue
		}
		c.Readings += len(readers)
		for f := range readers {
			files[f] = true
		}
	}
	c.Consumers = len(files)
	if c.Names < minNames || c.Consumers < minConsumers {
		return c, false
	}
	c.Executes = len(p.executed(module))
	c.Why = fmt.Sprintf("re-exports %d names, of which %d files read %d; importing it executes %d modules", c.Names, c.Consumers, c.Readings, c.Executes)
	return c, true
}

// reExports reports whether the module passes the name on from another module
// of the tree.
func (p *planner) reExports(module, name string) bool {
	res := p.resolver.Lookup(module, name, false)
	return res.Status == resolve.Found && !res.Home.External
}

// executed returns the modules of the tree that importing one executes:
// itself, the packages above it, and what they import while they run.
func (p *planner) executed(module string) map[string]bool {
	seen := map[string]bool{}
	queue := []string{module}
	push := func(name string) {
		for ; name != ""; name = parentOf(name) {
			if m := p.index.Module(name); m != nil && !seen[name] {
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
		s := p.byPath[p.index.Module(name).Path]
		if s == nil {
			continue
		}
		for i := range s.outline.Imports {
			p.targets(s, &s.outline.Imports[i], push)
		}
	}
	return seen
}

// targets calls f for the modules that an import statement executes when its
// module is imported.
func (p *planner) targets(s *source, imp *pyfile.Import, f func(string)) {
	if s.outline.Scopes[imp.Scope].Kind == pyfile.FunctionScope || imp.Guard&pyfile.TypeChecking != 0 {
		return
	}
	if !imp.From {
		for _, n := range imp.Names {
			f(n.Name)
		}
		return
	}
	abs, ok := p.index.Absolute(p.index.File(s.Path), int(imp.Level), imp.Module)
	if !ok {
		return
	}
	f(abs)
	for _, n := range imp.Names {
		if p.index.Module(abs+"."+n.Name) != nil {
			f(abs + "." + n.Name)
		}
	}
}

func parentOf(module string) string {
	for i := len(module) - 1; i >= 0; i-- {
		if module[i] == '.' {
			return module[:i]
		}
	}
	return ""
}
