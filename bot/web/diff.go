package web

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// row is one row of a diff table.
type row struct {
	Kind     string // "add", "del", "same", "hunk" or "note"
	Old, New int    // line numbers; 0: none on this side
	Parts    []part
}

// Sign is what a unified diff writes before such a line.
func (r row) Sign() string {
	return map[string]string{"add": "+", "del": "-"}[r.Kind]
}

// part is a piece of a line; Changed marks the words that differ from the other side.
type part struct {
	Text    string
	Changed bool
}

// hunkHead matches "@@ -1,2 +3,4 @@ section" (POSIX diff -u).
var hunkHead = regexp.MustCompile(`^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@`)

// parseDiff reads a unified diff of one file. Lines before the first hunk are skipped; what is no diff at all gives
// no rows.
func parseDiff(patch string) []row {
	var rows []row
	before, after, inHunk := 0, 0, false
	for line := range strings.Lines(patch) {
		line = strings.TrimSuffix(line, "\n")
		if m := hunkHead.FindStringSubmatch(line); m != nil {
			before, after, inHunk = atoi(m[1]), atoi(m[2]), true
			rows = append(rows, row{Kind: "hunk", Parts: []part{{Text: line}}})
			continue
		}
		if !inHunk {
			continue
		}
		r := rowOf(line, before, after)
		before, after = before+boolInt(r.Old > 0), after+boolInt(r.New > 0)
		rows = append(rows, r)
	}
	emphasize(rows)
	return rows
}

// rowOf reads one line of a hunk whose next lines have the numbers before and after.
func rowOf(line string, before, after int) row {
	if line == "" { // some tools strip the blank of an empty line
		return row{Kind: "same", Old: before, New: after}
	}
	text := []part{{Text: line[1:]}}
	switch line[0] {
	case '+':
		return row{Kind: "add", New: after, Parts: text}
	case '-':
		return row{Kind: "del", Old: before, Parts: text}
	case '\\':
		return row{Kind: "note", Parts: []part{{Text: strings.TrimSpace(line[1:])}}}
	}
	return row{Kind: "same", Old: before, New: after, Parts: text}
}

// emphasize marks the words that differ where a run of removed lines is followed by as many added ones.
func emphasize(rows []row) {
	for i := 0; i < len(rows); {
		removed := run(rows[i:], "del")
		added := run(rows[i+removed:], "add")
		for k := 0; removed == added && k < removed; k++ {
			markWords(&rows[i+k], &rows[i+removed+k])
		}
		i += max(removed+added, 1)
	}
}

// run counts the rows of one kind at the beginning.
func run(rows []row, kind string) int {
	for i, r := range rows {
		if r.Kind != kind {
			return i
		}
	}
	return len(rows)
}

// markWords splits two lines into what they share at both ends and the words between. Lines that share less than a
// third are left unmarked: everything would be marked, which says nothing.
func markWords(a, b *row) {
	x, y := a.Parts[0].Text, b.Parts[0].Text
	head := wordStart(x, commonPrefix(x, y))
	tail := commonSuffix(x[head:], y[head:])
	tail = wordEnd(x, tail)
	if head == len(x) && head == len(y) || 3*(head+tail) < max(len(x), len(y)) {
		return
	}
	a.Parts, b.Parts = split(x, head, tail), split(y, head, tail)
}

func split(text string, head, tail int) []part {
	var parts []part
	end := len(text) - tail
	for _, p := range []part{{text[:head], false}, {text[head:end], true}, {text[end:], false}} {
		if p.Text != "" {
			parts = append(parts, p)
		}
	}
	return parts
}

func commonPrefix(x, y string) int {
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

func commonSuffix(x, y string) int {
	n := 0
	for n < len(x) && n < len(y) && x[len(x)-1-n] == y[len(y)-1-n] {
		n++
	}
	return n
}

// wordStart moves a position back to where its word begins, so that words are marked whole.
func wordStart(text string, at int) int {
	for at > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:at])
		if !isWord(r) {
			break
		}
		at -= size
	}
	return at
}

// wordEnd shortens a tail of n bytes until it begins after a word.
func wordEnd(text string, n int) int {
	for n > 0 {
		r, size := utf8.DecodeRuneInString(text[len(text)-n:])
		if !isWord(r) {
			break
		}
		n -= size
	}
	return n
}

// isWord also counts broken UTF-8 as part of a word, so that no character is cut in two.
func isWord(r rune) bool {
	return r == '_' || r == utf8.RuneError || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// atoi reads digits that a pattern has matched; a number that does not fit counts as 0.
func atoi(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
