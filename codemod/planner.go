package codemod

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/style"
)

// planner computes one plan.
type planner struct {
	*corpus
	resolver *resolve.Resolver
	graphs   graphs
	before   *graph.Simulation // of the tree as it is
	mu       *sync.Mutex       // guards resolver where files are rewritten side by side
	styles   *style.Loader
	facades  map[string]*facade
	list     []*facade // the same, in the order of the rules
	needs    *needs
	groups   []*patchGroup
	homes    map[string]resolve.Home // the overrides of the rules
	ctx      context.Context         // of the plan, for facts that are asked for on the way
	rulesSum [sha256.Size]byte       // of the rules that a rewrite depends on
	answers  *answers
	asked    asked                // what the rewrite of one file asks; nil: nobody listens
	had      map[string]*consumer // of the round before, by path
	changing map[string]*consumer // of this round
	parsed   map[string]bool      // files of which the simulation of imports knows more than outlines say
}

// facade is one module that is to be taken apart.
type facade struct {
	name  string
	mod   *resolve.Mod
	names *pyfile.Names // uses of names in its own file, once asked for
	// unsettled are the names that a circle of imports makes depend on what is
	// imported first; nil until somebody asks.
	unsettled map[string]bool
}

func newPlanner(t Tree, r Rules, o Options) *planner {
	c := newCorpus(t, r, o)
	return &planner{
		corpus: c, mu: &sync.Mutex{}, styles: style.NewLoader(c.readPath), facades: map[string]*facade{}, needs: &needs{}, answers: &answers{}, parsed: map[string]bool{},
	}
}

// close gives back what is shared with other plans.
func (p *planner) close() {
	p.corpus.close()
	if p.graphs.was != nil {
		p.cache.giveBack(p.graphs, p.rulesSum)
	}
}

func (p *planner) plan(ctx context.Context) (*Result, error) {
	defer p.close()
	p.ctx = ctx
	if err := p.load(ctx); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := p.prefetch(ctx); err != nil {
		return nil, err
	}
	files, err := p.find(ctx)
	if err != nil {
		return nil, err
	}
	p.resolve(files)
	p.needs.expect(files)
	if err := p.rewriteAll(ctx, files); err != nil {
		return nil, err
	}
	if err := p.settle(ctx, files); err != nil {
		return nil, err
	}
	return p.result(ctx, files)
}

func (p *planner) addFacade(name string, m *resolve.Mod) {
	if p.facades[name] == nil {
		p.facades[name] = &facade{name: name, mod: m}
		p.list = append(p.list, p.facades[name])
	}
}

// check holds the rules against the tree.
func (p *planner) check() error {
	if len(p.files) == 0 {
		return &RulesError{Problems: []string{"There is no Python file here: check the folder."}}
	}
	var problems []string
	homes := map[string]resolve.Home{}
	for _, name := range p.rules.Facades {
		m := p.index.Module(name)
		switch {
		case m == nil:
			problems = append(problems, p.missing("facade", name))
		case m.Path == "":
			problems = append(problems, fmt.Sprintf("The facade %s is a folder without an __init__.py, which binds no names: name a module that does.", name))
		default:
			p.addFacade(name, m)
		}
	}
	for _, name := range sortedKeys(p.rules.Homes) {
		h, problem := p.override(name, p.rules.Homes[name])
		if problem != "" {
			problems = append(problems, problem)
		}
		homes[name] = h
	}
	if len(problems) > 0 {
		return &RulesError{Problems: problems}
	}
	p.homes, p.rulesSum = homes, p.rules.sum()
	p.resolver = resolve.New(p.index, p.corpus, p.rules.StopAt, homes)
	return nil
}

// missing is the problem of a module that does not exist, with those that
// look like it.
func (p *planner) missing(what, name string) string {
	near := nearest(name, p.index.Names(), 3)
	hint := "Check its spelling and `source_roots`."
	if len(near) > 0 {
		hint = "Did you mean " + strings.Join(near, ", ") + "?"
	}
	return fmt.Sprintf("There is no module for the %s %s. %s", what, name, hint)
}

// override checks one entry of Rules.Homes.
func (p *planner) override(name, home string) (resolve.Home, string) {
	module, attr, has := strings.Cut(home, ":")
	h := resolve.Home{Module: module, Attr: attr, External: !p.index.Internal(module)}
	m := p.index.Module(module)
	switch {
	case h.External:
		return h, ""
	case m == nil:
		return h, p.missing("home of "+name, module)
	case !has || m.Path == "":
		return h, ""
	}
	if facts := p.Module(m.Path); facts != nil {
		probe := resolve.New(p.index, p.corpus, nil, nil)
		if probe.Lookup(module, attr, true).Status == resolve.Unresolved {
			return h, fmt.Sprintf("The home %s of %s does not exist: %s binds no %s.", home, name, module, attr)
		}
	}
	return h, ""
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// Error lists the problems, one a line.
func (e *RulesError) Error() string { return strings.Join(e.Problems, "\n") }

// prefetch parses the modules that the facades lead to in parallel; the
// resolver would otherwise ask for them one after the other.
func (p *planner) prefetch(ctx context.Context) error {
	seen := map[string]bool{}
	var level []string
	for _, f := range p.list {
		level = append(level, f.mod.Path)
		seen[f.mod.Path] = true
	}
	for depth := 0; depth < 3 && len(level) > 0; depth++ {
		sort.Strings(level)
		if err := p.each(ctx, len(level), func(_ context.Context, i int) error {
			p.Module(level[i])
			return nil
		}); err != nil {
			return err
		}
		level = p.reExported(level, seen)
	}
	return nil
}

// reExported returns the files that those of a level import names from where
// a facade may pass them on: packages and star imports.
func (p *planner) reExported(level []string, seen map[string]bool) (next []string) {
	for i, path := range level {
		s := p.source(path)
		for k := range s.outline.Imports {
			imp := &s.outline.Imports[k]
			if !imp.From || imp.Scope != 0 {
				continue
			}
			abs, ok := s.mod.Absolute(int(imp.Level), imp.Module)
			m := p.index.Module(abs)
			if !ok || m == nil || m.Path == "" || seen[m.Path] || i >= 0 && !imp.Star() && !m.Package && !p.isFacade(path) {
				continue
			}
			seen[m.Path] = true
			next = append(next, m.Path)
		}
	}
	return next
}

func (p *planner) isFacade(path string) bool {
	m := p.index.File(path)
	return m != nil && p.facades[m.Name] != nil
}
