package commander

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/codemod"
)

// after moves what is left to the lines that it has once the changes are made.
func (f *fixes) after() []leftover {
	out := slices.Clone(f.left)
	for i := range out {
		for _, c := range f.Changes {
			if c.Path == out[i].path {
				out[i].line = lineAfter(c, out[i].line)
			}
		}
	}
	return out
}

var hunk = regexp.MustCompile(`^@@ -(\d+)`)

// lineAfter is where a line of a changed file is afterwards.
func lineAfter(c codemod.Change, line int) int {
	old, shift := 0, 0 // the line of the old text that comes next; lines that were added before it
	for _, row := range strings.Split(c.Diff(), "\n") {
		if m := hunk.FindStringSubmatch(row); m != nil {
			old, _ = strconv.Atoi(m[1])
			continue
		}
		if old == 0 || row == "" {
			continue // the names of the files
		}
		switch row[0] {
		case '+':
			if old <= line {
				shift++
			}
		case '-':
			if old < line {
				shift--
			}
			old++
		case ' ':
			old++
		}
	}
	return line + shift
}
