package codemod

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
)

// rewriteAll computes the change of every consumer.
func (p *planner) rewriteAll(ctx context.Context, files []*consumer) error {
	var beside sync.WaitGroup
	beside.Go(func() { p.needs.prepare(p.corpus) })
	err := p.decide(ctx, files)
	beside.Wait()
	if err != nil {
		return err
	}
	if err := p.rewriteGroups(ctx, files); err != nil {
		return err
	}
	return p.keepOrder(ctx, files)
}

func (p *planner) rewriteThese(ctx context.Context, files []*consumer) error {
	return p.each(ctx, len(files), func(ctx context.Context, i int) error {
		return p.rewriteFile(ctx, files[i])
	})
}

// decide leaves what only the whole tree can tell to be impossible. The most
// of it runs on one goroutine, since it asks the resolver.
func (p *planner) decide(ctx context.Context, files []*consumer) error {
	if p.graphs.was == nil {
		p.graphs = p.cache.borrow(p.rulesSum)
		p.graphs.was = p.update(p.graphs.was, p.outlines())
	}
	p.noteParsed()
	p.graphs.was.Begin(graphFacts{p})
	p.before = p.graphs.was.Simulate()
	if err := p.decideDead(ctx, files); err != nil {
		return err
	}
	for _, c := range files {
		p.decideCircular(c)
		for _, r := range c.refs {
			if r.reason != "" || r.name == "*" || r.dead {
				continue
			}
			h := r.res.Home
			switch {
			case h.Module == c.mod.Name && !h.External && r.form != FormString && c.outline.Imports[r.imp].Scope == 0:
				r.leave(ImportCycle, "The name is declared in this very module: use it without an import.")
			case h.Attr == "" && !p.plainModule(h):
				r.leave(OrderDependent, "")
			case r.form == FormString && !p.walkable(h):
				r.leave(OrderDependent, "The string would lead through "+h.Module+", and a package above it binds that name to something else: rename one of the two.")
			}
		}
	}
	p.couple(files)
	return nil
}

// update makes a graph, or a new one, that of the tree with the given outlines.
func (p *planner) update(g *graph.Graph, outlines []*pyfile.Outline) *graph.Graph {
	if g == nil {
		return graph.New(p.index, outlines, p.cache.part)
	}
	g.Update(p.index, outlines)
	return g
}

// outlines are those of all files, by their places in the index.
func (p *planner) outlines() []*pyfile.Outline {
	out := make([]*pyfile.Outline, len(p.sources))
	for i, s := range p.sources {
		out[i] = s.outline
	}
	return out
}

// plainModule reports whether `from parent import module` gives the module
// whatever was imported before.
func (p *planner) plainModule(h resolve.Home) bool {
	i := strings.LastIndexByte(h.Module, '.')
	if i < 0 || h.External {
		return true
	}
	res := p.resolver.Lookup(h.Module[:i], h.Module[i+1:], false)
	return res.Home == h && (res.Status == resolve.NoReexport || res.Status == resolve.Found)
}

// walkable reports whether a string that names the home leads there: who reads
// it looks up each part on the one before, and imports only what that lacks.
func (p *planner) walkable(h resolve.Home) bool {
	for module := h.Module; module != "" && !h.External; module = parentOf(module) {
		if !p.plainModule(resolve.Home{Module: module}) {
			return false
		}
	}
	return true
}

// rewriteAnew computes the change of one file and proves it. A change that
// fails its proof is dropped whole.
func (p *planner) rewriteAnew(ctx context.Context, c *consumer) error {
	src, err := p.text(c.source)
	if err != nil {
		return err
	}
	c.src = src
	if c.lazy, err = p.readLazyList(ctx, c); err != nil {
		return err
	}
	if c.needsNames() {
		if err := p.soundness(ctx, c); err != nil || !c.any() {
			return err
		}
		if err := p.analyze(ctx, c); err != nil {
			return err
		}
	}
	return p.change(ctx, c)
}

// needsNames reports whether a reference is of a form that depends on what
// the whole file does with its names.
func (c *consumer) needsNames() bool {
	for _, r := range c.refs {
		if r.reason == "" && r.form != FormFrom {
			return true
		}
	}
	return false
}

// change builds, applies and proves the edits of one file. Where a name of a
// block would change its object because the order of the block changes, it is
// left, and the rest is built anew; so are the references that a syntax error
// is found to touch, which a file of `from` imports alone is not asked about
// before: its new text parses where its old one does.
func (p *planner) change(ctx context.Context, c *consumer) error {
	for {
		err := p.attempt(ctx, c)
		var lost *orderLost
		var torn *tornApart
		switch {
		case err == nil || ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &lost) && c.leaveUnordered(lost):
			continue
		case errors.As(err, &torn) && c.leaveTogether(torn.imp):
			continue
		case errors.Is(err, errUnsound):
			if !c.sound {
				if err := p.soundness(ctx, c); err != nil || !c.any() {
					return err
				}
				continue
			}
		}
		c.fail(err.Error())
		return nil
	}
}

// attempt builds the change of the file once.
func (p *planner) attempt(ctx context.Context, c *consumer) error {
	c.locals, c.removed, c.dead = locals{}, map[position]bool{}, map[position]bool{}
	b := rewrite.NewBuilder(rewrite.File{
		Path: c.Path, Src: c.src, Outline: c.outline, Mod: c.mod,
		Style: p.styles.For(c.Path), Exists: p.exists, FirstParty: p.firstParty, StarBinds: p.starBinds,
	})
	if c.lazy != nil {
		p.keepLaziness(c)
	}
	p.build(c, b)
	if c.lazy != nil {
		c.buildLazyList(b)
	}
	if !c.any() {
		return nil
	}
	edits, err := b.Edits()
	if err != nil {
		return err
	}
	after, err := edit.Apply(c.src, edits)
	if err != nil {
		return err
	}
	outline := pyfile.Scan(after)
	if err := p.prove(ctx, c, after, outline); err != nil {
		return err
	}
	c.change = &Change{Path: c.Path, Mode: c.Mode, Before: c.src, After: after}
	c.outlineAfter, c.edits = outline, edits
	c.watch = p.watched(c)
	return nil
}

// any reports whether a reference of the file is to be rewritten.
func (c *consumer) any() bool {
	for _, r := range c.refs {
		if r.reason == "" {
			return true
		}
	}
	return false
}

// fail leaves every reference of a file whose change could not be proven.
func (c *consumer) fail(why string) {
	for _, r := range c.refs {
		if r.reason == "" {
			r.leave(ProofFailed, fmt.Sprintf("%s (%s)", ProofFailed.Advice(), why))
		}
	}
}

// soundness leaves the references at or before which the file does not parse.
// Only the part of the file up to the last of them is parsed.
func (p *planner) soundness(ctx context.Context, c *consumer) error {
	c.sound = true
	end := 0
	for _, r := range c.refs {
		if r.reason == "" {
			end = max(end, r.fence(c))
		}
	}
	var err error
	p.parser(func(ps *pyfile.Parser) {
		var tree *pyfile.Tree
		if tree, err = ps.Parse(ctx, c.src[:end]); err != nil {
			return
		}
		defer tree.Close()
		for _, r := range c.refs {
			if r.reason == "" && !tree.Sound(r.extent(c)) {
				r.leave(SyntaxError, "")
			}
		}
	})
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	for _, r := range c.refs {
		if r.reason == "" {
			r.leave(SyntaxError, "The file could not be parsed in time.")
		}
	}
	return nil
}

// fence returns the offset up to which the file must parse for the reference
// to be read with certainty.
func (r *reference) fence(c *consumer) int {
	switch {
	case r.form != FormFrom && c.outline.Flags&pyfile.TooDeep != 0:
		return min(len(c.src), c.outline.Broken)
	case r.form != FormFrom:
		return len(c.src)
	}
	return int(c.outline.Imports[r.imp].Fence)
}

// extent returns the bytes of the statement or expression of a reference.
func (r *reference) extent(c *consumer) (start, end int) {
	if r.start != r.end {
		return r.start, r.end
	}
	imp := &c.outline.Imports[r.imp]
	return int(imp.Start), int(imp.End)
}

// build puts every reference of the file into the builder.
func (p *planner) build(c *consumer, b *rewrite.Builder) {
	modules := map[*moduleUse]bool{}
	var order []*moduleUse
	for _, r := range c.refs {
		switch {
		case r.module != nil:
			if !modules[r.module] {
				modules[r.module] = true
				order = append(order, r.module)
			}
		case r.reason != "":
		case r.dead:
			b.Remove(r.imp, r.index)
			c.dead[position{r.imp, r.index}] = true
		case r.form == FormFrom:
			r.after = b.Move(r.imp, r.index, r.res.Home).String()
		case r.form == FormString:
			p.buildString(c, b, r)
		}
	}
	for _, m := range order {
		p.buildModule(c, b, m)
	}
	for _, r := range c.refs {
		if r.form == FormStar && r.reason == "" && !r.dead {
			p.buildStar(c, b, r) // last: it may bind anew what the modules' names became
		}
	}
}

// result makes the report of the files.
func (p *planner) result(ctx context.Context, files []*consumer) (*Result, error) {
	res := &Result{Files: len(p.files)}
	left := make([][]Left, len(files))
	if err := p.each(ctx, len(files), func(_ context.Context, i int) (err error) {
		left[i], err = p.outcome(files[i])
		return err
	}); err != nil {
		return nil, err
	}
	coupled := couples(files)
	executes := p.closures(files)
	for i, c := range files {
		res.Left = append(res.Left, left[i]...)
		if c.change != nil {
			c.change.Coupled = coupled[c.Path]
			c.change.Executes, c.change.Retired = executes[c.Path].now, executes[c.Path].retired
			res.Changes = append(res.Changes, *c.change)
		}
	}
	sort.SliceStable(res.Left, func(i, j int) bool { return before(&res.Left[i], &res.Left[j]) })
	res.Facades = p.report(files)
	return res, nil
}

// outcome returns what is left in a file, and enters what was rewritten into
// its change.
func (p *planner) outcome(c *consumer) (left []Left, err error) {
	lines, err := p.linesOf(c.source)
	if err != nil {
		return nil, err
	}
	for _, r := range c.refs {
		line, col := lines.line(r.at), lines.column(r.at)
		if r.reason != "" {
			left = append(left, Left{
				Path: c.Path, Line: line, Column: col, Facade: r.facade.name, Name: r.shown(), Form: r.form, Reason: r.reason, Detail: r.detail,
			})
		} else if c.change != nil {
			c.change.Names = append(c.change.Names, Rewritten{
				Facade: r.facade.name, Name: r.name, Home: r.res.Home.String(), Form: r.form, Line: line, Column: col, After: r.after,
			})
		}
	}
	return left, nil
}

func before(a, b *Left) bool {
	if a.Path != b.Path {
		return a.Path < b.Path
	}
	if a.Line != b.Line {
		return a.Line < b.Line
	}
	if a.Column != b.Column {
		return a.Column < b.Column
	}
	return a.Facade < b.Facade || a.Facade == b.Facade && a.Name < b.Name
}

// shown is the name of the reference in a report.
func (r *reference) shown() string {
	if r.name == "" {
		return r.facade.name
	}
	return r.name
}
