package cli

import (
	"cmp"
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
	"github.com/canonicalize/canonicalize/codemod/importgraph"
)

// The formats of graph.
var graphFormats = []string{"text", "json", "dot", "svg"}

const (
	cutsShown    = 10 // of a module
	modulesShown = 20 // without --all
)

// graphing is one run of graph.
type graphing struct {
	selection
	format string
	all    bool
}

func newGraph(env Env) *cobra.Command {
	var g graphing
	cmd := &cobra.Command{
		Use:   "graph [MODULE]",
		Short: "Show what importing a module executes, now and once the facades are retired",
		Long: "Counts the modules of the project that `import MODULE` executes: as the project is, and once the facades\n" +
			"are retired, that is when every name is imported from its home and the facades import nothing. Says which\n" +
			"single import statement, or which module's imports all together, would save most if they went: what only\n" +
			"they bring in. As svg it is a picture in which each module is as wide as what runs only because of it;\n" +
			"dot is for Graphviz.\n\n" +
			"Without MODULE it shows the modules that execute most, and the figures of each facade. MODULE may be the\n" +
			"path of a Python file. A process that imports everything at its start, as Django's set-up does, executes\n" +
			"everything afterwards too: what is gained is in tests that a change reaches, in what can be drawn apart,\n" +
			"and in programs that need a part only.\n\n" + exitHelp,
		Example: "  canonicalize graph shop.models.user\n  canonicalize graph shop.cart --output-format svg > cart.svg\n  canonicalize graph --json",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return g.run(cmd, env, args) },
	}
	cmd.ValidArgsFunction = complete(env, (*project.Project).Modules)
	g.facadeFlag(cmd)
	g.cacheFlag(cmd)
	g.jsonFlag(cmd)
	cmd.Flags().StringVar(&g.format, "output-format", "text", "print as `FORMAT`: "+strings.Join(graphFormats, ", "))
	cmd.Flags().BoolVar(&g.all, "all", false, "list every module, not only those that matter most")
	return cmd
}

func (g *graphing) run(cmd *cobra.Command, env Env, args []string) error {
	if g.json {
		g.format = "json"
	}
	if !slices.Contains(graphFormats, g.format) {
		return usagef("--output-format %s: use %s", g.format, strings.Join(graphFormats, ", "))
	}
	if len(args) == 0 && (g.format == "dot" || g.format == "svg") {
		return usagef("--output-format %s draws what one module executes: name it, as in `canonicalize graph shop.models --output-format %[1]s`", g.format)
	}
	p, imports, err := g.imports(cmd, env, nil)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return g.whole(env, p, imports)
	}
	module, err := p.Module(imports.Now, args[0], env.Dir)
	if err != nil {
		return err
	}
	if imports.Now.Path(module) == "" {
		return usagef("%s is not in %s: what it executes cannot be told from here. `canonicalize why A %[1]s` says who imports it.", module, p.Dir)
	}
	return g.one(env, p, imports, module)
}

// one shows a single module.
func (g *graphing) one(env Env, p *project.Project, imports *codemod.Imports, module string) error {
	facades := facadesOf(p)
	switch g.format {
	case "dot":
		return importgraph.WriteDOT(env.Out, imports.Now, imports.Retired, module)
	case "svg":
		return importgraph.WriteSVG(env.Out, imports.Now, imports.Retired, module, facades)
	}
	r := report.GraphOf(imports, module, facades, imports.Now.Cuts(module, cutsShown))
	if g.format == "json" {
		return report.JSON(env.Out, r)
	}
	return g.writeOne(env.Out, r, lines(p, nil), p.Shown(env.Dir))
}

func (g *graphing) writeOne(w io.Writer, r report.Graph, text func(string, int) string, shown func(string) string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Importing %s executes %s of the project", r.Module, report.Count(r.Counts[0].Now, "module", "modules"))
	if len(r.Facades) > 0 {
		fmt.Fprintf(&b, ", and %d once %s", r.Counts[0].Retired, areRetired(r.Facades))
	}
	b.WriteString(".\n")
	if len(r.Cuts) > 0 {
		b.WriteString("\nWhat would save most, if it went:\n")
	}
	for _, c := range r.Cuts {
		if c.Line == 0 {
			fmt.Fprintf(&b, "  %5d  all that %s imports (%s)\n", c.Saves, c.Module, shown(c.Path))
		} else {
			fmt.Fprintf(&b, "  %5d  %s:%d  %s\n", c.Saves, shown(c.Path), c.Line, text(c.Path, c.Line))
		}
	}
	if g.all {
		writeClosure(&b, r)
	} else if r.Counts[0].Now > 1 {
		b.WriteString("\nEach number is what only that brings in. --all lists the modules.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeClosure lists what is executed, with a mark on what will not be.
func writeClosure(b *strings.Builder, r report.Graph) {
	b.WriteString("\n")
	for _, name := range r.Now {
		mark := " "
		if _, stays := slices.BinarySearch(r.Retired, name); !stays {
			mark = "-"
		}
		fmt.Fprintf(b, "  %s %s\n", mark, name)
	}
	for _, name := range r.Retired {
		if _, was := slices.BinarySearch(r.Now, name); !was {
			fmt.Fprintf(b, "  + %s\n", name)
		}
	}
	if len(r.Facades) > 0 {
		b.WriteString("\n- is not executed once they are retired.\n")
	}
}

// whole shows all modules and the figures of the facades.
func (g *graphing) whole(env Env, p *project.Project, imports *codemod.Imports) error {
	facades := facadesOf(p)
	rows := importgraph.Rows(imports.Now, imports.Retired)
	slices.SortStableFunc(rows, func(a, b importgraph.Row) int { return cmp.Compare(b.Executes.Now, a.Executes.Now) })
	figures := importgraph.FiguresOf(imports.Now, imports.Retired, facades, project.IsTest)
	if g.format == "json" {
		return report.JSON(env.Out, report.GraphOfAll(rows, imports.Now.Path, facades, figures))
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(env.Out, "There is no module here.")
		return err
	}
	for _, f := range figures {
		if err := report.WriteFigures(env.Out, f); err != nil {
			return err
		}
	}
	shown := rows
	if !g.all {
		shown = rows[:min(len(rows), modulesShown)]
	}
	if err := writeRows(env.Out, shown); err != nil {
		return err
	}
	if len(shown) < len(rows) {
		_, err := fmt.Fprintf(env.Out, "and %d more: --all lists them\n", len(rows)-len(shown))
		return err
	}
	return nil
}

func writeRows(w io.Writer, rows []importgraph.Row) error {
	table := [][]string{{"MODULE", "EXECUTES", "RETIRED"}}
	for _, r := range rows {
		table = append(table, []string{r.Module, strconv.Itoa(r.Executes.Now), strconv.Itoa(r.Executes.Retired)})
	}
	return terminal.Table(w, table)
}
