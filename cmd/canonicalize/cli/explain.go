package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

func newExplain(env Env) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "explain NAME",
		Short: "Say where a name is declared, and how it got here",
		Long: "Follows a name over every module that passes it on to the one that declares it. NAME is dotted, as in\n" +
			"shop.models.User; a name of one of the facades may stand alone.\n" +
			"The exit code is 1 if nothing is called so.\n\n" + exitHelp,
		Example: "  canonicalize explain shop.models.User\n  canonicalize explain User",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return explain(cmd, env, args[0], &sel) },
	}
	cmd.ValidArgsFunction = complete(env, (*project.Project).Modules)
	sel.facadeFlag(cmd)
	sel.cacheFlag(cmd)
	sel.jsonFlag(cmd)
	return cmd
}

func explain(cmd *cobra.Command, env Env, name string, sel *selection) error {
	p, err := sel.open(env, nil)
	if err != nil {
		return err
	}
	screen := terminal.New(env.Err, env.Getenv)
	e, err := p.Explain(cmd.Context(), name, screen.Progress)
	screen.Clear()
	if err != nil {
		return err
	}
	if sel.json {
		err = report.JSON(env.Out, report.ExplanationOf(name, e))
	} else {
		err = writeExplanation(env.Out, name, e, p)
	}
	if err == nil && e.Reason == codemod.Unresolved {
		return status(exitFindings)
	}
	return err
}

func writeExplanation(w io.Writer, name string, e *codemod.Explanation, p *project.Project) error {
	var b strings.Builder
	switch {
	case e.Reason == codemod.Unresolved:
		fmt.Fprintf(&b, "Nothing is called %s here.", name)
		if len(e.Near) > 0 {
			fmt.Fprintf(&b, " Did you mean %s?", strings.Join(e.Near, ", "))
		}
		fmt.Fprintln(&b)
	case e.Home == "":
		fmt.Fprintf(&b, "%s has no home that can be told from the code (%s): %s\n", name, e.Reason, e.Reason.Advice())
	case e.Name == "":
		fmt.Fprintf(&b, "%s is a module.\n", e.Module)
	case e.Reason == codemod.DeclaredInFacade:
		fmt.Fprintf(&b, "%s is declared in %s itself: %s\n", name, e.Module, report.ImportOf(e.Home))
	default:
		fmt.Fprintf(&b, "%s\n", report.ImportOf(e.Home))
	}
	writeSteps(&b, e, p)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeSteps shows the way of a name, where it has one.
func writeSteps(b *strings.Builder, e *codemod.Explanation, p *project.Project) {
	for i, step := range e.Steps {
		how := "is passed on by"
		if i == len(e.Steps)-1 {
			how = "is declared in"
		}
		fmt.Fprintf(b, "  %s %s %s", step.Name, how, step.Module)
		if step.Path != "" {
			fmt.Fprintf(b, " (%s)", step.Path)
		}
		fmt.Fprintln(b)
	}
	for _, loser := range e.Losers {
		fmt.Fprintf(b, "  %s was bound to the name before, and lost\n", loser)
	}
}
