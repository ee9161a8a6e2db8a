package style

import (
	"regexp"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// wrapping is the state of one of isort's modes while it prints a statement.
type wrapping struct {
	*isortPrinter
	done     []string // the lines that are printed
	text     string   // the line that is being printed
	start    string   // "from M import "
	names    []string // what is left
	comments []string
	white    string // as wide as the statement up to the first name
	limit    int
}

// balanced prints in a mode, and with balanced_wrapping narrows the lines
// until the last is no shorter than the others.
func (p *isortPrinter) balanced(mode settings.Mode, start string, names, comments []string) string {
	limit := p.wrap
	text := p.inMode(mode, start, names, comments, limit)
	if !p.style.Wrapping.Balanced {
		return text
	}
	lines := strings.Split(text, "\n")
	count, shortest := len(lines), 0
	if count > 1 {
		shortest = width(slices.MinFunc(lines[:count-1], func(a, b string) int { return width(a) - width(b) }))
	}
	next := text
	for width(lines[len(lines)-1]) < shortest && len(lines) == count && limit > 10 {
		text = next
		limit--
		next = p.inMode(mode, start, names, comments, limit)
		lines = strings.Split(next, "\n")
	}
	return text
}

// inMode prints a statement in a mode.
func (p *isortPrinter) inMode(mode settings.Mode, start string, names, comments []string, limit int) string {
	w := &wrapping{
		isortPrinter: p, text: start, start: start, names: slices.Clone(names), comments: comments,
		white: strings.Repeat(" ", width(start)+1), limit: limit,
	}
	switch mode {
	case settings.Vertical:
		return w.vertical()
	case settings.HangingIndent:
		return w.hanging(false, p.style.Wrapping.Indent)
	case settings.VerticalHangingIndent:
		return w.verticalHanging("")
	case settings.VerticalGrid:
		return w.verticalGrid(1) + ")"
	case settings.VerticalGridGrouped:
		return w.verticalGrid(1) + "\n)"
	case settings.VerticalGridGroupedNoComma:
		return w.verticalGrid(0) + "\n)"
	case settings.NoQA:
		return w.noqa()
	case settings.VerticalHangingIndentBracket:
		return w.verticalHanging(p.style.Wrapping.Indent)
	case settings.VerticalPrefixFromModuleImport:
		return w.prefixed()
	case settings.HangingIndentWithParentheses:
		return w.hanging(true, p.style.Wrapping.Indent)
	case settings.BackslashGrid:
		return w.hanging(false, w.white[:len(w.white)-1])
	}
	return w.grid()
}

// pop takes the next name.
func (w *wrapping) pop() string {
	n := w.names[0]
	w.names = w.names[1:]
	return n
}

// comma is the comma behind the last name.
func (w *wrapping) comma() string {
	if w.style.Wrapping.TrailingComma {
		return ","
	}
	return ""
}

// wrap ends a line, which takes the comments that there are, and begins the
// next ones: the last of them goes on.
func (w *wrapping) wrap(line string, next ...string) {
	last := len(next) - 1
	w.done = append(append(w.done, w.comment(w.comments, line)), next[:last]...)
	w.text, w.comments = next[last], nil
}

// printed is all that is printed, with the end of the last line.
func (w *wrapping) printed(end string) string {
	return strings.Join(append(w.done, w.text+end), "\n")
}

func (w *wrapping) grid() string {
	w.text += "(" + w.pop()
	for len(w.names) > 0 {
		n := w.pop()
		if width(w.comment(w.comments, w.text+", "+n))+1 <= w.limit {
			w.text += ", " + n
			continue
		}
		w.wrap(w.text+",", w.gridName(n)...)
	}
	return w.printed(w.comma() + ")")
}

// gridName is a name at the start of a line of a grid, with its alias on
// lines of their own where they do not fit.
func (w *wrapping) gridName(n string) []string {
	parts := strings.Split(n, " ")
	lines := []string{w.white + parts[0]}
	for _, part := range parts[1:] {
		last := len(lines) - 1
		if joined := lines[last] + " " + part; width(joined)+1 <= w.limit {
			lines[last] = joined
			continue
		}
		lines = append(lines, w.white+part)
	}
	return lines
}

func (w *wrapping) vertical() string {
	first := w.comment(w.comments, w.pop()+",") + "\n" + w.white
	return w.text + "(" + first + strings.Join(w.names, ",\n"+w.white) + w.comma() + ")"
}

// hanging prints modes 2, 10 and 11: with backslashes or within parentheses.
func (w *wrapping) hanging(parentheses bool, indent string) string {
	limit := w.limit - 3
	end := func(line string) string {
		if parentheses {
			return line
		}
		return strings.TrimSuffix(line, " ") + " \\"
	}
	closing := ""
	if parentheses {
		limit, closing = w.limit-1, ")"
		w.text += "("
	}
	n := w.pop()
	if next := w.text + n; width(next) > limit {
		w.wrap(end(w.text), indent+n)
	} else {
		w.text = next
	}
	for len(w.names) > 0 {
		n := w.pop()
		if next := w.comment(w.comments, w.text+", "+n); width(next) > limit {
			w.wrap(end(w.text+","), indent+n)
		} else {
			w.text = next
		}
	}
	return w.printed(w.comma() + closing)
}

func (w *wrapping) verticalHanging(closing string) string {
	indent := w.style.Wrapping.Indent
	return w.text + "(" + w.comment(w.comments, "") + "\n" + indent +
		strings.Join(w.names, ",\n"+indent) + w.comma() + "\n" + closing + ")"
}

// verticalGrid fills lines; trailing is the space that a line needs behind
// its last name.
func (w *wrapping) verticalGrid(trailing int) string {
	indent := w.style.Wrapping.Indent
	w.done = append(w.done, w.text+w.comment(w.comments, "("))
	w.text, w.comments = indent+w.pop(), nil
	for len(w.names) > 0 {
		n := w.pop()
		next := w.text + ", " + n
		space := trailing
		if len(w.names) > 0 {
			space = 1
		}
		if width(next)+space > w.limit {
			w.wrap(w.text+",", indent+n)
		} else {
			w.text = next
		}
	}
	return w.printed(w.comma())
}

func (w *wrapping) noqa() string {
	text := w.text + strings.Join(w.names, ", ")
	prefix := w.style.Wrapping.CommentPrefix
	comments := strings.Join(w.comments, " ")
	switch {
	case comments == "" && width(text) <= w.limit:
		return text
	case comments == "":
		return text + prefix + " NOQA"
	case width(text)+len(prefix)+1+width(comments) <= w.limit, slices.Contains(w.comments, "NOQA"):
		return text + prefix + " " + comments
	}
	return text + prefix + " NOQA " + comments
}

// prefixed repeats the statement on each line.
func (w *wrapping) prefixed() string {
	w.text += w.pop()
	commented := ""
	for len(w.names) > 0 {
		n := w.pop()
		next := w.text + ", " + n
		if commented = w.comment(w.comments, next); width(commented)+1 > w.limit {
			w.wrap(w.text, w.start+n)
		} else {
			w.text = next
		}
	}
	if len(w.comments) > 0 && commented != "" {
		return commented
	}
	return w.printed("")
}

// splitters are where a line can be cut that has no names to wrap.
var splitters = []struct {
	text string
	at   *regexp.Regexp
}{
	{"import ", regexp.MustCompile(`\bimport \b`)},
	{".", regexp.MustCompile(`\b\.\b`)},
	{"as ", regexp.MustCompile(`\bas \b`)},
}

// line wraps a statement that cannot be wrapped at its names.
func (p *isortPrinter) line(content string) string {
	w := p.style.Wrapping
	if width(content) <= p.width {
		return content
	}
	if w.Mode == settings.NoQA {
		if strings.Contains(content, "# NOQA") {
			return content
		}
		return content + w.CommentPrefix + " NOQA"
	}
	code, comment, _ := strings.Cut(content, "#")
	for _, s := range splitters {
		if s.at.MatchString(code) && !strings.HasPrefix(strings.TrimSpace(code), s.text) {
			return p.cut(content, s.at.Split(code, -1), s.text, comment)
		}
	}
	return content
}

// cut puts the end of a line on the next, within parentheses or behind a
// backslash.
func (p *isortPrinter) cut(content string, parts []string, splitter, comment string) string {
	w := p.style.Wrapping
	noqa := strings.Contains(comment, "noqa")
	last := len(parts) - 1
	if comment != "" && !(w.Parentheses && noqa) {
		comma := ""
		if w.TrailingComma && w.Parentheses {
			comma = ","
		}
		parts[last] = strings.TrimSpace(parts[last]) + comma + w.CommentPrefix + comment
	}
	var next []string
	for width(content)+2 > p.wrap && len(parts) > 0 {
		next = append(next, parts[len(parts)-1])
		parts = parts[:len(parts)-1]
		content = strings.Join(parts, splitter)
	}
	if content == "" && len(next) > 0 {
		content = next[len(next)-1]
		next = next[:len(next)-1]
	}
	rest := p.continued(w.Indent + strings.TrimLeft(strings.Join(next, splitter), " "))
	if !w.Parentheses {
		return content + splitter + "\\\n" + rest
	}
	if splitter == "as " {
		return closeBeforeComment(content+splitter+strings.TrimLeft(rest, " "), w.CommentPrefix)
	}
	return closeBeforeComment(p.parenthesised(content+splitter, rest, comment, noqa), w.CommentPrefix)
}

// continued wraps the rest of a line again, unless that made no progress.
func (p *isortPrinter) continued(rest string) string {
	if width(rest) > p.width && strings.Count(rest, ".") > 50 {
		return rest // isort's own recursion gives up on such a line
	}
	return p.line(rest)
}

// parenthesised puts the rest of a line into parentheses.
func (p *isortPrinter) parenthesised(content, rest, comment string, noqa bool) string {
	w := p.style.Wrapping
	comma, separator, behind := "", "", ""
	if w.TrailingComma && comment == "" {
		comma = ","
	}
	if w.Mode == settings.VerticalHangingIndent || w.Mode == settings.VerticalGridGrouped {
		separator = "\n"
	}
	if noqa {
		behind = w.CommentPrefix + comment
		rest = strings.TrimRight(rest, " ")
		if w.TrailingComma {
			comma = ","
		}
	}
	return content + "(" + behind + "\n" + rest + comma + separator + ")"
}

// closeBeforeComment moves a parenthesis that came behind a comment.
func closeBeforeComment(text, prefix string) string {
	at := strings.LastIndexByte(text, '\n') + 1
	code, comment, ok := strings.Cut(text[at:], prefix)
	if !ok || !strings.HasSuffix(text, ")") {
		return text
	}
	return text[:at] + code + ")" + prefix + comment[:len(comment)-1]
}
