package pass

import (
	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/plan"
)

// tally counts for one owner.
type tally struct {
	team dashboard.Team
	todo int // files that still have to change
	done int // files of merged pull requests that need no change any more
}

// progress counts files and pull requests by owner. The whole is what was
// there at the most: what people change by themselves counts as done, too.
func (e *effects) progress(v dashboard.View) []dashboard.Team {
	teams := make(map[string]*tally)
	each := func(owners []string, count func(*tally)) {
		if len(owners) == 0 {
			owners = []string{""}
		}
		for _, name := range owners {
			if teams[name] == nil {
				teams[name] = &tally{team: dashboard.Team{Name: name}}
			}
			count(teams[name])
		}
	}
	wanted := make(map[string]bool)
	for i := range e.chunks {
		for _, f := range e.chunks[i].Files {
			for _, key := range plan.Keys(f.Path) {
				wanted[key] = true
			}
		}
		each(e.chunks[i].Owners, func(t *tally) { t.todo += len(e.chunks[i].Files) })
	}
	e.merged(wanted, each)
	for _, pr := range v.Open {
		each(pr.Owners, func(t *tally) { t.team.Open++ })
	}
	for _, c := range v.Waiting {
		each(c.Owners, func(t *tally) { t.team.Waiting++ })
	}
	for _, pr := range v.Declined {
		each(pr.Owners, func(t *tally) { t.team.Declined++ })
	}
	for name := range e.board.memory.Most {
		each([]string{name}, func(*tally) {})
	}
	var list []dashboard.Team
	for name, t := range teams {
		t.team.Total = max(e.board.memory.Most[name], t.todo+t.done)
		t.team.Done = t.team.Total - t.todo
		list = append(list, t.team)
	}
	return list
}

// merged counts each file of merged pull requests once for each owner.
func (e *effects) merged(wanted map[string]bool, each func([]string, func(*tally))) {
	type key struct{ owner, path string }
	counted := make(map[key]bool)
	for _, issue := range e.issues {
		marker, ok := plan.ParseMarker(issue.Body)
		if !ok || !issue.Merged {
			continue
		}
		for path := range marker.Files {
			if wanted[path] {
				continue
			}
			each(marker.Owners, func(t *tally) {
				k := key{t.team.Name, path}
				if !counted[k] {
					counted[k] = true
					t.done++
				}
			})
		}
	}
}
