package writeback

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func put(t *testing.T, root, name, text string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, root, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// leftovers fails when a temporary file is left in a folder.
func leftovers(t *testing.T, root string) {
	t.Helper()
	for _, pattern := range []string{".canonicalize-*", "*/.canonicalize-*"} {
		if found, _ := filepath.Glob(filepath.Join(root, pattern)); len(found) > 0 {
			t.Errorf("left behind: %v", found)
		}
	}
}

func change(path, before, after string) File {
	return File{Path: path, Before: []byte(before), After: []byte(after)}
}

func TestWriteKeepsModes(t *testing.T) {
	root := t.TempDir()
	put(t, root, "a.py", "old", 0o640)
	put(t, root, "bin/run", "old", 0o755)
	if err := Write(t.Context(), root, []File{change("a.py", "old", "new a"), change("bin/run", "old", "new b")}); err != nil {
		t.Fatal(err)
	}
	if a, b := read(t, root, "a.py"), read(t, root, "bin/run"); a != "new a" || b != "new b" {
		t.Errorf("got %q and %q", a, b)
	}
	for name, want := range map[string]os.FileMode{"a.py": 0o640, "bin/run": 0o755} {
		if info, _ := os.Stat(filepath.Join(root, name)); info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
	leftovers(t, root)
}

func TestWriteAllOrNothing(t *testing.T) {
	tests := map[string]func(t *testing.T, root string) (context.Context, []File){
		"a file that another program changed": func(t *testing.T, root string) (context.Context, []File) {
			return t.Context(), []File{change("a.py", "old", "new"), change("b.py", "something else", "new")}
		},
		"a file that is gone": func(t *testing.T, root string) (context.Context, []File) {
			return t.Context(), []File{change("a.py", "old", "new"), change("gone.py", "old", "new")}
		},
		"interrupted": func(t *testing.T, root string) (context.Context, []File) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return ctx, []File{change("a.py", "old", "new"), change("b.py", "old", "new")}
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			put(t, root, "a.py", "old", 0o644)
			put(t, root, "b.py", "old", 0o644)
			ctx, files := prepare(t, root)
			if err := Write(ctx, root, files); err == nil {
				t.Fatal("no error")
			}
			if a, b := read(t, root, "a.py"), read(t, root, "b.py"); a != "old" || b != "old" {
				t.Errorf("got %q and %q, want both unchanged", a, b)
			}
			leftovers(t, root)
		})
	}
}

// A renaming that fails half-way sets back what was done: here the second target has become a folder.
func TestPlaceUndoes(t *testing.T) {
	root := t.TempDir()
	put(t, root, "a.py", "old", 0o644)
	put(t, root, "b.py/inside", "old", 0o644)
	put(t, root, "a.new", "new", 0o644)
	put(t, root, "b.new", "new", 0o644)
	at := func(name string) string { return filepath.Join(root, name) }
	was, _ := os.Lstat(at("a.py"))
	err := place([]staged{
		{File: change("a.py", "old", "new"), name: at("a.py"), temp: at("a.new"), was: was},
		{File: change("b.py", "old", "new"), name: at("b.py"), temp: at("b.new")},
	})
	if err == nil || read(t, root, "a.py") != "old" {
		t.Errorf("error %v, a.py is %q", err, read(t, root, "a.py"))
	}
}

func TestChangedError(t *testing.T) {
	root := t.TempDir()
	put(t, root, "a.py", "newer", 0o644)
	err := Write(t.Context(), root, []File{change("a.py", "old", "new")})
	var changed *ChangedError
	if !errors.As(err, &changed) || changed.Path != "a.py" {
		t.Errorf("got %v", err)
	}
}

// What may not be written is refused with the reason, and nothing else is written either.
func TestRefused(t *testing.T) {
	tests := map[string]struct {
		prepare func(root string) error
		path    string
		why     string
	}{
		"read-only":        {func(root string) error { return os.Chmod(filepath.Join(root, "b.py"), 0o444) }, "b.py", "read-only"},
		"link":             {func(root string) error { return relink(root, "b.py", "a.py") }, "b.py", "symbolic link"},
		"folder":           {func(root string) error { return os.Mkdir(filepath.Join(root, "c.py"), 0o755) }, "c.py", "no regular file"},
		"behind a link":    {func(root string) error { return os.Symlink(t.TempDir(), filepath.Join(root, "out")) }, "out/b.py", ""},
		"in a link":        {func(root string) error { return os.Symlink(filepath.Join(root, "sub"), filepath.Join(root, "in")) }, "in/d.py", "lies behind a symbolic link"},
		"gone with folder": {func(root string) error { return os.RemoveAll(filepath.Join(root, "sub")) }, "sub/d.py", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for _, f := range []string{"a.py", "b.py", "sub/d.py"} {
				put(t, root, f, "old", 0o644)
			}
			if err := tt.prepare(root); err != nil {
				t.Fatal(err)
			}
			err := Write(t.Context(), root, []File{change("a.py", "old", "new"), change(tt.path, "old", "new")})
			var refused *RefusedError
			if err == nil || tt.why != "" && (!errors.As(err, &refused) || !strings.Contains(err.Error(), tt.why) || refused.Path != tt.path) {
				t.Errorf("error %v", err)
			}
			if text := read(t, root, "a.py"); text != "old" {
				t.Errorf("a.py is %q", text)
			}
			leftovers(t, root)
		})
	}
}

// relink puts a symbolic link in the place of a file.
func relink(root, name, to string) error {
	if err := os.Remove(filepath.Join(root, name)); err != nil {
		return err
	}
	return os.Symlink(to, filepath.Join(root, name))
}

// TestComeAndGo: files come and go with the others, or none does.
func TestComeAndGo(t *testing.T) {
	root := t.TempDir()
	put(t, root, "a/old.py", "old", 0o644)
	put(t, root, "a/gone.py", "gone", 0o600)
	files := []File{change("a/old.py", "old", "new"), {Path: "a/fresh.py", After: []byte("fresh"), Create: true}, {Path: "a/gone.py", Before: []byte("gone"), Remove: true}}
	if err := Write(t.Context(), root, append(files, File{Path: "a/old.py", Create: true})); err == nil {
		t.Fatal("a file that is there was created")
	}
	if read(t, root, "a/old.py") != "old" || read(t, root, "a/gone.py") != "gone" {
		t.Error("something was written all the same")
	}
	if _, err := os.Stat(filepath.Join(root, "a/fresh.py")); err == nil {
		t.Error("a file came all the same")
	}
	leftovers(t, root)
	if err := Write(t.Context(), root, files); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "a/gone.py")); err == nil || read(t, root, "a/old.py") != "new" || read(t, root, "a/fresh.py") != "fresh" {
		t.Error("not everything was written")
	}
	leftovers(t, root)
	all := []staged{
		{File: File{Path: "a/fresh.py", Create: true}, name: filepath.Join(root, "a/fresh.py")},
		{File: File{Path: "a/old.py", Before: []byte("old")}, name: filepath.Join(root, "a/old.py")},
	}
	all[1].was, _ = os.Lstat(all[1].name)
	if err := undo(all); err != nil || read(t, root, "a/old.py") != "old" {
		t.Errorf("undone: %v", err)
	}
}
