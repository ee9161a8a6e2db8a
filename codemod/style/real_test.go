//go:build long

package style

import (
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRealFiles changes the first blocks of the Python files under STYLE_REAL,
// a folder: what isort leaves alone under Django's own settings (or
// STYLE_PROFILE), it leaves alone afterwards.
func TestRealFiles(t *testing.T) {
	root := os.Getenv("STYLE_REAL")
	if root == "" {
		t.Fatal("STYLE_REAL names no folder of Python files")
	}
	needIsort(t)
	settings := map[string]any{
		"combine_as_imports": true, "include_trailing_comma": true, "line_length": 79,
		"multi_line_output": 5, "known_first_party": []string{"django"},
	}
	if p := os.Getenv("STYLE_PROFILE"); p != "" {
		settings = map[string]any{"profile": p}
	}
	var cases []isortCase
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".py") {
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			cases = append(cases, isortCase{string(src), settings})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	checkReal(t, cases)
}

func checkReal(t *testing.T, cases []isortCase) {
	r := rand.New(rand.NewSource(seed()))
	clean, missed := 0, 0
	var after []isortCase
	for i, sorted := range runIsort(t, cases) {
		code := cases[i].Code
		b, ok := safeBlock(code)
		if sorted != code || !ok || len(b.Statements) == 0 {
			continue
		}
		clean++
		s := isortOf(t, ourSettings(cases[i].Settings))
		b.StarBinds = func(Statement, string) bool { return false }
		if markJoined(&b); !s.Clean(b) {
			if missed++; missed < 5 {
				t.Logf("not clean for us:\n%s", firstLines(code, 60))
			}
		}
		remove, add := randomChange(r, b)
		after = append(after, isortCase{rewritten(t, s, b, remove, add), cases[i].Settings})
	}
	wrong := 0
	for i, sorted := range runIsort(t, after) {
		if sorted != after[i].Code && sorted != "" {
			if wrong++; wrong < 5 {
				t.Logf("not sorted afterwards:\n%s\nisort:\n%s", firstLines(after[i].Code, 60), firstLines(sorted, 60))
			}
		}
	}
	t.Logf("%d files, %d sorted for isort, %d of these not for us, %d not sorted after a change", len(cases), clean, missed, wrong)
}

func firstLines(s string, n int) string {
	lines := strings.SplitAfterN(s, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "")
}
