package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"
)

// Style is a way to set text off; a Palette turns it into escape sequences, or into nothing.
type Style string

// The styles of the program, as SGR parameters (ECMA-48, section 8.3.117).
const (
	Bold   Style = "1"
	Dim    Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
	Cyan   Style = "36"
)

// Palette paints text for one writer.
type Palette struct{ on bool }

// Colors returns the palette for w: one that paints when w is a terminal and NO_COLOR is not set.
func Colors(w io.Writer, env func(string) string) Palette {
	f, ok := w.(*os.File)
	return Palette{on: ok && term.IsTerminal(int(f.Fd())) && env("NO_COLOR") == "" && env("TERM") != "dumb"}
}

// Paint returns text in a style.
func (p Palette) Paint(style Style, text string) string {
	if !p.on || text == "" || style == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}

// Diff colours the lines of a unified diff.
func (p Palette) Diff(unified string) string {
	if !p.on {
		return unified
	}
	var b strings.Builder
	for line := range strings.Lines(unified) {
		body := strings.TrimSuffix(line, "\n")
		b.WriteString(p.Paint(lineStyle(body), body))
		b.WriteString(line[len(body):])
	}
	return b.String()
}

func lineStyle(line string) Style {
	switch {
	case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"):
		return Bold
	case strings.HasPrefix(line, "+"):
		return Green
	case strings.HasPrefix(line, "-"):
		return Red
	case strings.HasPrefix(line, "@@"):
		return Cyan
	}
	return ""
}

// Table writes rows in columns, the first row as the heading.
func Table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, row := range rows {
		if _, err := fmt.Fprintln(t, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}
