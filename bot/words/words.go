// Package words is the wording that all texts on GitHub share: code spans and
// blocks that nothing breaks out of, counts, and lengths as GitHub counts
// them. It is pure.
package words

import (
	"fmt"
	"strings"
)

// Code makes a code span of text that may hold anything, fit for a table's
// cell: a bar would end that. Nothing in it is Markdown, and nobody is mentioned.
func Code(s string) string {
	s = strings.NewReplacer("\n", " ", "\r", " ", "|", "¦").Replace(s)
	if strings.TrimSpace(s) == "" {
		s = "\u00a0" // an empty span would be two backticks
	}
	mark := "`"
	for strings.Contains(s, mark) {
		mark += "`"
	}
	if len(mark) > 1 {
		return mark + " " + s + " " + mark
	}
	return mark + s + mark
}

// Codes lists code spans.
func Codes(list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, Code(s))
	}
	return strings.Join(out, ", ")
}

// Plain keeps a sentence on one line and in its cell, and mentions nobody: a
// mention would notify a team at every edit.
func Plain(s string) string {
	return strings.NewReplacer("|", "¦", "@", "@\u200b", "<", "&lt;", "#", "#\u200b").Replace(OneLine(s))
}

// OneLine joins the lines of a text.
func OneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// FirstLine is a text up to its first line end.
func FirstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// Short cuts a text to so many characters.
func Short(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}

// SHA shows the beginning of a commit's name.
func SHA(sha string) string { return Code(sha[:min(len(sha), 10)]) }

// References lists issues and pull requests as GitHub links them.
func References(numbers []int) string {
	var list []string
	for _, n := range numbers {
		list = append(list, fmt.Sprintf("#%d", n))
	}
	return strings.Join(list, ", ")
}

// Fence makes a code block that no line of it can end.
func Fence(info string, list []string) string {
	mark := "```"
	for _, line := range list {
		for strings.Contains(line, mark) {
			mark += "`"
		}
	}
	var b strings.Builder
	b.WriteString(mark + info + "\n")
	for _, line := range list {
		b.WriteString(line + "\n")
	}
	return b.String() + mark
}

// Counted writes a number with a noun whose plural ends in s.
func Counted(n int, noun string) string { return Count(n, noun, noun+"s") }

// Count writes a number with what it counts.
func Count(n int, one, many string) string { return fmt.Sprintf("%d %s", n, Plural(n, one, many)) }

// Plural picks the form that fits a number.
func Plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Units counts as GitHub's limit is counted at most: in UTF-16.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// ShellWord quotes a path for a shell where it needs it.
func ShellWord(s string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+@", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, "\n", " "), "'", `'\''`) + "'"
}
