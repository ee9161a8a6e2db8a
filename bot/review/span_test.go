package review

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestSpans(t *testing.T) {
	const ten = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
	for _, tc := range []struct {
		why, before, after string
		want               []Span
	}{
		{"a changed line with three around it", ten, strings.Replace(ten, "5", "x", 1), []Span{{2, 8}}},
		{"the first line", ten, "0\n" + ten, []Span{{1, 4}}},
		{"six lines between changes are one hunk", ten, "x\n" + ten[2:14] + "x\n9\n10\n", []Span{{1, 10}}},
		{"the last line", ten, ten + "11\n", []Span{{8, 11}}},
		{"two near changes are one hunk", ten, "x\n2\n3\n4\n5\n6\nx\n8\n9\n10\n", []Span{{1, 10}}},
		{"two far changes are two", ten + ten, "x\n" + ten[2:] + ten[:18] + "x\n", []Span{{1, 4}, {17, 20}}},
		{"where lines were deleted nothing is certain", ten, "1\n2\n3\n7\n8\n9\n10\n", nil},
		{"nothing changed", ten, ten, nil},
		{"one more of the same: which is it?", "a\nb\nb\nb\nc\n", "a\nb\nb\nb\nb\nc\n", nil},
		{"everything is gone", ten, "", nil},
		{"no newline at the end", "1\n2", "1\n3", []Span{{1, 2}}},
	} {
		if got := Spans([]byte(tc.before), []byte(tc.after)); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.why, got, tc.want)
		}
	}
}

var hunkHeader = regexp.MustCompile(`(?m)^@@ -\S+ \+(\d+)(?:,(\d+))? @@`)

// gitSpans is what git says of two files.
func gitSpans(t *testing.T, before, after string) []Span {
	t.Helper()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for name, text := range map[string]string{a: before, b: after} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("git", "diff", "--no-index", "-U3", a, b).Output()
	if err != nil && err.(*exec.ExitError).ExitCode() != 1 {
		t.Fatal(err)
	}
	var spans []Span
	for _, m := range hunkHeader.FindAllStringSubmatch(string(out), -1) {
		start, _ := strconv.Atoi(m[1])
		n := 1
		if m[2] != "" {
			n, _ = strconv.Atoi(m[2])
		}
		spans = append(spans, Span{start, start + n - 1})
	}
	return spans
}

// random makes a text of few different lines, so that diffs are ambiguous,
// and another one made from it by edits.
func random(r *rand.Rand) (before, after string) {
	var a []string
	for range r.IntN(60) {
		a = append(a, fmt.Sprintf("line %d\n", r.IntN(6)))
	}
	b := append([]string(nil), a...)
	for range 1 + r.IntN(5) {
		at := r.IntN(len(b) + 1)
		switch r.IntN(3) {
		case 0:
			b = append(b[:at:at], append([]string{fmt.Sprintf("line %d\n", r.IntN(8))}, b[at:]...)...)
		case 1:
			end := min(len(b), at+r.IntN(4))
			b = append(b[:at:at], b[end:]...)
		default:
			if at < len(b) {
				b[at] = fmt.Sprintf("line %d\n", r.IntN(8))
			}
		}
	}
	return strings.Join(a, ""), strings.Join(b, "")
}

// Every span is within one hunk of git's: GitHub refuses a comment elsewhere.
func TestSpansAreInGitsHunks(t *testing.T) {
	shown, certain := 0, 0
	for seed := range uint64(400) {
		before, after := random(rand.New(rand.NewPCG(seed, 1)))
		hunks := gitSpans(t, before, after)
		for _, h := range hunks {
			shown += h.End - h.Start + 1
		}
		for _, s := range Spans([]byte(before), []byte(after)) {
			certain += s.End - s.Start + 1
			if _, ok := holding(hunks, s.Start, s.End); !ok {
				t.Errorf("seed %d: %v is not in %v:\n%s---\n%s", seed, s, hunks, before, after)
			}
		}
	}
	t.Logf("%d of %d lines can be commented for certain", certain, shown)
	if certain == 0 {
		t.Error("no line can be commented")
	}
}
