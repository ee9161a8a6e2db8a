package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/revision"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

// linting is one run of lint.
type linting struct {
	selection
	base string
}

// finding is one reference through a facade.
type finding struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Facade string `json:"facade"`
	Name   string `json:"name"`
	Home   string `json:"home,omitempty"`   // where to import it from; empty when it has to stay
	Reason string `json:"reason,omitempty"` // why it has to stay
	Advice string `json:"advice"`
}

func newLint(env Env) *cobra.Command {
	var l linting
	cmd := &cobra.Command{
		Use:   "lint [DIR]",
		Short: "List the places that read a name through a facade",
		Long: "Lists every place below DIR that reads a name through a facade, and what to import instead. With\n" +
			"--base only what was added since the commit at which REV and HEAD part.\n" +
			"The exit code is 1 if there is any.\n\n" + exitHelp,
		Example: "  canonicalize lint --facade shop.models\n  canonicalize lint --base origin/main",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return l.run(cmd, env, args) },
	}
	l.facadeFlag(cmd)
	l.onlyFlag(cmd)
	l.jsonFlag(cmd)
	cmd.Flags().StringVar(&l.base, "base", "", "list only what is new since `REV`")
	return cmd
}

func (l *linting) run(cmd *cobra.Command, env Env, args []string) error {
	p, err := l.open(env, args)
	if err != nil {
		return err
	}
	var base *revision.Tree
	if l.base != "" {
		if base, err = revision.Open(cmd.Context(), p.Dir, l.base); err != nil {
			return usagef("%w", err)
		}
		defer base.Close() // it was only read
	}
	result, err := planned(cmd, env, p)
	if err != nil {
		return err
	}
	findings := findingsOf(result)
	if base != nil {
		if findings, err = l.onlyNew(cmd, env, p, base, findings); err != nil {
			return err
		}
	}
	if err := l.report(env, findings, base); err != nil {
		return err
	}
	if len(findings) > 0 {
		return status(exitFindings)
	}
	return nil
}

// findingsOf joins what can be rewritten and what is left.
func findingsOf(result *codemod.Result) []finding {
	all := []finding{}
	for _, c := range result.Changes {
		for _, n := range c.Names {
			all = append(all, finding{Path: c.Path, Line: n.Line, Column: n.Column, Facade: n.Facade, Name: n.Name,
				Home: n.Home, Advice: n.After})
		}
	}
	for _, left := range result.Left {
		all = append(all, finding{Path: left.Path, Line: left.Line, Column: left.Column, Facade: left.Facade,
			Name: left.Name, Reason: string(left.Reason), Advice: left.Detail})
	}
	sortFindings(all)
	return all
}

// onlyNew keeps the findings that the base did not have.
func (l *linting) onlyNew(cmd *cobra.Command, env Env, p *project.Project, base *revision.Tree, head []finding) ([]finding, error) {
	screen := terminal.New(env.Err, env.Getenv)
	result, err := p.PlanAt(cmd.Context(), base, base.HasModule, screen.Progress)
	screen.Clear()
	if err != nil {
		return nil, fmt.Errorf("at %s: %w", l.base, err)
	}
	old := findingsOf(result)
	gone := pathsOf(old, func(path string) bool { return !p.Has(path) })
	created := pathsOf(head, func(path string) bool { return !base.Has(path) })
	moved, err := revision.Moved(text(base.ReadPath), gone, text(p.ReadPath), created)
	if err != nil {
		return nil, err
	}
	return added(old, head, moved), nil
}

// text makes a reader of files that are known to exist.
func text(read func(string) ([]byte, bool, error)) revision.Read {
	return func(path string) ([]byte, error) {
		data, _, err := read(path)
		return data, err
	}
}

// report writes the findings as one line each, or as JSON.
func (l *linting) report(env Env, findings []finding, base *revision.Tree) error {
	if l.json {
		out := map[string]any{"findings": findings}
		if base != nil {
			out["base"] = base.SHA()
		}
		return report.JSON(env.Out, out)
	}
	return writeFindings(env.Out, findings)
}

// subject names what is read: a name, or everything where the module itself is used.
func subject(f finding) string {
	if f.Name == "" || f.Name == "*" || f.Name == f.Facade {
		return "the module"
	}
	return f.Name
}

func writeFindings(w io.Writer, findings []finding) error {
	for _, f := range findings {
		advice := "use `" + f.Advice + "`"
		if f.Reason != "" {
			advice = f.Reason + ": " + f.Advice
		}
		if _, err := fmt.Fprintf(w, "%s:%d:%d: %s is read through the facade %s; %s\n",
			f.Path, f.Line, f.Column, subject(f), f.Facade, advice); err != nil {
			return err
		}
	}
	if len(findings) == 0 {
		_, err := fmt.Fprintln(w, "No name is read through a facade.")
		return err
	}
	_, err := fmt.Fprintf(w, "%s.\n", report.Count(len(findings), "finding", "findings"))
	return err
}
