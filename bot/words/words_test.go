package words

import "testing"

func TestShellWord(t *testing.T) {
	for in, want := range map[string]string{"src/a_b-1.py": "src/a_b-1.py", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "": "''"} {
		if got := ShellWord(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// TestCodeHolds: whatever the text, the span ends where it should.
func TestCodeHolds(t *testing.T) {
	for in, want := range map[string]string{
		"a": "`a`", "a`b": "`` a`b ``", "``": "``` `` ```", "a|b\nc": "`a¦b c`", "@org/team": "`@org/team`", "": "`\u00a0`",
	} {
		if got := Code(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
