package terminal

import (
	"bytes"
	"strings"
	"testing"
)

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestPlainProgress(t *testing.T) {
	var out bytes.Buffer
	s := New(&out, environment())
	for i := range 3 {
		s.Progress("Reading files", i, 3)
	}
	s.Println("A remark")
	s.Progress("Resolving", 0, 0)
	s.Clear()
	if got, want := out.String(), "Reading files\nA remark\nResolving\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRedrawnProgress(t *testing.T) {
	var out bytes.Buffer
	s := New(&out, environment())
	s.tty = true
	s.Progress("Reading files", 1, 4)
	s.Progress("Reading files", 4, 4)
	s.Println("Done")
	got := out.String()
	if !strings.Contains(got, "\r\x1b[KReading files [#####...............] 1/4") || !strings.HasSuffix(got, "4/4\r\x1b[KDone\n") {
		t.Errorf("got %q", got)
	}
	if strings.Count(got, "\n") != 1 {
		t.Errorf("progress is more than one line: %q", got)
	}
}

func TestClip(t *testing.T) {
	if got := clip("näher und näher", 5); got != "nähe" {
		t.Errorf("got %q", got)
	}
}

func TestPalette(t *testing.T) {
	diff := "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n"
	if got := (Palette{}).Diff(diff); got != diff {
		t.Errorf("without colours: %q", got)
	}
	if Colors(&bytes.Buffer{}, environment()).on {
		t.Error("a buffer is painted")
	}
	got := Palette{on: true}.Diff(diff)
	for _, want := range []string{"\x1b[31m-old\x1b[0m\n", "\x1b[32m+new\x1b[0m\n", "\x1b[1m--- a/x\x1b[0m\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	if err := Table(&out, [][]string{{"A", "B"}, {"longer", "x"}}); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "A       B\nlonger  x\n"; got != want {
		t.Errorf("got %q", got)
	}
}
