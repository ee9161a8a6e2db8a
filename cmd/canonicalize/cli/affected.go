package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/revision"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
)

// The formats of affected.
var affectedFormats = []string{"text", "paths", "json"}

// affecting is one run of affected.
type affecting struct {
	selection
	base, format string
	tests        []string
	deferred     bool
}

func newAffected(env Env) *cobra.Command {
	var a affecting
	cmd := &cobra.Command{
		Use:   "affected --base REV [PATH...]",
		Short: "List the test files that execute what a change touches",
		Long: "Compares the files with the commit at which REV and HEAD part, and lists the test files below PATH (by\n" +
			"default everywhere) whose imports lead to one that differs: now, and once the facades are retired. Imports\n" +
			"in a test's own functions count, and so does every conftest.py above it; with --deferred so do the imports\n" +
			"in functions of all modules on the way. What a test reaches without an import (by a string, a file, a\n" +
			"subprocess) is not seen.\n\n" + exitHelp,
		Example: "  canonicalize affected --base origin/main\n  pytest $(canonicalize affected --base origin/main --output-format paths)",
		Args:    cobra.ArbitraryArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return a.run(cmd, env, args) },
	}
	a.facadeFlag(cmd)
	a.cacheFlag(cmd)
	a.jsonFlag(cmd)
	cmd.Flags().StringVar(&a.base, "base", "", "compare with the commit at which `REV` and HEAD part")
	cmd.Flags().StringVar(&a.format, "output-format", "text", "print as `FORMAT`: "+strings.Join(affectedFormats, ", "))
	cmd.Flags().StringArrayVar(&a.tests, "tests", project.TestGlobs, "the files that are tests, as a `GLOB` of their paths; repeatable")
	cmd.Flags().BoolVar(&a.deferred, "deferred", false, "follow imports in functions, too, wherever they are")
	return cmd
}

func (a *affecting) run(cmd *cobra.Command, env Env, args []string) error {
	if a.json {
		a.format = "json"
	}
	if !slices.Contains(affectedFormats, a.format) {
		return usagef("--output-format %s: use %s", a.format, strings.Join(affectedFormats, ", "))
	}
	if a.base == "" {
		return usagef("--base is missing: name what to compare with, as in `canonicalize affected --base origin/main`")
	}
	p, err := a.open(env, args)
	if err != nil {
		return err
	}
	base, err := revision.Open(cmd.Context(), p.Dir, a.base)
	if err != nil {
		return usagef("%w", err)
	}
	defer base.Close() // it was only read
	if note := base.Note(); note != "" {
		fmt.Fprintln(env.Err, "canonicalize: "+note)
	}
	screen := terminal.New(env.Err, env.Getenv)
	affected, err := p.Affected(cmd.Context(), base, a.tests, a.deferred, screen.Progress)
	screen.Clear()
	if err != nil {
		return err
	}
	return a.write(env, affected, facadesOf(p), p.Shown(env.Dir))
}

func (a *affecting) write(env Env, affected *project.Affected, facades []string, shown func(string) string) error {
	r := report.AffectedOf(affected, facades)
	if a.format == "json" {
		return report.JSON(env.Out, r)
	}
	var b strings.Builder
	for _, t := range r.Tests {
		switch {
		case a.format == "paths":
			if t.Now {
				fmt.Fprintln(&b, shown(t.Path))
			}
		case !t.Retired:
			fmt.Fprintf(&b, "%s  (no more once retired)\n", shown(t.Path))
		default:
			fmt.Fprintln(&b, shown(t.Path))
		}
	}
	if _, err := fmt.Fprint(env.Out, b.String()); err != nil {
		return err
	}
	summary := fmt.Sprintf("%s changed; %d of %s", report.Count(len(r.Changed), "Python file", "Python files"), r.Affected.Now, report.Count(r.TestFiles, "test file executes one", "test files execute one"))
	if len(facades) > 0 {
		summary += fmt.Sprintf(", and %d once %s", r.Affected.Retired, areRetired(facades))
	}
	summary += "."
	if len(r.Others) > 0 {
		summary += fmt.Sprintf(" What depends on %s that changed is not known.", report.Count(len(r.Others), "other file", "other files"))
	}
	_, err := fmt.Fprintln(env.Err, summary)
	return err
}
