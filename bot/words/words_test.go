package words

import "testing"

func TestShellWord(t *testing.T) {
	for in, want := range map[string]string{"src/a_b-1.py": "src/a_b-1.py", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "": "''"} {
		if got := ShellWord(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
