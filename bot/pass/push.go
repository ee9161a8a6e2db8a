package pass

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/codemod"
)

// push brings the branches of all new and changed chunks to GitHub, and gives
// the tips of those that are there. A commit is a function of the base commit
// and the chunk, so that a branch which an interrupted pass pushed is found to
// be right and is not pushed again.
func (e *effects) push(ctx context.Context) (map[string]string, error) {
	tips := make(map[string]string)
	actions := e.pushes()
	var refs map[string]string
	var err error
	if len(actions) > 0 {
		if refs, err = e.branches(ctx); err != nil {
			return nil, err
		}
	}
	if blocking := site.InTheWay(e.conf.PullRequests.BranchPrefix, refs); blocking != "" {
		e.problem("", fmt.Sprintf("the branch %s is in the way of every branch %s…: delete or rename it, or set pull_requests.branch_prefix in %s to another one, such as %s-",
			blocking, e.conf.PullRequests.BranchPrefix, config.Path, blocking))
		return tips, nil
	}
	var updates []git.RefUpdate
	for _, a := range actions {
		u, ok, err := e.update(ctx, a, refs)
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
	return tips, e.send(ctx, updates, tips)
}

func (e *effects) pushes() []plan.Action {
	var list []plan.Action
	for _, a := range e.out.Actions {
		if a.Kind == plan.Open || a.Kind == plan.UpdateBranch {
			list = append(list, a)
		}
	}
	return list
}

// branches lists the branches below the prefix, and those in their way, as the
// server has them.
func (e *effects) branches(ctx context.Context) (map[string]string, error) {
	return e.Mirror.Refs(ctx, site.Around(e.conf.PullRequests.BranchPrefix))
}

// update makes the commit of an action and the move of its branch, false when
// the branch is not to be moved. The lease is what the decision was made on.
func (e *effects) update(ctx context.Context, a plan.Action, refs map[string]string) (git.RefUpdate, bool, error) {
	name := site.Heads + a.Branch
	u := git.RefUpdate{Name: name, Old: a.Lease}
	if a.Kind == plan.Open && refs[name] != "" {
		ours, err := e.ours(ctx, refs[name])
		if err != nil {
			return u, false, err
		}
		if !ours {
			e.problem(a.Branch, "a branch of this name exists and is not the bot's: rename or delete it")
			return u, false, nil
		}
		u.Old = refs[name]
	}
	same, err := e.pushed(ctx, a.Chunk, u.Old)
	if err != nil || same {
		u.New = u.Old
		return u, same, err
	}
	u.New, err = e.commit(ctx, a.Chunk)
	return u, err == nil, err
}

// commit makes the commit of a chunk on top of the base.
func (e *effects) commit(ctx context.Context, c *plan.Chunk) (string, error) {
	message, err := e.message(c)
	if err != nil {
		return "", err
	}
	if e.conf.PullRequests.Commits == config.Verified {
		return e.verified(ctx, c, message)
	}
	spec, err := e.spec(c, message)
	if err != nil {
		return "", err
	}
	spec.Sign = e.Sign
	return e.Mirror.Commit(spec)
}

// spec describes the commit of a chunk without a signature.
func (e *effects) spec(c *plan.Chunk, message string) (git.CommitSpec, error) {
	base, err := e.Mirror.Info(e.out.Head)
	if err != nil {
		return git.CommitSpec{}, err
	}
	spec := git.CommitSpec{
		Parent: e.out.Head, Message: message,
		Author: git.Signature{Name: e.Self, Email: e.email, When: base.Committer.When},
		Files:  make(map[string]*git.Blob, len(c.Files)),
	}
	for _, f := range c.Files {
		change := e.text.Changes[f.Path]
		spec.Files[f.Path] = &git.Blob{Content: change.After, Mode: git.Mode(change.Mode)}
	}
	return spec, nil
}

// pushed says whether a branch is right already, at tip, though a signature
// or GitHub's clock gave its commit another name than the same one would get
// now.
func (e *effects) pushed(ctx context.Context, c *plan.Chunk, tip string) (bool, error) {
	verified := e.conf.PullRequests.Commits == config.Verified
	if tip == "" || !verified && e.Sign == nil {
		return false, nil
	}
	if err := e.Mirror.FetchCommits(ctx, tip); err != nil {
		return false, fmt.Errorf("look at commit %s: %w", tip, err)
	}
	message, err := e.message(c)
	if err != nil {
		return false, err
	}
	spec, err := e.spec(c, message)
	if err != nil {
		return false, err
	}
	sha, err := e.Mirror.Commit(spec)
	if err != nil {
		return false, err
	}
	want, err := e.Mirror.Info(sha)
	if err != nil {
		return false, err
	}
	have, err := e.Mirror.Info(tip)
	return err == nil && have.Tree == want.Tree && slices.Equal(have.Parents, want.Parents) &&
		strings.TrimSpace(have.Message) == strings.TrimSpace(want.Message), err
}

// verified has GitHub make the commit, so that GitHub signs it.
func (e *effects) verified(ctx context.Context, c *plan.Chunk, message string) (string, error) {
	var files []github.TreeFile
	for _, f := range c.Files {
		change := e.text.Changes[f.Path]
		mode := "100644"
		if change.Mode == codemod.Executable {
			mode = "100755"
		}
		files = append(files, github.TreeFile{Path: f.Path, Mode: mode, Content: change.After})
	}
	sha, err := e.Repo.CreateCommit(ctx, e.out.Head, message, files)
	return sha, e.wrote(err)
}

// message is the commit message with its trailers.
func (e *effects) message(c *plan.Chunk) (string, error) {
	conf := e.conf.PullRequests
	message, err := e.text.Message(c)
	if err != nil {
		return "", err
	}
	var trailers []string
	for _, person := range conf.CoAuthors {
		trailers = append(trailers, "Co-authored-by: "+person)
	}
	if conf.SignOff {
		trailers = append(trailers, fmt.Sprintf("Signed-off-by: %s <%s>", e.Self, e.email))
	}
	if len(trailers) > 0 {
		message += "\n\n" + strings.Join(trailers, "\n")
	}
	return message + "\n", nil
}
