package git

import (
	"errors"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"
)

func paths(files []File) []string {
	var list []string
	for _, f := range files {
		list = append(list, f.Path)
	}
	return list
}

func checkout(t *testing.T, root string) *WorkTree {
	t.Helper()
	tree, err := Checkout(root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// lsFiles is what git itself lists, without what was deleted.
func lsFiles(t *testing.T, dir string) []string {
	var list []string
	seen := map[string]bool{}
	for _, path := range strings.Split(run(t, dir, "git", "ls-files", "-z", "-co", "--exclude-standard"), "\x00") {
		if _, err := os.Lstat(filepath.Join(dir, path)); err == nil && path != "" && !strings.HasSuffix(path, "/") && !seen[path] {
			seen[path] = true
			list = append(list, path)
		}
	}
	sort.Strings(list)
	return list
}

func TestCheckoutListsWhatGitLists(t *testing.T) {
	root := t.TempDir()
	run(t, root, "git", "init", "-q")
	for _, path := range []string{"a.py", "a/b.py", "a-b.py", "build/keep.py", "src/x.gen.py", "gone.py", "src/ü.py", "vendor/lib/in.py",
		"docs/out/kept.py", "tracked.log"} {
		write(t, filepath.Join(root, path), "x = 1\n")
	}
	run(t, root, "git", "add", "-f", ".")
	run(t, root, "git", "commit", "-q", "-m", "all")
	for path, text := range map[string]string{
		".gitignore":        "# comment\n*.log\nbuild/\n/only_root.py\n*.gen.py\n!important.gen.py\ndocs/**/out\n\\#odd.py\n[a-c]x.py\ntrail.py   \n",
		"src/.gitignore":    "local.py\n/anchored.py\nsub/deep.py\n!kept.log\n",
		".git/info/exclude": "excluded.py\n",
		"only_root.py":      "i", "src/only_root.py": "u", "build/new.py": "i", "src/build/y.py": "i", "src/important.gen.py": "u",
		"src/local.py": "i", "src/deeper/local.py": "i", "src/anchored.py": "i", "src/deeper/anchored.py": "u",
		"src/sub/deep.py": "i", "src/kept.log": "u", "x.log": "i", "excluded.py": "i", "#odd.py": "i", "ax.py": "i", "dx.py": "u",
		"trail.py": "i", "docs/out/new.py": "i", "docs/a/out/new.py": "i", "docs/a/new.py": "u", "vendor/lib/new.py": "u",
		"nested/.git/HEAD": "ref: refs/heads/main\n", "nested/.git/objects/x": "", "nested/n.py": "i",
		"node_modules/m/m.py": "u", "with space.py": "u",
	} {
		write(t, filepath.Join(root, path), text)
	}
	if err := os.Remove(filepath.Join(root, "gone.py")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a.py", filepath.Join(root, "link.py")); err != nil {
		t.Fatal(err)
	}
	run(t, root, "git", "init", "-q", "nested")
	for _, folder := range []string{"", "src", "docs", "build"} {
		got, want := paths(checkout(t, filepath.Join(root, folder)).Files()), lsFiles(t, filepath.Join(root, folder))
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("folder %q:\ngot  %q\nwant %q", folder, got, want)
		}
	}
	if f, _ := find(checkout(t, root).Files(), "link.py"); f.Mode != Symlink {
		t.Errorf("link.py has mode %d", f.Mode)
	}
}

func find(files []File, path string) (File, bool) {
	for _, f := range files {
		if f.Path == path {
			return f, true
		}
	}
	return File{}, false
}

// An ID is only given for bytes that are that blob.
func TestCheckoutIDs(t *testing.T) {
	root := t.TempDir()
	run(t, root, "git", "init", "-q")
	for _, path := range []string{"same.py", "longer.py", "touched.py"} {
		write(t, filepath.Join(root, path), "x = 1\n")
	}
	old := time.Now().Add(-time.Hour)
	for _, path := range []string{"same.py", "longer.py", "touched.py"} {
		if err := os.Chtimes(filepath.Join(root, path), old, old); err != nil {
			t.Fatal(err)
		}
	}
	run(t, root, "git", "add", ".")
	run(t, root, "git", "commit", "-q", "-m", "all")
	write(t, filepath.Join(root, "longer.py"), "x = 10\n")
	write(t, filepath.Join(root, "touched.py"), "x = 2\n")
	write(t, filepath.Join(root, "new.py"), "x = 1\n")
	want := strings.TrimSpace(run(t, root, "git", "hash-object", "same.py"))
	for path, id := range map[string]string{"same.py": want, "longer.py": "", "touched.py": "", "new.py": ""} {
		if f, _ := find(checkout(t, root).Files(), path); f.ID != id {
			t.Errorf("%s has ID %q, want %q", path, f.ID, id)
		}
	}
	tree := checkout(t, root)
	if data, found, err := tree.ReadPath("touched.py"); err != nil || !found || string(data) != "x = 2\n" {
		t.Errorf("touched.py reads %q, %v, %v", data, found, err)
	}
	write(t, filepath.Join(root, ".gitattributes"), "*.py text eol=crlf\n")
	if f, _ := find(checkout(t, root).Files(), "same.py"); f.ID != "" {
		t.Error("an ID although git converts line endings")
	}
}

// A file that changes in the moment in which the index is written looks unchanged.
func TestCheckoutIDsOfRacyEntries(t *testing.T) {
	root := t.TempDir()
	run(t, root, "git", "init", "-q")
	moment := time.Now().Add(-time.Hour).Truncate(time.Second)
	file, index := filepath.Join(root, "a.py"), filepath.Join(root, ".git", "index")
	stamp := func(path string) {
		t.Helper()
		if err := os.Chtimes(path, moment, moment); err != nil {
			t.Fatal(err)
		}
	}
	write(t, file, "x = 1\n")
	stamp(file)
	run(t, root, "git", "add", ".")
	stamp(index)
	write(t, file, "x = 2\n")
	stamp(file)
	if f, _ := find(checkout(t, root).Files(), "a.py"); f.ID != "" {
		t.Errorf("the changed file has the ID %s", f.ID)
	}
}

func TestCheckoutOutsideGit(t *testing.T) {
	root := t.TempDir()
	for _, path := range []string{"a.py", "pkg/b.py", "node_modules/m.py", ".venv/lib/x.py", "pkg/__pycache__/c.py", ".hidden/d.py"} {
		write(t, filepath.Join(root, path), "1")
	}
	if got := strings.Join(paths(checkout(t, root).Files()), " "); got != ".hidden/d.py a.py pkg/b.py" {
		t.Errorf("listed %s", got)
	}
	if _, err := Checkout(filepath.Join(root, "nope")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that does not exist: %v", err)
	}
}

func TestCheckoutOfWorkTreesAndSubmodules(t *testing.T) {
	root := t.TempDir()
	main, lib := filepath.Join(root, "main"), filepath.Join(root, "lib")
	for _, dir := range []string{main, lib} {
		run(t, root, "git", "init", "-q", dir)
		write(t, filepath.Join(dir, "a.py"), "1\n")
		run(t, dir, "git", "add", ".")
		run(t, dir, "git", "commit", "-q", "-m", "a")
	}
	run(t, main, "git", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", lib, "third/lib")
	run(t, main, "git", "commit", "-q", "-m", "lib")
	run(t, main, "git", "worktree", "add", "-q", "../linked")
	for dir, want := range map[string]string{
		"main": ".gitmodules a.py third/lib", "linked": ".gitmodules a.py third/lib", "main/third/lib": "a.py"} {
		if got := strings.Join(paths(checkout(t, filepath.Join(root, dir)).Files()), " "); got != want {
			t.Errorf("%s lists %s, want %s", dir, got, want)
		}
		repo, err := Local(filepath.Join(root, dir))
		if err != nil {
			t.Fatal(dir, err)
		}
		sha, branch, err := repo.Head()
		if want := strings.TrimSpace(run(t, filepath.Join(root, dir), "git", "rev-parse", "HEAD")); sha != want || err != nil {
			t.Errorf("%s is at %s (%s), %v; want %s", dir, sha, branch, err, want)
		}
		tree, err := repo.Tree(t.Context(), sha)
		if err != nil {
			t.Fatal(err)
		}
		if data, _, err := tree.ReadPath("a.py"); string(data) != "1\n" || err != nil {
			t.Errorf("%s reads %q, %v", dir, data, err)
		}
	}
}

func TestLocal(t *testing.T) {
	root := t.TempDir()
	if _, err := Local(root); err == nil {
		t.Error("a folder outside of git was opened")
	}
	run(t, root, "git", "init", "-q", "-b", "main")
	repo, err := Local(root)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := repo.Head(); !errors.Is(err, ErrNotFound) {
		t.Errorf("the head of an empty repository: %v", err)
	}
	var shas []string
	for i, text := range []string{"1\n", "2\n", "3\n"} {
		write(t, filepath.Join(root, "sub", "a.py"), text)
		run(t, root, "git", "add", ".")
		run(t, root, "git", "commit", "-q", "-m", text)
		shas = append(shas, strings.TrimSpace(run(t, root, "git", "rev-parse", "HEAD")))
		if i == 1 {
			run(t, root, "git", "checkout", "-q", "-b", "topic")
		}
	}
	run(t, root, "git", "gc", "-q")
	run(t, root, "git", "clone", "-q", "--bare", root, root+".git")
	for _, path := range []string{root, filepath.Join(root, "sub"), root + ".git"} {
		repo, err := Local(path)
		if err != nil {
			t.Fatal(err)
		}
		if sha, branch, err := repo.Head(); sha != shas[2] || branch != "refs/heads/topic" || err != nil {
			t.Errorf("%s is at %s %s, %v", path, sha, branch, err)
		}
		for revision, want := range map[string]string{"main": shas[1], "HEAD~2": shas[0], shas[0][:8]: shas[0]} {
			if got, err := repo.Resolve(revision); got != want || err != nil {
				t.Errorf("%s is %s, %v; want %s", revision, got, err, want)
			}
		}
		if _, err := repo.Resolve("nope"); !errors.Is(err, ErrNotFound) {
			t.Errorf("nope: %v", err)
		}
		if base, err := repo.MergeBase(shas[2], shas[1]); base != shas[1] || err != nil {
			t.Errorf("merge base %s, %v", base, err)
		}
		if diff, err := repo.Diff(t.Context(), shas[0], shas[2]); err != nil || len(diff) != 1 || diff[0].Path != "sub/a.py" {
			t.Errorf("diff %v, %v", diff, err)
		}
	}
	if _, err := Checkout(root + ".git"); err == nil {
		t.Error("a bare repository was listed as a folder")
	}
}
