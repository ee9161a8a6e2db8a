package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/writeback"
	"github.com/canonicalize/canonicalize/codemod"
)

// applying is one run of apply.
type applying struct {
	selection
	check, diff bool
}

func newApply(env Env) *cobra.Command {
	var a applying
	cmd := &cobra.Command{
		Use:   "apply [DIR]",
		Short: "Rewrite imports through facades, in place",
		Long: "Rewrites every import that reads a name through a facade, in all files below DIR (by default the\n" +
			"current folder). Either every file is written or none.\n\n" +
			"With --check nothing is written and the exit code is 1 if something would change; with --diff\n" +
			"nothing is written and the changes are printed as a unified diff.\n\n" + exitHelp,
		Example: "  canonicalize apply --facade shop.models\n  canonicalize apply --diff --only shop/accounts",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.run(cmd, env, args) },
	}
	a.facadeFlag(cmd)
	a.onlyFlag(cmd)
	a.jsonFlag(cmd)
	cmd.Flags().BoolVar(&a.check, "check", false, "write nothing; exit with 1 if something would change")
	cmd.Flags().BoolVar(&a.diff, "diff", false, "write nothing; print the changes as a unified diff")
	return cmd
}

func (a *applying) run(cmd *cobra.Command, env Env, args []string) error {
	p, err := a.open(env, args)
	if err != nil {
		return err
	}
	result, err := planned(cmd, env, p)
	if err != nil {
		return err
	}
	if !a.check && !a.diff {
		if err := writeback.Write(cmd.Context(), p.Dir, files(result.Changes)); err != nil {
			return err
		}
	}
	if err := a.report(env, result); err != nil {
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

func files(changes []codemod.Change) []writeback.File {
	out := make([]writeback.File, len(changes))
	for i, c := range changes {
		out[i] = writeback.File{Path: c.Path, Before: c.Before, After: c.After}
	}
	return out
}

// report tells what was done: JSON or a diff go to the standard output alone, so that they can be piped on.
func (a *applying) report(env Env, result *codemod.Result) error {
	if a.json {
		return report.JSON(env.Out, report.Of(result, a.diff))
	}
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
			fmt.Fprintf(env.Out, "%s  +%d -%d  %s\n", f.Path, f.Additions, f.Deletions, report.Count(f.Rewritten, "name", "names"))
		}
	}
	a.summary(env, told.Counts, result.Left)
	return nil
}

func (a *applying) summary(env Env, counts report.Counts, left []codemod.Left) {
	w := env.Out
	verb := "Rewrote"
	if a.check || a.diff {
		verb = "Would rewrite"
	}
	if a.diff {
		w = env.Err
	}
	if counts.ChangedFiles == 0 {
		fmt.Fprintf(w, "Nothing to rewrite in %s.\n", report.Count(counts.PythonFiles, "Python file", "Python files"))
	} else {
		fmt.Fprintf(w, "%s %s in %s of %d (+%d -%d).\n", verb, report.Count(counts.Rewritten, "name", "names"),
			report.Count(counts.ChangedFiles, "file", "files"), counts.PythonFiles, counts.Additions, counts.Deletions)
	}
	report.WriteLeft(w, left)
}
