package git

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// spoil overwrites the middle of every file below a folder of the mirror.
func spoil(t *testing.T, m *Mirror, pattern string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(m.dir, "objects", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing is spoilt: %v", err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := len(data) / 4; i < len(data)*3/4; i++ {
			data[i] = 0xa5
		}
		if err := errors.Join(os.Chmod(path, 0o644), os.WriteFile(path, data, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// A mirror whose files were damaged is noticed, set aside and fetched anew, by the process that notices or by the next
// one. The error names the folder.
func TestBrokenMirror(t *testing.T) {
	for name, pattern := range map[string]string{"packs": "pack/*.pack", "loose objects": "??/*"} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			count := 3
			if name == "packs" {
				count = 2 * looseLimit
			}
			sha := s.commit("main", python(count, "x = 1"))
			dir := filepath.Join(t.TempDir(), "mirror")
			m, err := Open(dir, s.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Fetch(t.Context(), sha); err != nil {
				t.Fatal(err)
			}
			spoil(t, m, pattern)
			m.Close()

			m, err = Open(dir, s.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Fetch(t.Context(), sha); err != nil {
				t.Fatalf("it is not fetched anew: %v", err)
			}
			tree, err := m.Tree(t.Context(), sha)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range tree.Files() {
				if _, err := tree.Read(f); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := os.Stat(dir + brokenSuffix); err != nil {
				t.Errorf("the broken one is not there to be looked at: %v", err)
			}

			// Noticed while contents are read: the next process begins anew.
			spoil(t, m, pattern)
			m.objects.refresh()
			failed := false
			for _, f := range tree.Files() {
				if _, err := tree.Read(f); err != nil {
					failed = true
					if !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), dir) {
						t.Errorf("%v", err)
					}
				}
			}
			m.Close()
			if m, err = Open(dir, s.url, nil); err != nil || !failed {
				t.Fatalf("failed %v, %v", failed, err)
			}
			defer m.Close()
			if _, err := m.Fetch(t.Context(), sha); err != nil {
				t.Error(err)
			}
		})
	}
}
