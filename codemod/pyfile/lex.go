package pyfile

import "bytes"

// Classes of bytes that end the fast inner loop of the lexer.
const (
	plain = iota
	quote
	open
	closing
	newline
	hash
	backslash
	semicolon
	colon
	lambdaL
)

var class = func() (c [256]uint8) {
	for b, k := range map[byte]uint8{
		'\'': quote, '"': quote, '(': open, '[': open, '{': open,
		')': closing, ']': closing, '}': closing, '\n': newline, '\r': newline,
		'#': hash, '\\': backslash, ';': semicolon, ':': colon, 'l': lambdaL,
	} {
		c[b] = k
	}
	return c
}()

// ident marks the bytes of identifiers: ASCII letters, digits, underscore,
// and every byte of a multi-byte UTF-8 character.
var ident = func() (t [256]bool) {
	for b := 0; b < 256; b++ {
		t[b] = b >= 0x80 || b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
	}
	return t
}()

// IsIdent reports whether the byte can be part of an identifier.
func IsIdent(b byte) bool { return ident[b] }

// lexer walks the bytes of a file once. It knows strings, comments, brackets
// and line joining (language reference, "Lexical analysis") and nothing of
// grammar.
type lexer struct {
	src    []byte
	pos    int
	broken int  // offset of an unterminated string or bracket, or -1
	deep   bool // nests deeper than CPython reads
	// onString is called for every plain string literal of one line with the
	// offsets of its text.
	onString func(start, end int)
	// onTemplate is called for every t-string (PEP 750) with the offset of the
	// t in its prefix.
	onTemplate func(at int)
}

// lineEnd returns the offset of the newline at or after p, or len(src).
func (l *lexer) lineEnd(p int) int {
	rest := l.src[p:]
	n := bytes.IndexByte(rest, '\n')
	if n < 0 {
		n = len(rest)
	}
	if r := bytes.IndexByte(rest[:n], '\r'); r >= 0 {
		n = r
	}
	return p + n
}

// afterNewline returns the offset behind the newline at p: LF, CR LF or CR.
func (l *lexer) afterNewline(p int) int {
	if p < len(l.src) && l.src[p] == '\r' {
		p++
		if p < len(l.src) && l.src[p] == '\n' {
			p++
		}
		return p
	}
	if p < len(l.src) {
		p++
	}
	return p
}

// stop is where statement stopped.
type stop uint8

const (
	atEnd       stop = iota // newline or end of file
	atSemicolon             // `;`
	atColon                 // `:` that ends a header; only when asked for
)

// What CPython's tokenizer reads at most (MAXLEVEL and MAXINDENT of
// Parser/tokenizer); deeper text is a syntax error to it, and can cost a
// parser more time than it is worth.
const (
	maxBrackets = 200
	maxIndents  = 100
)

// statement moves to the end of the simple statement or header that goes on
// at pos: a newline outside brackets, a semicolon, or, if header is set, the
// colon that ends a compound statement's header.
func (l *lexer) statement(header bool) stop {
	depth, lambdas := 0, 0
	start := l.pos
	src := l.src
	for p := l.pos; p < len(src); {
		c := src[p]
		switch class[c] {
		case plain:
			p++
		case quote:
			p = l.str(p)
		case open:
			if depth++; depth > maxBrackets {
				l.deep = true
				l.markBroken(start)
			}
			p++
		case closing:
			if depth > 0 {
				depth--
			}
			p++
		case hash:
			p = l.lineEnd(p)
		case backslash:
			p++
			if p < len(src) && (src[p] == '\n' || src[p] == '\r') {
				p = l.afterNewline(p)
			}
		case newline:
			if depth == 0 {
				l.pos = p
				return atEnd
			}
			p++
		case semicolon:
			if depth == 0 {
				l.pos = p
				return atSemicolon
			}
			p++
		case colon:
			if header && depth == 0 && !(p+1 < len(src) && src[p+1] == '=') {
				if lambdas == 0 {
					l.pos = p
					return atColon
				}
				lambdas--
			}
			p++
		case lambdaL:
			if header && depth == 0 && isWord(src, p, "lambda") {
				lambdas++
			}
			p++
		}
	}
	if depth > 0 && l.broken < 0 {
		l.broken = start
	}
	l.pos = len(src)
	return atEnd
}

// isWord reports whether the keyword w stands at p.
func isWord(src []byte, p int, w string) bool {
	if p > 0 && ident[src[p-1]] {
		return false
	}
	e := p + len(w)
	return e <= len(src) && string(src[p:e]) == w && (e == len(src) || !ident[src[e]])
}

// str returns the offset behind the string literal whose opening quote is at p.
func (l *lexer) str(p int) int {
	src := l.src
	formatted, prefix := stringPrefix(src, p)
	l.template(p, prefix, formatted)
	q := src[p]
	if p+2 < len(src) && src[p+1] == q && src[p+2] == q {
		if formatted {
			return l.formatted(p+3, q, true)
		}
		return l.triple(p+3, q)
	}
	if formatted {
		return l.formatted(p+1, q, false)
	}
	for e := p + 1; e < len(src); e++ {
		switch src[e] {
		case q:
			if l.onString != nil && prefix == 0 {
				l.onString(p+1, e)
			}
			return e + 1
		case '\\':
			e++
			if e+1 < len(src) && src[e] == '\r' && src[e+1] == '\n' {
				e++
			}
		case '\n', '\r':
			l.markBroken(p)
			return e
		}
	}
	l.markBroken(p)
	return len(src)
}

// template reports a t-string whose quote is at p.
func (l *lexer) template(p, prefix int, formatted bool) {
	if l.onTemplate == nil || !formatted {
		return
	}
	for at := p - prefix; at < p; at++ {
		if l.src[at]|0x20 == 't' {
			l.onTemplate(at)
		}
	}
}

func (l *lexer) markBroken(p int) {
	if l.broken < 0 {
		l.broken = p
	}
}

// triple returns the offset behind the closing quotes of a triple-quoted
// string whose text begins at p.
func (l *lexer) triple(p int, q byte) int {
	src := l.src
	for e := p; ; {
		n := bytes.IndexByte(src[e:], q)
		if n < 0 {
			l.markBroken(p)
			return len(src)
		}
		// An odd number of backslashes before the quote escapes it.
		at, slashes := e+n, 0
		for at-slashes-1 >= p && src[at-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 && at+2 < len(src) && src[at+1] == q && src[at+2] == q {
			return at + 3
		}
		e = at + 1
	}
}

// stringPrefix says whether the literal whose quote is at p is an f-string or
// t-string (PEP 701, PEP 750), and how long its prefix is.
func stringPrefix(src []byte, p int) (formatted bool, n int) {
	s := p
	for s > 0 && p-s < 3 && ident[src[s-1]] {
		s--
	}
	if p-s > 2 || p == s {
		return false, 0
	}
	for _, c := range src[s:p] {
		switch c | 0x20 {
		case 'f', 't':
			formatted = true
		case 'r', 'b', 'u':
		default:
			return false, 0
		}
	}
	return formatted, p - s
}

// maxNesting bounds the nesting of f-strings; CPython allows 150.
const maxNesting = 200

// formatted returns the offset behind an f-string whose text begins at p.
// Replacement fields may hold any expression, with the same quotes even
// (PEP 701); in what is valid before PEP 701 the same rule finds the same end.
func (l *lexer) formatted(p int, q byte, triple bool) int {
	return l.formattedAt(p, q, triple, 0)
}

func (l *lexer) formattedAt(p int, q byte, triple bool, nesting int) int {
	src, start := l.src, p
	for p < len(src) {
		switch c := src[p]; {
		case c == q && !triple:
			return p + 1
		case c == q && p+2 < len(src) && src[p+1] == q && src[p+2] == q:
			return p + 3
		case c == '\\':
			p = l.escape(p, start)
		case (c == '\n' || c == '\r') && !triple:
			l.markBroken(start)
			return p
		case c == '{' && p+1 < len(src) && src[p+1] == '{':
			p += 2
		case c == '{':
			p = l.field(p+1, q, triple, nesting)
		default:
			p++
		}
	}
	l.markBroken(start)
	return len(src)
}

// escape returns the offset behind the backslash at p, and behind what it
// escapes, in an f-string whose text begins at start. A brace cannot be
// escaped by a backslash; `\N{...}` is one escape unless the string is raw.
func (l *lexer) escape(p, start int) int {
	src := l.src
	if p+1 >= len(src) {
		return p + 1
	}
	switch src[p+1] {
	case '{', '}':
		return p + 1
	case 'N':
		if p+2 < len(src) && src[p+2] == '{' && !raw(src, start) {
			if n := bytes.IndexAny(src[p:], "}\n\"'"); n > 0 && src[p+n] == '}' {
				return p + n + 1
			}
		}
	case '\r':
		return l.afterNewline(p + 1)
	}
	return p + 2
}

// raw reports whether the string whose text begins at p has an r in its prefix.
func raw(src []byte, p int) bool {
	for p > 0 && (src[p-1] == '"' || src[p-1] == '\'') {
		p--
	}
	for n := 0; n < 3 && p > 0 && ident[src[p-1]]; n++ {
		p--
		if src[p]|0x20 == 'r' {
			return true
		}
	}
	return false
}

// field returns the offset behind the closing brace of a replacement field,
// or that of the quote or newline that ends the string before it is closed.
func (l *lexer) field(p int, q byte, triple bool, nesting int) int {
	src, depth := l.src, 0
	if nesting > maxNesting {
		l.markBroken(p)
		return len(src)
	}
	for p < len(src) {
		switch c := src[p]; {
		case c == '}' && depth == 0:
			return p + 1
		case c == '(' || c == '[' || c == '{':
			depth++
			p++
		case (c == ')' || c == ']' || c == '}') && depth > 0:
			depth--
			p++
		case c == '\'' || c == '"':
			p = l.nested(p, q, nesting)
		case c == '#':
			p = l.lineEnd(p)
		case c == ':' && depth == 0:
			return l.formatSpec(p+1, q, triple, nesting)
		default:
			p++
		}
	}
	return p
}

// nested returns the offset behind a string literal inside a replacement field.
func (l *lexer) nested(p int, outer byte, nesting int) int {
	src := l.src
	formatted, prefix := stringPrefix(src, p)
	if !formatted {
		return l.str(p)
	}
	l.template(p, prefix, formatted)
	q := src[p]
	if p+2 < len(src) && src[p+1] == q && src[p+2] == q {
		return l.formattedAt(p+3, q, true, nesting+1)
	}
	return l.formattedAt(p+1, q, false, nesting+1)
}

// formatSpec returns the offset behind the closing brace of a replacement
// field from its format specification on, in which quotes are plain text.
func (l *lexer) formatSpec(p int, q byte, triple bool, nesting int) int {
	src := l.src
	for p < len(src) {
		switch c := src[p]; {
		case c == '}':
			return p + 1
		case c == '{':
			p = l.field(p+1, q, triple, nesting+1)
		case c == q && !triple:
			return p
		case c == q && p+2 < len(src) && src[p+1] == q && src[p+2] == q:
			return p
		case (c == '\n' || c == '\r') && !triple:
			return p
		default:
			p++
		}
	}
	return p
}
