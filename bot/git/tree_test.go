package git

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

// A tree object that parses can be written again, and is no longer than it was.
func FuzzParseTree(f *testing.F) {
	f.Add([]byte("100644 a.py\x00" + "01234567890123456789" + "40000 b\x00" + "01234567890123456789"))
	f.Add([]byte(""))
	f.Add([]byte("100644 \x0001234567890123456789"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := parseTree(data)
		if err != nil {
			if !errors.Is(err, errTree) {
				t.Errorf("an error of another kind: %v", err)
			}
			return
		}
		var again bytes.Buffer
		for _, e := range entries {
			fmt.Fprintf(&again, "%o %s\x00%s", uint32(e.mode), e.name, e.id[:])
		}
		if again.Len() > len(data) { // modes may have been written with zeros in front
			t.Errorf("%q became %q", data, again.Bytes())
		}
	})
}

func TestWanted(t *testing.T) {
	for path, want := range map[string]bool{
		"a.py": true, "x/b.pyi": true, "bin/run": true, "CODEOWNERS": true, ".github/CODEOWNERS": true, "docs/CODEOWNERS": true,
		".github/canonicalize.yml": true, "setup.cfg": true, "sub/.editorconfig": true, "logo.png": false, "a.pyc": false, "README.md": false,
	} {
		if got := Wanted(File{Path: path}); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
	if Wanted(File{Path: "link.py", Mode: Symlink}) || Wanted(File{Path: "lib", Mode: Submodule}) {
		t.Error("a symlink or a submodule is wanted")
	}
}
