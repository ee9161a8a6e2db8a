package project

import (
	"cmp"
	"slices"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
)

// Chunk is the content of a pull request, with its title.
type Chunk struct {
	plan.Chunk
	Title string
}

// Chunks cuts a changeset as the App does when no pull request exists yet; the caps on open pull requests do not
// matter here.
func (p *Project) Chunks(result *codemod.Result) ([]Chunk, error) {
	of, err := p.owners()
	if err != nil {
		return nil, err
	}
	var files []plan.File
	for _, c := range result.Changes {
		files = append(files, p.planFile(c, of))
	}
	prs := p.Config.PullRequests
	limits := plan.Limits{MaxFiles: prs.MaxFiles, MaxLines: prs.MaxLines, MinFiles: prs.MinFiles,
		BranchPrefix: prs.BranchPrefix, Global: prs.Mode == config.Global, Approver: prs.Approver}
	var all []Chunk
	for _, c := range plan.Chunks(files, nil, limits) {
		title, err := prs.RenderTitle(titleData(c))
		if err != nil {
			return nil, inputf("pull_requests.title in the configuration: %w", err)
		}
		all = append(all, Chunk{c, title})
	}
	return all, nil
}

func titleData(c plan.Chunk) config.TemplateData {
	return config.TemplateData{Place: c.Place, Directory: cmp.Or(c.Directory, "the repository root"), Files: len(c.Files), Names: c.Names, Readings: c.Readings,
		Facades: c.Facades, Owners: c.Owners, Chunk: c.ID}
}

func (p *Project) planFile(c codemod.Change, of func(string) []owners.Owner) plan.File {
	add, del := c.Lines()
	f := plan.File{Path: c.Path, Lines: add + del, Names: c.DistinctNames(), Readings: len(c.Names), Coupled: c.Coupled}
	for _, n := range c.Names {
		f.Facades = append(f.Facades, n.Facade)
		f.Group = max(f.Group, p.Config.Group(n.Facade))
	}
	slices.Sort(f.Facades)
	f.Facades = slices.Compact(f.Facades)
	for _, o := range of(c.Path) {
		f.Owners = append(f.Owners, o.Name)
	}
	slices.Sort(f.Owners)
	return f
}

// owners returns who owns a path, by the configuration and CODEOWNERS.
func (p *Project) owners() (func(path string) []owners.Owner, error) {
	file, err := owners.Find(p.tree.ReadPath)
	if err != nil {
		return nil, err
	}
	of, err := p.Config.OwnersOf(file)
	if err != nil {
		return nil, &InputError{err}
	}
	return of, nil
}
