package git

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

func mustFetch(t testing.TB, m *Mirror, ref string) string {
	t.Helper()
	sha, err := m.Fetch(context.Background(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return sha
}

func mustRead(t testing.TB, m *Mirror, sha, path string) string {
	t.Helper()
	tree, err := m.Tree(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	data, found, err := tree.ReadPath(path)
	if err != nil || !found {
		t.Fatalf("read %s: found %v, error %v", path, found, err)
	}
	return string(data)
}

// The first fetch brings commits, trees and the contents that matter in three requests, and nothing else.
func TestFetchBringsWhatIsWanted(t *testing.T) {
	s := newServer(t)
	files := python(200, "x = 1")
	files["data.bin"] = strings.Repeat("big data\n", 100)
	files["bin/tool"] = "#!/usr/bin/env python3\n"
	files["pyproject.toml"] = "[tool.isort]\n"
	want := s.commit("main", files)
	m := s.open()
	if got := mustFetch(t, m, "refs/heads/main"); got != want {
		t.Fatalf("fetched %s, want %s", got, want)
	}
	if asked := s.asked(); len(asked) != 4 {
		t.Errorf("%d requests, want capabilities, references, trees and contents: %q", len(asked), asked)
	}
	for path, text := range files {
		if path != "data.bin" && mustRead(t, m, want, path) != text {
			t.Errorf("%s differs", path)
		}
	}
	if asked := s.asked(); len(asked) != 0 {
		t.Errorf("reading asked the server: %q", asked)
	}
	if got := mustRead(t, m, want, "data.bin"); got != files["data.bin"] {
		t.Errorf("data.bin has %d bytes", len(got))
	}
	if asked := s.asked(); len(asked) != 1 {
		t.Errorf("a content that was left out took the requests %q, want one", asked)
	}
}

func TestFilesAreWhatGitLists(t *testing.T) {
	s := newServer(t)
	write(t, filepath.Join(s.work, "run.sh"), "#!/bin/sh\n")
	if err := os.Chmod(filepath.Join(s.work, "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a/b.py", filepath.Join(s.work, "link")); err != nil {
		t.Fatal(err)
	}
	sha := s.commit("main", map[string]string{"a/b.py": "1\n", "a.py": "2\n", "a-b/c.py": "3\n", "ü/é.py": "4\n"})
	m := s.open()
	mustFetch(t, m, sha)
	tree, err := m.Tree(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	modes := map[Mode]string{Regular: "100644", Executable: "100755", Symlink: "120000"}
	for _, f := range tree.Files() {
		got.WriteString(modes[f.Mode] + " " + f.ID + " 0\t" + f.Path + "\n")
	}
	if want := run(t, s.work, "git", "-c", "core.quotepath=off", "ls-files", "-s"); got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
	if link, _ := tree.Lookup("link"); true {
		if data, err := tree.Read(link); err != nil || string(data) != "a/b.py" {
			t.Errorf("the symlink reads as %q, %v", data, err)
		}
	}
}

// A later fetch costs what changed.
func TestFetchAgainIsThin(t *testing.T) {
	s := newServer(t)
	s.commit("main", python(1000, strings.Repeat("import os\n", 30)))
	m := s.open()
	mustFetch(t, m, "refs/heads/main")
	first := m.Received()
	want := s.commit("main", map[string]string{"pkg3/mod3.py": "changed\n", "pkg4/mod4.py": ""})
	if got := mustFetch(t, m, "refs/heads/main"); got != want {
		t.Fatalf("fetched %s, want %s", got, want)
	}
	if got := mustRead(t, m, want, "pkg3/mod3.py"); got != "changed\n" {
		t.Errorf("read %q", got)
	}
	second := m.Received() - first
	if second*20 > first {
		t.Errorf("the second fetch took %d bytes, the first %d", second, first)
	}
	t.Logf("first %d bytes, second %d", first, second)
	s.asked()
	mustFetch(t, m, want)
	if asked := s.asked(); len(asked) != 0 {
		t.Errorf("a commit that is here asked the server %q", asked)
	}
	run(t, m.dir, "git", "fsck", "--connectivity-only")
}

// A mirror that is opened again goes on where it was, and one whose server filters no more still works.
func TestReopenAndFilterGone(t *testing.T) {
	s := newServer(t)
	files := python(150, "x = 1")
	files["logo.png"] = strings.Repeat("pixels ", 500)
	first := s.commit("main", files)
	m := s.open()
	mustFetch(t, m, first)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	s.config("uploadpack.allowFilter", "false")
	second := s.commit("main", map[string]string{"pkg1/mod1.py": "new\n", "logo.png": strings.Repeat("pixels ", 501)})
	m, err := Open(m.dir, s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	mustFetch(t, m, second)
	for path, want := range map[string]string{"pkg1/mod1.py": "new\n", "pkg2/mod2.py": files["pkg2/mod2.py"],
		"logo.png": strings.Repeat("pixels ", 501)} {
		if got := mustRead(t, m, second, path); got != want {
			t.Errorf("%s has %d bytes, want %d", path, len(got), len(want))
		}
	}
}

// Servers without partial clones, or of version 0, send all of it, once.
func TestFetchFromPlainServers(t *testing.T) {
	for _, name := range []string{"no filter", "version 0"} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.version0 = name == "version 0"
			s.config("uploadpack.allowFilter", "false")
			s.commit("main", python(150, "x = 1"))
			m := s.open()
			sha := mustFetch(t, m, "refs/heads/main")
			if got := mustRead(t, m, sha, "pkg1/mod1.py"); !strings.Contains(got, "value = 1") {
				t.Errorf("read %q", got)
			}
			next := s.commit("main", map[string]string{"pkg1/mod1.py": "second\n"})
			mustFetch(t, m, "refs/heads/main")
			if got := mustRead(t, m, next, "pkg1/mod1.py"); got != "second\n" {
				t.Errorf("read %q", got)
			}
			refs, err := m.Refs(context.Background(), "refs/heads/")
			if err != nil || refs["refs/heads/main"] != next {
				t.Errorf("references %v, %v", refs, err)
			}
		})
	}
}

func TestFetchErrors(t *testing.T) {
	s := newServer(t)
	s.commit("main", python(2, "x"))
	m := s.open()
	ctx := context.Background()
	if _, err := m.Fetch(ctx, "refs/heads/nope"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a branch that does not exist: %v", err)
	}
	if _, err := m.Fetch(ctx, strings.Repeat("1", 40)); !errors.Is(err, ErrNotFound) {
		t.Errorf("a commit that does not exist: %v", err)
	}
	if _, err := m.Tree(t.Context(), strings.Repeat("1", 40)); !errors.Is(err, ErrNotFound) {
		t.Errorf("the tree of a commit that is not here: %v", err)
	}
	s.password = "secret"
	if _, err := m.Refs(ctx, "refs/heads/"); !errors.Is(err, ErrAuth) {
		t.Errorf("wrong credentials: %v", err)
	}
	auth := func(context.Context) (string, string, error) { return "x-access-token", "secret", nil }
	right, err := Open(filepath.Join(t.TempDir(), "m"), s.url, auth)
	if err != nil {
		t.Fatal(err)
	}
	defer right.Close()
	mustFetch(t, right, "refs/heads/main")
	gone, err := Open(filepath.Join(t.TempDir(), "m"), strings.Replace(s.url, "r.git", "z.git", 1), auth)
	if err != nil {
		t.Fatal(err)
	}
	defer gone.Close()
	if _, err := gone.Fetch(ctx, "refs/heads/main"); !errors.Is(err, ErrRepositoryNotFound) {
		t.Errorf("a repository that does not exist: %v", err)
	}
}

func TestSHA256IsRefused(t *testing.T) {
	s := newServer(t)
	run(t, filepath.Dir(s.dir), "rm", "-rf", s.dir)
	run(t, filepath.Dir(s.dir), "git", "init", "-q", "--bare", "--object-format=sha256", s.dir)
	if _, err := s.open().Fetch(context.Background(), "refs/heads/main"); !errors.Is(err, ErrFormat) {
		t.Errorf("fetch: %v", err)
	}
	if _, err := Local(s.dir); !errors.Is(err, ErrFormat) {
		t.Errorf("local: %v", err)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	s := newServer(t)
	m := s.open()
	if _, err := Open(m.dir, s.url, nil); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	m.Close()
	again, err := Open(m.dir, s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

// What a killed process leaves does not disturb the next one.
func TestOpenCleansUp(t *testing.T) {
	s := newServer(t)
	sha := s.commit("main", python(150, "x"))
	m := s.open()
	mustFetch(t, m, sha)
	m.Close()
	packs := filepath.Join(m.dir, "objects", "pack")
	garbage := []string{"tmp_pack_1", "tmp_obj_2", "pack-" + strings.Repeat("1", 40) + ".idx", "pack-" + strings.Repeat("2", 40) + ".pack"}
	for _, name := range garbage {
		write(t, filepath.Join(packs, name), "cut")
	}
	write(t, filepath.Join(m.dir, "shallow.new"), "cut")
	write(t, m.dir+newSuffix+"/HEAD", "cut")
	if err := os.Rename(m.dir, m.dir+oldSuffix); err != nil { // killed between the two renames of a renewal
		t.Fatal(err)
	}
	m, err := Open(m.dir, s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s.asked()
	mustFetch(t, m, sha)
	if asked := s.asked(); len(asked) != 0 {
		t.Errorf("the mirror was not kept: %q", asked)
	}
	for _, name := range garbage {
		if _, err := os.Stat(filepath.Join(packs, name)); err == nil {
			t.Errorf("%s is left", name)
		}
	}
}

// Objects that are lost come back by themselves.
func TestLostObjectsAreFetchedAgain(t *testing.T) {
	s := newServer(t)
	sha := s.commit("main", python(150, "x"))
	m := s.open()
	mustFetch(t, m, sha)
	m.Close()
	if err := os.RemoveAll(filepath.Join(m.dir, "objects")); err != nil {
		t.Fatal(err)
	}
	m, err := Open(m.dir, s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	mustFetch(t, m, sha)
	mustRead(t, m, sha, "pkg1/mod1.py")
}

func TestRenew(t *testing.T) {
	s := newServer(t)
	old := s.commit("main", map[string]string{"a.py": "old\n", "b.py": "b\n"})
	m := s.open()
	mustFetch(t, m, old)
	before, err := m.Tree(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	want := s.commit("main", map[string]string{"a.py": "new\n"})
	got, err := m.Renew(context.Background(), "refs/heads/main")
	if err != nil || got != want {
		t.Fatalf("renewed to %s, %v", got, err)
	}
	if text := mustRead(t, m, want, "a.py"); text != "new\n" {
		t.Errorf("read %q", text)
	}
	if data, _, err := before.ReadPath("a.py"); err != nil || string(data) != "old\n" {
		t.Errorf("a tree from before reads %q, %v", data, err)
	}
	if m.Stale() {
		t.Error("stale at once")
	}
	for i := range maxPacks + 1 {
		write(t, filepath.Join(m.dir, "objects", "pack", "x"+strings.Repeat("y", i)+".pack"), "")
	}
	if !m.Stale() {
		t.Error("not stale with too many packs")
	}
}

// Readers that miss contents at the same time share requests.
func TestConcurrentReadsAndLazyContents(t *testing.T) {
	s := newServer(t)
	files := map[string]string{}
	for path, text := range python(300, "x") {
		files[path+".txt"] = text
	}
	sha := s.commit("main", files)
	m := s.open()
	mustFetch(t, m, sha)
	tree, err := m.Tree(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	s.asked()
	var wait sync.WaitGroup
	for _, f := range tree.Files() {
		wait.Go(func() {
			if data, err := tree.Read(f); err != nil || string(data) != files[f.Path] {
				t.Errorf("%s: %d bytes, %v", f.Path, len(data), err)
			}
		})
	}
	wait.Wait()
	if asked := s.asked(); len(asked) > 100 {
		t.Errorf("%d requests for 300 contents at once", len(asked))
	}
	other := s.open()
	mustFetch(t, other, sha)
	tree, err = other.Tree(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	s.asked()
	var paths []string
	for path := range files {
		paths = append(paths, path)
	}
	if err := tree.Prefetch(context.Background(), paths); err != nil {
		t.Fatal(err)
	}
	if asked := s.asked(); len(asked) != 1 {
		t.Errorf("prefetching took %q", asked)
	}
}

// Readers that were opened before a fetch see what it brought.
func TestReadersSeeNewPacks(t *testing.T) {
	s := newServer(t)
	m := s.openAt(s.commit("main", python(300, "x = 1")))
	readers := []*reader{m.objects.acquire(), m.objects.acquire()}
	for _, r := range readers {
		if _, err := r.EncodedObject(plumbing.AnyObject, plumbing.ZeroHash); !errors.Is(err, plumbing.ErrObjectNotFound) {
			t.Fatal(err) // the packs are known to the reader now
		}
	}
	for _, r := range readers {
		m.objects.release(r)
	}
	sha := mustFetch(t, m, s.commit("main", python(300, "x = 2")))
	readers = []*reader{m.objects.acquire(), m.objects.acquire()}
	for i, r := range readers {
		if _, err := r.EncodedObject(plumbing.CommitObject, plumbing.NewHash(sha)); err != nil {
			t.Errorf("reader %d: %v", i, err)
		}
		blob := plumbing.NewHash(mustTree(t, m, sha).Files()[7].ID)
		if _, err := r.EncodedObject(plumbing.BlobObject, blob); err != nil {
			t.Errorf("reader %d: %v", i, err)
		}
	}
}

func mustTree(t *testing.T, m *Mirror, sha string) *Tree {
	t.Helper()
	tree, err := m.Tree(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
