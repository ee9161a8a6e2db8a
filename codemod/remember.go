package codemod

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// rewritten is what became of a file in an earlier plan. It holds for a
// file of the same bytes with the same references while the answers to all
// that its rewrite asked are the same (a "verifying trace", in the words of
// Mokhov, Mitchell and Peyton Jones, "Build Systems à la Carte"): whatever a
// push changes elsewhere, nothing is reused that would come out otherwise.
type rewritten struct {
	key   [sha256.Size]byte // of what is known before
	asked []answered

	refs         []outcome
	change       *Change // without what the report adds
	outlineAfter *pyfile.Outline
	locals       locals
	removed      map[position]bool
	edits        []edit.Edit
	idAfter      string
	watch        *graph.Watch
	sound        bool
	failure      Reason
}

// answered is a question with its answer.
type answered struct {
	question
	answer
}

// outcome is what became of one reference.
type outcome struct {
	reason        Reason
	detail, after string
	local         string
	bound         resolve.Home
	star          []string
}

// rewriteFile computes the change of one file, or remembers it.
func (p *planner) rewriteFile(ctx context.Context, c *consumer) error {
	c.change, c.edits, c.proven, c.idAfter = nil, nil, nil, ""
	if c.excluded != "" || !c.any() {
		return nil
	}
	if p.cache.idle || c.ID == "" {
		return p.rewriteAnew(ctx, c)
	}
	key := p.keyOf(c)
	if w := p.recall(c.Path, key); w != nil {
		w.restore(c)
		return nil
	}
	own := p.listening()
	if err := own.rewriteAnew(ctx, c); err != nil {
		return err
	}
	p.remember(c, key, own.asked)
	return nil
}

// keyOf sums up what the rewrite of a file depends on without asking.
func (p *planner) keyOf(c *consumer) [sha256.Size]byte {
	style := p.styles.Sum(c.Path)
	s := make(sum, 0, 1024)
	s = append(append(s, p.rulesSum[:]...), style[:]...)
	s.strings(c.Path, c.ID, c.mod.Name, string(c.failure))
	s.flags(c.mod.Package, c.sound)
	for _, r := range c.refs {
		s.reference(r)
	}
	return sha256.Sum256(s)
}

func (s *sum) reference(r *reference) {
	s.strings(
		r.facade.name, r.name, r.form, string(r.reason), r.detail, r.local,
		r.res.Home.Module, r.res.Home.Attr, r.bound.Module, r.bound.Attr,
	)
	s.strings(r.star...)
	s.strings(resolve.SortedNames(r.facade.unsettled)...)
	s.ints(r.at, r.imp, r.index, r.start, r.end, int(r.res.Status))
	s.flags(r.typing, r.dead, r.circular, r.adrift, r.onHome, r.known, r.module != nil, r.module != nil && r.module.keep, r.res.Home.External, r.res.Uncertain)
}

// sum sums up the rules that the rewrite of a file depends on.
func (r *Rules) sum() [sha256.Size]byte {
	var s sum
	for _, list := range [][]string{r.Facades, r.StopAt, r.StringCallables} {
		s.strings(list...)
	}
	for _, name := range sortedKeys(r.Homes) {
		s.strings(name, r.Homes[name])
	}
	return sha256.Sum256(s)
}

// maxRewrites bounds what is kept of one file: a plan may rewrite it more than
// once, with other references left each time.
const maxRewrites = 8

// recall returns the outcome of an earlier rewrite that holds today.
func (p *planner) recall(path string, key [sha256.Size]byte) *rewritten {
	earlier, _ := p.cache.rewrites.take(path, p.cache.plans.Load())
	for _, w := range slices.Backward(earlier) {
		if w.key == key && p.holds(w) {
			return w
		}
	}
	return nil
}

// holds reports whether all that the rewrite asked has the same answer.
func (p *planner) holds(w *rewritten) bool {
	for _, a := range w.asked {
		if p.answer(a.question) != a.answer {
			return false
		}
	}
	return true
}

// remember keeps the outcome of a rewrite, unless an answer that it got
// cannot be compared with later ones.
func (p *planner) remember(c *consumer, key [sha256.Size]byte, asked asked) {
	w := &rewritten{
		key: key, asked: make([]answered, 0, len(asked)),
		change: c.change, outlineAfter: c.outlineAfter, locals: c.locals, removed: c.removed, edits: c.edits, sound: c.sound, failure: c.failure,
	}
	for q := range asked {
		a := p.answer(q)
		if a.loose {
			return
		}
		w.asked = append(w.asked, answered{q, a})
	}
	if c.change != nil {
		change := *c.change
		w.change = &change
		c.idAfter = fmt.Sprintf("after %x", sha256.Sum256(change.After))
		w.idAfter, w.watch = c.idAfter, c.watch
	}
	w.refs = make([]outcome, len(c.refs))
	for i, r := range c.refs {
		w.refs[i] = outcome{r.reason, r.detail, r.after, r.local, r.bound, r.star}
	}
	p.cache.rewrites.update(c.Path, p.cache.plans.Load(), func(earlier []*rewritten) []*rewritten {
		return append(slices.Clone(earlier[max(0, len(earlier)+1-maxRewrites):]), w)
	})
}

// restore makes the outcome that of a consumer.
func (w *rewritten) restore(c *consumer) {
	c.outlineAfter, c.locals, c.removed, c.edits, c.sound, c.failure = w.outlineAfter, w.locals, w.removed, w.edits, w.sound, w.failure
	if w.change != nil {
		change := *w.change
		c.change, c.idAfter, c.watch = &change, w.idAfter, w.watch
	}
	for i, o := range w.refs {
		r := c.refs[i]
		r.reason, r.detail, r.after, r.local, r.bound, r.star = o.reason, o.detail, o.after, o.local, o.bound, o.star
	}
}
