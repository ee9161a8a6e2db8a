package evidence

import (
	"flag"
	"regexp"
	"strings"
	"testing"
)

var newPrograms = flag.Int("evidence.new", 2, "random programs of each kind to run under a CPython with new syntax")

// Programs in syntax that the installed CPython may not have mean the same to
// CPython 3.15 before and after.
func TestNewSyntax(t *testing.T) {
	python := startPythonOnNode(t, "cpython315")
	var count tally
	for _, k := range kindsLike(*kindNames, 15) {
		if !strings.HasPrefix(k.name, "syntax-") {
			continue
		}
		count.kind(t, python, k, formsLike(regexp.MustCompile("^(from|import-attribute|star)$")), *newPrograms)
	}
}

// What is no syntax of its own means the same under the next CPython, too.
func TestKindsUnderNewPython(t *testing.T) {
	python := startPythonOnNode(t, "cpython314")
	var count tally
	forms, kinds := formsLike(regexp.MustCompile(*formNames)), kindsLike(*kindNames, 11)
	for i := range 6 * *newPrograms {
		count.run(t, python, generate(*firstSeed+uint64(i), forms, kinds))
	}
}
