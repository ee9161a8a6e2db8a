package command

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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

// Parse returns the commands of a comment, in order, equal ones once. Lines in
// quotes, code and HTML are not read; a command in a code span
// (`/canonicalize`) is talked about, not given.
func Parse(body string) []Command {
	var out []Command
	for _, line := range spoken(body) {
		rest, ok := cutName(line)
		if !ok {
			continue
		}
		c := read(line, words(rest))
		if slices.ContainsFunc(out, c.same) {
			continue
		}
		if out = append(out, c); len(out) == Most {
			break
		}
	}
	return out
}

// same says whether two commands ask for the same.
func (c Command) same(o Command) bool {
	return c.Verb == o.Verb && c.DryRun == o.DryRun && c.Word == o.Word && slices.Equal(c.Args, o.Args)
}

// cutName cuts the command's name off a line.
func cutName(line string) (rest string, ok bool) {
	if len(line) < len(Name) || !strings.EqualFold(line[:len(Name)], Name) {
		return "", false
	}
	rest = line[len(Name):]
	if r, _ := utf8.DecodeRuneInString(rest); rest != "" && !unicode.IsSpace(r) && !mark(rest) {
		return "", false
	}
	return unmarked(rest), true
}

// mark says whether a text is the mark that ends a sentence.
func mark(s string) bool { return s == "." || s == "!" || s == "," || s == ";" }

// unmarked takes the mark off that ends a sentence; a path of dots is one.
func unmarked(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n > 0 && mark(s[n-1:]) && !strings.HasSuffix(s, "..") && !strings.HasSuffix(s, "/.") && !strings.HasSuffix(s, " .") {
		return s[:n-1]
	}
	return s
}

// words splits arguments at white space, however it is written; quotes and
// backticks hold them together.
func words(s string) (out []string) {
	for s = strings.TrimLeftFunc(s, unicode.IsSpace); s != ""; s = strings.TrimLeftFunc(s, unicode.IsSpace) {
		if q := s[0]; q == '"' || q == '\'' || q == '`' {
			if end := strings.IndexByte(s[1:], q); end >= 0 {
				out = append(out, s[1:1+end])
				s = s[end+2:]
				continue
			}
		}
		end := strings.IndexFunc(s, unicode.IsSpace)
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
