package pyfile

import (
	"bytes"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Scan finds the imports of a file, their scopes, and its dotted strings,
// without parsing it: it follows indentation, line joining, strings and
// brackets only, at hundreds of megabytes a second. It accepts any bytes;
// Outline.Broken says how far its answer can be trusted.
func Scan(src []byte) *Outline {
	s := scanner{
		lexer:  lexer{src: src, broken: -1},
		out:    &Outline{Scopes: []Scope{{Kind: ModuleScope}}},
		intern: map[string]string{},
		frames: []frame{{scope: 0}},
	}
	s.onString = s.dotted
	s.start()
	s.file()
	s.out.Broken, s.out.Size = s.broken, int64(len(src))
	if s.deep {
		s.out.Flags |= TooDeep
	}
	return s.out
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
}

// frame is an open suite.
type frame struct {
	indent  int // column of its statements
	suite   int32
	guard   Guard
	scope   int32 // index into Outline.Scopes, -1 until an import needs it
	kind    ScopeKind
	nameAt  int    // offset of the header of a scope's suite
	typing  Guard  // what the last `if` of this suite was about, for its `else`
	pending *frame // a header was read whose suite is still to come
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
		indent, blank := s.indentation()
		if blank {
			s.pos = s.afterNewline(s.lineEnd(s.pos))
			continue
		}
		s.settle(indent)
		if len(s.frames) == 1 && !s.continues() {
			s.fence(s.pos)
		}
		s.line()
	}
	s.fence(len(s.src))
}

// continues reports whether a clause of the statement before begins at pos.
func (s *scanner) continues() bool {
	switch s.word(s.pos) {
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

// indentation moves to the first byte of the line that is not white space and
// returns its column (language reference, "Indentation"), and whether the
// line holds no statement.
func (s *scanner) indentation() (col int, blank bool) {
	for ; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case ' ':
			col++
		case '\t':
			col += 8 - col%8
		case '\f':
			col = 0
		case '\n', '\r', '#':
			return col, true
		default:
			return col, false
		}
	}
	return col, true
}

// settle opens the suite of the last header, or closes the suites that a
// line at this column ends.
func (s *scanner) settle(col int) {
	top := &s.frames[len(s.frames)-1]
	if p := top.pending; p != nil {
		top.pending = nil
		if col > top.indent {
			p.indent = col
			s.frames = append(s.frames, *p)
			if len(s.frames) > maxIndents+1 {
				s.deep = true
				s.markBroken(s.pos)
			}
			return
		}
	}
	for len(s.frames) > 1 && s.frames[len(s.frames)-1].indent > col {
		s.frames = s.frames[:len(s.frames)-1]
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

// one scans the statement at pos. A header is scanned with its suite if that
// stands on the same line.
func (s *scanner) one(extra Guard) stop {
	s.ordinal++
	switch word := s.word(s.pos); word {
	case "import", "from":
		return s.importStatement(extra)
	case "def", "class", "async", "if", "elif", "else", "try", "except", "finally", "for", "while", "with":
		return s.header(word, s.pos)
	case "match", "case":
		if s.softHeader(s.pos + len(word)) {
			return s.header(word, s.pos)
		}
	}
	if s.frames[len(s.frames)-1].kind == ModuleScope {
		s.assigned(s.pos)
	}
	return s.statement(false)
}

// assigned records the names of the assignment targets at p: identifiers,
// commas and brackets up to a single `=`, once or more often.
func (s *scanner) assigned(p int) {
	at := int32(p)
	for {
		first := len(s.out.Decls)
		q, ok := s.targets(p, at)
		if !ok {
			s.out.Decls = s.out.Decls[:first]
			return
		}
		p = s.space(q, false)
	}
}

// targets records the identifiers of one target list that begins at p, and
// returns the offset behind its `=`; ok is false if it is none.
func (s *scanner) targets(p int, at int32) (next int, ok bool) {
	for p < len(s.src) {
		switch c := s.src[p]; {
		case c == ' ' || c == '\t' || c == ',' || c == '(' || c == ')' || c == '[' || c == ']' || c == '*':
			p++
		case c == '=':
			return p + 1, p+1 < len(s.src) && s.src[p+1] != '='
		case c == ':':
			return s.annotated(p + 1)
		case ident[c] && (c < '0' || c > '9'):
			e := p
			for e < len(s.src) && ident[s.src[e]] {
				e++
			}
			if e < len(s.src) && (s.src[e] == '.' || s.src[e] == '(' || s.src[e] == '[') {
				return 0, false
			}
			s.out.Decls = append(s.out.Decls, Decl{Name: s.name(p, e), At: at})
			p = e
		case s.augmented(p):
			return len(s.src), true
		default:
			return 0, false
		}
	}
	return 0, false
}

// annotated skips the annotation at p and returns the offset behind the `=`.
func (s *scanner) annotated(p int) (next int, ok bool) {
	e := s.lineEnd(p)
	for i := p; i < e; i++ {
		if s.src[i] == '=' {
			return len(s.src), true
		}
	}
	return 0, false
}

// augmented reports whether an augmented assignment's operator stands at p.
func (s *scanner) augmented(p int) bool {
	return p+1 < len(s.src) && s.src[p+1] == '=' && bytes.IndexByte([]byte("+-/%&|^@"), s.src[p]) >= 0
}

// word returns the identifier at p without copying it.
func (s *scanner) word(p int) string {
	e := p
	for e < len(s.src) && e-p < 8 && ident[s.src[e]] {
		e++
	}
	if e < len(s.src) && ident[s.src[e]] {
		return ""
	}
	return keyword(s.src[p:e])
}

// keyword returns w as a constant if it begins a statement that matters here.
func keyword(w []byte) string {
	switch string(w) {
	case "import":
		return "import"
	case "from":
		return "from"
	case "def":
		return "def"
	case "class":
		return "class"
	case "async":
		return "async"
	case "if":
		return "if"
	case "elif":
		return "elif"
	case "else":
		return "else"
	case "try":
		return "try"
	case "except":
		return "except"
	case "finally":
		return "finally"
	case "for":
		return "for"
	case "while":
		return "while"
	case "with":
		return "with"
	case "match":
		return "match"
	case "case":
		return "case"
	}
	return ""
}

// softHeader reports whether `match` or `case` before p begins a statement of
// its own (language reference, "Soft Keywords") as far as a lexer can tell.
func (s *scanner) softHeader(p int) bool {
	p = s.space(p, false)
	if p >= len(s.src) {
		return false
	}
	switch s.src[p] {
	case '=', '.', ':', ',', ')', ';', '\n', '\r', '#', '+', '/', '%', '&', '|', '^', '<', '>', '@', '!':
		return false
	}
	return true
}

// header scans the header of a compound statement, and its suite if that is
// on the same line.
func (s *scanner) header(word string, at int) stop {
	if end := s.statement(true); end != atColon {
		return end
	}
	inner := s.suite(word, at, s.src[at:s.pos])
	p := s.space(s.pos+1, false)
	if p >= len(s.src) || s.src[p] == '\n' || s.src[p] == '\r' || s.src[p] == '#' {
		s.frames[len(s.frames)-1].pending = &inner
		s.pos = p
		return atEnd
	}
	s.pos = p
	inner.indent = s.frames[len(s.frames)-1].indent
	s.frames = append(s.frames, inner)
	end := s.oneLineSuite()
	s.frames = s.frames[:len(s.frames)-1]
	return end
}

// oneLineSuite scans `a; b` behind a header.
func (s *scanner) oneLineSuite() stop {
	first, joined := len(s.out.Imports), false
	for {
		if end := s.one(OneLine); end != atSemicolon {
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
	return atEnd
}

// suite describes the suite that the header opens.
func (s *scanner) suite(word string, at int, header []byte) frame {
	top := &s.frames[len(s.frames)-1]
	s.suites++
	if top.kind == ModuleScope && (word == "def" || word == "class" || word == "async") {
		if name := s.defined(at); name != "" {
			s.out.Decls = append(s.out.Decls, Decl{Name: name, At: int32(at)})
		}
	}
	f := frame{suite: s.suites, guard: top.guard, scope: top.scope, kind: top.kind, nameAt: top.nameAt}
	switch word {
	case "async":
		rest := bytes.TrimLeft(header[len("async"):], " \t\f")
		if bytes.HasPrefix(rest, []byte("def")) {
			return s.scopeSuite(f, FunctionScope, at)
		}
		f.guard |= Conditional
	case "def":
		return s.scopeSuite(f, FunctionScope, at)
	case "class":
		return s.scopeSuite(f, ClassScope, at)
	case "if", "elif":
		top.typing = typingTest(header[len(word):])
		f.guard |= Conditional | top.typing
	case "else":
		f.guard |= Conditional | opposite(top.typing)
		top.typing = 0
	case "with": // its suite always runs
	case "try":
		f.guard |= Conditional | Tried
	default:
		f.guard |= Conditional
	}
	return f
}

// scopeSuite makes f the suite of a function or a class.
func (s *scanner) scopeSuite(f frame, kind ScopeKind, at int) frame {
	f.scope, f.kind, f.nameAt = -1, kind, at
	f.guard &^= Conditional | OneLine | Tried
	return f
}

// typingTest recognizes the test of `if TYPE_CHECKING:` and its negation.
func typingTest(test []byte) Guard {
	t := bytes.Trim(test, " \t\f()")
	not := false
	if rest, ok := bytes.CutPrefix(t, []byte("not ")); ok {
		not, t = true, bytes.TrimLeft(rest, " \t(")
	}
	name, is := bytes.CutSuffix(t, []byte("TYPE_CHECKING"))
	if !is {
		return 0
	}
	for _, c := range name {
		if !ident[c] && c != '.' {
			return 0
		}
	}
	if len(name) > 0 && name[len(name)-1] != '.' {
		return 0
	}
	if not {
		return NotTyping
	}
	return TypeChecking
}

func opposite(g Guard) Guard {
	switch g {
	case TypeChecking:
		return NotTyping
	case NotTyping:
		return TypeChecking
	}
	return 0
}

// importStatement parses the import at pos and records it.
func (s *scanner) importStatement(extra Guard) stop {
	top := &s.frames[len(s.frames)-1]
	imp := Import{
		Start: int32(s.pos), Line: s.lineOf(s.pos), Ordinal: s.ordinal,
		Suite: top.suite, Guard: top.guard | extra,
	}
	p := importParser{s: s, p: s.pos}
	ok := p.parse(&imp)
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

// scopeIndex records the scope of the frame, and those around it, if no
// import did so before.
func (s *scanner) scopeIndex(i int) int32 {
	f := &s.frames[i]
	if f.scope >= 0 {
		return f.scope
	}
	if i > 0 && s.frames[i-1].nameAt == f.nameAt && s.frames[i-1].kind == f.kind {
		f.scope = s.scopeIndex(i - 1)
		return f.scope
	}
	parent := s.scopeIndex(i - 1)
	f.scope = int32(len(s.out.Scopes))
	s.out.Scopes = append(s.out.Scopes, Scope{Kind: f.kind, Parent: parent, Start: int32(f.nameAt), Name: s.defined(f.nameAt)})
	return f.scope
}

// defined returns the name that the `def`, `async def` or `class` at p defines.
func (s *scanner) defined(p int) string {
	for {
		e := p
		for e < len(s.src) && ident[s.src[e]] {
			e++
		}
		switch w := string(s.src[p:e]); w {
		case "def", "class", "async":
			p = s.space(e, false)
		default:
			return s.name(p, e)
		}
		if e == p {
			return ""
		}
	}
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
func (s *scanner) space(p int, bracket bool) int {
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

// generated reports whether a comment says that the file is made by a tool.
func generated(head []byte) bool {
	for _, line := range bytes.Split(head, []byte("\n")) {
		if bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) && bytes.Contains(line, []byte("@generated")) {
			return true
		}
	}
	return false
}

// foreignEncoding reports whether the file is declared (PEP 263) in an
// encoding in which a byte below 0x80 need not be the ASCII character.
func foreignEncoding(head []byte) bool {
	if len(head) >= 2 && (head[0] == 0xff && head[1] == 0xfe || head[0] == 0xfe && head[1] == 0xff) {
		return true
	}
	for i, line := range bytes.SplitN(head, []byte("\n"), 3) {
		if i == 2 {
			break
		}
		line = bytes.TrimLeft(line, " \t\f\xef\xbb\xbf")
		if !bytes.HasPrefix(line, []byte("#")) {
			continue
		}
		_, rest, ok := bytes.Cut(line, []byte("coding"))
		if !ok || len(rest) < 2 || rest[0] != ':' && rest[0] != '=' {
			continue
		}
		return foreignNames(strings.ToLower(string(bytes.TrimLeft(rest[1:], " \t"))))
	}
	return false
}

func foreignNames(name string) bool {
	name = strings.ReplaceAll(name, "_", "-")
	for _, p := range []string{"utf-16", "utf16", "utf-32", "utf32", "utf-7", "shift-jis", "shiftjis", "sjis", "cp932", "gbk", "gb18030", "big5", "cp950", "johab", "iso-2022", "iso2022", "hz", "cp037", "cp500", "cp1140"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
