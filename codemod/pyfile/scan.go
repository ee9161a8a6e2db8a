package pyfile

import (
	"bytes"

	"golang.org/x/text/unicode/norm"
)

// Scan finds the imports of a file, their scopes, and its dotted strings,
// without parsing it: it follows indentation, line joining, strings and
// brackets only, at hundreds of megabytes a second. It accepts any bytes;
// Outline.Broken says how far its answer can be trusted.
func Scan(src []byte) *Outline {
	s := newScanner(src)
	s.onString = s.dotted
	s.file()
	s.out.Broken, s.out.Size = s.broken, int64(len(src))
	if s.deep {
		s.out.Flags |= TooDeep
	}
	return s.out
}

func newScanner(src []byte) *scanner {
	s := &scanner{
		lexer:  lexer{src: src, broken: -1},
		out:    &Outline{Scopes: []Scope{{Kind: ModuleScope}}},
		intern: map[string]string{},
		frames: []frame{{scope: 0}},
	}
	s.start()
	return s
}

// scanner turns the lexer's statements into an Outline.
type scanner struct {
	lexer
	out      *Outline
	intern   map[string]string
	frames   []frame // open suites, the module's first
	suites   int32
	ordinal  int32
	lastLine int32 // line number at lineFrom
	lineFrom int
	fenced   int // imports whose Fence is known
	// onSuite is called for every function and class that stands in no other, if
	// its suite stands on lines of its own: with where its header begins, and the
	// colon that ends it, and where the statements of its suite begin and end.
	onSuite func(header, colon, start, end int)
	outer   outerSuite
	ended   int // the last line with a statement ends here
}

// outerSuite is the suite of a function or class that stands in no other.
type outerSuite struct{ colon, start int }

// frame is an open suite.
type frame struct {
	indent  column // of its statements
	suite   int32
	guard   Guard
	scope   int32 // index into Outline.Scopes, -1 until an import needs it
	kind    ScopeKind
	nameAt  int    // offset of the header of a scope's suite
	trying  bool   // a suite of a `try`, or in one
	typing  Guard  // what the last `if` of this suite was about, for its `else`
	pending *frame // a header was read whose suite is still to come
	colon   int    // ends the header
}

// start looks at what stands at the head of the file.
func (s *scanner) start() {
	if bytes.HasPrefix(s.src, []byte("\xef\xbb\xbf")) {
		s.pos = 3
	}
	if n := bytes.IndexByte(s.src, 0); n >= 0 {
		s.markBroken(0)
	}
	head := s.src[:min(len(s.src), 2000)]
	if generated(head) {
		s.out.Flags |= Generated
	}
	if foreignEncoding(head) {
		s.out.Flags |= ForeignSet
		s.markBroken(0)
	}
}

// file scans line by line.
func (s *scanner) file() {
	for s.pos < len(s.src) {
		at, blank := s.indentation()
		if blank {
			s.pos = s.afterNewline(s.lineEnd(s.pos))
			continue
		}
		s.settle(at)
		if len(s.frames) == 1 && !s.continues() {
			s.fence(s.pos)
		}
		s.line()
		s.ended = s.pos
	}
	if s.frames[len(s.frames)-1].pending != nil {
		s.markBroken(len(s.src))
	}
	for len(s.frames) > 1 {
		s.pop()
	}
	s.fence(len(s.src))
}

// continues reports whether a clause of the statement before begins at pos.
func (s *scanner) continues() bool {
	switch s.word(s.begin()) {
	case "elif", "else", "except", "finally":
		return true
	}
	return false
}

// fence ends the module-level statement of the imports found since the last.
func (s *scanner) fence(at int) {
	for ; s.fenced < len(s.out.Imports); s.fenced++ {
		s.out.Imports[s.fenced].Fence = int32(at)
	}
}

// column is where a line begins, with tabs that go on to the next multiple of
// eight columns, and with tabs of one. What is deeper in the one count must be in
// the other (language reference, "Indentation").
type column struct{ eight, one int }

// indentation moves to the first byte of the line that is not white space and
// returns its column, and whether the line holds no statement.
func (s *scanner) indentation() (at column, blank bool) {
	for ; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case ' ':
			at.eight++
			at.one++
		case '\t':
			at.eight += 8 - at.eight%8
			at.one++
		case '\f':
			at = column{}
		case '\n', '\r', '#':
			return at, true
		case '\\': // joins lines, of which the last can be blank
			if p := s.space(s.pos, false); p > s.pos && p < len(s.src) && (s.src[p] == '\n' || s.src[p] == '\r' || s.src[p] == '#') {
				s.pos = p
				return at, true
			}
			return at, false
		default:
			return at, false
		}
	}
	return at, true
}

// settle opens the suite of the last header, or closes the suites that a
// line at this column ends. Where CPython finds no sense in the indentation, what
// follows cannot be trusted: a parser may take it, and a header without a suite.
func (s *scanner) settle(at column) {
	top := &s.frames[len(s.frames)-1]
	p := top.pending
	top.pending = nil
	deeper := at.eight > top.indent.eight
	if deeper != (p != nil) || deeper && at.one <= top.indent.one {
		s.markBroken(s.pos)
	}
	if deeper && p != nil {
		p.indent = at
		if p.kind != ModuleScope && top.kind == ModuleScope {
			s.outer = outerSuite{p.colon, s.pos}
		}
		s.frames = append(s.frames, *p)
		if len(s.frames) > maxIndents+1 {
			s.deep = true
			s.markBroken(s.pos)
		}
		return
	}
	for len(s.frames) > 1 && s.frames[len(s.frames)-1].indent.eight > at.eight {
		s.pop()
	}
	if !deeper && s.frames[len(s.frames)-1].indent != at {
		s.markBroken(s.pos)
	}
}

// pop closes the innermost suite.
func (s *scanner) pop() {
	n := len(s.frames) - 1
	inner, outer := s.frames[n], s.frames[n-1]
	s.frames = s.frames[:n]
	if s.onSuite != nil && inner.kind != ModuleScope && outer.kind == ModuleScope {
		s.onSuite(inner.nameAt, s.outer.colon, s.outer.start, s.ended)
	}
}

// line scans the statements of one logical line.
func (s *scanner) line() {
	first := len(s.out.Imports)
	joined := false
	for {
		end := s.one(0)
		if end != atSemicolon {
			break
		}
		joined = true
		if !s.next() {
			break
		}
	}
	if joined {
		s.markJoined(first)
	}
	s.finishLine()
}

func (s *scanner) markJoined(first int) {
	for i := first; i < len(s.out.Imports); i++ {
		s.out.Imports[i].Guard |= Joined
	}
}

// finishLine moves behind the newline that ends the logical line, over a
// comment if there is one.
func (s *scanner) finishLine() { s.pos = s.afterNewline(s.lineEnd(s.pos)) }

// next moves over a semicolon to the statement behind it, if there is one.
func (s *scanner) next() bool {
	s.pos = s.space(s.pos+1, false)
	return s.pos < len(s.src) && s.src[s.pos] != '\n' && s.src[s.pos] != '\r' && s.src[s.pos] != '#'
}

// begin is where the statement at pos begins: behind the lines that it is joined
// to, if any.
func (s *scanner) begin() int { return s.space(s.pos, false) }

// one scans the statement at pos. A header is scanned with its suite if that
// stands on the same line.
func (s *scanner) one(extra Guard) stop {
	s.ordinal++
	begin := s.begin()
	switch word := s.word(begin); word {
	case "import", "from":
		return s.importStatement(extra, begin)
	case "lazy": // PEP 810: a soft keyword in front of an import
		if at := s.space(begin+len(word), false); at > begin+len(word) && (s.word(at) == "import" || s.word(at) == "from") {
			return s.importStatement(extra|Lazy, at)
		}
	case "def", "class", "async", "if", "elif", "else", "try", "except", "finally", "for", "while", "with":
		return s.header(word, begin)
	case "match", "case":
		if s.softHeader(begin + len(word)) {
			return s.header(word, begin)
		}
	}
	if s.frames[len(s.frames)-1].kind == ModuleScope {
		s.assigned(s.pos)
	}
	return s.statement(false)
}

// importStatement parses the import whose keyword is at an offset and records
// it. One that begins behind an empty line that is joined to it counts as
// unreadable, as does a lazy one where Python allows none (PEP 810, "Syntax
// restrictions").
func (s *scanner) importStatement(extra Guard, at int) stop {
	top := &s.frames[len(s.frames)-1]
	imp := Import{
		Start: int32(s.pos), Line: s.lineOf(s.pos), Ordinal: s.ordinal,
		Suite: top.suite, Guard: top.guard | extra,
	}
	p := importParser{s: s, p: at}
	ok := p.parse(&imp)
	if imp.Guard&Lazy != 0 {
		ok = ok && s.begin() == s.pos && s.lazily(&imp)
	} else {
		ok = ok && at == s.pos
	}
	end := s.statement(false)
	if !ok {
		imp.Guard |= Unreadable
		imp.Names = nil
		imp.End = int32(s.pos)
	}
	imp.Scope = s.scopeIndex(len(s.frames) - 1)
	if bytes.Contains(s.src[imp.Start:s.lineEnd(s.pos)], []byte("canonicalize: keep")) {
		imp.Guard |= Kept
	}
	s.out.Imports = append(s.out.Imports, imp)
	return end
}

// lazily reports whether an import may be lazy where it stands: in the module's
// own code, outside of `try` and what belongs to it, and none with a star.
func (s *scanner) lazily(imp *Import) bool {
	top := &s.frames[len(s.frames)-1]
	return top.kind == ModuleScope && !top.trying && !imp.Star() && (imp.Level > 0 || imp.Module != "__future__")
}

// lineOf returns the line number of offset p, which must not be before that
// of an earlier call.
func (s *scanner) lineOf(p int) int32 {
	if s.lastLine == 0 {
		s.lastLine = 1
	}
	for s.lineFrom < p {
		e := s.lineEnd(s.lineFrom)
		if e >= p {
			break
		}
		s.lineFrom = s.afterNewline(e)
		s.lastLine++
	}
	return s.lastLine
}

// space returns the offset of the next byte that is no white space and no
// joined line; in brackets, newlines and comments are white space too.
func (s *lexer) space(p int, bracket bool) int {
	for p < len(s.src) {
		switch c := s.src[p]; {
		case c == ' ' || c == '\t' || c == '\f':
			p++
		case c == '\\' && p+1 < len(s.src) && (s.src[p+1] == '\n' || s.src[p+1] == '\r'):
			p = s.afterNewline(p + 1)
		case bracket && (c == '\n' || c == '\r'):
			p = s.afterNewline(p)
		case bracket && c == '#':
			p = s.lineEnd(p)
		default:
			return p
		}
	}
	return p
}

// name returns the identifier src[p:e], normalized as PEP 3131 says.
func (s *scanner) name(p, e int) string {
	b := s.src[p:e]
	if v, ok := s.intern[string(b)]; ok {
		return v
	}
	v := string(b)
	for i := 0; i < len(v); i++ {
		if v[i] >= 0x80 {
			v = norm.NFKC.String(v)
			break
		}
	}
	s.intern[string(b)] = v
	return v
}

// dotted records the string literal src[start:end] if it looks like a dotted
// name.
func (s *scanner) dotted(start, end int) {
	if end-start > 300 || end-start < 3 {
		return
	}
	dots, at := 0, start
	for p := start; p < end; p++ {
		c := s.src[p]
		if c == '.' {
			if p == at {
				return
			}
			dots++
			at = p + 1
		} else if !ident[c] || p == at && c >= '0' && c <= '9' {
			return
		}
	}
	if dots == 0 || at == end {
		return
	}
	s.out.Strings = append(s.out.Strings, DottedString{
		Start: int32(start), End: int32(end), Line: s.lineOf(start), Text: s.name(start, end),
	})
}
