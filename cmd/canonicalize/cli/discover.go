package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

func newDiscover(env Env) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "discover [DIR]",
		Short: "Find modules that re-export many names which many files read",
		Long: "Lists the modules below DIR that are worth taking apart: how many names each re-exports from other\n" +
			"modules of the tree, how many files read one (CONSUMERS), how many names all of them read (READINGS),\n" +
			"and how many modules of the tree importing it executes. The first is the one whose readers cause most\n" +
			"modules to be executed.\n\n" + exitHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return discover(cmd, env, args, &sel) },
	}
	sel.jsonFlag(cmd)
	sel.cacheFlag(cmd)
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
	first := candidates[0]
	_, err := fmt.Fprintf(env.Err, "\n%[2]s read %[1]s, which executes %[3]s when it is imported. What to do next:\n"+
		"  canonicalize plan --facade %[1]s           the pull requests that would take it apart\n"+
		"  canonicalize apply --facade %[1]s --diff   what they would change\n"+
		"Name facades in %[4]s for the App, and for `canonicalize lint` to keep them from growing.\n",
		first.Module, report.Count(first.Consumers, "file", "files"), report.Count(first.Executes, "module", "modules"), config.Path)
	return err
}
