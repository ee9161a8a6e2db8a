package pass

import (
	"context"
	"strings"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/codemod"
)

// lookForeign finds out whether somebody took a branch over. The tip that the
// marker remembers needs no look, nor do commits of the bot's own. Any other
// tip is judged by what it contains: "Update branch" and a rebase on GitHub
// bring commits of people that change nothing of what the bot proposed.
func (w *wanted) lookForeign(ctx context.Context, pr *plan.PullRequest) error {
	if pr.Head == pr.Marker.Head || pr.Foreign {
		return nil
	}
	commits, err := w.Repo.PullCommits(ctx, pr.Number)
	if err != nil {
		return err
	}
	others := false
	for _, c := range commits {
		others = others || !w.isOurs(c.AuthorEmail, c.CommitterEmail)
	}
	if !others {
		return nil
	}
	d, err := w.Compare(ctx, pr.Head, pr.Base)
	if err != nil || d == nil {
		return err // it moved just now: the next pass looks again
	}
	same, err := proposes(d, pr.Marker)
	pr.Foreign = !same
	return err
}

// proposes says whether a branch changes what its marker says, and no more. A
// file that it does not change any more was taken back by a person, unless the
// base branch has the change itself.
func proposes(d *site.Diff, m plan.Marker) (bool, error) {
	seen := make(map[string]bool, len(d.Files))
	for _, f := range d.Files {
		mark, ok := m.Mark(f.Path)
		same, err := sameDiff(d, f, mark)
		if err != nil || !ok || !same {
			return false, err
		}
		seen[f.Path] = true
	}
	if len(seen) == len(m.Files) {
		return true, nil
	}
	for _, f := range d.Base.Files() {
		mark, ok := m.Mark(f.Path)
		if !ok || seen[f.Path] {
			continue
		}
		before, err := d.Base.Read(f)
		if err != nil || strings.HasPrefix(digest(before), mark.Before) {
			return false, err
		}
	}
	return true, nil
}

func sameDiff(d *site.Diff, f git.FileDiff, mark plan.FileMark) (bool, error) {
	before, found, err := d.Base.ReadPath(f.Path)
	if err != nil || !found {
		return false, err
	}
	after, found, err := d.Head.ReadPath(f.Path)
	if err != nil || !found {
		return false, err
	}
	own, _ := ownDiff(codemod.Change{Path: f.Path, Before: before, After: after})
	return mark.Digest != "" && strings.HasPrefix(own, mark.Digest), nil
}
