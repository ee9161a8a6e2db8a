package commander

import (
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

func TestLineAfter(t *testing.T) {
	c := codemod.Change{Path: "a.py", Before: []byte("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"), After: []byte("1\nnew\nnew\n3\n4\n5\n6\n7\n8\n9\n11\n12\n")}
	for line, want := range map[int]int{1: 1, 3: 4, 9: 10, 11: 11, 12: 12} {
		if got := lineAfter(c, line); got != want {
			t.Errorf("line %d is then %d, want %d", line, got, want)
		}
	}
}
