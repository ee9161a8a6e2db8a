package preview

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/owners"
)

// people are the accounts that own files of a repository.
type people struct {
	owner string              // the organization that the repository is served under
	teams map[string][]string // organization → slugs of teams, sorted
	users []string            // logins, sorted
}

// defaultOwner is the organization of a repository whose CODEOWNERS names no team.
const defaultOwner = "preview"

// peopleOf collects the accounts that owners name. Only teams of the organization that holds a repository can own
// its files, so the organization that is named most often is the one that the repository is served under.
func peopleOf(named []owners.Owner) people {
	teams := map[string]map[string]bool{}
	users := map[string]bool{}
	mentions := map[string]int{}
	for _, o := range named {
		switch o.Kind {
		case owners.Team:
			org, slug, _ := strings.Cut(o.Login(), "/")
			if teams[org] == nil {
				teams[org] = map[string]bool{}
			}
			teams[org][slug] = true
			mentions[org]++
		case owners.User:
			users[o.Login()] = true
		}
	}
	p := people{owner: defaultOwner, teams: map[string][]string{}, users: slices.Sorted(maps.Keys(users))}
	for org, slugs := range teams {
		p.teams[org] = slices.Sorted(maps.Keys(slugs))
	}
	orgs := slices.SortedFunc(maps.Keys(mentions), func(a, b string) int {
		return cmp.Or(cmp.Compare(mentions[b], mentions[a]), cmp.Compare(a, b))
	})
	if len(orgs) > 0 {
		p.owner = orgs[0]
	}
	return p
}
