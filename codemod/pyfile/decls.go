package pyfile

import (
	"bytes"
)

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
