package pass

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/ending"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/site"
)

// propose opens the pull request of a step, keeps the open one current, or
// closes it where nothing is left to do.
func (e *end) propose(ctx context.Context, d *ending.Decision) error {
	if d.Step == "" {
		return nil
	}
	r, err := e.asked(ctx, d.Step, d.Names)
	if notYet(err) && d.Pull != nil {
		return e.finish(ctx, d.Pull, "This step cannot be done any more as the branch is now, so this pull request is closed.")
	}
	if notYet(err) {
		e.problem("", err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	files := map[string]*git.Blob{}
	for _, f := range r.Result.Files {
		files[f.Path] = nil
		if f.After != nil {
			files[f.Path] = &git.Blob{Content: f.After, Mode: e.mode(f.Path)}
		}
	}
	switch {
	case len(files) > 0:
		m := ending.Mark{Facade: e.facade, Step: d.Step, Names: d.Names, Base: e.out.Head, Digest: digestOf(files), Files: sortedPaths(files)}
		return e.put(ctx, d, m, files, ending.Title(e.facade, d.Step), ending.Text(r, m, e.memory.Word))
	case d.Pull != nil:
		return e.finish(ctx, d.Pull, "Nothing is left to do in this step, so this pull request is closed.")
	}
	return nil
}

// mode is the mode of a file as it is, or of a new one.
func (e *end) mode(path string) git.Mode {
	f, _ := e.tree.Lookup(path)
	return f.Mode
}

func sortedPaths(files map[string]*git.Blob) (paths []string) {
	for path := range files {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

func digestOf(files map[string]*git.Blob) string {
	h := sha256.New()
	for _, path := range sortedPaths(files) {
		fmt.Fprintf(h, "%q ", path)
		if files[path] != nil {
			fmt.Fprintf(h, "%q", files[path].Content)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// put brings a pull request to what it should hold.
func (e *end) put(ctx context.Context, d *ending.Decision, m ending.Mark, files map[string]*git.Blob, title, body string) error {
	if d.Pull != nil && d.Pull.Mark.Digest == m.Digest {
		return nil
	}
	branch := ending.Branch(e.conf.PullRequests.BranchPrefix, e.facade, m.Step)
	if m.Reverts != 0 {
		branch = ending.RevertBranch(e.conf.PullRequests.BranchPrefix, m.Reverts)
	}
	pushed, err := e.pushStep(ctx, branch, title, files)
	if err != nil || !pushed {
		return err
	}
	if d.Pull != nil {
		_, err := e.Repo.UpdatePull(ctx, d.Pull.Number, github.PullUpdate{Body: &body})
		return e.wrote(err)
	}
	pr, err := e.Repo.CreatePull(ctx, github.NewPull{Title: title, Body: body, Head: branch, Base: e.Meta.DefaultBranch})
	var refused *github.ErrValidation
	if errors.As(err, &refused) && refused.Says("already exists") {
		pr, err = e.find(ctx, branch, err)
	}
	if e.wrote(err) != nil {
		return err
	}
	e.out.Open++
	e.Log.Info("proposed a step", "pr", pr.Number, "facade", e.facade, "step", m.Step)
	d.Pull = &ending.Pull{Number: pr.Number, Mark: m, Open: true}
	c := &plan.Chunk{Owners: e.stepOwners(m), Reviewers: e.stepOwners(m)}
	return e.complete(ctx, pr, c)
}

// stepOwners are the owners of the facade.
func (e *end) stepOwners(m ending.Mark) []string {
	if e.seen.State == nil {
		return nil
	}
	return names(e.owners(e.seen.State.Path))
}

// pushStep makes the commit on top of the base and moves the branch, false if
// people have pushed to it.
func (e *end) pushStep(ctx context.Context, branch, title string, files map[string]*git.Blob) (bool, error) {
	name := site.Heads + branch
	refs, err := e.Mirror.Refs(ctx, name)
	if err != nil {
		return false, err
	}
	old := refs[name]
	if old != "" {
		if ours, err := e.ours(ctx, old); err != nil || !ours {
			return false, err
		}
	}
	base, err := e.Mirror.Info(e.out.Head)
	if err != nil {
		return false, err
	}
	tip, err := e.Mirror.Commit(git.CommitSpec{
		Parent: e.out.Head, Message: title + "\n", Sign: e.Sign, Files: files,
		Author: git.Signature{Name: e.Self, Email: e.email, When: base.Committer.When},
	})
	if err != nil || tip == old {
		return err == nil, err
	}
	tips := map[string]string{}
	err = e.send(ctx, []git.RefUpdate{{Name: name, Old: old, New: tip}}, tips)
	return tips[branch] != "", err
}

// finish closes a pull request with a word.
func (e *end) finish(ctx context.Context, p *ending.Pull, why string) error {
	if err := e.say(ctx, p.Number, plan.NoticeThanks, why); err != nil {
		return err
	}
	p.Mark.Closed = true
	if err := e.remark(ctx, p.Number, p.Mark); err != nil {
		return err
	}
	return e.wrote(e.Repo.ClosePull(ctx, p.Number))
}

// revert opens a pull request that takes back what another one did: each file
// gets the content that it had before, if it has still the one that came then.
func (e *end) revert(ctx context.Context, w *Ending) error {
	pr, err := e.Repo.GetPull(ctx, w.Revert)
	if err != nil {
		return err
	}
	m, ok := ending.ParseMark(pr.Body)
	if !ok || !pr.Merged {
		w.Answer = "This is no merged step of the end of a facade, so there is nothing that I could take back."
		return nil
	}
	files, changed, err := e.before(ctx, pr.MergeCommit, m.Files)
	if err != nil {
		return err
	}
	if len(changed) > 0 {
		w.Answer = fmt.Sprintf("`%s` changed since, so this needs a person: `git revert %s`.", strings.Join(changed, "`, `"), pr.MergeCommit)
		return nil
	}
	back := ending.Mark{Facade: e.facade, Step: m.Step, Names: m.Names, Base: e.out.Head, Digest: digestOf(files), Files: m.Files, Reverts: pr.Number}
	title := fmt.Sprintf("Revert %q", pr.Title)
	body := fmt.Sprintf("This takes back #%d, as @%s asked.\n\nOnce it is merged, that step is off until somebody says `/canonicalize retry %s`. Please say here what broke: it can become a rule under `retire` in the configuration (`effects`, `roots`, `acknowledged`).\n\n%s\n",
		pr.Number, w.By, e.facade, back)
	d := &ending.Decision{}
	if err := e.put(ctx, d, back, files, title, body); err != nil {
		return err
	}
	w.Answer = "The branch could not be pushed."
	if d.Pull != nil {
		w.Answer = fmt.Sprintf("#%d takes it back.", d.Pull.Number)
	}
	return nil
}

// before returns the contents that files had before a commit, and those of them
// that are not what that commit made of them any more.
func (e *end) before(ctx context.Context, commit string, paths []string) (files map[string]*git.Blob, changed []string, err error) {
	if err := e.Mirror.FetchCommits(ctx, commit); err != nil {
		return nil, nil, err
	}
	info, err := e.Mirror.Info(commit)
	if err != nil {
		return nil, nil, err
	}
	was, err := e.Mirror.Tree(ctx, info.Parents[0])
	if err != nil {
		return nil, nil, err
	}
	then, err := e.Mirror.Tree(ctx, commit)
	if err != nil {
		return nil, nil, err
	}
	files = map[string]*git.Blob{}
	for _, path := range paths {
		now, _ := e.tree.Lookup(path)
		made, _ := then.Lookup(path)
		if now.ID != made.ID {
			changed = append(changed, path)
			continue
		}
		old, had, err := was.ReadPath(path)
		if err != nil {
			return nil, nil, err
		}
		files[path] = nil
		if f, _ := was.Lookup(path); had {
			files[path] = &git.Blob{Content: old, Mode: f.Mode}
		}
	}
	return files, changed, nil
}

// watched is for how many of the last steps the branch is watched.
const watched = 3

// watchMain says once, on a merged step, that the checks on its merge fail that
// passed before it, and how to take it back.
func (e *end) watchMain(ctx context.Context) error {
	seen := 0
	for _, p := range e.seen.Pulls {
		if !p.Merged || p.Mark.Reverts != 0 || seen == watched {
			continue
		}
		seen++
		pr, err := e.Repo.GetPull(ctx, p.Number)
		if err != nil {
			return err
		}
		red, err := e.turnedRed(ctx, pr.MergeCommit)
		if err != nil || !red {
			return err
		}
		text := fmt.Sprintf("On %s the checks of `%s` fail, and they passed before this was merged. If it is the cause: say `/canonicalize revert` here, or\n\n    git revert %s\n\nI take nothing back by myself.",
			pr.MergeCommit, e.Meta.DefaultBranch, pr.MergeCommit)
		if err := e.say(ctx, p.Number, "red "+pr.MergeCommit, text); err != nil {
			return err
		}
	}
	return nil
}

// turnedRed says whether checks fail on a commit that passed on its parent.
func (e *end) turnedRed(ctx context.Context, commit string) (bool, error) {
	after, err := e.failing(ctx, commit)
	if err != nil || len(after) == 0 {
		return false, err
	}
	if err := e.Mirror.FetchCommits(ctx, commit); err != nil {
		return false, err
	}
	info, err := e.Mirror.Info(commit)
	if err != nil {
		return false, err
	}
	before, err := e.failing(ctx, info.Parents[0])
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(after, func(name string) bool { return !slices.Contains(before, name) }), nil
}

// failing are the checks of others that fail on a commit.
func (e *end) failing(ctx context.Context, commit string) (names []string, err error) {
	list, err := e.Repo.ListChecks(ctx, commit, "")
	for _, c := range list {
		if (c.Conclusion == "failure" || c.Conclusion == "timed_out") && !strings.EqualFold(c.App+"[bot]", e.Self) {
			names = append(names, c.Name)
		}
	}
	return names, err
}
