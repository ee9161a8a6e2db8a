package command

import (
	"strings"
)

// Name is the word that every command begins with.
const Name = "/canonicalize"

// Most commands that one comment can give; the rest of it is not read.
const Most = 20

// Command is one command of a comment.
type Command struct {
	Verb   Verb
	Args   []string
	DryRun bool
	Word   string // the word that was not understood, of an Unknown one
	Text   string // the line as it was written
}

// Parse returns the commands of a comment, in order. Lines in quotes, fenced
// or indented code and HTML comments are not read; a command in a code span
// (`/canonicalize`) is talked about, not given.
func Parse(body string) []Command {
	var out []Command
	for _, line := range spoken(body) {
		rest, ok := cutName(line)
		if !ok {
			continue
		}
		out = append(out, read(line, words(rest)))
		if len(out) == Most {
			break
		}
	}
	return out
}

// spoken returns the lines of a comment that are its author's own text.
func spoken(body string) (out []string) {
	body = strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\r", "\n")
	fence := ""
	paragraph := false
	for _, line := range strings.Split(withoutComments(body), "\n") {
		trimmed := strings.TrimLeft(line, " \t")
		indented := strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")
		switch mark := fenceMark(trimmed); {
		case fence != "":
			if mark != "" && mark[0] == fence[0] && len(mark) >= len(fence) && strings.Trim(trimmed, mark[:1]+" \t") == "" {
				fence = ""
			}
			paragraph = false
		case mark != "" && !indented:
			fence = mark
		case strings.HasPrefix(trimmed, ">"):
			paragraph = false
		case indented && !paragraph:
			// Indented code cannot interrupt a paragraph (CommonMark 0.31, 4.4).
		default:
			paragraph = trimmed != ""
			out = append(out, trimmed)
		}
	}
	return out
}

// withoutComments takes HTML comments out; one that does not end hides the rest.
func withoutComments(body string) string {
	var b strings.Builder
	for {
		i := strings.Index(body, "<!--")
		if i < 0 {
			b.WriteString(body)
			return b.String()
		}
		b.WriteString(body[:i])
		j := strings.Index(body[i+4:], "-->")
		if j < 0 {
			return b.String()
		}
		body = body[i+4+j+3:]
	}
}

// fenceMark returns the backticks or tildes that open or close fenced code.
func fenceMark(line string) string {
	for _, c := range []string{"`", "~"} {
		n := len(line) - len(strings.TrimLeft(line, c))
		if n >= 3 && (c == "~" || !strings.Contains(line[n:], "`")) {
			return line[:n]
		}
	}
	return ""
}

// cutName cuts the command's name off a line.
func cutName(line string) (rest string, ok bool) {
	if len(line) < len(Name) || !strings.EqualFold(line[:len(Name)], Name) {
		return "", false
	}
	rest = line[len(Name):]
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return "", false
	}
	return rest, true
}

// words splits arguments at white space; quotes and backticks hold them
// together.
func words(s string) (out []string) {
	for s = strings.TrimLeft(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t") {
		if q := s[0]; q == '"' || q == '\'' || q == '`' {
			if end := strings.IndexByte(s[1:], q); end >= 0 {
				out = append(out, s[1:1+end])
				s = s[end+2:]
				continue
			}
		}
		end := strings.IndexAny(s, " \t")
		if end < 0 {
			end = len(s)
		}
		out = append(out, s[:end])
		s = s[end:]
	}
	return out
}

// read makes a command of its words.
func read(line string, args []string) Command {
	c := Command{Verb: Fix, Text: strings.TrimSpace(line)}
	if len(args) > 0 && strings.EqualFold(args[0], "dry-run") {
		c.DryRun = true
		args = args[1:]
	}
	if len(args) == 0 {
		return c
	}
	for _, s := range Table {
		if s.Verb == Fix || s.Verb == Paths || !strings.EqualFold(args[0], string(s.Verb)) {
			continue
		}
		c.Verb, c.Args = s.Verb, args[1:]
		if n := len(c.Args); n < s.Least || s.Most >= 0 && n > s.Most {
			return Command{Verb: Unknown, Word: args[0], Args: c.Args, DryRun: c.DryRun, Text: c.Text}
		}
		return c
	}
	if looksLikePath(args[0]) {
		c.Verb, c.Args = Paths, args
		return c
	}
	c.Verb, c.Word, c.Args = Unknown, args[0], args[1:]
	return c
}

// looksLikePath reports whether the word can only be a path.
func looksLikePath(word string) bool { return strings.ContainsAny(word, "/.*") }
