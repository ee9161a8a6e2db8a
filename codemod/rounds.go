package codemod

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sort"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// maxRounds bounds the plans over plans: a chain of facades that read each
// other is hardly longer.
const maxRounds = 12

// settle plans anew over the tree as the plan leaves it, until nothing changes
// any more: a name can have a home only once a module on its way reads its own
// names from their homes, and a circle of imports can open. So applying twice
// changes nothing, and what is reported as left is what a second plan leaves.
func (p *planner) settle(ctx context.Context, files []*consumer) error {
	last, now := p, files
	latest := map[string]*consumer{}
	for range maxRounds {
		if !slices.ContainsFunc(now, func(c *consumer) bool { return c.change != nil }) {
			break
		}
		var err error
		last = last.next(now)
		if now, err = last.again(ctx, now); err != nil {
			return err
		}
		for _, c := range now {
			latest[c.Path] = c
		}
	}
	if last == p {
		return nil
	}
	for _, c := range files {
		p.join(c, latest[c.Path], last)
	}
	return nil
}

// next returns the planner of the tree as the plan leaves it. It shares what
// no change concerns.
func (p *planner) next(files []*consumer) *planner {
	c := &corpus{
		cache: p.cache, tree: p.tree, rules: p.rules, opts: p.opts, all: p.corpus.all, index: p.index, parsers: p.parsers,
		sources: slices.Clone(p.sources),
	}
	for _, old := range files {
		if old.change == nil {
			continue
		}
		s := *old.source
		s.ID, s.src, s.outline, s.Size = old.idAfter, old.change.After, old.outlineAfter, int64(len(old.change.After))
		c.exclude(&s)
		at, _ := c.index.Place(s.Path)
		c.sources[at] = &s
	}
	c.files = c.sources
	p.modules.Range(func(path, m any) bool {
		if c.source(path.(string)) == p.source(path.(string)) {
			c.modules.Store(path, m)
		}
		return true
	})
	n := &planner{
		corpus: c, mu: &sync.Mutex{}, graphs: graphs{p.graphs.now, p.graphs.now}, styles: p.styles, facades: map[string]*facade{}, needs: &needs{}, homes: p.homes,
		ctx: p.ctx, rulesSum: p.rulesSum, answers: &answers{}, parsed: maps.Clone(p.parsed),
	}
	for _, f := range p.list {
		n.addFacade(f.name, f.mod)
	}
	n.resolver = resolve.New(c.index, c, c.rules.StopAt, p.homes)
	return n
}

// again plans the files of the round before that may read facades still.
func (p *planner) again(ctx context.Context, before []*consumer) ([]*consumer, error) {
	p.had = make(map[string]*consumer, len(before))
	for _, c := range before {
		p.had[c.Path] = c
	}
	found, err := p.among(ctx, func(s *source) bool { return p.had[s.Path] != nil })
	if err != nil {
		return nil, err
	}
	if quiet, err := p.quiet(ctx, found); quiet || err != nil {
		return found, err
	}
	p.needs.expect(found)
	return found, p.rewriteAll(ctx, found)
}

// quiet reports whether nothing is left to decide about the files: no
// reference but such as have no home, and as nothing overwrites.
func (p *planner) quiet(ctx context.Context, files []*consumer) (bool, error) {
	if slices.ContainsFunc(files, (*consumer).any) {
		return false, nil
	}
	err := p.decideDead(ctx, files)
	return !slices.ContainsFunc(files, (*consumer).any), err
}

// newConsumer begins the consumer of a file, with what the round before knows
// of its text.
func (p *planner) newConsumer(s *source) *consumer {
	c := &consumer{source: s, before: p.had[s.Path], planner: p}
	switch b := c.before; {
	case b == nil:
	case b.change == nil:
		c.names, c.failure = b.names, b.failure
	case b.failure == "":
		c.names = b.proven
	}
	return c
}

// join enters what later rounds did to a file into its consumer of the first
// round, end being that of the last one which looked at it, nil if none did.
// What the last round of all left is left.
func (p *planner) join(c, end *consumer, last *planner) {
	var refs []*reference
	var change *Change
	for at := end; at != nil && at != c; at = at.before {
		for _, r := range at.refs {
			if r.reason != "" && at.planner != last {
				continue
			}
			if group := at.group[r]; group != "" {
				c.joins(r, group)
			}
			for from := at.before; from != nil; from = from.before {
				r.at = from.origin(r)
			}
			r.facade = p.facades[r.facade.name]
			refs = append(refs, r)
		}
		change = over(at.change, change)
	}
	for _, r := range c.refs {
		if r.reason == "" {
			refs = append(refs, r)
		}
	}
	sort.SliceStable(refs, func(i, k int) bool { return refs[i].at < refs[k].at })
	c.refs, c.change = refs, over(c.change, change)
}

// over is the change that one and then a later one make together.
func over(first, later *Change) *Change {
	if first == nil || later == nil {
		return cmp.Or(first, later)
	}
	return &Change{Path: first.Path, Mode: first.Mode, Before: first.Before, After: later.After}
}

// origin returns where in the text before the change a reference of the text
// after it stands. What an edit wrote stands where the reference of the same
// name stood that the edit kept, or else at the first that it rewrote.
func (c *consumer) origin(r *reference) int {
	if c.change == nil {
		return r.at
	}
	shift := 0
	for _, e := range edit.Sorted(c.edits) {
		start := e.Start + shift
		if r.at < start {
			break
		}
		if r.at < start+len(e.New) {
			return c.standsIn(e, r)
		}
		shift += len(e.New) - (e.End - e.Start)
	}
	return r.at - shift
}

func (c *consumer) standsIn(e edit.Edit, r *reference) int {
	at := e.Start
	for i, old := range c.refs {
		if old.at < e.Start || old.at > e.End {
			continue
		}
		if old.facade.name == r.facade.name && old.name == r.name && old.form == r.form && old.reason != "" {
			return old.at
		}
		if i == 0 || c.refs[i-1].at < e.Start {
			at = old.at
		}
	}
	return at
}
