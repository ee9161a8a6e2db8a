package pass

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/campaign"
	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/codemod"
)

// Survey decides as a pass does and tells how far the repository is; nothing is written. A repository without
// configuration or facades has none in its reading. What a person has to mend is the reading's problem.
func Survey(ctx context.Context, at *site.Site, o Options) (*campaign.Reading, error) {
	o.DryRun = true
	w, leave, err := enter(ctx, at, o)
	if err != nil {
		return nil, err
	}
	defer leave()
	seen, wanted, err := w.decide(ctx)
	reading := &campaign.Reading{Repository: w.Meta.FullName}
	var no *refusal
	if err != nil && !errors.As(err, &no) {
		return nil, err
	}
	if no != nil && !seen.idle(no) {
		reading.Problem = no.why
	}
	w.tell(reading)
	if wanted != nil {
		reading.Pulls = wanted.chunkPulls()
	}
	reading.Pulls = append(reading.Pulls, seen.mergedPulls()...)
	return reading, nil
}

// idle says that the repository does not ask for anything: that is no problem.
func (s *seen) idle(no *refusal) bool {
	return s.tree == nil || no.bare || s.conf != nil && len(s.conf.Facades) == 0
}

// tell enters what was read.
func (w *work) tell(reading *campaign.Reading) {
	reading.Head = w.out.Head
	if w.out.Result != nil {
		reading.Facades = append(reading.Facades, w.out.Result.Facades...)
		reading.Left = append(reading.Left, w.out.Result.Left...)
	}
	for _, s := range w.out.Providers {
		reading.Sources = append(reading.Sources, campaign.Source{Repository: s.Repository, SHA: s.SHA, From: s.From})
	}
}

// chunkPulls sorts the chunks into open, waiting and declined ones.
func (w *wanted) chunkPulls() (pulls []campaign.Pull) {
	closed := make(map[int]bool)
	for i := range w.have {
		closed[w.have[i].Number] = w.have[i].State != plan.StateOpen
	}
	for i := range w.chunks {
		pull := campaign.Pull{State: campaign.Open, Names: w.text.NamesByFacade(&w.chunks[i])}
		switch n := w.chunks[i].Number; {
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
func (s *seen) mergedPulls() (pulls []campaign.Pull) {
	for _, issue := range s.issues {
		if marker, ok := plan.ParseMarker(issue.Body); ok && issue.IsPull && issue.Merged {
			pulls = append(pulls, campaign.Pull{State: campaign.Merged, Names: marker.Names})
		}
	}
	return pulls
}

// SurveyProvider tells how much a repository reads modules of another one, whatever its own configuration asks for. The
// revision is the one that the configuration pins, without one the provider's default branch.
func SurveyProvider(ctx context.Context, at *site.Site, o Options, provider string, modules []string) (*campaign.Reading, error) {
	o.DryRun = true
	w, leave, err := enter(ctx, at, o)
	if err != nil {
		return nil, err
	}
	defer leave()
	reading := &campaign.Reading{Repository: w.Meta.FullName}
	s := &seen{work: w}
	var no *refusal
	if err := s.readTree(ctx); errors.As(err, &no) {
		return reading, nil // an empty repository reads nothing
	} else if err != nil {
		return reading, err
	}
	if err := s.readConfig(ctx); err != nil && !errors.As(err, &no) {
		return nil, err
	}
	s.conf = s.asking(provider, modules)
	err = s.changeKnown(ctx)
	if errors.As(err, &no) {
		reading.Problem, err = no.why, nil
	}
	w.tell(reading)
	return reading, err
}

// asking is the configuration, as if it asked for modules of a provider only.
func (s *seen) asking(provider string, modules []string) *config.Config {
	conf := config.Default()
	if s.conf != nil { // without faults
		*conf = *s.conf
	}
	conf.Facades = nil
	for _, module := range modules {
		conf.Facades = append(conf.Facades, config.Facade{Module: module})
	}
	i := slices.IndexFunc(conf.Providers, func(c config.Provider) bool { return strings.EqualFold(c.Repository, provider) })
	if i < 0 && !strings.EqualFold(provider, s.Meta.FullName) {
		conf.Providers = append(slices.Clone(conf.Providers), config.Provider{Repository: provider})
	}
	return conf
}

// changeKnown runs the codemod for those facades that the revisions in use have: one that is newer cannot be read. A
// repository without Python reads nothing either.
func (s *seen) changeKnown(ctx context.Context) error {
	if !slices.ContainsFunc(s.tree.Files(), func(f codemod.File) bool { return strings.HasSuffix(f.Path, ".py") }) {
		return nil
	}
	provided, err := s.Provide(ctx, s.tree, s.conf)
	defer provided.Release()
	var absent *site.ProviderError
	if errors.As(err, &absent) {
		return faulty(absent)
	}
	if err != nil {
		return err
	}
	s.conf.Facades = slices.DeleteFunc(s.conf.Facades, func(f config.Facade) bool {
		return !holdsModule(s.tree, f.Module) && !slices.ContainsFunc(provided.List, func(c codemod.Provider) bool { return holdsModule(c.Tree, f.Module) })
	})
	if len(s.conf.Facades) == 0 {
		return nil
	}
	w := &wanted{seen: s}
	return w.change(ctx)
}

// holdsModule tells whether a file could be the module, below any source root.
func holdsModule(t codemod.Tree, module string) bool {
	path := "/" + strings.ReplaceAll(module, ".", "/")
	return slices.ContainsFunc(t.Files(), func(f codemod.File) bool {
		return strings.HasSuffix("/"+f.Path, path+".py") || strings.HasSuffix("/"+f.Path, path+"/__init__.py")
	})
}
