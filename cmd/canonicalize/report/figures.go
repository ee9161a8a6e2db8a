package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/importgraph"
)

// WriteFigures writes the figures of one facade for a person.
func WriteFigures(w io.Writer, f importgraph.Figures) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: modules executed, now and once it is retired\n", f.Facade)
	row := func(what string, p importgraph.Pair) { fmt.Fprintf(&b, "  %-52s %6d → %d\n", what, p.Now, p.Retired) }
	row("import "+f.Facade, f.Executes)
	for _, r := range f.Below {
		row(fmt.Sprintf("import %s (imported by %d)", r.Module, r.Imported), r.Executes)
	}
	for _, s := range []struct {
		what string
		importgraph.Spread
	}{{"source", f.Source}, {"tests", f.Tests}} {
		if s.Modules > 0 {
			row(fmt.Sprintf("each of %d modules of the %s: mean", s.Modules, s.what), s.Mean)
			row("  median", s.Median)
		}
	}
	row("modules in the largest circle of imports", f.Circle)
	row("modules elsewhere that execute nearly all below it", f.NearlyAll)
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}
