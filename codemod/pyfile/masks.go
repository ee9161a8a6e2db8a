package pyfile

// The grammar that this package parses with is older than some of Python's
// syntax. What it does not know is written, in the same length, as something
// that it knows and in which every name means the same, so that each offset of
// the tree is one of the text:
//
//	lazy import x         0  ; import x       PEP 810
//	t"{x}"                f"{x}"              PEP 750
//	class A[T = int]      class A[T : int]    PEP 696
//	x: list[*m.Y[int]]    x: list[ m.Y[int]]  PEP 646
//	{**d for d in e}      {  d for d in e}    PEP 798
//
// Only a text that does not parse as it stands is masked.

// masked returns a copy of the text with its newer syntax masked, and whether
// there was any.
func masked(src []byte) ([]byte, bool) {
	m := masker{lexer: lexer{src: src, broken: -1}, out: append([]byte(nil), src...), fresh: true}
	m.onTemplate = func(at int) { m.put(at, string(rune(src[at]-('t'-'f')))) }
	m.imports(Scan(src))
	m.file()
	return m.out, m.any
}

// masker walks a text token by token.
type masker struct {
	lexer
	out      []byte
	any      bool
	brackets []bracket
	before   byte // what ended the token before; 'a' for a word
	fresh    bool // a statement may begin here
	defining bool // the word before begins a definition
	defined  bool // the word before is the name of one
}

// bracket is an open bracket.
type bracket struct {
	with   byte
	params bool // it holds the type parameters of a definition
}

func (m *masker) put(at int, text string) {
	copy(m.out[at:], text)
	m.any = true
}

// imports masks the word before the lazy imports. One that stands where
// Python allows none was found to be unreadable.
func (m *masker) imports(o *Outline) {
	for i := range o.Imports {
		if imp := &o.Imports[i]; imp.Guard&(Lazy|Unreadable) == Lazy {
			m.put(int(imp.Start), "0  ;")
		}
	}
}

func (m *masker) file() {
	for p := 0; p < len(m.src); {
		c := m.src[p]
		switch {
		case c == '\n' || c == '\r':
			if p++; len(m.brackets) == 0 {
				m.token('\n')
				m.fresh = true
			}
		case c == ' ' || c == '\t' || c == '\f' || c == '\\':
			p++
		case c == '#':
			p = m.lineEnd(p)
		case c == '\'' || c == '"':
			p = m.str(p)
			m.token(c)
		case ident[c]:
			p = m.identifier(p)
		default:
			p = m.operator(p, c)
		}
	}
}

// token says that a token ended.
func (m *masker) token(last byte) {
	m.before, m.fresh, m.defining, m.defined = last, false, false, false
}

// identifier moves over a word, and notes where it belongs to a definition.
// `type` begins one at the head of a statement only.
func (m *masker) identifier(p int) int {
	e := p
	for e < len(m.src) && ident[m.src[e]] {
		e++
	}
	word, fresh, defined := string(m.src[p:e]), m.fresh, m.defining
	m.token('a')
	m.defining = word == "def" || word == "class" || word == "type" && fresh
	m.defined = defined
	return e
}

func (m *masker) operator(p int, c byte) int {
	switch c {
	case '(', '[', '{':
		m.brackets = append(m.brackets, bracket{c, c == '[' && m.defined})
	case ')', ']', '}':
		m.brackets = m.brackets[:max(0, len(m.brackets)-1)]
	case '=':
		m.assigned(p)
	case '*':
		return m.star(p)
	}
	m.token(c)
	m.fresh = c == ';' || c == ':'
	return p + 1
}

// assigned masks the `=` of a type parameter's default.
func (m *masker) assigned(p int) {
	alone := p+1 < len(m.src) && m.src[p+1] != '=' && p > 0 && m.src[p-1] != '=' && m.src[p-1] != '!' && m.src[p-1] != '<' && m.src[p-1] != '>' && m.src[p-1] != ':'
	if n := len(m.brackets); n > 0 && m.brackets[n-1].params && alone {
		m.put(p, ":")
	}
}

// star masks the star of an unpacking in square brackets or in the type of a
// parameter, and that of a comprehension of dictionaries.
func (m *masker) star(p int) int {
	e := p + 1
	if e < len(m.src) && m.src[e] == '*' {
		e++
	}
	if n := len(m.brackets); n > 0 {
		in := m.brackets[n-1]
		switch m.before {
		case '[', ',', ':', '=':
			if in.with == '[' && (e == p+1 || in.params) || in.with == '(' && m.before == ':' {
				m.put(p, "  "[:e-p])
			}
		case '{':
			if e == p+2 && m.comprehension(e) {
				m.put(p, "  ")
			}
		}
	}
	m.token('*')
	return e
}

// maxUnpacked is how far a comprehension's `for` is looked for, in bytes.
const maxUnpacked = 1 << 12

// comprehension reports whether a `for` follows before the bracket that is
// open at p closes, or a comma.
func (m *masker) comprehension(p int) bool {
	end := min(len(m.src), p+maxUnpacked)
	for depth := 0; p < end; p++ {
		switch c := m.src[p]; {
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			if depth--; depth < 0 {
				return false
			}
		case c == ',' && depth == 0:
			return false
		case c == '\'' || c == '"':
			l := lexer{src: m.src, broken: -1}
			p = l.str(p) - 1
		case c == '#':
			p = m.lineEnd(p)
		case c == 'f' && depth == 0 && isWord(m.src, p, "for"):
			return true
		}
	}
	return false
}
