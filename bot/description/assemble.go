package description

import (
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/words"
)

const omitted = "\n*%s of this text left out, since GitHub takes 65,536 characters: they are in the comments below, and `canonicalize plan` shows all of it.*\n"

// assemble joins the sections and ends with the marker. What does not fit is
// left out from the end of the longest sections, by whole lines.
func assemble(sections []string, marker string, limit int) (body string, rest []string) {
	var lines [][]string
	total := words.Units(marker) + 2*len(sections) + 2 + words.Units(omitted) + 20
	for _, s := range sections {
		list := strings.SplitAfter(s, "\n")
		lines = append(lines, list)
		total += words.Units(s)
	}
	for total > limit {
		line, ok := cutLongest(lines, &total)
		if !ok {
			break
		}
		rest = append(rest, line)
	}
	slices.Reverse(rest) // the last line of a list was taken out first
	var b strings.Builder
	for _, list := range lines {
		if s := strings.Join(list, ""); s != "" {
			b.WriteString(s + "\n")
		}
	}
	if len(rest) > 0 {
		fmt.Fprintf(&b, omitted+"\n", words.Counted(len(rest), "line"))
	}
	return b.String() + marker + "\n", rest
}

// Pages makes comments of the lines that a body has no room for.
func Pages(rest []string, limit int) (out []string) {
	const head = "What the description has no room for:\n\n```text\n"
	var b strings.Builder
	size := 0
	flush := func() {
		if b.Len() > 0 {
			out = append(out, head+b.String()+"```\n")
			b.Reset()
			size = 0
		}
	}
	for _, line := range rest {
		if size+words.Units(line) > limit-words.Units(head)-200 {
			flush()
		}
		b.WriteString(line)
		size += words.Units(line)
	}
	flush()
	return out
}

// cutLongest takes one line out of the section with the most lines: the last
// one that is a row, an entry or an argument, so that what encloses it stays
// whole.
func cutLongest(lines [][]string, total *int) (line string, ok bool) {
	best, at := -1, -1
	for i, list := range lines {
		if best >= 0 && len(list) <= len(lines[best]) {
			continue
		}
		if j := lastRow(list); j >= 0 {
			best, at = i, j
		}
	}
	if best < 0 {
		return "", false
	}
	line = lines[best][at]
	*total -= words.Units(line)
	lines[best] = slices.Delete(lines[best], at, at+1)
	return line, true
}

func lastRow(list []string) int {
	for i := len(list) - 1; i >= 0; i-- {
		row := strings.HasPrefix(list[i], "| `") || strings.HasPrefix(list[i], "- `") || strings.HasPrefix(list[i], "  ")
		if row {
			return i
		}
	}
	return -1
}
