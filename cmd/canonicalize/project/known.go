package project

import (
	"path"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/owners"
)

// Facades are the configured ones, and packages and modules by their paths, for somebody who types one.
func (p *Project) Facades() (all []string) {
	for _, f := range p.Config.Facades {
		all = append(all, f.Module)
	}
	for _, m := range p.Modules() {
		if !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}

// Modules are the modules of the folder by the names that their packages give them, sorted: a folder without an
// __init__.py above them is taken for a source root.
func (p *Project) Modules() (all []string) {
	packages := map[string]bool{}
	files := p.tree.Files()
	for _, f := range files {
		if path.Base(f.Path) == "__init__.py" {
			packages[path.Dir(f.Path)] = true
		}
	}
	for _, f := range files {
		name, isPython := strings.CutSuffix(f.Path, ".py")
		if !isPython {
			continue
		}
		name = strings.TrimSuffix(name, "/__init__")
		top := name
		for dir := path.Dir(name); packages[dir]; dir = path.Dir(dir) {
			top = dir
		}
		root := path.Dir(top)
		all = append(all, strings.ReplaceAll(strings.TrimPrefix(name, root+"/"), "/", "."))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// KnownOwners are those that CODEOWNERS names, sorted.
func (p *Project) KnownOwners() []string {
	all := []string{Nobody}
	if file, err := owners.Find(p.tree.ReadPath); err == nil && file != nil {
		for _, rule := range file.Rules {
			for _, o := range rule.Owners {
				all = append(all, o.Name)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
