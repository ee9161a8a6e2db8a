package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

func newDiscover(env Env) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "discover [DIR]",
		Short: "Find modules that re-export many names which many files read",
		Long: "Lists the modules below DIR that are worth taking apart, the best first: how many names each\n" +
			"re-exports, how many files read how many of them, and how many modules importing it executes.\n\n" + exitHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return discover(cmd, env, args, &sel) },
	}
	sel.jsonFlag(cmd)
	return cmd
}

func discover(cmd *cobra.Command, env Env, args []string, sel *selection) error {
	p, err := sel.open(env, args)
	if err != nil {
		return err
	}
	screen := terminal.New(env.Err, env.Getenv)
	candidates, err := p.Discover(cmd.Context(), screen.Progress)
	screen.Clear()
	if err != nil {
		return err
	}
	if sel.json {
		return report.JSON(env.Out, report.DiscoveryOf(candidates))
	}
	return writeCandidates(env, candidates)
}

func writeCandidates(env Env, candidates []codemod.Candidate) error {
	if len(candidates) == 0 {
		_, err := fmt.Fprintln(env.Out, "No module here re-exports names that other files read.")
		return err
	}
	rows := [][]string{{"MODULE", "NAMES", "CONSUMERS", "READINGS", "EXECUTES"}}
	for _, c := range candidates {
		rows = append(rows, []string{c.Module, strconv.Itoa(c.Names), strconv.Itoa(c.Consumers), strconv.Itoa(c.Readings), strconv.Itoa(c.Executes)})
	}
	if err := terminal.Table(env.Out, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(env.Err, "Take one with `canonicalize apply --facade %s`.\n", candidates[0].Module)
	return err
}
