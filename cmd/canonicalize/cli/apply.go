package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/revision"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/writeback"
	"github.com/canonicalize/canonicalize/codemod"
)

// applying is one run of apply.
type applying struct {
	selection
	check, diff, dirty, interactive bool
}

func newApply(env Env) *cobra.Command {
	var a applying
	cmd := &cobra.Command{
		Use:   "apply [PATH...]",
		Short: "Rewrite imports through facades, in place",
		Long: "Rewrites every import that reads a name through a facade in the files and folders PATH (by default\n" +
			"the current folder). Either every file is written or none. Where git tracks them, they have to be\n" +
			"committed, so that the rewrite is a change of its own; --allow-dirty does without.\n\n" +
			"With --check nothing is written and the exit code is 1 if something would change; with --diff\n" +
			"nothing is written and the changes are printed as a unified diff. --interactive shows each file's\n" +
			"diff and asks.\n\n" + exitHelp,
		Example: "  canonicalize apply --facade shop.models\n  canonicalize apply --diff shop/accounts\n  canonicalize apply --owner @acme/billing",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.run(cmd, env, args) },
	}
	a.facadeFlag(cmd)
	a.cacheFlag(cmd)
	a.ownerFlag(cmd)
	a.jsonFlag(cmd)
	cmd.Flags().BoolVar(&a.check, "check", false, "write nothing; exit with 1 if something would change")
	cmd.Flags().BoolVar(&a.diff, "diff", false, "write nothing; print the changes as a unified diff")
	cmd.Flags().BoolVar(&a.dirty, "allow-dirty", false, "write even where files have changes that are not committed")
	cmd.Flags().BoolVarP(&a.interactive, "interactive", "i", false, "show each change and ask whether to write it")
	cmd.MarkFlagsMutuallyExclusive("interactive", "check")
	cmd.MarkFlagsMutuallyExclusive("interactive", "diff")
	cmd.MarkFlagsMutuallyExclusive("interactive", "json")
	return cmd
}

func (a *applying) writes() bool { return !a.check && !a.diff }

func (a *applying) run(cmd *cobra.Command, env Env, args []string) error {
	p, err := a.open(env, args)
	if err != nil {
		return err
	}
	if a.writes() && !a.dirty {
		if err := mustBeClean(cmd.Context(), p); err != nil {
			return err
		}
	}
	result, err := a.planned(cmd, env, p)
	if err != nil {
		return err
	}
	if a.interactive {
		if result, err = ask(env, result); err != nil {
			return err
		}
	}
	if a.writes() {
		if err := writeback.Write(cmd.Context(), p.Dir, files(result.Changes)); err != nil {
			return err
		}
	}
	if err := a.report(env, p, result); err != nil {
		return err
	}
	if code := handled(result); code != exitDone {
		return status(code)
	}
	if a.check && len(result.Changes) > 0 {
		return status(exitFindings)
	}
	return nil
}

// dirtyShown is how many files with changes are named.
const dirtyShown = 3

// mustBeClean refuses to write among changes that are not committed.
func mustBeClean(ctx context.Context, p *project.Project) error {
	var paths []string
	for _, path := range revision.Dirty(ctx, p.Dir) {
		if p.Asked(path) {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	named := strings.Join(paths[:min(len(paths), dirtyShown)], ", ")
	if more := len(paths) - dirtyShown; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	return usagef("there are changes that are not committed (%s), so nothing was written: commit or stash them, or add --allow-dirty", named)
}

func files(changes []codemod.Change) []writeback.File {
	out := make([]writeback.File, len(changes))
	for i, c := range changes {
		out[i] = writeback.File{Path: c.Path, Before: c.Before, After: c.After}
	}
	return out
}

// report tells what was done: JSON or a diff go to the standard output alone, so that they can be piped on.
func (a *applying) report(env Env, p *project.Project, result *codemod.Result) error {
	if a.json {
		return report.JSON(env.Out, report.Of(result, a.diff))
	}
	shown := p.Shown(env.Dir)
	told := report.Of(result, false)
	if a.diff {
		paint := terminal.Colors(env.Out, env.Getenv)
		for _, c := range result.Changes {
			if _, err := fmt.Fprint(env.Out, paint.Diff(c.Diff())); err != nil {
				return err
			}
		}
	} else {
		for _, f := range told.Files {
			fmt.Fprintf(env.Out, "%s  +%d -%d  %s\n", shown(f.Path), f.Additions, f.Deletions, report.Count(f.Rewritten, "reading", "readings"))
		}
	}
	a.summary(env, told.Counts, result, shown)
	return nil
}

func (a *applying) summary(env Env, counts report.Counts, result *codemod.Result, shown func(string) string) {
	w := env.Out
	verb := "Rewrote"
	if !a.writes() {
		verb = "Would rewrite"
	}
	if a.diff {
		w = env.Err
	}
	if counts.ChangedFiles == 0 {
		fmt.Fprintf(w, "Nothing to rewrite in %s.\n", report.Count(counts.PythonFiles, "Python file", "Python files"))
	} else {
		fmt.Fprintf(w, "%s %s in %s of %d (+%d -%d).\n", verb, report.Count(counts.Rewritten, "reading", "readings"),
			report.Count(counts.ChangedFiles, "file", "files"), counts.PythonFiles, counts.Additions, counts.Deletions)
	}
	report.WriteLeft(w, result.Left, shown)
	report.WriteLost(w, result.Changes, shown)
}
