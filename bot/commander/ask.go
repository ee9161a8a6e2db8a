package commander

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/command"
	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/pass"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod"
)

// ask does a pass with a wish and answers with what became of it. While
// another pass is going on the command is tried again later.
func (d *doing) ask(ctx context.Context, w pass.Wish, text func(*pass.Outcome) string) (string, error) {
	if err := d.begin(ctx, "I am on it …"); err != nil {
		return "", err
	}
	out, err := d.pass(ctx, w, d.command.DryRun)
	if errors.Is(err, git.ErrLocked) {
		if sleepErr := d.Sleep(ctx, commandPause); sleepErr != nil {
			return "", sleepErr
		}
		out, err = d.pass(ctx, w, d.command.DryRun)
	}
	switch {
	case err != nil:
		return "", err
	case out.Refused != "":
		return "", refusef("Nothing can be done now: %s", words.Plain(out.Refused))
	case d.command.DryRun:
		return "I would do this:\n\n" + actionsText(out), nil
	}
	return text(out), nil
}

const commandPause = 2 * time.Second

// pass does a pass with a wish; a dry one only reads and decides.
func (d *doing) pass(ctx context.Context, w pass.Wish, dry bool) (*pass.Outcome, error) {
	o := d.opts
	o.Wish, o.DryRun = w, o.DryRun || dry
	return pass.Run(ctx, d.Site, o)
}

// actionsText lists what a pass does.
func actionsText(out *pass.Outcome) string {
	var b strings.Builder
	for _, a := range out.Actions {
		if a.Writes() {
			fmt.Fprintf(&b, "- %s\n", words.Code(a.String()))
		}
	}
	if b.Len() == 0 {
		return "- nothing\n"
	}
	return b.String()
}

// became says what a pass did to this pull request.
func (d *doing) became(out *pass.Outcome) string {
	for _, a := range out.Actions {
		if a.Number != d.req.Number {
			continue
		}
		switch a.Kind {
		case plan.UpdateBranch:
			return "Done: the branch is made anew on top of " + words.SHA(out.Head) + "."
		case plan.CloseEmpty, plan.CloseSuperseded:
			return "Nothing is left to do here, so I closed it."
		case plan.Wait, plan.Leave:
			if a.Why != "nothing changed" {
				return "I left the branch as it is: " + words.Plain(a.Why) + "."
			}
		}
	}
	return "It is up to date with " + words.SHA(out.Head) + "."
}

func (d *doing) rebase(ctx context.Context) (string, error) {
	if err := d.isOpen(); err != nil {
		return "", err
	}
	return d.ask(ctx, pass.Wish{Pull: d.req.Number, Rebuild: true}, d.became)
}

func (d *doing) split(ctx context.Context) (string, error) {
	if err := d.isOpen(); err != nil {
		return "", err
	}
	parts := 0
	if len(d.command.Args) == 1 {
		n, err := strconv.Atoi(d.command.Args[0])
		if err != nil || n < 2 || n > 100 {
			return "", refusef("%s is no number of parts: give one from 2 to 100, or none for one a directory.", words.Code(d.command.Args[0]))
		}
		parts = n
	}
	if len(d.marker.Files) < 2 {
		return "", refusef("It has one file only, which cannot be divided.")
	}
	return d.ask(ctx, pass.Wish{Pull: d.req.Number, Split: true, Parts: parts}, func(out *pass.Outcome) string {
		n := 0
		for _, a := range out.Actions {
			if a.Kind == plan.Open {
				n++
			}
		}
		if n == 0 {
			return "It cannot be divided further: its files belong together, or nothing is left of it."
		}
		return fmt.Sprintf("Done: this one keeps a part, and I opened %s for the rest.", words.Counted(n, "pull request"))
	})
}

// paths opens pull requests for paths before their turn.
func (d *doing) paths(ctx context.Context) (string, error) {
	return d.ask(ctx, pass.Wish{Paths: plan.CleanPaths(d.command.Args)}, func(out *pass.Outcome) string {
		var list []string
		for _, c := range out.Chunks {
			if slices.ContainsFunc(c.Files, func(f plan.File) bool { return plan.Under(f.Path, plan.CleanPaths(d.command.Args)) }) {
				list = append(list, "- "+d.chunkText(out, c))
			}
		}
		if len(list) == 0 {
			return "There is nothing to rewrite in " + words.Codes(d.command.Args) + "."
		}
		sort.Strings(list)
		return "These pull requests hold it:\n\n" + strings.Join(list, "\n") + "\n"
	})
}

func (d *doing) chunkText(out *pass.Outcome, c plan.Chunk) string {
	text := words.Counted(len(c.Files), "file") + " in " + words.Code(c.Place)
	why := ""
	for _, a := range out.Actions {
		if a.Chunk != nil && a.Chunk.ID == c.ID && (a.Kind == plan.Leave || a.Kind == plan.Wait) {
			why = a.Why
		}
	}
	switch {
	case c.Number != 0 && why == plan.Declined:
		return fmt.Sprintf("#%d, %s: %s; %s has it proposed again", c.Number, text, words.Plain(why), words.Code(fmt.Sprintf("%s %s #%d", command.Name, command.Reopen, c.Number)))
	case c.Number != 0:
		return fmt.Sprintf("#%d, %s", c.Number, text)
	case why != "":
		return text + ": " + words.Plain(why)
	}
	return text
}

// decline closes without a mark of the bot's own: that is a person's no.
func (d *doing) decline(ctx context.Context) (string, error) {
	if err := d.isOpen(); err != nil {
		return "", err
	}
	if d.command.DryRun {
		return "I would close this pull request.", nil
	}
	if err := d.Repo.ClosePull(ctx, d.req.Number); err != nil {
		return "", err
	}
	return "Closed. I do not propose these changes again; `/canonicalize reopen` takes that back.", nil
}

// takeOver says that commits of people may be replaced, for this head only.
func (d *doing) takeOver(ctx context.Context) (string, error) {
	if err := d.isOpen(); err != nil {
		return "", err
	}
	if d.command.DryRun {
		return "I would replace what people pushed to this branch.", nil
	}
	notice := plan.Notice(plan.NoticeTakeOver + " " + d.pr.Head.SHA)
	if err := d.begin(ctx, "I go on with this branch from "+words.SHA(d.pr.Head.SHA)+".\n\n"+notice); err != nil {
		return "", err
	}
	text, err := d.ask(ctx, pass.Wish{Pull: d.req.Number}, d.became)
	return text + "\n\n" + notice, err
}

func (d *doing) help(context.Context) (string, error) { return command.HelpText(d.place), nil }

// status counts, without changing anything.
func (d *doing) status(ctx context.Context) (string, error) {
	out, err := d.pass(ctx, pass.Wish{}, true)
	switch {
	case err != nil:
		return "", err
	case out.Refused != "":
		return "", refusef("Nothing can be planned now: %s", words.Plain(out.Refused))
	}
	var b strings.Builder
	b.WriteString("| facade | files that read it | readings to rewrite | left |\n|---|--:|--:|--:|\n")
	for _, f := range out.Result.Facades {
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", words.Code(f.Module), f.Consumers, f.Rewritten, f.Left)
	}
	waiting := 0
	for _, c := range out.Chunks {
		if c.Number == 0 {
			waiting++
		}
	}
	fmt.Fprintf(&b, "\nAt %s, %s to change. Open: %s; to be opened: %d.\n", words.SHA(out.Head), words.Counted(len(out.Result.Changes), "file"), words.Counted(out.Open, "pull request"), waiting)
	return b.String(), nil
}

// explain follows a name, at the head of the pull request or on the default
// branch.
func (d *doing) explain(ctx context.Context) (string, error) {
	if d.conf == nil {
		return "", refusef("There is no valid %s, so I do not know the facades.", words.Code(config.Path))
	}
	if err := d.OpenMirror(ctx); err != nil {
		return "", err
	}
	ref := site.Heads + d.Meta.DefaultBranch
	if d.pr != nil && d.pr.State == "open" {
		ref = fmt.Sprintf("refs/pull/%d/head", d.req.Number)
	}
	sha, err := d.Mirror.Fetch(ctx, ref)
	if err != nil {
		return "", err
	}
	t, err := d.Mirror.Tree(ctx, sha)
	if err != nil {
		return "", err
	}
	pins := t
	if d.pr != nil && d.pr.State == "open" { // whoever opened it does not decide what is read of other repositories
		if pins, err = d.branchTree(ctx, d.pr.Base.Branch); err != nil {
			return "", err
		}
	}
	rules, done, err := d.provided(ctx, pins)
	defer done()
	if err != nil {
		return "", err
	}
	e, err := codemod.Explain(ctx, t, rules, d.Codemod(), strings.Trim(d.command.Args[0], "`"))
	if err != nil {
		return "", err
	}
	return explained(e), nil
}

// branchTree fetches a branch of the repository itself.
func (d *doing) branchTree(ctx context.Context, branch string) (*git.Tree, error) {
	sha, err := d.Mirror.Fetch(ctx, site.Heads+branch)
	if err != nil {
		return nil, err
	}
	return d.Mirror.Tree(ctx, sha)
}

func explained(e *codemod.Explanation) string {
	name := words.Code(strings.TrimPrefix(e.Module+"."+e.Name, "."))
	if e.Name == "" {
		name = words.Code(e.Module)
	}
	var b strings.Builder
	switch {
	case e.Home == "" && len(e.Near) > 0:
		fmt.Fprintf(&b, "I find no %s. Did you mean %s?\n", name, words.Codes(e.Near))
	case e.Home == "":
		fmt.Fprintf(&b, "%s has no home that can be told from the code (%s). %s\n", name, e.Reason, e.Reason.Advice())
	case e.Reason == codemod.DeclaredInFacade:
		fmt.Fprintf(&b, "%s lives where you asked for it: in %s.\n", name, words.Code(e.Home))
	default:
		fmt.Fprintf(&b, "%s lives in %s.\n", name, words.Code(e.Home))
	}
	for i, step := range e.Steps {
		verb := "passes on"
		if i == len(e.Steps)-1 {
			verb = "declares"
		}
		fmt.Fprintf(&b, "%d. %s %s %s\n", i+1, words.Code(step.Path), verb, words.Code(step.Name))
	}
	if len(e.Losers) > 0 {
		fmt.Fprintf(&b, "\nBound to the same name before, and overwritten: %s.\n", words.Codes(e.Losers))
	}
	return b.String()
}
