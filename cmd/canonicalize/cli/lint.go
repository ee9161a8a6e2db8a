package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/revision"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/writeback"
	"github.com/canonicalize/canonicalize/codemod"
)

// linting is one run of lint. Flags are called as ruff calls them.
type linting struct {
	selection
	base, format, stdin             string
	fix, staged, statistics, always bool
}

// The formats of lint's report.
var formats = []string{"text", "github", "sarif", "json"}

func newLint(env Env) *cobra.Command {
	var l linting
	cmd := &cobra.Command{
		Use:   "lint [PATH...]",
		Short: "List the places that read a name through a facade",
		Long: "Lists every place in the files and folders PATH (by default the current folder) that reads a name\n" +
			"through a facade, and the import to write instead. With --base only what was added since the commit at\n" +
			"which REV and HEAD part: by meaning, so that moving or reformatting adds nothing; what facades newly\n" +
			"re-export and new imports over the boundaries of the configuration are listed then, too. --staged does\n" +
			"the same with what is staged for the next commit. With `-` for PATH the text of one file is read from\n" +
			"the standard input; --fix then prints the fixed text.\n" +
			"The exit code is 1 if there is any, with --fix if any is left.\n\n" + exitHelp,
		Example: "  canonicalize lint --facade shop.models\n  canonicalize lint shop/accounts a.py\n" +
			"  canonicalize lint --base origin/main --output-format github\n  canonicalize lint --staged --fix\n" +
			"  canonicalize lint - --stdin-filename shop/a.py < shop/a.py",
		RunE: func(cmd *cobra.Command, args []string) error { return l.run(cmd, env, args) },
	}
	l.facadeFlag(cmd)
	l.cacheFlag(cmd)
	l.jsonFlag(cmd)
	flags := cmd.Flags()
	flags.StringVar(&l.base, "base", "", "list only what is new since `REV`")
	flags.BoolVar(&l.staged, "staged", false, "list only what the next commit adds, as it is staged")
	flags.StringVar(&l.format, "output-format", "text", "print as `FORMAT`: "+strings.Join(formats, ", "))
	flags.BoolVar(&l.fix, "fix", false, "rewrite what can be rewritten, and list what is left")
	flags.BoolVar(&l.statistics, "statistics", false, "print how many findings there are of each kind, not where")
	flags.BoolVar(&l.always, "exit-zero", false, "exit with 0 even if there are findings")
	flags.StringVar(&l.stdin, "stdin-filename", "", "the `FILE` that the text on the standard input belongs to")
	return cmd
}

func (l *linting) run(cmd *cobra.Command, env Env, args []string) error {
	args, err := l.check(args)
	if err != nil {
		return err
	}
	p, text, err := l.source(env, args)
	if err != nil {
		return err
	}
	found, err := l.find(cmd, env, p)
	if err != nil {
		return err
	}
	if l.fix {
		if err := l.write(cmd.Context(), env, p, text, found); err != nil {
			return err
		}
	}
	if err := l.report(cmd.Context(), env, p, found); err != nil {
		return err
	}
	if len(found.findings) > 0 && !l.always {
		return status(exitFindings)
	}
	return nil
}

// check holds the flags against each other.
func (l *linting) check(args []string) ([]string, error) {
	fromStdin := len(args) == 1 && args[0] == "-"
	switch {
	case !slices.Contains(formats, l.format):
		return nil, usagef("--output-format %s: use %s", l.format, strings.Join(formats, ", "))
	case l.base != "" && l.staged:
		return nil, usagef("--base and --staged compare with different commits: give one of them")
	case fromStdin && l.stdin == "":
		return nil, usagef("the standard input is read, but no file is named: add --stdin-filename FILE, where its imports are resolved from")
	case !fromStdin && l.stdin != "":
		return nil, usagef("--stdin-filename goes with `-`, which reads the standard input: add it, or leave the flag out")
	case fromStdin && l.staged:
		return nil, usagef("--staged looks at what is staged, not at the standard input: give one of them")
	}
	if l.json {
		l.format = "json"
	}
	if fromStdin {
		return nil, nil
	}
	return args, nil
}

// source opens the project, with the text of one file from the standard input if it was asked for.
func (l *linting) source(env Env, args []string) (*project.Project, []byte, error) {
	p, err := l.open(env, args)
	if err != nil || l.stdin == "" {
		return p, nil, err
	}
	text, err := io.ReadAll(env.In)
	if err != nil {
		return nil, nil, fmt.Errorf("read the standard input: %w", err)
	}
	return p, text, p.Overlay(env.Dir, l.stdin, text)
}

// write brings what can be rewritten to its new text: in the folder, or on the standard output what came from the
// standard input. What was written is no finding any more.
func (l *linting) write(ctx context.Context, env Env, p *project.Project, text []byte, found *found) error {
	if l.stdin != "" {
		for _, c := range found.changes {
			text = c.After
		}
		if _, err := env.Out.Write(text); err != nil {
			return err
		}
	} else if err := l.writeFiles(ctx, p, found.changes); err != nil {
		return err
	}
	if len(found.changes) > 0 {
		fmt.Fprintf(env.Err, "Rewrote %s.\n", report.Count(len(found.changes), "file", "files"))
	}
	found.findings = slices.DeleteFunc(found.findings, report.Finding.Fixable)
	return nil
}

// writeFiles puts the changes into the folder; those of staged files only where the folder has them as they are staged.
func (l *linting) writeFiles(ctx context.Context, p *project.Project, changes []codemod.Change) error {
	err := writeback.Write(ctx, p.Dir, files(changes))
	var changed *writeback.ChangedError
	if l.staged && errors.As(err, &changed) {
		return usagef("%s has changes that are not staged, so nothing was written: stage or stash them, and run again", changed.Path)
	}
	return err
}

// report writes the findings as they were asked for.
func (l *linting) report(ctx context.Context, env Env, p *project.Project, f *found) error {
	out := env.Out
	if l.stdin != "" && l.fix {
		out = env.Err // the fixed text alone goes to the standard output
	}
	folder := revision.Prefix(ctx, p.Dir)
	switch {
	case l.statistics:
		return report.WriteStatistics(out, f.findings)
	case l.format == "github":
		return report.WriteAnnotations(out, f.findings, folder)
	case l.format == "sarif":
		return report.WriteSARIF(out, f.findings, folder, Version(), func(path string) []byte {
			text, _, _ := p.ReadPath(path) // it was read before; without it there are no columns
			return text
		})
	case l.format == "json":
		return report.JSON(out, report.FindingsOf(f.base, f.findings))
	}
	return report.WriteFindings(out, f.findings, p.Shown(env.Dir))
}
