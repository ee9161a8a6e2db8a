package githubsim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseCommands(t *testing.T) {
	a, b := strings.Repeat("a", 40), strings.Repeat("b", 40)
	pkt := func(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }
	body := pkt(a+" "+b+" refs/heads/x\x00 report-status side-band-64k") + pkt(b+" "+zeroSHA+" refs/heads/y\n") + "0000PACK"
	got := parseCommands([]byte(body))
	want := []command{{a, b, "refs/heads/x"}, {b, zeroSHA, "refs/heads/y"}}
	if !slices.Equal(got, want) {
		t.Errorf("commands %q, want %q", got, want)
	}
}

func FuzzParseCommands(f *testing.F) {
	f.Add([]byte("0000"))
	f.Add([]byte("0008abcd0000"))
	f.Fuzz(func(t *testing.T, body []byte) { parseCommands(body) })
}

func FuzzSuggestion(f *testing.F) {
	f.Add("```suggestion\nx\n```", "a\nb\r\nc", 1, 2)
	f.Fuzz(func(t *testing.T, body, file string, start, end int) {
		lines, found := suggestion(body)
		if !found {
			return
		}
		got, err := replaceLines([]byte(file), start, end, lines)
		if err == nil && start > 1 && !strings.HasPrefix(string(got), strings.Join(strings.SplitAfter(file, "\n")[:start-1], "")) {
			t.Errorf("lines before %d changed: %q", start, got)
		}
	})
}

func TestOwnerPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, file string
		want          bool
	}{
		{"*", "a/b.py", true}, {"*.py", "a/b.py", true}, {"/*.py", "a/b.py", false}, {"docs/*", "docs/a.md", true}, {"docs/*", "docs/a/b.md", false},
		{"apps/", "x/apps/y", true}, {"/apps/", "x/apps/y", false}, {"/a/b", "a/b/c.py", true}, {"**/logs", "x/y/logs/z", true}, {"a/**/c", "a/b/b/c", true},
		{"apps/", "apps", false},
	} {
		if got := matchOwner(c.pattern, c.file); got != c.want {
			t.Errorf("%s on %s: %v", c.pattern, c.file, got)
		}
	}
}
