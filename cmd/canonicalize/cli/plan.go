package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

// planFormats are the formats of plan's report.
var planFormats = []string{"text", "json", "html"}

func newPlan(env Env) *cobra.Command {
	var sel selection
	format := "text"
	cmd := &cobra.Command{
		Use:   "plan [PATH...]",
		Short: "Show the pull requests that the App would open",
		Long: "Cuts the change into pull requests as the App does, by the owners in CODEOWNERS, the directories\n" +
			"and the limits in the configuration, and lists them; with PATHs only what those hold. As html it is a\n" +
			"page of its own with every diff, to be sent to colleagues. Nothing is written.\n\n" + exitHelp,
		Example: "  canonicalize plan --facade shop.models\n  canonicalize plan --output-format html > plan.html",
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(planFormats, format) {
				return usagef("--output-format %s: use %s", format, strings.Join(planFormats, ", "))
			}
			if sel.json {
				format = "json"
			}
			return runPlan(cmd, env, args, &sel, format)
		},
	}
	sel.facadeFlag(cmd)
	sel.cacheFlag(cmd)
	sel.ownerFlag(cmd)
	sel.jsonFlag(cmd)
	cmd.Flags().StringVar(&format, "output-format", format, "print as `FORMAT`: "+strings.Join(planFormats, ", "))
	return cmd
}

func runPlan(cmd *cobra.Command, env Env, args []string, sel *selection, format string) error {
	p, err := sel.open(env, args)
	if err != nil {
		return err
	}
	result, err := sel.planned(cmd, env, p)
	if err != nil {
		return err
	}
	chunks, err := p.Chunks(result)
	if err != nil {
		return err
	}
	switch format {
	case "json":
		err = report.JSON(env.Out, report.PlanOf(result, chunksJSON(chunks)))
	case "html":
		err = report.WritePage(env.Out, result, chunksJSON(chunks))
	default:
		err = writePlan(env.Out, chunks, result, p.Shown(env.Dir))
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
			Owners: append([]string{}, c.Owners...), Files: c.Paths(), Lines: c.Lines, Names: c.Names, Readings: c.Readings})
	}
	return out
}

func writePlan(w io.Writer, chunks []project.Chunk, result *codemod.Result, shown func(string) string) error {
	rows := [][]string{{"OWNERS", "FILES", "LINES", "NAMES", "READINGS", "TITLE"}}
	files, readings := 0, 0
	for _, c := range chunks {
		files += len(c.Files)
		readings += c.Readings
		rows = append(rows, []string{ownerText(c.Owners), strconv.Itoa(len(c.Files)), strconv.Itoa(c.Lines), strconv.Itoa(c.Names), strconv.Itoa(c.Readings), c.Title})
	}
	if len(chunks) > 0 {
		if err := terminal.Table(w, rows); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s over %s, with %s to import from their homes.\n", report.Count(len(chunks), "pull request", "pull requests"),
		report.Count(files, "file", "files"), report.Count(readings, "reading", "readings"))
	report.WriteLeft(w, result.Left, shown)
	report.WriteLost(w, result.Changes, shown)
	return nil
}

func ownerText(set []string) string {
	if len(set) == 0 {
		return "(no owner)"
	}
	return strings.Join(set, " ")
}
