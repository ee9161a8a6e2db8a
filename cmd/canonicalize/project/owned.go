package project

import (
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/codemod"
)

// Nobody is how files without an owner are asked for.
const Nobody = "none"

// Owned keeps the changes of a result that belong to one of the owners, and with them those that are only correct
// together; "none" stands for files that nobody owns. Owners are given as CODEOWNERS has them, with or without "@"
// and organization, in any case. One who owns nothing that changes is an *InputError.
func (p *Project) Owned(result *codemod.Result, names []string) (*codemod.Result, error) {
	of, err := p.owners()
	if err != nil {
		return nil, err
	}
	owned, all := map[string]bool{}, map[string]bool{}
	coupled := map[int]bool{}
	for _, c := range result.Changes {
		for _, o := range withNobody(of(c.Path)) {
			all[o] = true
			if slices.ContainsFunc(names, func(name string) bool { return sameOwner(name, o) }) {
				owned[c.Path] = true
				coupled[c.Coupled] = true
			}
		}
	}
	for _, name := range names {
		if err := known(name, all); err != nil {
			return nil, err
		}
	}
	kept := *result
	kept.Changes = nil
	for _, c := range result.Changes {
		if owned[c.Path] || c.Coupled != 0 && coupled[c.Coupled] {
			kept.Changes = append(kept.Changes, c)
		}
	}
	kept.Left = slices.DeleteFunc(slices.Clone(result.Left), func(l codemod.Left) bool {
		return !slices.ContainsFunc(withNobody(of(l.Path)), func(o string) bool {
			return slices.ContainsFunc(names, func(name string) bool { return sameOwner(name, o) })
		})
	})
	return &kept, nil
}

// Owners lists who owns a file that changes, sorted.
func (p *Project) Owners(result *codemod.Result) ([]string, error) {
	of, err := p.owners()
	if err != nil {
		return nil, err
	}
	var all []string
	for _, c := range result.Changes {
		all = append(all, withNobody(of(c.Path))...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

func withNobody(set []owners.Owner) []string {
	if len(set) == 0 {
		return []string{Nobody}
	}
	names := make([]string, len(set))
	for i, o := range set {
		names[i] = o.Name
	}
	return names
}

// sameOwner tells whether a name as a person writes it is an owner: GitHub compares without case.
func sameOwner(name, owner string) bool {
	name = strings.TrimPrefix(name, "@")
	owner = strings.TrimPrefix(owner, "@")
	_, team, _ := strings.Cut(owner, "/")
	return strings.EqualFold(name, owner) || team != "" && strings.EqualFold(name, team)
}

func known(name string, all map[string]bool) error {
	var list []string
	for o := range all {
		if sameOwner(name, o) {
			return nil
		}
		list = append(list, o)
	}
	slices.Sort(list)
	if len(list) == 0 {
		return nil // nothing changes, for nobody
	}
	return inputf("--owner %s: nothing that would change is theirs; the owners of what would are %s", name, strings.Join(list, ", "))
}

// OwnersOf tells who owns a path, by name; none for a path that nobody owns.
func (p *Project) OwnersOf() (func(path string) []string, error) {
	of, err := p.owners()
	if err != nil {
		return nil, err
	}
	return func(path string) (names []string) {
		for _, o := range of(path) {
			names = append(names, o.Name)
		}
		return names
	}, nil
}
