package git

import (
	"context"
	"testing"
)

// An annotated tag stands for its commit, whichever protocol the server speaks.
func TestFetchTag(t *testing.T) {
	for _, version0 := range []bool{false, true} {
		s := newServer(t)
		s.version0 = version0
		want := s.commit("main", map[string]string{"a.py": "x = 1\n"})
		run(t, s.dir, "git", "-c", "user.name=A", "-c", "user.email=a@b.example", "tag", "-a", "-m", "one", "v1", want)
		run(t, s.dir, "git", "tag", "light", want)
		m := s.open()
		for _, name := range []string{"refs/tags/v1", "refs/tags/light"} {
			got, err := m.Fetch(context.Background(), name)
			if err != nil || got != want {
				t.Errorf("version 0 %v: %s is %s, %v; want %s", version0, name, got, err, want)
				continue
			}
			if text := mustRead(t, m, got, "a.py"); text != "x = 1\n" {
				t.Errorf("read %q", text)
			}
		}
	}
}
