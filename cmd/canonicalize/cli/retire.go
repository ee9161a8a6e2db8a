package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/writeback"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// retiring is one run of retire.
type retiring struct {
	selection
	step, export                    string
	names, consumers                []string
	check, diff, revert, all, dirty bool
}

// The guards that retire exports.
var guards = []string{"ruff", "import-linter", "mypy"}

func newRetire(env Env) *cobra.Command {
	var r retiring
	cmd := &cobra.Command{
		Use:   "retire [DIR]",
		Short: "End a facade: say what stands in its way, and take the next step",
		Long: "Says where the facade stands: which names are read, which are free, what registers itself only because\n" +
			"the facade imports it, what stands in strings and text files, what a person has to answer, and which step\n" +
			"is next. Steps come in this order, each is one kind of change, is proven, and changes nothing when it is\n" +
			"applied again: move, register, explicit, narrow (many times), deprecate or lazy (a choice), retire,\n" +
			"shell (a choice). With --step the step is written.\n\n" +
			"With --check nothing is written and the exit code is 1 if something stands in the way of the step, or of\n" +
			"retiring at all, or if the step would change something; with --diff the change is printed as a unified\n" +
			"diff. --consumer names checkouts of the other repositories that may read the facade: each is read at the\n" +
			"revision that it pins and as it would read what is here. --revert undoes the last step, if the last commit\n" +
			"of the facade is one. --export prints the guard for another linter.\n\n" + exitHelp,
		Example: "  canonicalize retire --facade shop.models\n  canonicalize retire --facade shop.models --step register --diff\n" +
			"  canonicalize retire --facade shop.models --check --consumer ../web",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return r.run(cmd, env, args) },
	}
	r.facadeFlag(cmd)
	r.jsonFlag(cmd)
	cmd.Flags().StringVar(&r.step, "step", "", "take this `STEP`: move, register, explicit, narrow, deprecate, lazy, retire, shell")
	cmd.Flags().StringArrayVar(&r.names, "name", nil, "take away this `NAME` in the step narrow, instead of the group that gains most; repeatable")
	cmd.Flags().StringArrayVar(&r.consumers, "consumer", nil, "ask the checkout at `PATH`, too, which may read the facade; repeatable")
	cmd.Flags().StringVar(&r.export, "export", "", "print the guard for `TOOL`: "+strings.Join(guards, ", "))
	cmd.Flags().BoolVar(&r.check, "check", false, "write nothing; exit with 1 if something stands in the way or would change")
	cmd.Flags().BoolVar(&r.diff, "diff", false, "write nothing; print the changes as a unified diff")
	cmd.Flags().BoolVar(&r.revert, "revert", false, "undo the last step")
	cmd.Flags().BoolVar(&r.all, "all", false, "list every blocker, not only the first of each kind")
	cmd.Flags().BoolVar(&r.dirty, "allow-dirty", false, "write although there are changes that are not committed")
	return cmd
}

func (r *retiring) run(cmd *cobra.Command, env Env, args []string) error {
	step, err := r.wish()
	if err != nil {
		return err
	}
	p, err := r.open(env, args)
	if err != nil {
		return err
	}
	if r.writes(step) && !r.dirty {
		if err := mustBeClean(cmd.Context(), p); err != nil {
			return err
		}
	}
	if r.revert {
		return r.undo(cmd.Context(), env, p)
	}
	result, err := r.retired(cmd, env, p, step)
	switch {
	case err != nil && result == nil:
		return err
	case r.export != "":
		return r.exported(env, result)
	}
	if err == nil && r.writes(step) {
		if err := writeback.Write(cmd.Context(), p.Dir, retiredFiles(result.Result.Files)); err != nil {
			return err
		}
	}
	if told := r.report(env, p, result, err == nil && r.writes(step)); told != nil || err != nil {
		return firstOf(err, told)
	}
	return status(r.code(result, step))
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// wish reads the flags that say what is to be done.
func (r *retiring) wish() (step retire.Step, err error) {
	if r.export != "" && !slices.Contains(guards, r.export) {
		return "", usagef("--export %s: use %s", r.export, strings.Join(guards, ", "))
	}
	if r.step != "" {
		if step, err = project.StepNamed(r.step); err != nil {
			return "", err
		}
	}
	switch {
	case len(r.names) > 0 && step != retire.Narrow:
		return "", usagef("--name says which names the step narrow takes away: add --step narrow")
	case r.revert && (r.step != "" || r.export != ""), r.export != "" && r.step != "":
		return "", usagef("--step, --revert and --export do different things: give one of them")
	}
	return step, nil
}

func (r *retiring) writes(step retire.Step) bool {
	return (step != "" || r.revert) && !r.check && !r.diff && r.export == ""
}

func (r *retiring) retired(cmd *cobra.Command, env Env, p *project.Project, step retire.Step) (*codemod.Retirement, error) {
	var consumers []string
	for _, c := range r.consumers {
		consumers = append(consumers, env.path(c))
	}
	screen := terminal.New(env.Err, env.Getenv)
	defer screen.Clear()
	return p.Retire(cmd.Context(), step, r.names, consumers, screen.Progress)
}

func retiredFiles(files []retire.File) (out []writeback.File) {
	for _, f := range files {
		out = append(out, writeback.File{Path: f.Path, Before: f.Before, After: f.After, Create: f.New})
	}
	return out
}

// report tells what was found and done.
func (r *retiring) report(env Env, p *project.Project, result *codemod.Retirement, did bool) error {
	owners, err := p.OwnersOf()
	if err != nil {
		return err
	}
	told := report.RetirementOf(result, owners, r.diff)
	if r.json {
		return report.JSON(env.Out, told)
	}
	told.Show(p.Shown(env.Dir))
	switch {
	case result.Result == nil:
		return report.WriteRetirement(env.Out, told, r.all)
	case r.diff:
		paint := terminal.Colors(env.Out, env.Getenv)
		for _, f := range result.Result.Files {
			fmt.Fprint(env.Out, paint.Diff(f.Diff()))
		}
		report.WriteStep(env.Err, told, false)
	default:
		report.WriteStep(env.Out, told, did)
		if did && len(told.Result.Files) > 0 {
			fmt.Fprintf(env.Out, "Commit it by itself: then `canonicalize retire --facade %s --revert` finds it.\n", told.Facade)
		}
	}
	return nil
}

// code is what the run ends with: with --check, whether something stands in the way or would change.
func (r *retiring) code(result *codemod.Retirement, step retire.Step) int {
	if !r.check {
		return exitDone
	}
	if step != "" {
		if len(result.Result.Files) > 0 {
			return exitFindings
		}
		return exitDone
	}
	if slices.ContainsFunc(result.State.Blockers, func(b retire.Blocker) bool { return b.By == nil }) {
		return exitFindings
	}
	return exitDone
}

// exported prints the guard for another linter.
func (r *retiring) exported(env Env, result *codemod.Retirement) error {
	s := result.State
	var names []retire.Retired
	for _, n := range s.Names {
		if n.Kind == retire.ReExported && n.Home != "" {
			names = append(names, retire.Retired{Name: n.Name, Home: n.Home})
		}
	}
	text := ""
	switch r.export {
	case "ruff":
		text = retire.ExportRuff(s.Facade, names)
	case "mypy":
		text = retire.ExportMypy(s.Facade)
	default:
		text = retire.ExportImportLinter(s.Facade, s.Registry)
	}
	_, err := fmt.Fprint(env.Out, text)
	return err
}

// undo sets back what the last step changed.
func (r *retiring) undo(ctx context.Context, env Env, p *project.Project) error {
	undone, err := p.Undo(ctx)
	if err != nil {
		return err
	}
	for _, f := range undone.Files {
		if r.diff {
			fmt.Fprint(env.Out, terminal.Colors(env.Out, env.Getenv).Diff(edit.Unified(f.Path, f.Before, f.After)))
		} else {
			fmt.Fprintln(env.Out, f.Path)
		}
	}
	if r.writes("") {
		if err := writeback.Write(ctx, p.Dir, undone.Files); err != nil {
			return err
		}
	}
	verb := "Undid"
	if !r.writes("") {
		verb = "Would undo"
	}
	fmt.Fprintf(env.Err, "%s the step %s of commit %s; `git revert %[3]s` does the same.\n", verb, undone.Step, undone.Commit)
	if r.check {
		return status(exitFindings)
	}
	return nil
}
