package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/bot/review"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/revision"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

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
	result, err := l.planned(cmd, env, p)
	if err != nil {
		return nil, err
	}
	guarded, err := p.Guard(cmd.Context())
	if err != nil {
		return nil, err
	}
	all := append(findingsOf(result), newFindings(&codemod.Review{Findings: guarded})...)
	slices.SortStableFunc(all, func(a, b report.Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &found{findings: all, changes: result.Changes}, nil
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
		finding := report.Finding{Rule: report.RuleOf(f.Kind), Path: f.Path, Line: f.Line, Column: f.Column, Facade: f.Facade,
			Name: f.Name, Home: f.Home, Reason: string(f.Reason), Advice: f.Detail, Print: prints[i]}
		if finding.Fixable() {
			finding = finding.Becomes(f.After)
		}
		all = append(all, finding)
	}
	return all
}

// findingsOf joins what can be rewritten and what is left.
func findingsOf(result *codemod.Result) []report.Finding {
	all := []report.Finding{}
	for _, c := range result.Changes {
		for _, n := range c.Names {
			finding := report.Finding{Rule: report.ReadRule, Path: c.Path, Line: n.Line, Column: n.Column, Facade: n.Facade, Name: n.Name, Home: n.Home}
			all = append(all, finding.Becomes(n.After))
		}
	}
	for _, left := range result.Left {
		if left.Reason == codemod.Excluded {
			continue // a comment or the configuration keeps it
		}
		all = append(all, report.Finding{Rule: report.ReadRule, Path: left.Path, Line: left.Line, Column: left.Column, Facade: left.Facade,
			Name: left.Name, Reason: string(left.Reason), Advice: left.Detail})
	}
	slices.SortStableFunc(all, func(a, b report.Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return all
}
