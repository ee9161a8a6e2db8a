package service

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/canonicalize/canonicalize/bot"
	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/bot/web"
	"github.com/canonicalize/canonicalize/codemod"
)

// mostLeft bounds how many left references a snapshot keeps; the page says how many there are.
const mostLeft = 2000

// snapshotOf is how a repository stands after a pass, as its pages show it.
func snapshotOf(r store.Repository, out *bot.Outcome) (*web.Repository, []store.Progress) {
	repo := &web.Repository{Name: r.FullName(), Branch: r.DefaultBranch, Head: out.Head, Why: out.Refused}
	for _, p := range out.Problems {
		repo.Problems = append(repo.Problems, p.Text)
	}
	if out.Result != nil {
		repo.Facades, repo.References = FacadesOf(out.Result)
		repo.Left = LeftOf(out.Result)
		if more := len(repo.Left) - mostLeft; more > 0 {
			repo.Left, repo.Note = repo.Left[:mostLeft], fmt.Sprintf("Of %d left references the first %d are shown; `canonicalize plan --json` lists all.", more+mostLeft, mostLeft)
		}
	}
	var progress []store.Progress
	if out.Board != nil {
		progress = addBoard(repo, out.Board)
	}
	return repo, progress
}

// addBoard adds what the dashboard says.
func addBoard(repo *web.Repository, v *dashboard.View) (progress []store.Progress) {
	if repo.Why == "" {
		repo.Why = v.Hold
	}
	repo.Paused = append(repo.Paused, v.Paused...)
	for _, p := range v.Open {
		repo.Pulls = append(repo.Pulls, web.Pull{Number: p.Number, Title: p.Place, State: web.Open, Owners: p.Owners, Files: p.Files, Note: p.Note})
	}
	for _, p := range v.Declined {
		repo.Pulls = append(repo.Pulls, web.Pull{Number: p.Number, Title: p.Place, State: web.Closed, Owners: p.Owners, Files: p.Files, Note: p.Note})
	}
	for _, c := range v.Waiting {
		repo.Pulls = append(repo.Pulls, web.Pull{Title: c.Place, State: web.Waiting, Owners: c.Owners, Files: c.Files, Note: c.Why})
	}
	for _, t := range v.Teams {
		repo.Teams = append(repo.Teams, web.Team{Name: t.Name, Done: t.Done, Total: t.Total})
		progress = append(progress, store.Progress{Team: t.Name, Done: t.Done, Total: t.Total})
	}
	return progress
}

// remember keeps how the repository stands for the pages.
func remember(ctx context.Context, db *store.Store, r store.Repository, out *bot.Outcome) error {
	repo, progress := snapshotOf(r, out)
	content, err := json.Marshal(repo)
	if err != nil {
		return fmt.Errorf("write down how %s stands: %w", r.FullName(), err)
	}
	return db.SaveSnapshot(ctx, r.ID, content, progress)
}

// FacadesOf is what pages show of the facades of a plan, and how many references to them there are.
func FacadesOf(result *codemod.Result) (facades []web.Facade, references int) {
	for _, f := range result.Facades {
		facade := web.Facade{Module: f.Module, Path: f.Path, Consumers: f.Consumers, References: f.References}
		for _, n := range f.Names {
			facade.Names = append(facade.Names, web.Name{Name: n.Name, Home: n.Home, Reason: string(n.Reason),
				Readers: n.Readers, Losers: n.Losers, Accidental: n.Accidental})
		}
		facades = append(facades, facade)
		references += f.References
	}
	return facades, references
}

// LeftOf is what pages show of the left references of a plan.
func LeftOf(result *codemod.Result) []web.Left {
	var all []web.Left
	for _, l := range result.Left {
		all = append(all, web.Left{Path: l.Path, Line: l.Line, Facade: l.Facade, Name: l.Name, Reason: string(l.Reason), Detail: l.Detail})
	}
	return all
}

// history sums up a repository's progress by day.
func history(all []store.Progress) (days []web.Day) {
	for _, p := range all {
		i := slices.IndexFunc(days, func(d web.Day) bool { return d.Day == p.Day })
		if i < 0 {
			i, days = len(days), append(days, web.Day{Day: p.Day})
		}
		days[i].Done += p.Done
		days[i].Total += p.Total
	}
	return days
}
