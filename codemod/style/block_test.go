package style

import (
	"regexp"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

var (
	statementStart = regexp.MustCompile(`^[ \t]*(from|import)\b`)
	nameAs         = regexp.MustCompile(`[\w.*]+(?:\s+as\s+\w+)?`)
)

// blockOf reads the first block of a file: consecutive lines of imports,
// comments and blanks.
func blockOf(src string) Block {
	b := Block{Src: []byte(src)}
	for p := 0; p < len(src); {
		end := lineEndOf(src, p)
		line := src[p:end]
		switch {
		case statementStart.MatchString(line):
			st := parseStatement(src, p)
			b.Statements = append(b.Statements, st)
			for {
				rest := strings.TrimLeft(src[st.End:], " ;")
				if !statementStart.MatchString(rest) || rest == src[st.End:] {
					break
				}
				st = parseStatement(src, len(src)-len(rest))
				b.Statements = append(b.Statements, st)
			}
			end = lineEndOf(src, st.End)
		case len(b.Statements) > 0 && strings.TrimSpace(line) != "" && !strings.HasPrefix(strings.TrimSpace(line), "#"):
			return b
		}
		p = end + 1
	}
	return b
}

func lineEndOf(src string, p int) int {
	if n := strings.IndexByte(src[p:], '\n'); n >= 0 {
		return p + n
	}
	return len(src)
}

// parseStatement reads the import statement on the line at p.
func parseStatement(src string, p int) Statement {
	start := p + len(src[p:]) - len(strings.TrimLeft(src[p:], " \t"))
	end := start
	depth := 0
	for ; end < len(src); end++ {
		switch src[end] {
		case '(':
			depth++
		case ')':
			depth--
		case '\\':
			end++
			if end < len(src) && src[end] == '\r' {
				end++
			}
			continue
		case '#':
			if depth > 0 {
				end = lineEndOf(src, end) - 1
				continue
			}
		}
		if end < len(src) && depth == 0 && (src[end] == '\n' || src[end] == '#' || src[end] == ';') {
			break
		}
	}
	end = min(end, len(src))
	end = start + len(strings.TrimRight(src[start:end], " \t\r\f"))
	st := Statement{Start: start, End: end}
	text := blankComments(src[start:end])
	from := 0
	if rest, ok := strings.CutPrefix(text, "from "); ok {
		st.From = true
		at := regexp.MustCompile(`\bimport\b`).FindStringIndex(rest)
		module := strings.Join(strings.Fields(strings.ReplaceAll(rest[:at[0]], "\\", " ")), "")
		st.Level = leadingDots(module)
		st.Module = module[st.Level:]
		from = len("from ") + at[1]
	} else {
		from = len("import")
	}
	for _, at := range nameAs.FindAllStringIndex(text[from:], -1) {
		word := strings.Fields(text[from+at[0] : from+at[1]])
		n := Name{Name: word[0], Start: start + from + at[0], End: start + from + at[1]}
		if len(word) == 3 {
			n.As = word[2]
		}
		st.Names = append(st.Names, n)
	}
	return st
}

// blankComments puts blanks in the place of comments and backslashes.
func blankComments(text string) string {
	out := []byte(text)
	comment := false
	for i, c := range out {
		comment = (comment || c == '#') && c != '\n'
		if comment || c == '\\' {
			out[i] = ' '
		}
	}
	return string(out)
}

// rewritten applies a rewrite.
func rewritten(t testing.TB, s *Style, b Block, remove map[int][]int, add []Addition) string {
	t.Helper()
	edits, err := s.Rewrite(b, remove, add)
	if err != nil {
		t.Fatal(err)
	}
	out, err := edit.Apply(b.Src, edits)
	if err != nil {
		t.Fatalf("%v\n%s\n%v", err, b.Src, edits)
	}
	return string(out)
}

// isortOf is a style of isort's settings, failing on those that are wrong.
func isortOf(t testing.TB, table map[string]any) *Style {
	t.Helper()
	s, faults := settings.FromIsort(table, "")
	for _, f := range faults {
		t.Fatal(f)
	}
	return (*Style)(s)
}
