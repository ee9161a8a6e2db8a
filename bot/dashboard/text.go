package dashboard

import "strings"

// code makes a code span: nothing in it is Markdown, and nobody is mentioned.
func code(s string) string {
	s = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", "¦") // a bar would end a cell
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

// plain keeps a sentence on one line and in its cell, and mentions nobody: a
// mention would notify a team at every edit.
func plain(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer("|", "¦", "@", "@\u200b", "<", "&lt;", "#", "#\u200b").Replace(s)
}

func short(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}

// units counts as GitHub's limit is counted at most: in UTF-16.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}
