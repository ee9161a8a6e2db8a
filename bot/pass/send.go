package pass

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/site"
)

// ours says whether the bot made a commit of the server.
func (w *work) ours(ctx context.Context, sha string) (bool, error) {
	if err := w.Mirror.FetchCommits(ctx, sha); err != nil {
		return false, fmt.Errorf("look at commit %s: %w", sha, err)
	}
	info, err := w.Mirror.Info(sha)
	return err == nil && w.isOurs(info.Author.Email, info.Committer.Email), err
}

// send moves the branches and enters those that are right now into tips.
func (s *seen) send(ctx context.Context, updates []git.RefUpdate, tips map[string]string) error {
	s.Stage("push", 0, len(updates))
	if s.conf.PullRequests.Commits == config.Verified {
		return s.sendByAPI(ctx, updates, tips)
	}
	results, err := s.Push(ctx, updates)
	if err != nil {
		return err
	}
	s.out.Writes++
	for i, r := range results {
		branch := strings.TrimPrefix(r.Name, site.Heads)
		switch {
		case r.Err == nil:
			tips[branch] = updates[i].New
		case errors.Is(r.Err, git.ErrLease):
			s.Log.Info("the branch moved meanwhile", "branch", branch)
		default:
			s.problem(branch, "branches could not be pushed: "+site.WhyRefused(r.Err))
			s.Log.Warn("push refused", "branch", branch, "error", r.Err)
		}
	}
	return nil
}

// sendByAPI moves all branches in one call, and one by one if one of them may
// not be moved. The lease is the same as that of a push.
func (s *seen) sendByAPI(ctx context.Context, updates []git.RefUpdate, tips map[string]string) error {
	moves := make([]github.RefMove, len(updates))
	for i, u := range updates {
		moves[i] = github.RefMove{Name: u.Name, Old: u.Old, New: u.New}
	}
	err := s.wrote(s.Repo.MoveRefs(ctx, s.Meta.NodeID, moves))
	var refused *github.ErrValidation
	if errors.As(err, &refused) && len(updates) > 1 {
		for i := range updates {
			if err := s.sendByAPI(ctx, updates[i:i+1], tips); err != nil {
				return err
			}
		}
		return nil
	}
	branch := strings.TrimPrefix(updates[0].Name, site.Heads)
	if errors.As(err, &refused) {
		s.problem(branch, "branches could not be pushed: "+site.WhyRefused(err))
		s.Log.Warn("push refused", "branch", branch, "error", err)
		return nil
	}
	if s.fatal(branch, err) {
		return err
	}
	for _, u := range updates {
		if err == nil {
			tips[strings.TrimPrefix(u.Name, site.Heads)] = u.New
		}
	}
	return nil
}

// named is how the bot's branches end.
var named = regexp.MustCompile(`-[0-9a-f]{8}$`)

// sweep deletes branches of the bot that no pull request needs: of those that
// it closed itself, and of openings that were interrupted and are not wanted
// any more. Branches of merged and declined pull requests stay.
func (e *effects) sweep(ctx context.Context) error {
	refs, err := e.branches(ctx)
	if err != nil {
		return err
	}
	keep := e.needed()
	var updates []git.RefUpdate
	for name, sha := range refs {
		branch := strings.TrimPrefix(name, site.Heads)
		if !strings.HasPrefix(branch, e.conf.PullRequests.BranchPrefix) || keep[branch] || keep[plan.ChunkID(branch)] || !named.MatchString(branch) {
			continue
		}
		ours, err := e.ours(ctx, sha)
		if err != nil {
			return err
		}
		if ours {
			updates = append(updates, git.RefUpdate{Name: name, Old: sha})
		}
	}
	if len(updates) == 0 {
		return nil
	}
	sort.Slice(updates, func(i, j int) bool { return updates[i].Name < updates[j].Name })
	results, err := e.Push(ctx, updates)
	if err != nil {
		return err
	}
	e.out.Writes++
	for _, r := range results {
		if r.Err != nil {
			e.Log.Info("a branch that is no longer needed stays", "branch", strings.TrimPrefix(r.Name, site.Heads), "error", r.Err)
		}
	}
	return nil
}

// needed lists branches, and identities of chunks whose branches, are to stay.
func (e *effects) needed() map[string]bool {
	keep := make(map[string]bool)
	for _, pr := range e.pulls {
		keep[pr.Head.Branch] = true
	}
	for _, c := range e.chunks {
		keep[c.Branch] = true
	}
	for _, branch := range e.closed {
		delete(keep, branch)
	}
	for _, issue := range e.issues {
		if marker, ok := plan.ParseMarker(issue.Body); ok && issue.IsPull && issue.State == "closed" && marker.Closed == "" {
			keep[marker.Chunk] = true
		}
	}
	return keep
}
