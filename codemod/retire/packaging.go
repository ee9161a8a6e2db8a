package retire

import (
	"bytes"
	"path"
	"regexp"
	"strings"
)

// Files that say that a distribution is made of a folder, and the lines of them
// that do. https://packaging.python.org/en/latest/specifications/pyproject-toml/
var (
	projectTable  = regexp.MustCompile(`(?m)^\[(?:project|tool\.poetry)\]\s*$`)
	setupCall     = regexp.MustCompile(`(?m)^\s*(?:setuptools\.)?setup\(`)
	metadataTable = regexp.MustCompile(`(?m)^\[metadata\]\s*$`)
)

// noUpload is the classifier of what is never published.
const noUpload = "Private :: Do Not Upload"

// public says whether others install the package that the facade is in: a
// packaging file at or above its source root makes a distribution of it.
func (f *facade) public() (out []Blocker) {
	top, _, _ := strings.Cut(f.mod.Name, ".")
	for dir := path.Dir(f.mod.Path); ; dir = path.Dir(dir) {
		for _, file := range []struct {
			name string
			says *regexp.Regexp
		}{{"pyproject.toml", projectTable}, {"setup.cfg", metadataTable}, {"setup.py", setupCall}} {
			p := path.Join(dir, file.name)
			src, ok := f.Text(p)
			at := file.says.FindIndex(src)
			if !ok || at == nil || bytes.Contains(src, []byte(noUpload)) {
				continue
			}
			line, text := lineAt(src, at[0])
			return []Blocker{{Kind: Public, Path: p, Line: line, Text: text,
				Detail: "It makes a distribution of " + top + ", which others may install. " + gate[Public].advice}}
		}
		if dir == "." || dir == "/" {
			return nil
		}
	}
}

func lineAt(src []byte, at int) (line int, text string) {
	rest := src[bytes.LastIndexByte(src[:at], '\n')+1:]
	first, _, _ := bytes.Cut(bytes.TrimLeft(rest, "\n"), []byte("\n"))
	return bytes.Count(src[:at], []byte("\n")) + 1, strings.TrimSpace(string(first))
}

// requiresPython reads a lower bound of Python.
var requiresPython = regexp.MustCompile(`(?m)(?:requires-python|python_requires)\s*=\s*["']?\s*>=\s*(\d+)\.(\d+)`)

// RequiresLazy reports whether the tree says that it runs on Python 3.15 or
// newer only, which knows `lazy import` (PEP 810).
func RequiresLazy(w World) bool {
	found := false
	for _, p := range w.Paths() {
		switch path.Base(p) {
		case "pyproject.toml", "setup.cfg", "setup.py":
		default:
			continue
		}
		src, _ := w.Text(p)
		for _, m := range requiresPython.FindAllSubmatch(src, -1) {
			found = true
			if major, minor := number(m[1]), number(m[2]); major < 3 || major == 3 && minor < 15 {
				return false
			}
		}
	}
	return found
}
