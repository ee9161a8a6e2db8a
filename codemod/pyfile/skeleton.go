package pyfile

import (
	"bytes"
	"cmp"
	"slices"
)

// What a module binds is told by its own statements. The suites of its
// functions and classes are most of its text and say one thing only, which
// names they declare `global`:
//
//	def f(x):
//	    y = x + 1         # y is f's
//	    def g(): ...      # and so is g
//	    global z          # z is the module's
//	    z = y
//
// So the parser is shown a skeleton of the text: a suite is the one expression
// `0`, parameters and bases are left out where they bind nothing, and an import
// is as short as one can be, since the outline has it. What is left out is
// between the ranges that the parser reads, so that every offset of the tree is
// one of the text.

// skeleton is what the parser is shown of a text.
type skeleton struct {
	text []byte
	gaps []Extent // what it does not read, in order
}

// computes reports whether functions of the text may have a part in which names
// a module has: its own `__getattr__`, or what fills a dictionary of names.
func computes(src []byte) bool {
	for _, word := range []string{"__getattr__", "globals", "locals", "vars", "sys.modules", "__path__", "__import__", "import_module",
		"walk_packages", "iter_modules", "listdir", "attach"} {
		if bytes.Contains(src, []byte(word)) {
			return true
		}
	}
	return false
}

// newSkeleton returns the skeleton of a text. What may compute names stays
// whole, and so does a text whose layout is not clear.
func newSkeleton(src []byte) *skeleton {
	whole := &skeleton{text: src}
	if computes(src) {
		return whole
	}
	k := &skeleton{text: bytes.Clone(src)}
	s := newScanner(src)
	s.onSuite = k.suite
	s.file()
	if s.broken >= 0 {
		return whole
	}
	for i := range s.out.Imports {
		k.shorten(&s.out.Imports[i])
	}
	k.sort()
	return k
}

// suite leaves out the suite of a function or class that stands in no other,
// and what is in the brackets of its header.
func (k *skeleton) suite(header, colon, start, end int) {
	if Mentions(k.text[start:end], "global") {
		return
	}
	k.header(header, colon)
	k.text[start] = '0'
	k.gap(start+1, len(bytes.TrimRight(k.text[:end], "\r\n")))
}

// header leaves out parameters or bases, if they are all of the header but the
// name:
//
//	def f(x, y="z"):          def f():
//	def f(x) -> y:            stays
//	def f(x=(y := 1)):        stays
func (k *skeleton) header(start, colon int) {
	text := bytes.TrimRight(k.text[start:colon], " \t\f")
	open := bytes.IndexAny(text, "([")
	if open < 0 || text[open] != '(' || text[len(text)-1] != ')' || bytes.Contains(text, []byte(":=")) || bytes.Contains(text, []byte("->")) {
		return
	}
	k.gap(start+open+1, start+len(text)-1)
}

// short is the shortest import.
const short = "import a"

// shorten makes an import as short as one can be.
func (k *skeleton) shorten(imp *Import) {
	if imp.Guard&(Unreadable|Lazy) == 0 && int(imp.End-imp.Start) > len(short) {
		copy(k.text[imp.Start:], short)
		k.gap(int(imp.Start)+len(short), int(imp.End))
	}
}

func (k *skeleton) gap(start, end int) {
	if start < end {
		k.gaps = append(k.gaps, Extent{start, end})
	}
}

// sort puts the gaps in order, without those that lie in others.
func (k *skeleton) sort() {
	slices.SortFunc(k.gaps, func(a, b Extent) int { return cmp.Compare(a.Start, b.Start) })
	end := 0
	k.gaps = slices.DeleteFunc(k.gaps, func(e Extent) bool {
		within := e.Start < end
		end = max(end, e.End)
		return within
	})
}
