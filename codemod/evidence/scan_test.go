package evidence

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// The lexical scan finds the imports that CPython's parser finds, in the
// standard library with all of its tests: no fewer, no more, at the same
// places, in the same kind of scope.
func TestScanAgreesWithCPython(t *testing.T) {
	root := standardLibrary(t)
	files := memory{}
	for _, top := range scanned {
		maps.Copy(files, codeBase{folder: standardLibrary, tops: []string{top}}.read(t))
	}
	var paths []string
	for path := range files {
		if strings.HasSuffix(path, ".py") {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	facts, err := startPython(t).astImportsIn(filepath.ToSlash(root), paths)
	if err != nil {
		t.Fatal(err)
	}
	compared, statements := 0, 0
	for _, path := range paths {
		if facts[path].Error != "" {
			continue // not for this Python
		}
		compared++
		statements += len(facts[path].Imports)
		compareScan(t, path, []byte(files[path]), facts[path].Imports)
	}
	t.Logf("%d files with %d import statements", compared, statements)
	if compared < 500 {
		t.Errorf("only %d files were compared", compared)
	}
}

// scanned are folders and files of the standard library: those with the
// strangest syntax, and much ordinary code.
var scanned = []string{"asyncio", "email", "concurrent", "importlib", "unittest", "json", "lib2to3", "idlelib", "distutils",
	"multiprocessing", "xml", "http", "encodings", "ctypes", "tkinter", "test"}

// compareScan compares the imports of one file.
func compareScan(t *testing.T, path string, src []byte, want []pyImport) {
	t.Helper()
	outline := pyfile.Scan(src)
	var got, wanted []string
	for _, imp := range outline.Imports {
		if imp.Guard&pyfile.Unreadable == 0 {
			got = append(got, scanText(src, outline, imp))
		}
	}
	for _, imp := range want {
		wanted = append(wanted, astText(imp))
	}
	slices.Sort(got)
	slices.Sort(wanted)
	if slices.Equal(got, wanted) {
		return
	}
	for _, line := range got {
		if !slices.Contains(wanted, line) {
			t.Errorf("%s: only the scan has %s", path, line)
		}
	}
	for _, line := range wanted {
		if !slices.Contains(got, line) {
			t.Errorf("%s: only CPython has %s", path, line)
		}
	}
}

// scanText and astText write an import in the same words.
func scanText(src []byte, outline *pyfile.Outline, imp pyfile.Import) string {
	kind := []string{"module", "class", "function"}[outline.Scopes[imp.Scope].Kind]
	names := make([]string, len(imp.Names))
	for i, n := range imp.Names {
		names[i] = n.Name + " as " + n.As
	}
	column := int(imp.Start) - 1 - max(bytes.LastIndexByte(src[:imp.Start], '\n'), bytes.LastIndexByte(src[:imp.Start], '\r'))
	if imp.Line == 1 && bytes.HasPrefix(src, []byte("\ufeff")) {
		column -= 3
	}
	return fmt.Sprintf("%d:%d to line %d, %s: from=%t level=%d %s %v", imp.Line, column, lineAt(src, int(imp.End)), kind, imp.From, imp.Level, imp.Module, names)
}

func astText(imp pyImport) string {
	names := make([]string, len(imp.Names))
	for i, n := range imp.Names {
		names[i] = n.Name + " as " + n.As
	}
	return fmt.Sprintf("%d:%d to line %d, %s: from=%t level=%d %s %v", imp.Line, imp.Column, imp.EndLine, imp.Scope, imp.From, imp.Level, imp.Module, names)
}

// lineAt is the line of an offset, counted as Python does: a carriage return
// alone ends a line, too.
func lineAt(src []byte, offset int) int {
	text := src[:offset]
	return 1 + bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) - bytes.Count(text, []byte("\r\n"))
}

// The scan finds the same sense in indentation as CPython: of what CPython reads
// nothing is in doubt, and what it does not read for its indentation is.
func TestScanDoubtsIndentation(t *testing.T) {
	files := maps.Collect(maps.All(codeBase{folder: standardLibrary, tops: []string{"asyncio", "email", "json", "lib2to3", "xml"}}.read(t)))
	random, changed := rand.New(rand.NewSource(1)), map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		for k := 0; k < 8 && strings.HasSuffix(path, ".py") && len(files[path]) < 20_000; k++ {
			changed[fmt.Sprintf("%s#%d", path, k)] = misindented(random, files[path])
		}
	}
	facts, err := startPython(t).astImports(changed)
	if err != nil {
		t.Fatal(err)
	}
	doubted := 0
	for path, text := range changed {
		why := facts[path].Error
		wrong := strings.HasPrefix(why, "TabError") || strings.HasPrefix(why, "IndentationError") && !strings.Contains(why, "unexpected unindent") // a `try` alone
		if at := pyfile.Scan([]byte(text)).Broken; wrong != (at >= 0) && (wrong || why == "") {
			t.Errorf("%s: CPython says %q, the scan doubts what is behind %q", path, why, text[max(0, at-50):max(0, at)])
		}
		if wrong {
			doubted++
		}
	}
	t.Logf("%d of %d files are indented wrongly", doubted, len(changed))
	if doubted < 100 {
		t.Error("too few to tell")
	}
}

// misindented is a text of which one line begins elsewhere, or is gone.
func misindented(random *rand.Rand, text string) string {
	lines := strings.SplitAfter(text, "\n")
	i := random.Intn(len(lines))
	body := strings.TrimLeft(lines[i], " \t")
	indent := lines[i][:len(lines[i])-len(body)]
	lines[i] = []string{
		"", body, " " + lines[i], "    " + lines[i], "\t" + body, indent + "\t" + body, strings.Replace(lines[i], "    ", "", 1),
		strings.Replace(lines[i], "        ", "\t", 1), indent + "try:\n" + lines[i], "\f" + lines[i], indent + "\\\n" + lines[i],
	}[random.Intn(11)]
	return strings.Join(lines, "")
}
