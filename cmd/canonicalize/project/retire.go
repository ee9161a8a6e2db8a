package project

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// Retire says where the facade stands, and carries out a step; names are those of a narrow step. Consumers are the
// folders of other repositories, absolute, which read the facade at the revision that they pin and at the current one.
// A step that cannot be done yet, or not at all, is an *InputError.
func (p *Project) Retire(ctx context.Context, step retire.Step, names, consumers []string, tell Progress) (*codemod.Retirement, error) {
	facade, err := p.onlyFacade()
	if err != nil {
		return nil, err
	}
	of, err := p.owners()
	if err != nil {
		return nil, err
	}
	options := codemod.RetireOptions{
		Options: codemod.Options{Progress: tell, Cache: codemod.NewCache()},
		Facade:  p.Config.RetireRules(facade), Step: step, Names: names,
		Owner: func(path string) string { return ownerSet(of(path)) },
	}
	for _, dir := range consumers {
		options.Consumers = append(options.Consumers, p.consumer(dir, consumers)...)
	}
	return p.retired(codemod.Retire(ctx, p.tree, p.Rules(), options))
}

// retired makes what is wrong with the wishes an error of the one who called.
func (p *Project) retired(r *codemod.Retirement, err error) (*codemod.Retirement, error) {
	var notYet *retire.NotYetError
	switch {
	case errors.As(err, &notYet):
		return r, &InputError{err}
	case err != nil:
		return nil, asInput(p.withAbsent(err))
	}
	return r, nil
}

// onlyFacade is the facade that is meant: one at a time ends.
func (p *Project) onlyFacade() (string, error) {
	switch facades := p.Config.Facades; len(facades) {
	case 0:
		return "", errNoFacade()
	case 1:
		return facades[0].Module, nil
	}
	return "", inputf("there is more than one facade: say with --facade MODULE which is to be retired")
}

func ownerSet(set []owners.Owner) (out string) {
	for _, o := range set {
		if out != "" {
			out += " "
		}
		out += o.Name
	}
	return out
}

// consumer opens a repository that may read the facade: as it pins this one, if it does, and as it would read what is
// here. One that cannot be opened is known to be unknown.
func (p *Project) consumer(dir string, all []string) []codemod.Consumer {
	name := nameOf(dir, all)
	c, err := Open(Place{Root: dir}, nil)
	if err != nil {
		return []codemod.Consumer{{Name: name, Unknown: err.Error()}}
	}
	rules := c.Config.Rules()
	out := []codemod.Consumer{{Name: name, Tree: c.tree, Rules: rules}}
	own := filepath.Base(p.Dir)
	if conf := c.configured(own); conf.Ref != "" || conf.Pinned() {
		pinned, err := c.openProvider(own, p.Dir, func(path string) string { return path })
		if err != nil {
			return append(out, codemod.Consumer{Name: name, Unknown: err.Error()})
		}
		out = append(out, codemod.Consumer{Name: name, Revision: pinned.Revision, Tree: c.tree, Rules: rules, Facade: &pinned.Provider})
	}
	return out
}

// StepNamed finds a step that a person named.
func StepNamed(name string) (retire.Step, error) {
	if step := retire.Step(name); slices.Contains(retire.Steps(), step) {
		return step, nil
	}
	return "", inputf("there is no step %s: use %s", name, stepNames())
}

func stepNames() (out string) {
	for i, s := range retire.Steps() {
		if i > 0 {
			out += ", "
		}
		out += string(s)
	}
	return out
}

// Guard finds what facades that have ended, or are about to, must not have, in what was named.
func (p *Project) Guard(ctx context.Context) ([]codemod.Finding, error) {
	found, err := codemod.Guard(ctx, p.tree, p.Rules(), p.Config.Endings(), codemod.Options{Cache: p.facts()})
	return slices.DeleteFunc(found, func(f codemod.Finding) bool { return !p.Asked(f.Path) }), err
}
