package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/bot/review"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/revision"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/writeback"
	"github.com/canonicalize/canonicalize/codemod"
)

// linting is one run of lint.
type linting struct {
	selection
	base, format string
	fix, staged  bool
}

// The formats of lint's report.
var formats = []string{"text", "github", "sarif", "json"}

func newLint(env Env) *cobra.Command {
	var l linting
	cmd := &cobra.Command{
		Use:   "lint [DIR]",
		Short: "List the places that read a name through a facade",
		Long: "Lists every place below DIR that reads a name through a facade, and what to import instead. With\n" +
			"--base only what was added since the commit at which REV and HEAD part: by meaning, so that moving\n" +
			"or reformatting adds nothing; what facades newly re-export and new imports over the boundaries of\n" +
			"the configuration are listed then, too. --staged does the same with what is staged for the next commit.\n" +
			"The exit code is 1 if there is any, with --fix if any is left.\n\n" + exitHelp,
		Example: "  canonicalize lint --facade shop.models\n  canonicalize lint --base origin/main --format github\n" +
			"  canonicalize lint --staged --fix",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return l.run(cmd, env, args) },
	}
	l.facadeFlag(cmd)
	l.onlyFlag(cmd)
	l.jsonFlag(cmd)
	cmd.Flags().StringVar(&l.base, "base", "", "list only what is new since `REV`")
	cmd.Flags().BoolVar(&l.staged, "staged", false, "list only what the next commit adds, as it is staged")
	cmd.Flags().StringVar(&l.format, "format", "text", "print as `FORMAT`: "+strings.Join(formats, ", "))
	cmd.Flags().BoolVar(&l.fix, "fix", false, "rewrite what can be rewritten, and list what is left")
	return cmd
}

func (l *linting) run(cmd *cobra.Command, env Env, args []string) error {
	if !slices.Contains(formats, l.format) {
		return usagef("--format %s: use %s", l.format, strings.Join(formats, ", "))
	}
	if l.base != "" && l.staged {
		return usagef("--base and --staged compare with different commits: give one of them")
	}
	if l.json {
		l.format = "json"
	}
	p, err := l.open(env, args)
	if err != nil {
		return err
	}
	found, err := l.find(cmd, env, p)
	if err != nil {
		return err
	}
	if l.fix {
		if err := l.write(cmd.Context(), p, found.changes); err != nil {
			return err
		}
		if len(found.changes) > 0 {
			fmt.Fprintf(env.Err, "Rewrote %s.\n", report.Count(len(found.changes), "file", "files"))
		}
		found.findings = slices.DeleteFunc(found.findings, func(f report.Finding) bool { return f.Rule == readRule && f.Reason == "" })
	}
	if err := l.report(cmd.Context(), env, p, found); err != nil {
		return err
	}
	if len(found.findings) > 0 {
		return status(exitFindings)
	}
	return nil
}

// write puts the changes into the folder; those of staged files only where the folder has them as they are staged.
func (l *linting) write(ctx context.Context, p *project.Project, changes []codemod.Change) error {
	err := writeback.Write(ctx, p.Dir, files(changes))
	var changed *writeback.ChangedError
	if l.staged && errors.As(err, &changed) {
		return usagef("%s has changes that are not staged, so nothing was written: stage or stash them, and run again", changed.Path)
	}
	return err
}

var readRule = report.RuleOf(codemod.NewReading)

// found is what a run of lint found.
type found struct {
	findings []report.Finding
	changes  []codemod.Change
	base     string // the commit that was compared with
}

func (l *linting) find(cmd *cobra.Command, env Env, p *project.Project) (*found, error) {
	switch {
	case l.staged:
		return findStaged(cmd.Context(), env, p)
	case l.base != "":
		return findSince(cmd.Context(), env, p, l.base)
	}
	result, err := planned(cmd, env, p)
	if err != nil {
		return nil, err
	}
	return &found{findings: findingsOf(result), changes: result.Changes}, nil
}

// findSince compares with the commit at which a revision and HEAD part.
func findSince(ctx context.Context, env Env, p *project.Project, rev string) (*found, error) {
	base, err := revision.Open(ctx, p.Dir, rev)
	if err != nil {
		return nil, usagef("%w", err)
	}
	defer base.Close() // it was only read
	if note := base.Note(); note != "" {
		fmt.Fprintln(env.Err, "canonicalize: "+note)
	}
	screen := terminal.New(env.Err, env.Getenv)
	compared, err := p.Compare(ctx, base, screen.Progress)
	screen.Clear()
	if err != nil {
		return nil, err
	}
	return &found{findings: newFindings(compared), changes: compared.Changes, base: base.SHA()}, nil
}

// findStaged compares what is staged with HEAD.
func findStaged(ctx context.Context, env Env, p *project.Project) (*found, error) {
	stage, err := revision.OpenStage(ctx, p.Dir)
	if err != nil {
		return nil, usagef("%w", err)
	}
	defer stage.Close() // it was only read
	screen := terminal.New(env.Err, env.Getenv)
	compared, err := p.CompareStaged(ctx, stage, screen.Progress)
	screen.Clear()
	if err != nil {
		return nil, err
	}
	return &found{findings: newFindings(compared), changes: compared.Changes, base: stage.Base.SHA()}, nil
}

// newFindings are those of a comparison.
func newFindings(r *codemod.Review) []report.Finding {
	all := []report.Finding{}
	prints := review.Fingerprints(r.Findings)
	for i, f := range r.Findings {
		advice := f.After
		if f.Reason != "" || f.Kind != codemod.NewReading {
			advice = f.Detail
		}
		all = append(all, report.Finding{Rule: report.RuleOf(f.Kind), Path: f.Path, Line: f.Line, Column: f.Column, Facade: f.Facade,
			Name: f.Name, Home: f.Home, Reason: string(f.Reason), Advice: advice, Print: prints[i]})
	}
	return all
}

// findingsOf joins what can be rewritten and what is left.
func findingsOf(result *codemod.Result) []report.Finding {
	all := []report.Finding{}
	for _, c := range result.Changes {
		for _, n := range c.Names {
			all = append(all, report.Finding{Rule: readRule, Path: c.Path, Line: n.Line, Column: n.Column, Facade: n.Facade, Name: n.Name,
				Home: n.Home, Advice: n.After})
		}
	}
	for _, left := range result.Left {
		all = append(all, report.Finding{Rule: readRule, Path: left.Path, Line: left.Line, Column: left.Column, Facade: left.Facade,
			Name: left.Name, Reason: string(left.Reason), Advice: left.Detail})
	}
	slices.SortStableFunc(all, func(a, b report.Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return all
}

// report writes the findings as they were asked for.
func (l *linting) report(ctx context.Context, env Env, p *project.Project, f *found) error {
	folder := revision.Prefix(ctx, p.Dir)
	switch l.format {
	case "github":
		return report.WriteAnnotations(env.Out, f.findings, folder)
	case "sarif":
		return report.WriteSARIF(env.Out, f.findings, folder, Version(), func(path string) []byte {
			text, _, _ := p.ReadPath(path) // it was read before; without it there are no columns
			return text
		})
	case "json":
		return report.JSON(env.Out, report.FindingsOf(f.base, f.findings))
	}
	return report.WriteFindings(env.Out, f.findings)
}
