package pyfile

import "bytes"

// What a module binds is told by its own statements and by those of its
// classes. The suites of its functions are most of its text and say one thing
// only, which names they declare `global`:
//
//	def f(x):
//	    y = x + 1         # y is f's
//	    def g(): ...      # and so is g
//	    global z          # z is the module's
//	    z = y
//
// So a text without the suites of functions is parsed in its place. It has the
// same length and the same lines, so that every offset says what it says in
// the whole text.

// withoutBodies returns a text in which the suites of functions are blank but
// for one expression, `0`, where each begins. What holds the word `global`
// stays, and a text whose layout is not clear stays as it is.
func withoutBodies(src []byte) []byte {
	var bodies []Extent
	s := newScanner(src)
	s.onBody = func(start, end int) {
		if !Mentions(src[start:end], "global") {
			bodies = append(bodies, Extent{start, end})
		}
	}
	s.file()
	if s.broken >= 0 || len(bodies) == 0 {
		return src
	}
	out := bytes.Clone(src)
	for _, b := range bodies {
		blank(out[b.Start:b.End])
		out[b.Start] = '0'
	}
	return out
}

// computes reports whether functions of the text may have a part in which names
// a module has: its own `__getattr__`, or what fills a dictionary of names.
func computes(src []byte) bool {
	for _, word := range []string{"__getattr__", "globals()", "__path__", "walk_packages", "iter_modules", "listdir"} {
		if bytes.Contains(src, []byte(word)) {
			return true
		}
	}
	return false
}

// blank overwrites a text with white space, but for the ends of lines.
func blank(text []byte) {
	for i, c := range text {
		if c != '\n' && c != '\r' {
			text[i] = ' '
		}
	}
}
