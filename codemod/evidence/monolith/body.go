package monolith

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// size draws the size of a file's code in bytes: many small files, few large
// ones, 6 kB on average, as measured on the original.
func size(r *rand.Rand) int {
	return min(60000, int(math.Exp(8.03+1.0*r.NormFloat64())))
}

// writer writes code that means nothing and looks like much.
type writer struct {
	buf  bytes.Buffer
	r    *rand.Rand
	base string // what classes derive from
	// section is set while a blank line is due before the next import.
	section bool
}

func newWriter(r *rand.Rand) *writer { return &writer{r: r} }

func (w *writer) line(text string) { w.buf.WriteString(text) }
func (w *writer) bytes() []byte    { return w.buf.Bytes() }
func (w *writer) noun() string     { return nouns[w.r.IntN(len(nouns))] }
func (w *writer) verb() string     { return verbs[w.r.IntN(len(verbs))] }
func (w *writer) adjective() string {
	return adjectives[w.r.IntN(len(adjectives))]
}

// sentence writes a sentence without a line break.
func (w *writer) sentence() {
	w.line(camel(w.verb()))
	for range 2 + w.r.IntN(3) {
		w.line(" the " + w.adjective() + " " + w.noun())
	}
	w.line(".")
}

// docstring opens some files with a docstring or a comment.
func (w *writer) docstring(path string) {
	switch w.r.IntN(6) {
	case 0:
		w.line(`"""` + "\n")
		w.sentence()
		w.line("\n\n>>> from sentry.models import User\n" + `"""` + "\n\n")
	case 1:
		w.line("# " + path + ": ")
		w.sentence()
		w.line("\n\n")
	}
}

// imports writes the block of imports.
func (w *writer) imports(set importSet, future bool) {
	if future {
		w.line("from __future__ import annotations\n")
	}
	set.print(w, future)
	for _, name := range set.bound() {
		if name == "Model" {
			w.base = "(Model)"
		}
	}
}

// declaration declares a name as what its spelling says that it is.
func (w *writer) declaration(name string) {
	switch {
	case strings.ToUpper(name) == name:
		w.table(name)
	case name[0] >= 'A' && name[0] <= 'Z':
		w.class(name, w.base)
	default:
		w.function("", name)
	}
}

// fill writes declarations until n more bytes are there. Their names begin
// with an underscore, so that no star import takes them.
func (w *writer) fill(n int) {
	for i, end := 0, w.buf.Len()+n; w.buf.Len() < end; i++ {
		suffix := strconv.Itoa(i)
		switch w.r.IntN(6) {
		case 0:
			w.table("_" + strings.ToUpper(w.noun()) + suffix)
		case 1, 2:
			w.class("_"+camel(w.adjective())+camel(w.noun())+suffix, "")
		default:
			w.function("", "_"+w.verb()+"_"+w.noun()+suffix)
		}
	}
}

// table writes a constant.
func (w *writer) table(name string) {
	w.line("\n" + name + " = {\n")
	for range 2 + w.r.IntN(8) {
		w.line("    \"" + w.noun() + "." + w.adjective() + "\": (" + strconv.Itoa(w.r.IntN(10000)) +
			", \"" + w.verb() + " it's " + w.noun() + "\", None),\n")
	}
	w.line("}\n")
}

// class writes a class with methods.
func (w *writer) class(name, base string) {
	w.line("\n\nclass " + name + base + ":\n")
	if w.r.IntN(2) == 0 {
		w.line(`    """`)
		w.sentence()
		w.line("\n\n    ")
		w.sentence()
		w.line("\n" + `    """` + "\n")
	}
	for range 1 + w.r.IntN(4) {
		w.line("    " + w.noun() + "_" + w.adjective() + " = \"" + w.adjective() + "-" + w.noun() + "\"\n")
	}
	for i := range 1 + w.r.IntN(5) {
		w.function("    ", w.verb()+"_"+w.noun()+strconv.Itoa(i))
	}
}

// function writes a function or a method.
func (w *writer) function(indent, name string) {
	first := w.noun()
	if indent == "" {
		w.line("\n")
	}
	w.line("\n" + indent + "def " + name + "(self, " + first + ", *, " + w.adjective() + "=None):\n")
	if w.r.IntN(3) == 0 {
		w.line(indent + `    """`)
		w.sentence()
		w.line(`"""` + "\n")
	}
	for range 1 + w.r.IntN(7) {
		w.statement(indent+"    ", first)
	}
	w.line(indent + "    return " + first + "\n")
}

// statement writes one statement of a function's body.
func (w *writer) statement(indent, value string) {
	switch w.r.IntN(7) {
	case 0:
		w.line(indent + "# ")
		w.sentence()
		w.line("\n")
	case 1:
		w.line(indent + "if not " + value + ":\n" + indent + "    raise ValueError(f\"no {" + value + "!r} in " + w.noun() + "\")\n")
	case 2:
		w.line(indent + "for " + w.adjective() + "_item in " + value + ".get(\"" + w.noun() + "\", []):\n" +
			indent + "    self." + w.verb() + "(" + w.adjective() + "=" + strconv.Itoa(w.r.IntN(500)) + ")\n")
	case 3:
		w.line(indent + value + " = {\n" + indent + "    \"" + w.noun() + "\": " + value + ",\n" +
			indent + "    '" + w.noun() + "': [x for x in range(" + strconv.Itoa(w.r.IntN(99)) + ") if x % 2],\n" + indent + "}\n")
	case 4:
		w.line(indent + "try:\n" + indent + "    " + value + " = self." + w.noun() + "." + w.verb() + "(" + value + ")[0]\n" +
			indent + "except (KeyError, IndexError):\n" + indent + "    pass\n")
	case 5:
		w.line(indent + "self." + w.noun() + "_" + w.adjective() + " = \"%s: " + w.adjective() + "\" % (" + value + ",)\n")
	default:
		w.line(indent + value + " = self." + w.verb() + "_" + w.noun() + "(" + value + ", " + w.adjective() + "=True)\n")
	}
}
