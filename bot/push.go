package bot

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
)

const heads = "refs/heads/"

// push brings the branches of all new and changed chunks to GitHub, and gives
// the tips of those that are there. A commit is a function of the base commit
// and the chunk, so that a branch which an interrupted pass pushed is found to
// be right and is not pushed again.
func (p *pass) push(ctx context.Context) (map[string]string, error) {
	tips := make(map[string]string)
	actions := p.pushes()
	var refs map[string]string
	var err error
	if len(actions) > 0 {
		if refs, err = p.branches(ctx); err != nil {
			return nil, err
		}
	}
	var updates []git.RefUpdate
	for _, a := range actions {
		u, ok, err := p.update(ctx, a, refs)
		if err != nil {
			return nil, err
		}
		switch {
		case !ok:
		case u.Old == u.New:
			tips[a.Branch] = u.New
		default:
			updates = append(updates, u)
		}
	}
	if len(updates) == 0 {
		return tips, nil
	}
	return tips, p.send(ctx, updates, tips)
}

func (p *pass) pushes() []plan.Action {
	var list []plan.Action
	for _, a := range p.out.Actions {
		if a.Kind == plan.Open || a.Kind == plan.UpdateBranch {
			list = append(list, a)
		}
	}
	return list
}

// branches lists the branches below the prefix, as the server has them.
func (p *pass) branches(ctx context.Context) (map[string]string, error) {
	return p.mirror.Refs(ctx, heads+p.conf.PullRequests.BranchPrefix)
}

// update makes the commit of an action and the move of its branch, false when
// the branch is not to be moved. The lease is what the decision was made on.
func (p *pass) update(ctx context.Context, a plan.Action, refs map[string]string) (git.RefUpdate, bool, error) {
	name := heads + a.Branch
	u := git.RefUpdate{Name: name, Old: a.Lease}
	if a.Kind == plan.Open && refs[name] != "" {
		ours, err := p.ours(ctx, refs[name])
		if err != nil {
			return u, false, err
		}
		if !ours {
			p.problem(a.Branch, "a branch of this name exists and is not the bot's: rename or delete it")
			return u, false, nil
		}
		u.Old = refs[name]
	}
	same, err := p.pushed(ctx, a.Chunk, u.Old)
	if err != nil || same {
		u.New = u.Old
		return u, same, err
	}
	u.New, err = p.commit(ctx, a.Chunk)
	return u, err == nil, err
}

// ours says whether the bot made a commit of the server.
func (p *pass) ours(ctx context.Context, sha string) (bool, error) {
	if err := p.mirror.FetchCommits(ctx, sha); err != nil {
		return false, fmt.Errorf("look at commit %s: %w", sha, err)
	}
	info, err := p.mirror.Info(sha)
	return err == nil && p.isOurs(info.Author.Email, info.Committer.Email), err
}

// commit makes the commit of a chunk on top of the base.
func (p *pass) commit(ctx context.Context, c *plan.Chunk) (string, error) {
	message, err := p.message(c)
	if err != nil {
		return "", err
	}
	if p.conf.PullRequests.Commits == config.Verified {
		return p.verified(ctx, c, message)
	}
	spec, err := p.spec(c, message)
	if err != nil {
		return "", err
	}
	spec.Sign = p.bot.opts.Sign
	return p.mirror.Commit(spec)
}

// spec describes the commit of a chunk without a signature.
func (p *pass) spec(c *plan.Chunk, message string) (git.CommitSpec, error) {
	base, err := p.mirror.Info(p.out.Head)
	if err != nil {
		return git.CommitSpec{}, err
	}
	spec := git.CommitSpec{
		Parent: p.out.Head, Message: message,
		Author: git.Signature{Name: p.self, Email: p.email, When: base.Committer.When},
		Files:  make(map[string]*git.Blob, len(c.Files)),
	}
	for _, f := range c.Files {
		change := p.changes[f.Path]
		spec.Files[f.Path] = &git.Blob{Content: change.After, Mode: git.Mode(change.Mode)}
	}
	return spec, nil
}

// pushed says whether a branch is right already, at tip, though a signature
// or GitHub's clock gave its commit another name than the same one would get
// now.
func (p *pass) pushed(ctx context.Context, c *plan.Chunk, tip string) (bool, error) {
	verified := p.conf.PullRequests.Commits == config.Verified
	if tip == "" || !verified && p.bot.opts.Sign == nil {
		return false, nil
	}
	if err := p.mirror.FetchCommits(ctx, tip); err != nil {
		return false, fmt.Errorf("look at commit %s: %w", tip, err)
	}
	message, err := p.message(c)
	if err != nil {
		return false, err
	}
	spec, err := p.spec(c, message)
	if err != nil {
		return false, err
	}
	sha, err := p.mirror.Commit(spec)
	if err != nil {
		return false, err
	}
	want, err := p.mirror.Info(sha)
	if err != nil {
		return false, err
	}
	have, err := p.mirror.Info(tip)
	return err == nil && have.Tree == want.Tree && slices.Equal(have.Parents, want.Parents) &&
		strings.TrimSpace(have.Message) == strings.TrimSpace(want.Message), err
}

// verified has GitHub make the commit, so that GitHub signs it.
func (p *pass) verified(ctx context.Context, c *plan.Chunk, message string) (string, error) {
	var files []github.TreeFile
	for _, f := range c.Files {
		change := p.changes[f.Path]
		mode := "100644"
		if change.Mode == codemod.Executable {
			mode = "100755"
		}
		files = append(files, github.TreeFile{Path: f.Path, Mode: mode, Content: change.After})
	}
	sha, err := p.repo.CreateCommit(ctx, p.out.Head, message, files)
	return sha, p.wrote(err)
}

// message is the commit message with its trailers.
func (p *pass) message(c *plan.Chunk) (string, error) {
	conf := p.conf.PullRequests
	message, err := conf.RenderMessage(p.templateData(c))
	if err != nil {
		return "", fmt.Errorf("render pull_requests.commit_message: %w", err)
	}
	var trailers []string
	for _, person := range conf.CoAuthors {
		trailers = append(trailers, "Co-authored-by: "+person)
	}
	if conf.SignOff {
		trailers = append(trailers, fmt.Sprintf("Signed-off-by: %s <%s>", p.self, p.email))
	}
	if len(trailers) > 0 {
		message += "\n\n" + strings.Join(trailers, "\n")
	}
	return message + "\n", nil
}

// send moves the branches and enters those that are right now into tips.
func (p *pass) send(ctx context.Context, updates []git.RefUpdate, tips map[string]string) error {
	p.bot.opts.Stage("push", 0, len(updates))
	if p.conf.PullRequests.Commits == config.Verified {
		return p.sendByAPI(ctx, updates, tips)
	}
	results, err := p.mirror.Push(ctx, updates)
	if err != nil {
		return err
	}
	p.out.Writes++
	for i, r := range results {
		branch := strings.TrimPrefix(r.Name, heads)
		switch {
		case r.Err == nil:
			tips[branch] = updates[i].New
		case errors.Is(r.Err, git.ErrLease):
			p.lg.Info("the branch moved meanwhile", "branch", branch)
		default:
			p.problem(branch, "the branch could not be pushed: "+r.Err.Error())
			p.lg.Warn("push refused", "branch", branch, "error", r.Err)
		}
	}
	return nil
}

// sendByAPI moves all branches in one call, and one by one if one of them may
// not be moved. The lease is the same as that of a push.
func (p *pass) sendByAPI(ctx context.Context, updates []git.RefUpdate, tips map[string]string) error {
	moves := make([]github.RefMove, len(updates))
	for i, u := range updates {
		moves[i] = github.RefMove{Name: u.Name, Old: u.Old, New: u.New}
	}
	err := p.wrote(p.repo.MoveRefs(ctx, p.meta.NodeID, moves))
	var refused *github.ErrValidation
	if errors.As(err, &refused) && len(updates) > 1 {
		for i := range updates {
			if err := p.sendByAPI(ctx, updates[i:i+1], tips); err != nil {
				return err
			}
		}
		return nil
	}
	if p.fatal(strings.TrimPrefix(updates[0].Name, heads), err) {
		return err
	}
	for _, u := range updates {
		if err == nil {
			tips[strings.TrimPrefix(u.Name, heads)] = u.New
		}
	}
	return nil
}

// named is how the bot's branches end.
var named = regexp.MustCompile(`-[0-9a-f]{8}$`)

// sweep deletes branches of the bot that no pull request needs: of those that
// it closed itself, and of openings that were interrupted and are not wanted
// any more. Branches of merged and declined pull requests stay.
func (p *pass) sweep(ctx context.Context) error {
	refs, err := p.branches(ctx)
	if err != nil {
		return err
	}
	keep := p.needed()
	var updates []git.RefUpdate
	for name, sha := range refs {
		branch := strings.TrimPrefix(name, heads)
		if keep[branch] || keep[chunkID(branch)] || !named.MatchString(branch) {
			continue
		}
		ours, err := p.ours(ctx, sha)
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
	results, err := p.mirror.Push(ctx, updates)
	if err != nil {
		return err
	}
	p.out.Writes++
	for _, r := range results {
		if r.Err != nil {
			p.lg.Info("a branch that is no longer needed stays", "branch", strings.TrimPrefix(r.Name, heads), "error", r.Err)
		}
	}
	return nil
}

// needed lists branches, and identities of chunks whose branches, are to stay.
func (p *pass) needed() map[string]bool {
	keep := make(map[string]bool)
	for _, pr := range p.pulls {
		keep[pr.Head.Branch] = true
	}
	for _, c := range p.chunks {
		keep[c.Branch] = true
	}
	for _, branch := range p.closed {
		delete(keep, branch)
	}
	for _, issue := range p.issues {
		if marker, ok := plan.ParseMarker(issue.Body); ok && issue.IsPull && issue.State == "closed" && marker.Closed == "" {
			keep[marker.Chunk] = true
		}
	}
	return keep
}
