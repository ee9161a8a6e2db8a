package report

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

func lefts(n int, reason codemod.Reason) []codemod.Left {
	var all []codemod.Left
	for i := range n {
		all = append(all, codemod.Left{Path: fmt.Sprintf("%s/%d.py", reason, i), Line: 1, Column: 2, Facade: "shop.models", Name: "User", Reason: reason})
	}
	return all
}

// The most frequent reason comes first, and nothing is dropped without a word.
func TestWriteLeft(t *testing.T) {
	var b strings.Builder
	WriteLeft(&b, append(lefts(1, codemod.Ambiguous), lefts(12, codemod.Dynamic)...), func(path string) string { return path })
	text := b.String()
	if !strings.HasPrefix(text, "13 references are left:\n  dynamic (12): ") {
		t.Errorf("it begins with %q", text)
	}
	for _, want := range []string{"dynamic/9.py:1:2 shop.models.User\n", "and 2 more, which --json lists", "  ambiguous (1): "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "dynamic/10.py") {
		t.Errorf("more than %d places in\n%s", placesShown, text)
	}
	b.Reset()
	if WriteLeft(&b, nil, nil); b.Len() > 0 {
		t.Errorf("for nothing: %q", b.String())
	}
}

func TestDotted(t *testing.T) {
	for _, tt := range [][3]string{{"a.b", "C", "a.b.C"}, {"a.b", "", "a.b"}, {"a.b", "a.b", "a.b"}} {
		if got := Dotted(tt[0], tt[1]); got != tt[2] {
			t.Errorf("Dotted(%q, %q) = %q", tt[0], tt[1], got)
		}
	}
}

// Programs read lists without asking for null first.
func TestEmptyJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, Of(&codemod.Result{}, true)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") {
		t.Error(b.String())
	}
}

func TestCounts(t *testing.T) {
	result := &codemod.Result{Files: 3, Left: lefts(1, codemod.Dynamic), Changes: []codemod.Change{{
		Path: "dynamic/0.py", Before: []byte("a\nb\n"), After: []byte("a\nc\nd\n"),
		Names: []codemod.Rewritten{{Name: "User"}, {Name: "Order"}}}}}
	out := Of(result, true)
	want := Counts{PythonFiles: 3, ChangedFiles: 1, Additions: 2, Deletions: 1, Rewritten: 2, Left: 1, Reasons: map[string]int{"dynamic": 1}}
	if !reflect.DeepEqual(out.Counts, want) {
		t.Errorf("got %+v, want %+v", out.Counts, want)
	}
	if f := out.Files[0]; f.Left != 1 || f.Rewritten != 2 || !strings.Contains(f.Diff, "+d") {
		t.Errorf("the file is %+v", f)
	}
}
