package evidence

import (
	"bytes"
	"fmt"
	"maps"
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
