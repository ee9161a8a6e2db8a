package commander

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/command"
	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/description"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/pass"
	"github.com/canonicalize/canonicalize/bot/reviewer"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod"
)

// fix commits what the review finds, or with `all` everything in the files
// that the pull request touches.
func (d *doing) fix(ctx context.Context) (string, error) {
	if d.place == command.OnOwnPull {
		return d.refresh(ctx)
	}
	if err := d.isOpen(); err != nil {
		return "", err
	}
	if d.conf == nil {
		return "", refusef("The base branch has no valid %s, so I do not know the facades.", words.Code(config.Path))
	}
	before := d.reply.parts[d.index].text
	if err := d.begin(ctx, "I am looking at "+words.SHA(d.pr.Head.SHA)+" …"); err != nil {
		return "", err
	}
	changes, err := d.Compare(ctx, d.pr.Head.SHA, d.pr.Base.Branch)
	switch {
	case err != nil:
		return "", err
	case changes == nil:
		return "", d.moved()
	}
	result, err := d.compute(ctx, changes)
	switch {
	case err != nil:
		return "", err
	case len(result.Changes) == 0:
		return d.nothing(ctx, result, before)
	case d.command.DryRun:
		return "I would change this:\n\n" + d.patch(result.Changes), nil
	case d.pr.Head.Repo != d.Meta.FullName:
		return d.offer(ctx, changes, result)
	case d.pr.Head.Branch == d.Meta.DefaultBranch:
		return "", refusef("I do not push to %s. This is what I would have committed:\n\n%s", words.Code(d.Meta.DefaultBranch), d.patch(result.Changes))
	}
	return d.commit(ctx, result)
}

// fixes is what a command would commit, and what it would leave.
type fixes struct {
	Changes []codemod.Change
	review  *codemod.Review // nil for `all`
	left    []leftover
	names   int
}

// leftover is a place that is left to people.
type leftover struct {
	path string
	line int // at the head that was read; at the new one once that is pushed
	text string
}

func (d *doing) compute(ctx context.Context, changes *site.Diff) (*fixes, error) {
	if d.command.Verb == command.All {
		return d.computeAll(ctx, changes)
	}
	rules, done, err := d.provided(ctx, changes.Base)
	defer done()
	if err != nil {
		return nil, err
	}
	found, err := codemod.Compare(ctx, changes.Base, changes.Head, changes.ReviewFiles(), rules, d.Codemod())
	if err != nil {
		return nil, err
	}
	out := &fixes{Changes: found.Changes, review: found}
	for _, f := range found.Findings {
		if f.Kind == codemod.NewReading && f.Reason == "" {
			out.names++
			continue
		}
		out.left = append(out.left, leftover{f.Path, f.Line, words.Plain(cmp.Or(f.Detail, f.Reason.Advice()))})
	}
	return out, nil
}

// provided are the rules with the providers; one that cannot be read refuses the command.
func (d *doing) provided(ctx context.Context, t *git.Tree) (codemod.Rules, func(), error) {
	rules, done, err := d.Rules(ctx, d.conf, t)
	var absent *site.ProviderError
	if errors.As(err, &absent) {
		err = refusef("%s", absent.Error())
	}
	return rules, done, err
}

func (d *doing) computeAll(ctx context.Context, changes *site.Diff) (*fixes, error) {
	opts := d.Codemod()
	for _, f := range changes.Files {
		if f.New != "" {
			opts.Only = append(opts.Only, f.Path)
		}
	}
	if len(opts.Only) == 0 {
		return &fixes{}, nil
	}
	rules, done, err := d.provided(ctx, changes.Base) // the pins of the head are whose pull request it is
	defer done()
	if err != nil {
		return nil, err
	}
	result, err := codemod.Plan(ctx, changes.Head, rules, opts)
	var wrong *codemod.RulesError
	if errors.As(err, &wrong) {
		return nil, refusef("The rules in %s do not fit this branch: %s", words.Code(config.Path), words.OneLine(wrong.Error()))
	}
	if err != nil {
		return nil, err
	}
	out := &fixes{Changes: result.Changes}
	for _, c := range result.Changes {
		out.names += len(c.Names)
	}
	for _, l := range result.Left {
		if slices.Contains(opts.Only, l.Path) && l.Reason != codemod.DeclaredInFacade {
			out.left = append(out.left, leftover{l.Path, l.Line, description.Reading(l.Facade, l.Name) + ". " + words.Plain(cmp.Or(l.Detail, l.Reason.Advice()))})
		}
	}
	return out, nil
}

// nothing says that there is nothing to do, unless an attempt that was
// interrupted, and said what it looked at, did it.
func (d *doing) nothing(ctx context.Context, f *fixes, before string) (string, error) {
	head, err := d.Mirror.Info(d.pr.Head.SHA)
	if err != nil {
		return "", err
	}
	email, err := d.Address(ctx)
	if err != nil {
		return "", err
	}
	ours := strings.EqualFold(head.Author.Email, email) && len(head.Parents) == 1
	if ours && strings.Contains(before, words.SHA(head.Parents[0])) {
		return fmt.Sprintf("Done in %s.", d.pr.Head.SHA) + leftText(f.left), nil
	}
	text := "There is nothing to rewrite: no name is newly read through a facade here."
	if d.command.Verb == command.All {
		text = "There is nothing to rewrite in the files of this pull request."
	} else if len(f.left) > 0 {
		text = "There is nothing that I can rewrite by myself."
	}
	return text + leftText(f.left), nil
}

const maxLeftShown = 50

func leftText(left []leftover) string {
	if len(left) == 0 {
		return ""
	}
	text := "\n\nLeft to you:\n\n"
	for i, l := range left {
		if i == maxLeftShown {
			return text + fmt.Sprintf("- … and %d more\n", len(left)-i)
		}
		text += fmt.Sprintf("- %s line %d: %s\n", words.Code(l.path), l.line, l.text)
	}
	return text
}

// patch shows changes as a patch that can be applied, as far as there is room.
func (d *doing) patch(changes []codemod.Change) string {
	var lines []string
	size, more := 0, ""
	for i, c := range changes {
		text := strings.TrimSuffix(c.Diff(), "\n")
		if size += words.Units(text); size > d.room() {
			more = fmt.Sprintf("\n\n… and %s more, for which a comment is too short.", words.Counted(len(changes)-i, "file"))
			break
		}
		lines = append(lines, strings.Split(text, "\n")...)
	}
	return words.Fence("diff", lines) + more
}

// commit pushes one commit on top of the head that the comment was read at.
func (d *doing) commit(ctx context.Context, f *fixes) (string, error) {
	sha, err := d.makeCommit(ctx, f)
	if err != nil {
		return "", err
	}
	ref := site.Heads + d.pr.Head.Branch
	results, err := d.Push(ctx, []git.RefUpdate{{Name: ref, Old: d.pr.Head.SHA, New: sha}})
	switch {
	case err != nil:
		return "", err
	case errors.Is(results[0].Err, git.ErrLease):
		return "", d.moved()
	case results[0].Err != nil:
		return "", refusef("The branch takes no push of mine (%s). This is what I would have committed:\n\n%s", words.OneLine(results[0].Err.Error()), d.patch(f.Changes))
	}
	d.pr.Head.SHA = sha // what the next command of the comment works on
	return fmt.Sprintf("Done in %s: %s in %s.", sha, words.Counted(f.names, "name"), words.Counted(len(f.Changes), "file")) + leftText(f.after()), nil
}

func (d *doing) makeCommit(ctx context.Context, f *fixes) (string, error) {
	address, err := d.Repo.NoReply(ctx, d.author)
	if err != nil {
		return "", err
	}
	message := fmt.Sprintf("Import %s from where they are declared\n\nCo-authored-by: %s <%s>\n", words.Counted(f.names, "name"), d.author, address)
	if f.names == 1 {
		message = strings.Replace(message, "where they are", "where it is", 1)
	}
	email, err := d.Address(ctx)
	if err != nil {
		return "", err
	}
	if d.conf.PullRequests.SignOff {
		message += fmt.Sprintf("Signed-off-by: %s <%s>\n", d.Self, email)
	}
	if d.conf.PullRequests.Commits == config.Verified {
		return d.verifiedCommit(ctx, f, message)
	}
	info, err := d.Mirror.Info(d.pr.Head.SHA)
	if err != nil {
		return "", err
	}
	spec := git.CommitSpec{
		Parent: d.pr.Head.SHA, Message: message, Sign: d.Sign, Files: map[string]*git.Blob{},
		Author: git.Signature{Name: d.Self, Email: email, When: info.Committer.When},
	}
	for _, c := range f.Changes {
		spec.Files[c.Path] = &git.Blob{Content: c.After, Mode: git.Mode(c.Mode)}
	}
	return d.Mirror.Commit(spec)
}

// verifiedCommit has GitHub make the commit, so that GitHub signs it.
func (d *doing) verifiedCommit(ctx context.Context, f *fixes, message string) (string, error) {
	var files []github.TreeFile
	for _, c := range f.Changes {
		mode := "100644"
		if c.Mode == codemod.Executable {
			mode = "100755"
		}
		files = append(files, github.TreeFile{Path: c.Path, Mode: mode, Content: c.After})
	}
	sha, err := d.Repo.CreateCommit(ctx, d.pr.Head.SHA, message, files)
	if err == nil {
		err = d.Mirror.FetchCommits(ctx, sha)
	}
	return sha, err
}

// offer gives suggestions and a patch to a fork, to which nothing is pushed.
func (d *doing) offer(ctx context.Context, changes *site.Diff, f *fixes) (string, error) {
	if now, err := d.Repo.GetPull(ctx, d.req.Number); err != nil {
		return "", err
	} else if now.Head.SHA != d.pr.Head.SHA {
		return "", d.moved()
	}
	text := "I do not push to forks. "
	if f.review != nil {
		if err := reviewer.Suggest(ctx, d.Site, *d.pr, changes, f.review); err != nil {
			return "", err
		}
		text += "Each suggestion in the review can be committed with a click. "
	}
	return text + "This is all of it, for `git apply`:\n\n" + d.patch(f.Changes) + leftText(f.left), nil
}

// refresh brings a pull request of the bot up to date.
func (d *doing) refresh(ctx context.Context) (string, error) {
	if err := d.isOpen(); err != nil {
		return "", err
	}
	return d.ask(ctx, pass.Wish{Pull: d.req.Number}, func(out *pass.Outcome) string { return d.became(out) })
}
