package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

func newPlan(env Env) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "plan [DIR]",
		Short: "Show the pull requests that the App would open",
		Long: "Cuts the change into pull requests as the App does, by the owners in CODEOWNERS, the directories\n" +
			"and the limits in the configuration, and lists them. Nothing is written.\n\n" + exitHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runPlan(cmd, env, args, &sel) },
	}
	sel.facadeFlag(cmd)
	sel.onlyFlag(cmd)
	sel.jsonFlag(cmd)
	return cmd
}

func runPlan(cmd *cobra.Command, env Env, args []string, sel *selection) error {
	p, err := sel.open(env, args)
	if err != nil {
		return err
	}
	result, err := planned(cmd, env, p)
	if err != nil {
		return err
	}
	chunks, err := p.Chunks(result)
	if err != nil {
		return err
	}
	if sel.json {
		err = report.JSON(env.Out, report.PlanOf(result, chunksJSON(chunks)))
	} else {
		err = writePlan(env.Out, chunks, result)
	}
	if err != nil {
		return err
	}
	return status(handled(result))
}

// chunksJSON are the pull requests for programs.
func chunksJSON(chunks []project.Chunk) []report.Chunk {
	var out []report.Chunk
	for _, c := range chunks {
		out = append(out, report.Chunk{Title: c.Title, Directory: c.Directory,
			Owners: append([]string{}, c.Owners...), Files: c.Paths(), Lines: c.Lines, Names: c.Names})
	}
	return out
}

func writePlan(w io.Writer, chunks []project.Chunk, result *codemod.Result) error {
	rows := [][]string{{"OWNERS", "FILES", "LINES", "NAMES", "TITLE"}}
	files := 0
	for _, c := range chunks {
		files += len(c.Files)
		rows = append(rows, []string{ownerText(c.Owners), strconv.Itoa(len(c.Files)), strconv.Itoa(c.Lines), strconv.Itoa(c.Names), c.Title})
	}
	if len(chunks) > 0 {
		if err := terminal.Table(w, rows); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s over %s.\n", report.Count(len(chunks), "pull request", "pull requests"), report.Count(files, "file", "files"))
	report.WriteLeft(w, result.Left)
	return nil
}

func ownerText(set []string) string {
	if len(set) == 0 {
		return "(no owner)"
	}
	return strings.Join(set, " ")
}
