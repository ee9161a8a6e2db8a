package pyfile

import (
	"bytes"
)

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
	case "lazy":
		return "lazy"
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
	case '.':
		return bytes.HasPrefix(s.src[p:], []byte("..."))
	case '=', ':', ',', ')', ';', '\n', '\r', '#', '/', '%', '&', '|', '^', '<', '>', '@', '!':
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
	inner.colon = s.pos
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
	f := frame{suite: s.suites, guard: top.guard, scope: top.scope, kind: top.kind, nameAt: top.nameAt, trying: top.trying}
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
	case "with": // its suite always runs, to its end unless it says otherwise
		if suppresses(header) {
			f.guard |= Conditional | Tried
		}
	case "try":
		f.guard |= Conditional | Tried
		f.trying = true
	case "except", "finally":
		f.guard |= Conditional
		f.trying = true
	default:
		f.guard |= Conditional
	}
	return f
}

// suppresses reports whether the header of a `with` says that errors in its suite
// are expected: contextlib.suppress, pytest.raises, assertRaises.
func suppresses(header []byte) bool {
	return bytes.Contains(header, []byte("suppress")) || bytes.Contains(bytes.ToLower(header), []byte("raises"))
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
