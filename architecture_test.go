package canonicalize

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/canonicalize/canonicalize/"

// floors lists the packages from the bottom up: a package may import those on
// floors below its own, and of its own floor only packages inside itself.
var floors = [][]string{
	{
		"codemod/edit", "codemod/importgraph", "codemod/pyfile",
		"bot/owners", "bot/store", "bot/command", "bot/githubsim", "bot/pin", "bot/words",
		"bot/setup", "bot/signin", "bot/telemetry",
	},
	{"codemod/style", "codemod/resolve"},
	{"codemod/effects", "codemod/proof", "codemod/world"},
	{"codemod/importorder"},
	{"codemod/refs"},
	{"codemod/rewrite"},
	{"codemod/fixpoint", "codemod/retire"},
	{"codemod/review"},
	{"codemod"},
	{"codemod/evidence", "bot/config", "bot/dashboard", "bot/git", "bot/github", "bot/plan", "bot/ending", "bot/web", "bot/campaign"},
	{"webhooks", "bot/review", "bot/description"},
	{"bot/site"},
	{"bot/pass", "bot/reviewer"},
	{"bot/commander"},
	{"bot"},
	{"bot/server"},
	{"cmd"},
}

// only says which packages may import a library: what has one user can be
// replaced.
var only = map[string][]string{
	"github.com/smacker/go-tree-sitter":          {"codemod/pyfile"},
	"github.com/go-git/go-git/v5":                {"bot/git"},
	"github.com/google/go-github/v62":            {"bot/github"},
	"github.com/bradleyfalzon/ghinstallation/v2": {"bot/github"},
	"github.com/riverqueue/river":                {"bot/store"},
	"github.com/spf13/cobra":                     {"cmd"},
}

// pure are the packages that know no disk, no clock, no network and no log.
var pure = map[string][]string{
	"codemod":  {"os", "net", "net/http", "log", "log/slog", "os/exec", "math/rand"},
	"bot/plan": {"os", "net", "net/http", "log", "log/slog", "os/exec", "math/rand"},

	"bot/description": {"os", "net", "net/http", "log", "log/slog", "os/exec", "math/rand"},

	"bot/dashboard": {"os", "net", "net/http", "log", "log/slog", "os/exec", "math/rand"},
	"bot/ending":    {"os", "net", "net/http", "log", "log/slog", "os/exec", "math/rand"},
	"bot/pin":       {"os", "net", "net/http", "log", "log/slog", "os/exec", "math/rand"},

	"bot/campaign": {"os", "net", "net/http", "log", "log/slog", "os/exec", "math/rand"},
}

// TestImportDirections parses the files themselves: a cached `go list` would
// miss a change.
func TestImportDirections(t *testing.T) {
	for file, imports := range importsOfFiles(t) {
		from := path.Dir(file)
		for _, imp := range imports {
			if to, ok := strings.CutPrefix(imp, module); ok {
				checkFloor(t, file, from, to)
			}
			checkLibrary(t, file, from, imp)
			checkPure(t, file, from, imp)
		}
	}
}

func checkFloor(t *testing.T, file, from, to string) {
	t.Helper()
	a, b := floorOf(from), floorOf(to)
	switch {
	case a < 0 || b < 0:
		t.Errorf("%s: the floors name no room for %s or %s: add it to architecture_test.go", file, from, to)
	case a < b:
		t.Errorf("%s imports %s, which is on a higher floor", file, to)
	case a == b && roomOf(from) != roomOf(to):
		t.Errorf("%s imports %s, which is another room of the same floor", file, to)
	}
}

func checkLibrary(t *testing.T, file, from, imp string) {
	t.Helper()
	for lib, rooms := range only {
		if imp != lib && !strings.HasPrefix(imp, lib+"/") {
			continue
		}
		ok := false
		for _, r := range rooms {
			ok = ok || within(from, r)
		}
		if !ok {
			t.Errorf("%s imports %s, which only %s may use", file, imp, strings.Join(rooms, ", "))
		}
	}
}

func checkPure(t *testing.T, file, from, imp string) {
	t.Helper()
	for room, banned := range pure {
		if !within(from, room) || within(from, "codemod/evidence") {
			continue
		}
		for _, b := range banned {
			if imp == b {
				t.Errorf("%s imports %s: %s is pure", file, imp, room)
			}
		}
	}
}

func within(dir, room string) bool { return dir == room || strings.HasPrefix(dir, room+"/") }

// roomOf returns the room that holds a folder: the one with the longest name.
func roomOf(dir string) (room string) {
	for _, floor := range floors {
		for _, r := range floor {
			if within(dir, r) && len(r) > len(room) {
				room = r
			}
		}
	}
	return room
}

func floorOf(dir string) int {
	room := roomOf(dir)
	for i, floor := range floors {
		for _, r := range floor {
			if r == room {
				return i
			}
		}
	}
	return -1
}

// importsOfFiles returns the imports of every Go file but tests, by path.
func importsOfFiles(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && p != "." || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			out[filepath.ToSlash(p)] = append(out[filepath.ToSlash(p)], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
