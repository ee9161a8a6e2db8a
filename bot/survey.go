package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/campaign"
	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
)

// Survey reads a repository as a pass does and tells how far it is; nothing is written. A repository without
// configuration or facades has none in its reading. What a person has to mend is the reading's problem.
func (b *Bot) Survey(ctx context.Context, r Repo) (*campaign.Reading, error) {
	p, err := b.begin(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("survey %s: %w", r.FullName(), err)
	}
	defer p.end()
	reading := &campaign.Reading{Repository: p.meta.FullName}
	for _, step := range []func(context.Context) error{p.readPulls, p.readTree, p.readConfig, p.change, p.decide} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("survey %s: %w", r.FullName(), err)
		}
		if p.out.Refused != "" {
			break
		}
	}
	reading.Head = p.out.Head
	p.tell(reading)
	reading.Pulls = append(p.chunkPulls(), p.mergedPulls()...)
	if p.out.Refused != "" && !p.idle() {
		reading.Problem = p.out.Refused
	}
	return reading, nil
}

// idle says that the repository does not ask for anything: that is no problem.
func (p *pass) idle() bool {
	return p.tree == nil || p.bare || p.conf != nil && len(p.conf.Facades) == 0
}

// tell enters what the codemod found.
func (p *pass) tell(reading *campaign.Reading) {
	if p.result != nil {
		reading.Facades = append(reading.Facades, p.result.Facades...)
		reading.Left = append(reading.Left, p.result.Left...)
	}
	for _, s := range p.out.Providers {
		reading.Sources = append(reading.Sources, campaign.Source{Repository: s.Repository, SHA: s.SHA, From: s.From})
	}
}

// chunkPulls sorts the chunks into open, waiting and declined ones.
func (p *pass) chunkPulls() (pulls []campaign.Pull) {
	closed := make(map[int]bool)
	for i := range p.have {
		closed[p.have[i].Number] = p.have[i].State != plan.StateOpen
	}
	for i := range p.chunks {
		pull := campaign.Pull{State: campaign.Open, Names: p.namesByFacade(&p.chunks[i])}
		switch n := p.chunks[i].Number; {
		case n == 0:
			pull.State = campaign.Waiting
		case closed[n]:
			pull.State = campaign.Declined
		}
		pulls = append(pulls, pull)
	}
	return pulls
}

// mergedPulls are those that their own marker describes.
func (p *pass) mergedPulls() (pulls []campaign.Pull) {
	for _, issue := range p.issues {
		if marker, ok := plan.ParseMarker(issue.Body); ok && issue.IsPull && issue.Merged {
			pulls = append(pulls, campaign.Pull{State: campaign.Merged, Names: marker.Names})
		}
	}
	return pulls
}

// SurveyProvider tells how much a repository reads modules of another one, whatever its own configuration asks for. The
// revision is the one that the configuration pins, without one the provider's default branch.
func (b *Bot) SurveyProvider(ctx context.Context, r Repo, provider string, modules []string) (*campaign.Reading, error) {
	p, err := b.begin(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("survey %s: %w", r.FullName(), err)
	}
	defer p.end()
	reading := &campaign.Reading{Repository: p.meta.FullName}
	if err := p.readTree(ctx); err != nil || p.out.Refused != "" {
		return reading, err // an empty repository reads nothing
	}
	reading.Head = p.out.Head
	if err := p.readConfig(ctx); err != nil {
		return nil, err
	}
	conf := config.Default()
	if p.conf != nil { // without faults
		*conf = *p.conf
	}
	p.out.Refused, p.conf = "", conf
	conf.Facades = nil
	for _, module := range modules {
		conf.Facades = append(conf.Facades, config.Facade{Module: module})
	}
	i := slices.IndexFunc(conf.Providers, func(c config.Provider) bool { return strings.EqualFold(c.Repository, provider) })
	if i < 0 && !strings.EqualFold(provider, p.meta.FullName) {
		conf.Providers = append(slices.Clone(conf.Providers), config.Provider{Repository: provider})
	}
	if err := p.changeKnown(ctx); err != nil {
		return nil, fmt.Errorf("survey %s: %w", r.FullName(), err)
	}
	p.tell(reading)
	reading.Problem = p.out.Refused
	return reading, nil
}

// changeKnown runs the codemod for those facades that the revisions in use have: one that is newer cannot be read. A
// repository without Python reads nothing either.
func (p *pass) changeKnown(ctx context.Context) error {
	if !slices.ContainsFunc(p.tree.Files(), func(f codemod.File) bool { return strings.HasSuffix(f.Path, ".py") }) {
		return nil
	}
	provided, err := p.bot.provide(ctx, p.client, p.meta, p.tree, p.conf)
	defer provided.release()
	var absent *provideError
	if errors.As(err, &absent) {
		p.out.Refused = absent.Error()
		return nil
	}
	if err != nil {
		return err
	}
	p.conf.Facades = slices.DeleteFunc(p.conf.Facades, func(f config.Facade) bool {
		return !holdsModule(p.tree, f.Module) && !slices.ContainsFunc(provided.list, func(c codemod.Provider) bool { return holdsModule(c.Tree, f.Module) })
	})
	if len(p.conf.Facades) == 0 {
		return nil
	}
	return p.change(ctx)
}

// holdsModule tells whether a file could be the module, below any source root.
func holdsModule(t codemod.Tree, module string) bool {
	path := "/" + strings.ReplaceAll(module, ".", "/")
	return slices.ContainsFunc(t.Files(), func(f codemod.File) bool {
		return strings.HasSuffix("/"+f.Path, path+".py") || strings.HasSuffix("/"+f.Path, path+"/__init__.py")
	})
}
