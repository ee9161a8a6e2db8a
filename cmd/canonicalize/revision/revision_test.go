package revision

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The base is where the branches part, seen from the folder that is asked about.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	write(t, filepath.Join(dir, "src", "ä b.py"), "one\n")
	write(t, filepath.Join(dir, "outside.py"), "")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "one")
	base := git(t, dir, "rev-parse", "HEAD")
	git(t, dir, "checkout", "-q", "-b", "work")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", "mine")
	git(t, dir, "checkout", "-q", "main")
	write(t, filepath.Join(dir, "src", "later.py"), "")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "theirs")
	git(t, dir, "checkout", "-q", "work")

	tree, err := Open(t.Context(), filepath.Join(dir, "src"), "main")
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	if tree.SHA() != base || len(tree.Files()) != 1 {
		t.Fatalf("%s with %v, want %s", tree.SHA(), tree.Files(), base)
	}
	text, found, err := tree.ReadPath("ä b.py")
	if string(text) != "one\n" || !found || err != nil {
		t.Errorf("read %q, %v, %v", text, found, err)
	}
	if _, found, err := tree.ReadPath("later.py"); found || err != nil {
		t.Errorf("a file of the other branch: %v, %v", found, err)
	}
}

func TestPrefix(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "repo", "a b", "c.py"), "")
	git(t, filepath.Join(dir, "repo"), "init", "-q")
	for folder, want := range map[string]string{".": "", "repo": "", "repo/a b": "a b"} {
		if got := Prefix(t.Context(), filepath.Join(dir, folder)); got != want {
			t.Errorf("%s: got %q, want %q", folder, got, want)
		}
	}
}

func TestParseList(t *testing.T) {
	files, err := parseList([]byte("100755 blob aa      7\tb.py\x00120000 blob bb 3\tlink\x00160000 commit cc       -\tmodule\x00100644 blob dd 1\ta\tb.py\x00"))
	if err != nil {
		t.Fatal(err)
	}
	want := []codemod.File{{Path: "a\tb.py", ID: "dd", Size: 1}, {Path: "b.py", ID: "aa", Size: 7, Mode: codemod.Executable},
		{Path: "link", ID: "bb", Size: 3, Mode: codemod.Symlink}, {Path: "module", ID: "cc", Size: -1, Mode: codemod.Submodule}}
	for i := range want {
		if i >= len(files) || files[i] != want[i] {
			t.Fatalf("got %v, want %v", files, want)
		}
	}
	if _, err := parseList([]byte("nonsense\x00")); err == nil {
		t.Error("no error")
	}
}

func TestHasModule(t *testing.T) {
	tree := &Tree{files: []codemod.File{{Path: "src/a/__init__.py"}, {Path: "src/a/b.py"}}}
	for module, want := range map[string]bool{"a": true, "a.b": true, "b": true, "c": false, "a.c": false} {
		if got := tree.HasModule(module); got != want {
			t.Errorf("%s: got %v", module, got)
		}
	}
}
