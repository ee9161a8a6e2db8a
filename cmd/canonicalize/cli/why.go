package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/importgraph"
)

// asking is one run of why.
type asking struct {
	selection
	all  bool
	most int
}

func newWhy(env Env) *cobra.Command {
	var a asking
	cmd := &cobra.Command{
		Use:   "why A B",
		Short: "Say by which imports importing one module executes another",
		Long: "Shows the shortest chain of import statements by which `import A` comes to execute the module B, with\n" +
			"the file and line of each; --all shows every chain that meets no module twice. B may be outside of the\n" +
			"project: `canonicalize why shop.cart numpy`. A and B are modules, or paths of Python files. Where there are\n" +
			"facades, it says as well what is left of that once they are retired.\n\n" + exitHelp,
		Example: "  canonicalize why shop.cart shop.models.audit\n  canonicalize why shop/cart.py numpy --all",
		Args:    cobra.ExactArgs(2),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.run(cmd, env, args[0], args[1]) },
	}
	cmd.ValidArgsFunction = complete(env, (*project.Project).Modules)
	a.facadeFlag(cmd)
	a.cacheFlag(cmd)
	a.jsonFlag(cmd)
	cmd.Flags().BoolVar(&a.all, "all", false, "show every chain, the shortest first")
	cmd.Flags().IntVar(&a.most, "limit", 50, "with --all, show at most `N` chains")
	return cmd
}

func (a *asking) run(cmd *cobra.Command, env Env, from, to string) error {
	if a.most < 1 {
		return usagef("--limit %d: at least one chain is needed", a.most)
	}
	p, imports, err := a.imports(cmd, env, nil)
	if err != nil {
		return err
	}
	if from, err = p.Module(imports.Now, from, env.Dir); err != nil {
		return err
	}
	if to, err = p.Module(imports.Now, to, env.Dir); err != nil {
		return err
	}
	if from == to {
		return usagef("%s is named twice: name two modules", from)
	}
	most := 1
	if a.all {
		most = a.most
	}
	reached := func(g *importgraph.Graph, text func(path string, line int) string) report.Reached {
		chains, more := g.Chains(from, to, most)
		return report.ReachedOf(chains, more && a.all, text)
	}
	why := report.Why{Head: report.HeadOf("why"), From: from, To: to, Facades: facadesOf(p), Now: reached(imports.Now, lines(p, nil)), Retired: reached(imports.Retired, lines(p, imports.Plan))}
	if a.json {
		return report.JSON(env.Out, why)
	}
	return writeWhy(env.Out, why, p.Shown(env.Dir))
}

// imports opens a project and reads what its modules execute.
func (s *selection) imports(cmd *cobra.Command, env Env, args []string) (*project.Project, *codemod.Imports, error) {
	p, err := s.open(env, args)
	if err != nil {
		return nil, nil, err
	}
	screen := terminal.New(env.Err, env.Getenv)
	defer screen.Clear()
	imports, err := p.Imports(cmd.Context(), screen.Progress)
	return p, imports, err
}

// facadesOf are the facades that a command was told of, or that are configured.
func facadesOf(p *project.Project) []string {
	return append([]string{}, p.Rules().Facades...)
}

// areRetired says that facades are, as the end of a sentence.
func areRetired(facades []string) string {
	if len(facades) == 1 {
		return facades[0] + " is retired"
	}
	return fmt.Sprintf("%s and %s are retired", strings.Join(facades[:len(facades)-1], ", "), facades[len(facades)-1])
}

// lines returns what stands on a line of a file, without the white space around it: after a plan, if there is one.
func lines(p *project.Project, after *codemod.Result) func(path string, line int) string {
	texts := map[string][]string{}
	if after != nil {
		for _, c := range after.Changes {
			texts[c.Path] = strings.Split(string(c.After), "\n")
		}
	}
	return func(path string, line int) string {
		if path == "" || line == 0 {
			return ""
		}
		if texts[path] == nil {
			text, _, _ := p.ReadPath(path) // it was read before
			texts[path] = strings.Split(string(text), "\n")
		}
		if line > len(texts[path]) {
			return ""
		}
		return strings.TrimSpace(texts[path][line-1])
	}
}

func writeWhy(w io.Writer, why report.Why, shown func(string) string) error {
	var b strings.Builder
	if !why.Now.Executes {
		fmt.Fprintf(&b, "Importing %s does not execute %s.\n", why.From, why.To)
	}
	writeChains(&b, fmt.Sprintf("Importing %s executes %s:\n", why.From, why.To), why.Now, shown)
	if len(why.Facades) == 0 || !why.Now.Executes {
		_, err := io.WriteString(w, b.String())
		return err
	}
	facades := areRetired(why.Facades)
	switch {
	case !why.Retired.Executes:
		fmt.Fprintf(&b, "\nOnce %s, it does not any more.\n", facades)
	case sameChains(why.Now, why.Retired):
		fmt.Fprintf(&b, "\nThat stays so once %s.\n", facades)
	default:
		writeChains(&b, fmt.Sprintf("\nOnce %s, it still does:\n", facades), why.Retired, shown)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeChains(b *strings.Builder, head string, r report.Reached, shown func(string) string) {
	if !r.Executes {
		return
	}
	b.WriteString(head)
	for i, chain := range r.Chains {
		if i > 0 {
			b.WriteString("\n")
		}
		for _, link := range chain {
			writeLink(b, link, shown)
		}
	}
	if r.More {
		fmt.Fprintf(b, "\nThere are more than these %d: --limit shows more of them.\n", len(r.Chains))
	}
}

func writeLink(b *strings.Builder, link report.Link, shown func(string) string) {
	if link.Line == 0 {
		fmt.Fprintf(b, "  %s is in the package %s, which runs first\n", link.Module, link.Runs)
		return
	}
	fmt.Fprintf(b, "  %s:%d  %s", shown(link.Path), link.Line, link.Text)
	if !strings.Contains(link.Text, link.Runs) {
		fmt.Fprintf(b, "  → %s", link.Runs)
	}
	if len(link.Also) > 0 {
		fmt.Fprintf(b, "  (and %s)", also(link.Also))
	}
	b.WriteString("\n")
}

func also(lines []int) string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = fmt.Sprint(line)
	}
	if len(out) == 1 {
		return "line " + out[0]
	}
	return "lines " + strings.Join(out, ", ")
}

func sameChains(a, b report.Reached) bool {
	return slices.EqualFunc(a.Chains, b.Chains, func(x, y []report.Link) bool {
		return slices.EqualFunc(x, y, func(l, m report.Link) bool { return l.Module == m.Module && l.Runs == m.Runs && l.Line == m.Line })
	})
}
