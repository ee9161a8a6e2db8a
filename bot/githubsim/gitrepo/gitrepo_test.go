package gitrepo

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func repo(t *testing.T) *Repo {
	t.Helper()
	r, err := Init(t.TempDir(), "main")
	must(t, err)
	t.Cleanup(r.Close)
	return r
}

func commit(t *testing.T, r *Repo, parent string, files map[string]*File) string {
	t.Helper()
	tree, err := r.WriteFiles(parent, files)
	must(t, err)
	c := Commit{Tree: tree, Author: Signature{"a", "a@a", time.Unix(1, 0)}, Committer: Signature{"c", "c@c", time.Unix(2, 0)}, Message: "m\n"}
	if parent != "" {
		c.Parents = []string{parent}
	}
	sha, err := r.WriteCommit(c)
	must(t, err)
	return sha
}

func TestDiffOfEveryKind(t *testing.T) {
	r := repo(t)
	text := strings.Repeat("same line\n", 20)
	base := commit(t, r, "", map[string]*File{"edit": {Data: []byte("1\n2\n")}, "gone": {Data: []byte("x\n")}, "old name": {Data: []byte(text)},
		"link": {Data: []byte("file")}, "bin": {Data: []byte("\x00\x01")}})
	head := commit(t, r, base, map[string]*File{"edit": {Data: []byte("1\n--- a\n")}, "gone": nil, "old name": nil, "new\tname": {Data: []byte(text)},
		"link": {Mode: "120000", Data: []byte("edit")}, "bin": {Data: []byte("\x00\x02")}, "z": {Data: []byte("diff --git a/x b/x\n")}})
	files, err := r.Diff(base, head)
	must(t, err)
	var got []string
	for _, f := range files {
		got = append(got, fmt.Sprintf("%s %q %q +%d -%d %v %q", f.Status, f.Path, f.Previous, f.Additions, f.Deletions, f.Binary, f.Patch))
	}
	want := []string{
		`modified "bin" "" +0 -0 true ""`,
		`modified "edit" "" +1 -1 false "@@ -1,2 +1,2 @@\n 1\n-2\n+--- a"`,
		`removed "gone" "" +0 -1 false "@@ -1 +0,0 @@\n-x"`,
		`changed "link" "" +1 -1 false "@@ -1 +0,0 @@\n-file\n\\ No newline at end of file"`,
		`renamed "new\tname" "old name" +0 -0 false ""`,
		`added "z" "" +1 -0 false "@@ -0,0 +1 @@\n+diff --git a/x b/x"`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCommitRoundTrip(t *testing.T) {
	r := repo(t)
	base := commit(t, r, "", map[string]*File{"a": {Data: []byte("a")}})
	c, err := r.Commit(base)
	must(t, err)
	c.Parents, c.Signature = []string{base}, "-----BEGIN-----\n\nabc\n-----END-----"
	sha, err := r.WriteCommit(*c)
	must(t, err)
	again, err := r.Commit(sha)
	must(t, err)
	if again.Signature != c.Signature || again.Author != c.Author || again.Message != "m\n" || strings.Contains(again.Payload, "gpgsig") {
		t.Errorf("%+v", again)
	}
	if _, err := r.Git(nil, "fsck", "--strict"); err != nil {
		t.Error(err)
	}
	if _, err := r.Object("none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown object: %v", err)
	}
	if _, err := r.Object(base); err != nil {
		t.Errorf("after an unknown object: %v", err)
	}
}

func TestRebaseOfTwoCommitsAndItsConflict(t *testing.T) {
	r := repo(t)
	base := commit(t, r, "", map[string]*File{"a": {Data: []byte("1\n")}})
	one := commit(t, r, base, map[string]*File{"b": {Data: []byte("b\n")}})
	two := commit(t, r, one, map[string]*File{"b": {Data: []byte("B\n")}})
	main := commit(t, r, base, map[string]*File{"c": {Data: []byte("c\n")}})
	clash := commit(t, r, base, map[string]*File{"b": {Data: []byte("other\n")}})
	commits, err := r.Log(main, two)
	must(t, err)
	head, conflict, err := r.Rebase(main, commits, Signature{"c", "c@c", time.Unix(3, 0)})
	must(t, err)
	if conflict {
		t.Fatal("a conflict")
	}
	if o, err := r.Object(head + ":b"); err != nil || string(o.Data) != "B\n" {
		t.Errorf("%v %v", o, err)
	}
	if ahead, behind, err := r.AheadBehind(main, head); err != nil || ahead != 2 || behind != 0 {
		t.Errorf("%d ahead, %d behind, %v", ahead, behind, err)
	}
	if _, conflict, err := r.Rebase(clash, commits, Signature{}); err != nil || !conflict {
		t.Errorf("conflict %v, %v", conflict, err)
	}
}

func FuzzHunks(f *testing.F) {
	f.Add("@@ -1,2 +1,2 @@ x\n a\n-b\n+c")
	f.Add("@@ -1 +0,0 @@")
	f.Fuzz(func(t *testing.T, patch string) { Hunks(patch) })
}
