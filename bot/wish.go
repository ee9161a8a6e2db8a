package bot

import (
	"context"
	"fmt"
	"slices"

	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/plan"
)

// wish is what a command asks of a pass, beyond what GitHub shows. What is to
// last (a pause, a pull request that is open again) is on GitHub afterwards.
type wish struct {
	rebuild int      // pull request whose branch is made anew
	paths   []string // whose chunks are opened now
	reopen  []int    // pull requests
	pause   string   // owner or dashboard.Everybody
	resume  string
	split   int // pull request that is divided
	parts   int // into how many; 0: one a directory
}

// passFor does a pass for a command; a dry one only reads and decides.
func (b *Bot) passFor(ctx context.Context, r Repo, w wish, dry bool) (*Outcome, error) {
	p, err := b.begin(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("pass over %s: %w", r.FullName(), err)
	}
	defer p.end()
	p.board.wish = w
	if !dry {
		err = p.run(ctx)
	} else {
		p.board.wish.reopen = nil
		err = p.onlyDecide(ctx)
	}
	if err != nil {
		err = fmt.Errorf("pass over %s: %w", r.FullName(), err)
	}
	return p.out, err
}

// onlyDecide is a pass that ends before it would write.
func (p *pass) onlyDecide(ctx context.Context) error {
	for _, step := range []func(context.Context) error{p.readPulls, p.readTree, p.readConfig, p.readBoard, p.change, p.decide} {
		if err := step(ctx); err != nil || p.out.Refused != "" {
			return err
		}
	}
	return nil
}

// heed does what a command asks before anything is decided.
func (p *pass) heed(ctx context.Context) error {
	w, m := p.board.wish, &p.board.memory
	if w.pause != "" && !slices.Contains(m.Paused, w.pause) {
		m.Paused = append(m.Paused, w.pause)
		slices.Sort(m.Paused)
	}
	if w.resume != "" {
		m.Paused = slices.DeleteFunc(m.Paused, func(name string) bool {
			return name == w.resume || w.resume == dashboard.Everybody
		})
	}
	if p.bot.opts.DryRun {
		return nil
	}
	for _, number := range w.reopen {
		if err := p.reopen(ctx, number); p.fatal("", err) {
			return err
		}
	}
	return nil
}

// grant enters into the limits what a command asks of the chunks.
func (p *pass) grant() {
	w := p.board.wish
	if w.rebuild != 0 {
		p.limits.Rebuild[w.rebuild] = true
	}
	var chunks []plan.Chunk
	for _, c := range p.chunks {
		if w.split == 0 || c.Number != w.split {
			chunks = append(chunks, c)
			continue
		}
		parts := plan.Split(c, w.parts, p.limits)
		if len(parts) > 1 {
			p.limits.Rebuild[w.split] = true
		}
		for _, part := range parts[1:] {
			p.limits.Demanded[part.ID] = true
		}
		chunks = append(chunks, parts...)
	}
	p.chunks = chunks
	for _, c := range p.chunks {
		named := len(w.paths) > 0 && slices.ContainsFunc(c.Files, func(f plan.File) bool { return under(f.Path, w.paths) })
		freed := slices.ContainsFunc(p.board.freed, func(m plan.Marker) bool { return holdsAny(m, c.Files) })
		if named || freed {
			p.limits.Demanded[c.ID] = true
		}
	}
}
