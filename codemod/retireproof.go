package codemod

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/effects"
	"github.com/canonicalize/canonicalize/codemod/fixpoint"
	"github.com/canonicalize/canonicalize/codemod/importorder"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

func sortFiles(files []File) {
	sort.Slice(files, func(i, j int) bool { return files[i].Path < files[j].Path })
}

// proven holds a step against what it says.
func (g *ground) proven(ctx context.Context, t Tree, r Rules, o RetireOptions, asked retire.Asked, out *Retirement) error {
	is, err := g.after(ctx, t, r, o.Options, out.Result.Files)
	if err != nil {
		return fmt.Errorf("read the tree after the step %s of %s: %w", o.Step, o.Facade.Facade, err)
	}
	defer is.close()
	p := retireProof{was: g, is: is, facade: o.Facade.Facade, result: out.Result, moved: map[string]string{}}
	for name, module := range o.Facade.Moves {
		if o.Step == retire.Move {
			p.moved[name] = module
		}
	}
	p.names()
	p.order()
	p.registered(o.Facade, out.State)
	p.sorted()
	p.again(o, asked)
	if len(p.problems) > 0 {
		return &NotProvenError{Facade: p.facade, Step: o.Step, Problems: p.problems}
	}
	out.Figures = p.figures()
	return ctx.Err()
}

// retireProof compares a tree before and after a step.
type retireProof struct {
	was, is  *ground
	facade   string
	result   *retire.Result
	moved    map[string]string
	problems []string
}

func (p *retireProof) problem(format string, args ...any) {
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

// names compares what a reader can see of the facade.
func (p *retireProof) names() {
	before, after := p.was.Bound(p.facade), p.is.Bound(p.facade)
	for _, n := range resolve.SortedNames(before) {
		gone := slices.Contains(p.result.Gone, n)
		was, is := p.was.Lookup(p.facade, n, false), p.is.Lookup(p.facade, n, false)
		switch {
		case strings.HasPrefix(n, "__"):
		case was.Status == resolve.NoReexport || was.Home == resolve.Home{Module: p.facade + "." + n}: // a submodule goes on to be one
		case gone && is.Status == resolve.Found && !p.offered():
			p.problem("%s.%s is said to be gone, and is %s.", p.facade, n, is.Home)
		case gone:
		case p.moved[n] != "" && is.Status == resolve.Found && is.Home.Module == p.moved[n]:
		case was.Status == resolve.Declared && p.helper(n, is):
		case was.Status != is.Status || was.Home != is.Home:
			p.problem("%s.%s was %s and is %s.", p.facade, n, was.Home, is.Home)
		}
	}
	for _, n := range resolve.SortedNames(after) {
		submodule := p.is.Index().Module(p.facade+"."+n) != nil
		if !before[n] && !strings.HasPrefix(n, "_") && n != "TYPE_CHECKING" && !submodule && !p.offered() {
			p.problem("%s binds %s, which it did not.", p.facade, n)
		}
	}
}

// offered reports whether what the facade has is for people at a prompt only.
func (p *retireProof) offered() bool { return p.result.Step == retire.Shell }

// helper reports whether a declaration went along with what moved.
func (p *retireProof) helper(n string, is resolve.Resolution) bool {
	if p.result.Step != retire.Move {
		return false
	}
	if is.Status == resolve.Unresolved {
		return strings.HasPrefix(n, "_")
	}
	for _, module := range p.moved {
		if is.Status == resolve.Found && is.Home.Module == module {
			return true
		}
	}
	return false
}

// order compares the simulated imports of every module.
func (p *retireProof) order() {
	for _, b := range p.was.compareOrder(p.is, p.facade, p.moved) {
		p.problem("%s", b.Detail)
	}
}

// compareOrder imports every module of both trees, and returns what fails or is
// another object in the second only. Names that moved are others by intent.
func (g *ground) compareOrder(after *ground, facade string, moved map[string]string) (out []retire.Blocker) {
	for _, both := range [][2]*ground{{g, after}, {after, g}} {
		for _, s := range both[0].world.Sources() {
			if s.Parsed() && both[1].world.Source(s.Path) != nil {
				both[1].Module(s.Path)
			}
		}
	}
	was, is := fixpoint.Imports(g.ctx, g.world), fixpoint.Imports(g.ctx, after.world)
	old := map[string]bool{}
	for entry, failures := range was.Failures(nil) {
		for _, f := range failures {
			old[entry+" "+f.Key()] = true
		}
	}
	failures, told := is.Failures(nil), map[string]bool{}
	for _, entry := range slices.Sorted(maps.Keys(failures)) {
		for _, f := range failures[entry] {
			if old[entry+" "+f.Key()] || told[f.Key()] || f.Caught || f.Missing && f.Module == facade {
				continue
			}
			told[f.Key()] = true
			out = append(out, g.unordered(retire.Cycle, f))
		}
	}
	for _, f := range importorder.Compare(was, is, nil).Differences() {
		if f.Importer == facade || told[f.Key()] || f.Got == "nothing" || readsOn(f, facade) || strings.HasPrefix(f.Want, facade+":") && moved[strings.TrimPrefix(f.Want, facade+":")] != "" {
			continue
		}
		told[f.Key()] = true
		out = append(out, g.unordered(retire.OrderDependent, f))
	}
	return out
}

// readsOn reports whether a difference is that of a reader of the facade, who
// is a blocker by himself.
func readsOn(f importorder.Failure, facade string) bool {
	return strings.HasPrefix(f.Got, facade+":") || f.Name == "* of "+facade
}

// unordered is the blocker of a failure, at the statement that shows it.
func (g *ground) unordered(kind retire.Kind, f importorder.Failure) retire.Blocker {
	b := retire.Blocker{Kind: kind, Name: f.Name, Detail: f.String(), Path: fixpoint.PathOf(g.world, f.Importer)}
	s := g.world.Source(b.Path)
	if s == nil {
		return b
	}
	b.Line = 1
	if !f.Binding && f.Import < len(s.Outline.Imports) {
		b.Line = int(s.Outline.Imports[f.Import].Line)
	}
	if src, err := g.world.Text(s); err == nil {
		b.Text = lineText(src, b.Line)
	}
	return b
}

// registered says that nothing with an effect is lost: what importing the
// facade executed, the registry or a root does, or the facade still.
func (p *retireProof) registered(rules retire.Rules, before *retire.State) {
	if p.result.Step == retire.Register || p.result.Step == retire.Move {
		return // they take nothing away
	}
	executed := map[string]bool{}
	starts := append([]string{p.facade, before.Registry}, rules.Roots...)
	for _, start := range starts {
		if m := p.is.world.Index.File(start); m != nil {
			start = m.Name
		}
		for _, m := range retire.Executes(p.is, start) {
			executed[m] = true
		}
	}
	finder := effects.New(p.is.world.Index, p.is, effects.Rules{Effects: rules.Effects, NoEffects: rules.NoEffects})
	for _, m := range before.Executes {
		if !executed[m] && len(finder.Of(m)) > 0 {
			p.problem("%s registers something when it is imported, and nothing would import it.", m)
		}
	}
}

// sorted says that what was sorted is sorted.
func (p *retireProof) sorted() {
	for _, f := range p.result.Files {
		s := p.is.world.Source(f.Path)
		if s == nil || len(s.Outline.Imports) == 0 || bytes.Contains(f.After, []byte("isort: skip_file")) {
			continue
		}
		if !f.New && retire.Clean(p.was, f.Path, f.Before) && !retire.Clean(p.is, f.Path, f.After) && retire.Imports(f.After) {
			p.problem("The imports of %s were sorted, and would not be any more.", f.Path)
		}
	}
}

// again applies the step once more.
func (p *retireProof) again(o RetireOptions, asked retire.Asked) {
	names := o.Names
	if o.Step == retire.Narrow && len(names) == 0 {
		names = p.result.Gone
	}
	readers := asked.Readers[:0:0]
	for _, r := range asked.Readers {
		if r.Form != retire.ForEffect { // the step has taken them to the registry
			readers = append(readers, r)
		}
	}
	asked.Readers = readers
	second, err := retire.Do(p.is, o.Facade, asked, o.Step, names)
	switch {
	case err != nil:
		p.problem("The step could not be applied again: %s", err)
	case len(second.Files) > 0:
		p.problem("The step would change %s again.", second.Files[0].Path)
	}
}

// worst is how many modules the figures tell of, beside the facade.
const worst = 5

// figures says how many modules are executed for the facade, and for those
// below it that execute most.
func (p *retireProof) figures() (out []Figure) {
	of := func(m string) Figure {
		return Figure{m, len(retire.Executes(p.was, m)), len(retire.Executes(p.is, m))}
	}
	for _, m := range p.was.world.Index.Names() {
		if mod := p.was.world.Index.Module(m); strings.HasPrefix(m, p.facade+".") && mod.Path != "" && !mod.Stub {
			out = append(out, of(m))
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Before > out[j].Before })
	return append([]Figure{of(p.facade)}, out[:min(worst, len(out))]...)
}

var _ retire.World = (*ground)(nil)
