package evidence

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

var newPrograms = flag.Int("evidence.new", 3, "random programs of each kind to run under a CPython with new syntax")

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

// What is no syntax of its own means the same under each CPython.
func TestKindsUnderNewPython(t *testing.T) {
	for _, name := range []string{"cpython314", "cpython315"} {
		t.Run(name, func(t *testing.T) {
			python := startPythonOnNode(t, name)
			var count tally
			forms, kinds := formsLike(regexp.MustCompile(*formNames)), kindsLike(*kindNames, 11)
			for i := range 10 * *newPrograms {
				count.run(t, python, generate(*firstSeed+uint64(i), forms, kinds))
			}
			t.Log(fmt.Sprint(count.programs.Load()), "programs")
		})
	}
}
