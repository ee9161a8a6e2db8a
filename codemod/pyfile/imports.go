package pyfile

// importParser reads one import statement by the grammar of the language
// reference, "The import statement".
type importParser struct {
	s *scanner
	p int
}

// parse fills imp from the statement at p, and reports whether it is one.
func (r *importParser) parse(imp *Import) bool {
	if r.s.word(r.p) == "import" {
		r.p += len("import")
		return r.names(imp, false, true) && r.ends()
	}
	imp.From = true
	r.p += len("from")
	if !r.source(imp) {
		return false
	}
	r.p = r.s.space(r.p, false)
	if r.s.word(r.p) != "import" {
		return false
	}
	r.p = r.s.space(r.p+len("import"), false)
	switch {
	case r.at('*'):
		imp.Names = []Name{{Name: "*", Start: int32(r.p), End: int32(r.p + 1)}}
		r.p++
		imp.End = int32(r.p)
	case r.at('('):
		r.p++
		if !r.names(imp, true, false) {
			return false
		}
		r.p = r.s.space(r.p, true)
		if !r.at(')') {
			return false
		}
		r.p++
		imp.End = int32(r.p)
	default:
		if !r.names(imp, false, false) {
			return false
		}
	}
	return r.ends()
}

func (r *importParser) at(c byte) bool { return r.p < len(r.s.src) && r.s.src[r.p] == c }

// ends reports whether nothing but the statement's end follows.
func (r *importParser) ends() bool {
	p := r.s.space(r.p, false)
	if p >= len(r.s.src) {
		return true
	}
	switch r.s.src[p] {
	case '\n', '\r', '#', ';':
		return true
	}
	return false
}

// source reads the dots and the module between `from` and `import`.
func (r *importParser) source(imp *Import) bool {
	r.p = r.s.space(r.p, false)
	for r.at('.') {
		imp.Level++
		r.p = r.s.space(r.p+1, false)
	}
	if imp.Level > 0 && r.s.word(r.p) == "import" {
		return true
	}
	name, ok := r.dotted()
	imp.Module = name
	return ok
}

// dotted reads a dotted name.
func (r *importParser) dotted() (string, bool) {
	start := r.p
	simple := true // no white space within, so that the bytes are the name
	name := ""
	for {
		part, ok := r.identifier()
		if !ok {
			return "", false
		}
		name += part
		end := r.p
		p := r.s.space(r.p, false)
		if p >= len(r.s.src) || r.s.src[p] != '.' {
			if simple {
				return r.s.name(start, end), true
			}
			return name, true
		}
		name += "."
		r.p = r.s.space(p+1, false)
		simple = simple && p == end && r.p == p+1
	}
}

// identifier reads one identifier that is no keyword of the import statement.
func (r *importParser) identifier() (string, bool) {
	e := r.p
	for e < len(r.s.src) && ident[r.s.src[e]] {
		e++
	}
	if e == r.p || r.s.src[r.p] >= '0' && r.s.src[r.p] <= '9' {
		return "", false
	}
	name := r.s.name(r.p, e)
	switch name {
	case "import", "as", "from":
		return "", false
	}
	r.p = e
	return name, true
}

// names reads `a as b, c`, with dotted names in a plain import, and sets the
// statement's end behind the last.
func (r *importParser) names(imp *Import, paren, dotted bool) bool {
	for {
		r.p = r.s.space(r.p, paren)
		if paren && r.at(')') {
			return len(imp.Names) > 0
		}
		n, ok := r.one(paren, dotted)
		if !ok {
			return false
		}
		imp.Names = append(imp.Names, n)
		imp.End = n.End
		p := r.s.space(r.p, paren)
		if p >= len(r.s.src) || r.s.src[p] != ',' {
			return true
		}
		r.p = p + 1
	}
}

// one reads `a` or `a as b`.
func (r *importParser) one(paren, dotted bool) (n Name, ok bool) {
	n.Start = int32(r.p)
	if dotted {
		n.Name, ok = r.dotted()
	} else {
		n.Name, ok = r.identifier()
	}
	if !ok {
		return n, false
	}
	n.End = int32(r.p)
	p := r.s.space(r.p, paren)
	if !isWord(r.s.src, p, "as") {
		return n, true
	}
	r.p = r.s.space(p+len("as"), paren)
	n.As, ok = r.identifier()
	n.End = int32(r.p)
	return n, ok
}
