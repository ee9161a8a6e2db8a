package edit

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestApply(t *testing.T) {
	src := []byte("abcdef")
	for _, tt := range []struct {
		name  string
		edits []Edit
		want  string
	}{
		{"none", nil, "abcdef"},
		{"any order", []Edit{{4, 5, "E"}, {0, 1, "A"}}, "AbcdEf"},
		{"insertions keep their order", []Edit{{3, 3, "1"}, {3, 3, "2"}}, "abc12def"},
		{"insertion before replacement", []Edit{{3, 4, "D"}, {3, 3, "1"}}, "abc1Def"},
		{"touching", []Edit{{0, 3, "x"}, {3, 6, "y"}}, "xy"},
		{"at the end", []Edit{{6, 6, "g"}}, "abcdefg"},
		{"all gone", []Edit{{0, 6, ""}}, ""},
	} {
		got, err := Apply(src, tt.edits)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
	if string(src) != "abcdef" {
		t.Error("the source was changed")
	}
}

func TestApplyRefuses(t *testing.T) {
	src := []byte("abcdef")
	var overlap *OverlapError
	for _, edits := range [][]Edit{
		{{0, 3, ""}, {2, 4, ""}}, {{0, 3, "x"}, {0, 3, "x"}}, {{1, 4, ""}, {2, 2, "x"}},
	} {
		if got, err := Apply(src, edits); !errors.As(err, &overlap) {
			t.Errorf("%v: %q, %v; want an overlap", edits, got, err)
		}
	}
	var outside *RangeError
	for _, e := range []Edit{{-1, 0, ""}, {3, 2, ""}, {0, 7, ""}, {7, 7, ""}} {
		if got, err := Apply(src, []Edit{e}); !errors.As(err, &outside) {
			t.Errorf("%v: %q, %v; want out of range", e, got, err)
		}
	}
}

// naive applies edits from the last to the first by slicing.
func naive(src []byte, edits []Edit) string {
	out := string(src)
	sorted := Sorted(edits)
	slices.Reverse(sorted)
	for _, e := range sorted {
		out = out[:e.Start] + e.New + out[e.End:]
	}
	return out
}

func FuzzApply(f *testing.F) {
	f.Add([]byte("hello world"), []byte{1, 2, 3, 4, 5, 6})
	f.Add([]byte(""), []byte{0, 0, 0})
	f.Fuzz(func(t *testing.T, src, plan []byte) {
		var edits []Edit
		for at := 0; len(plan) >= 3; plan = plan[3:] {
			start := at + int(plan[0])%8
			end := start + int(plan[1])%4
			edits = append(edits, Edit{start, end, strings.Repeat("x", int(plan[2])%3)})
			at = end - int(plan[2])/250 // overlaps now and then
		}
		got, err := Apply(src, edits)
		if err != nil {
			return
		}
		if want := naive(src, edits); string(got) != want {
			t.Errorf("%q %v: %q, want %q", src, edits, got, want)
		}
	})
}

func TestUnified(t *testing.T) {
	for _, tt := range []struct{ name, path, before, after, want string }{
		{"equal", "f", "a\n", "a\n", ""},
		{"change", "p/f.py", "a\nb\nc\n", "a\nB\nc\n",
			"--- a/p/f.py\n+++ b/p/f.py\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		{"no newline at the end", "f", "a\nb", "a\nb\n",
			"--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
		{"path with a space", "a b", "a\n", "b\n", "--- a/a b\t\n+++ b/a b\t\n@@ -1 +1 @@\n-a\n+b\n"},
		{"path with a quote", "a\"b\n", "a\n", "b\n",
			"--- \"a/a\\\"b\\012\"\n+++ \"b/a\\\"b\\012\"\n@@ -1 +1 @@\n-a\n+b\n"},
	} {
		if got := Unified(tt.path, []byte(tt.before), []byte(tt.after)); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestCount(t *testing.T) {
	for _, tt := range []struct {
		before, after string
		add, del      int
	}{
		{"", "", 0, 0}, {"", "a", 1, 0}, {"a\n", "", 0, 1}, {"a\nb\n", "a\nc\n", 1, 1},
		{"a", "a\n", 1, 1}, {"a\nb\nc\n", "c\nb\na\n", 2, 2},
	} {
		if add, del := Count([]byte(tt.before), []byte(tt.after)); add != tt.add || del != tt.del {
			t.Errorf("%q to %q: +%d -%d, want +%d -%d", tt.before, tt.after, add, del, tt.add, tt.del)
		}
	}
}

// Many changed lines exceed the depth of the library's search; the count
// must stay exact as long as the lines differ.
func TestCountManyChanges(t *testing.T) {
	var before, after strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&before, "line %d\n", i)
		if i%3 == 0 {
			fmt.Fprintf(&after, "changed %d\n", i)
			continue
		}
		fmt.Fprintf(&after, "line %d\n", i)
	}
	if add, del := Count([]byte(before.String()), []byte(after.String())); add != 334 || del != 334 {
		t.Errorf("+%d -%d, want +334 -334", add, del)
	}
}

// randomTexts makes two related texts, with and without final newlines.
func randomTexts(r *rand.Rand) (before, after []byte) {
	var lines []string
	for range r.Intn(60) {
		lines = append(lines, fmt.Sprintf("line %d\n", r.Intn(30)))
	}
	old := strings.Join(lines, "")
	for range r.Intn(8) {
		at := r.Intn(len(lines) + 1)
		if r.Intn(2) == 0 || at == len(lines) {
			lines = slices.Insert(lines, at, fmt.Sprintf("new %d\r\n", r.Intn(9)))
			continue
		}
		lines = slices.Delete(lines, at, at+1)
	}
	text := strings.Join(lines, "")
	if r.Intn(3) == 0 {
		old = strings.TrimSuffix(old, "\n")
	}
	if r.Intn(3) == 0 {
		text = strings.TrimSuffix(text, "\n")
	}
	return []byte(old), []byte(text)
}

// TestAgainstGit lets git apply the diffs and count the lines.
func TestAgainstGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("git is needed to check diffs in CI")
		}
		t.Skip("git is not installed: diffs are not checked against git apply")
	}
	dir := t.TempDir()
	r := rand.New(rand.NewSource(1))
	for i := range 60 {
		before, after := randomTexts(r)
		path := []string{"f.py", "a b.py", "d/é\"x.py"}[i%3]
		if len(before) == 0 || len(after) == 0 {
			continue // creation and deletion have headers of their own
		}
		if got := gitApply(t, dir, path, before, Unified(path, before, after)); !bytes.Equal(got, after) {
			t.Fatalf("git apply of %d: got %q, want %q", i, got, after)
		}
		add, del := Count(before, after)
		if gadd, gdel := numstat(t, dir, before, after); add != gadd || del != gdel {
			t.Errorf("count of %d: +%d -%d, git says +%d -%d", i, add, del, gadd, gdel)
		}
	}
}

func gitApply(t *testing.T, dir, path string, before []byte, diff string) []byte {
	t.Helper()
	file := filepath.Join(dir, path)
	write(t, file, before)
	if diff == "" {
		return before
	}
	cmd := exec.Command("git", "apply", "--whitespace=nowarn", "-")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(diff)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, diff)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func numstat(t *testing.T, dir string, before, after []byte) (add, del int) {
	t.Helper()
	write(t, filepath.Join(dir, "old"), before)
	write(t, filepath.Join(dir, "new"), after)
	cmd := exec.Command("git", "diff", "--no-index", "--numstat", "--minimal", "old", "new")
	cmd.Dir = dir
	out, _ := cmd.Output() // exit status 1 says that the files differ
	if len(out) > 0 {
		if _, err := fmt.Sscanf(string(out), "%d %d", &add, &del); err != nil {
			t.Fatalf("%q: %v", out, err)
		}
	}
	return add, del
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
