package codemod

import "context"

// Check holds rules against a tree without planning: a *RulesError names
// every facade and home that does not exist, with what is spelled like it.
// Other errors are those of Plan.
func Check(ctx context.Context, t Tree, r Rules, o Options) error {
	p := newPlanner(t, r, o)
	p.ctx = ctx
	defer p.close()
	if err := p.load(ctx); err != nil {
		return err
	}
	return p.check()
}
