package site

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Mirrors of repositories that are gone go, and of the others those that were used longest ago where there is too
// little room; what is open stays.
func TestKeepMirrors(t *testing.T) {
	dir := t.TempDir()
	begin := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for i, name := range []string{"1.git", "2.git", "3.git", "4.git", "5.git.broken", "notes"} {
		folder := filepath.Join(dir, name, "objects")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "pack"), make([]byte, 1000), 0o600); err != nil {
			t.Fatal(err)
		}
		at := begin.Add(time.Duration(i) * time.Hour)
		if err := os.Chtimes(filepath.Join(dir, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	s := &Sites{dir: dir}
	s.mirrors.open = map[string]*sharedMirror{filepath.Join(dir, "1.git"): {}}
	keep := func(most int64) []string {
		t.Helper()
		if _, err := s.KeepMirrors(func(id int64) bool { return id != 0 && id != 4 }, most); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	if got := keep(0); !slices.Equal(got, []string{"1.git", "2.git", "3.git", "notes"}) {
		t.Errorf("those that are gone: %v", got)
	}
	touch(filepath.Join(dir, "2.git"))
	if got := keep(3500); !slices.Equal(got, []string{"1.git", "2.git", "notes"}) {
		t.Errorf("with little room: %v", got)
	}
}
