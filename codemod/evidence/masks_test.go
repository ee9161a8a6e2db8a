package evidence

import (
	"archive/zip"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

var maskedTexts = flag.Int("evidence.masked", 120, "texts of the standard library to compare with CPython 3.15, once as they are and once with newer syntax")

// The parser finds the names and the lazy imports that CPython 3.15 finds, in
// its own standard library and in texts of it that were given newer syntax.
func TestNewSyntaxIsRead(t *testing.T) {
	python := startPythonOnNode(t, "cpython315")
	random := rand.New(rand.NewPCG(*firstSeed, 1))
	texts := map[string]string{}
	all := newLibrary(t)
	paths := slices.Sorted(maps.Keys(all))
	random.Shuffle(len(paths), func(i, k int) { paths[i], paths[k] = paths[k], paths[i] })
	for _, path := range paths[:min(*maskedTexts, len(paths))] {
		texts[path] = all[path]
		texts[path+" changed"] = renewed(random, all[path])
	}
	var answer struct{ Uses map[string]pyUses }
	if err := python.call(map[string]any{"op": "uses", "files": texts}, &answer); err != nil {
		t.Fatal(err)
	}
	compared, lazy := 0, 0
	for path, want := range answer.Uses {
		if want.Error == "" {
			compared++
			lazy += len(want.Lazy)
			want.compare(t, path, texts[path])
		}
	}
	t.Logf("%d of %d texts were compared, with %d lazy imports", compared, len(texts), lazy)
	if compared < len(texts)*2/3 || lazy == 0 {
		t.Error("too few to tell")
	}
}

// newLibrary is the standard library of CPython 3.15, without large files.
func newLibrary(t *testing.T) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(filepath.Join(nodePackages(t), "node_modules/cpython315/python_stdlib.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string]string{}
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".py") || f.UncompressedSize64 > 40_000 || f.UncompressedSize64 == 0 {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

// renewals give a text newer syntax; what does not fit is no Python, and is
// not compared.
var renewals = []struct {
	in  *regexp.Regexp
	out string
}{
	{regexp.MustCompile(`(?m)^(import|from) `), "lazy $1 "},
	{regexp.MustCompile(`\bf("[^"\n]*"|'[^'\n]*')`), "t$1"},
	{regexp.MustCompile(`(?m)^(\s*class \w+)([:(])`), "$1[T: object = int, *Ts = *tuple[int, ...], **P = [int]]$2"},
	{regexp.MustCompile(`(?m)^(\s*def \w+)\(`), "$1[T = dict]("},
	{regexp.MustCompile(`(?m)^(\s*def .*\*args)([,)])`), "$1: *tuple[int, str]$2"},
	{regexp.MustCompile(`except \((\w+), (\w+)\):`), "except $1, $2:"},
	{regexp.MustCompile(`\[(\w+) for `), "[*$1 for "},
	{regexp.MustCompile(`(?m)^(\w+) = `), "$1: list[*tuple[int]] = "},
	{regexp.MustCompile(`(?m)^(def|class) `), "type Alias[T = int] = list[T]\n$1 "},
}

// renewed changes a third of the places where a renewal fits.
func renewed(random *rand.Rand, text string) string {
	for _, r := range renewals {
		text = r.in.ReplaceAllStringFunc(text, func(found string) string {
			if random.IntN(3) > 0 {
				return found
			}
			return r.in.ReplaceAllString(found, r.out)
		})
	}
	return text
}

// pyUses are the names of a file as CPython's parser gives them.
type pyUses struct {
	Error string
	Names [][3]any // line from 1, column in bytes from 0, name
	Lazy  []int    // lines of the imports that are lazy
}

// compare demands that the parser has no error and finds every name.
func (want pyUses) compare(t *testing.T, path, text string) {
	t.Helper()
	parser := pyfile.NewParser()
	defer parser.Close()
	names, tree, err := parser.Names(t.Context(), []byte(text))
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	defer tree.Close()
	if tree.HasError() {
		t.Errorf("%s: a syntax error where CPython has none", path)
	}
	starts := []int{0}
	for i, c := range []byte(text) {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	found := map[string]bool{}
	for _, u := range names.Uses {
		found[fmt.Sprint(u.Start, u.Name)] = true
	}
	for _, n := range want.Names {
		at := starts[int(n[0].(float64))-1] + int(n[1].(float64))
		if !found[fmt.Sprint(at, n[2])] {
			t.Errorf("%s:%v: CPython finds %v at column %v", path, n[0], n[2], n[1])
		}
	}
	var lazy []int
	for _, imp := range pyfile.Scan([]byte(text)).Imports {
		if imp.Guard&(pyfile.Lazy|pyfile.Unreadable) == pyfile.Lazy {
			lazy = append(lazy, int(imp.Line))
		}
	}
	slices.Sort(lazy)
	if !slices.Equal(lazy, want.Lazy) {
		t.Errorf("%s: lazy imports in lines %v, CPython has them in %v", path, lazy, want.Lazy)
	}
}
