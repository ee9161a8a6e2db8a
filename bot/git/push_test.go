package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func mustCommit(t testing.TB, m *Mirror, parent string, files map[string]*Blob) string {
	t.Helper()
	sha, err := m.Commit(CommitSpec{Parent: parent, Message: "Canonicalize\n", Author: someone, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	return sha
}

func mustPush(t testing.TB, m *Mirror, updates ...RefUpdate) {
	t.Helper()
	results, err := m.Push(context.Background(), nil, updates)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}
}

func text(s string) *Blob { return &Blob{Content: []byte(s)} }

// A commit made here is, to git, what git itself would have made.
func TestCommitIsWhatGitMakes(t *testing.T) {
	s := newServer(t)
	files := map[string]string{"a/b/c.py": "1\n", "a/d.py": "2\n", "a-x.py": "3\n", "a.py": "4\n", "z/only.py": "5\n", "f": "6\n"}
	base := s.commit("main", files)
	m := s.open()
	mustFetch(t, m, base)
	sha := mustCommit(t, m, base, map[string]*Blob{
		"a/b/c.py": text("changed\n"), "a/b/new/deep.py": text("n\n"), "z/only.py": nil, "nothing/here.py": nil,
		"f": nil, "f/g.py": text("a folder now\n"), "run": {Content: []byte("#!/bin/sh\n"), Mode: Executable},
		"link": {Content: []byte("a.py"), Mode: Symlink}, "a": nil, "a.py/below": nil,
	})
	mustPush(t, m, RefUpdate{Name: "refs/heads/bot", New: sha})
	write(t, filepath.Join(s.work, "a/b/c.py"), "changed\n")
	write(t, filepath.Join(s.work, "a/b/new/deep.py"), "n\n")
	run(t, s.work, "git", "rm", "-q", "z/only.py", "f")
	write(t, filepath.Join(s.work, "f/g.py"), "a folder now\n")
	write(t, filepath.Join(s.work, "run"), "#!/bin/sh\n")
	run(t, s.work, "chmod", "755", "run")
	run(t, s.work, "ln", "-s", "a.py", "link")
	run(t, s.work, "git", "add", "-A")
	want := strings.TrimSpace(run(t, s.work, "git", "write-tree"))
	if got := strings.TrimSpace(run(t, s.dir, "git", "rev-parse", "bot^{tree}")); got != want {
		t.Errorf("tree %s, want %s\n%s", got, want, run(t, s.dir, "git", "ls-tree", "-r", "bot"))
	}
	run(t, s.dir, "git", "fsck", "--full", "--strict")
	if got := run(t, s.dir, "git", "log", "-1", "--format=%an <%ae> %at %cn %s", "bot"); got !=
		"Canonicalize <bot@example.com> 1700000000 Canonicalize Canonicalize\n" {
		t.Errorf("the commit says %q", got)
	}
	if again := mustCommit(t, s.openAt(base), base, map[string]*Blob{"a.py": text("x")}); again !=
		mustCommit(t, m, base, map[string]*Blob{"a.py": text("x")}) {
		t.Error("the same spec gives another commit")
	}
}

func (s *server) openAt(sha string) *Mirror {
	m := s.open()
	mustFetch(s.tb, m, sha)
	return m
}

func TestCommitRefusesPaths(t *testing.T) {
	s := newServer(t)
	m := s.openAt(s.commit("main", map[string]string{"a.py": "1\n"}))
	for _, path := range []string{"", "/a", "a//b", "../a", "a/.git/config", ".GIT/x", "a\x00b", "a/"} {
		if _, err := m.Commit(CommitSpec{Files: map[string]*Blob{path: text("x")}}); err == nil {
			t.Errorf("%q was taken", path)
		}
	}
}

// Sixty branches of a thousand files go in one session, and every lease is the server's to check.
func TestPushManyBranches(t *testing.T) {
	s := newServer(t)
	base := s.commit("main", python(1200, "x = 1"))
	m := s.openAt(base)
	var updates []RefUpdate
	for i := range 60 {
		files := map[string]*Blob{}
		for j := range 20 {
			n := i*20 + j
			files[fmt.Sprintf("pkg%d/mod%d.py", n%20, n)] = text(fmt.Sprintf("branch %d file %d\n", i, n))
		}
		updates = append(updates, RefUpdate{Name: fmt.Sprintf("refs/heads/c/%d", i), New: mustCommit(t, m, base, files)})
	}
	s.asked()
	mustPush(t, m, updates...)
	if asked := s.asked(); len(asked) != 1 {
		t.Errorf("the push took %q", asked)
	}
	run(t, s.dir, "git", "fsck", "--full", "--strict")
	if got := run(t, s.dir, "git", "diff", "--stat", base, "refs/heads/c/59"); !strings.Contains(got, "20 files changed") {
		t.Errorf("branch 59 changes %s", got)
	}
	if len(m.objects.pending) != 0 {
		t.Errorf("%d objects are still in memory", len(m.objects.pending))
	}
	mustRead(t, m, updates[7].New, "pkg0/mod140.py") // what was pushed is here on disk
	other := mustCommit(t, m, base, map[string]*Blob{"new.py": text("1")})
	results, err := m.Push(context.Background(), nil, []RefUpdate{
		{Name: "refs/heads/c/1", Old: updates[1].New, New: other}, // as expected
		{Name: "refs/heads/c/2", Old: updates[3].New, New: other}, // elsewhere
		{Name: "refs/heads/c/3", New: other},                      // exists
		{Name: "refs/heads/c/4", Old: updates[4].New},             // delete
		{Name: "refs/heads/c/5", Old: updates[6].New},             // delete elsewhere
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []error{nil, ErrLease, ErrLease, nil, ErrLease} {
		if !errors.Is(results[i].Err, want) {
			t.Errorf("%s: %v, want %v", results[i].Name, results[i].Err, want)
		}
	}
	mustPush(t, m, RefUpdate{Name: "refs/heads/c/2", Old: updates[2].New, New: other}) // with the right lease
	refs, err := m.Refs(context.Background(), "refs/heads/c/4")
	if _, exists := refs["refs/heads/c/4"]; exists || err != nil {
		t.Errorf("references %v, %v", refs, err)
	}
}

// What a refused update needs stays in memory, so that it can be pushed again.
func TestRefusedPushCanBeRepeated(t *testing.T) {
	s := newServer(t)
	base := s.commit("main", map[string]string{"a.py": "1\n"})
	m := s.openAt(base)
	sha := mustCommit(t, m, base, map[string]*Blob{"a.py": text("2\n")})
	results, err := m.Push(context.Background(), nil, []RefUpdate{
		{Name: "refs/heads/main", New: sha}, {Name: "refs/heads/good", New: sha}})
	if err != nil || !errors.Is(results[0].Err, ErrLease) || results[1].Err != nil {
		t.Fatal(results, err)
	}
	run(t, s.dir, "git", "branch", "-D", "good")
	run(t, s.dir, "git", "-c", "gc.pruneExpire=now", "gc", "-q", "--prune=now")
	mustPush(t, m, RefUpdate{Name: "refs/heads/main", Old: base, New: sha})
}

func (s *server) hook(name, script string) {
	path := filepath.Join(s.dir, "hooks", name)
	write(s.tb, path, "#!/bin/sh\n"+script)
	if err := os.Chmod(path, 0o755); err != nil {
		s.tb.Fatal(err)
	}
}

// What hooks write reaches the result of the branch that they speak of.
func TestHookTextsReachTheResult(t *testing.T) {
	s := newServer(t)
	base := s.commit("main", map[string]string{"a.py": "1\n"})
	s.hook("update", `case $1 in
refs/heads/main) echo "error: GH006: Protected branch update failed for $1." >&2
  echo "error: At least 1 approving review is required." >&2; exit 1;;
refs/heads/policy) echo "error: $1 needs a ticket" >&2; exit 1;;
esac`)
	m := s.openAt(base)
	sha := mustCommit(t, m, base, map[string]*Blob{"a.py": text("2\n")})
	results, err := m.Push(context.Background(), nil, []RefUpdate{
		{Name: "refs/heads/main", Old: base, New: sha}, {Name: "refs/heads/ok", New: sha},
		{Name: "refs/heads/policy", New: sha}})
	if err != nil {
		t.Fatal(err)
	}
	if err := results[0].Err; !errors.Is(err, ErrProtected) || !strings.Contains(err.Error(), "1 approving review") ||
		strings.Contains(err.Error(), "ticket") {
		t.Errorf("main: %v", err)
	}
	if results[1].Err != nil {
		t.Errorf("ok: %v", results[1].Err)
	}
	if err := results[2].Err; !errors.Is(err, ErrDenied) || !strings.Contains(err.Error(), "needs a ticket") {
		t.Errorf("policy: %v", err)
	}
}

func TestPushErrors(t *testing.T) {
	s := newServer(t)
	base := s.commit("main", map[string]string{"a.py": "1\n"})
	m := s.openAt(base)
	sha := mustCommit(t, m, base, map[string]*Blob{"a.py": text("2\n")})
	update := []RefUpdate{{Name: "refs/heads/x", New: sha}}
	s.password = "secret"
	if _, err := m.Push(context.Background(), nil, update); !errors.Is(err, ErrAuth) {
		t.Errorf("without credentials: %v", err)
	}
	s.password = ""
	if _, err := m.Push(context.Background(), nil, []RefUpdate{{Name: "refs/heads/x"}}); err == nil {
		t.Error("a deletion without a lease was sent")
	}
	s.hook("pre-receive", "echo 'the repository is frozen' >&2; exit 1")
	results, err := m.Push(context.Background(), nil, update)
	if err != nil || !errors.Is(results[0].Err, ErrDenied) || !strings.Contains(results[0].Err.Error(), "frozen") {
		t.Errorf("%v, %v", results, err)
	}
	run(t, s.dir, "rm", "-rf", s.dir)
	if _, err := m.Push(context.Background(), nil, update); !errors.Is(err, ErrRepositoryNotFound) {
		t.Errorf("a repository that is gone: %v", err)
	}
}

func TestDiffIsWhatGitSays(t *testing.T) {
	s := newServer(t)
	long := strings.Repeat("line of text\n", 40)
	a := s.commit("main", map[string]string{"same.py": "s\n", "gone.py": "g\n", "change.py": "1\n", "d/x.py": "x\n", "moved.py": long,
		"swap": "file\n", "d-y.py": "y\n"})
	run(t, s.work, "git", "mv", "moved.py", "d/renamed.py")
	run(t, s.work, "git", "rm", "-q", "swap")
	write(t, filepath.Join(s.work, "swap/in.py"), "folder\n")
	run(t, s.work, "chmod", "755", "d-y.py")
	b := s.commit("main", map[string]string{"gone.py": "", "change.py": "2\n", "d/x.py": "xx\n", "new/n.py": "n\n"})
	m := s.openAt(a)
	mustFetch(t, m, b)
	diff, err := m.Diff(t.Context(), a, b)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range diff {
		switch {
		case f.OldPath != "":
			got = append(got, "R100\t"+f.OldPath+"\t"+f.Path)
		case f.Old == "":
			got = append(got, "A\t"+f.Path)
		case f.New == "":
			got = append(got, "D\t"+f.Path)
		default:
			got = append(got, "M\t"+f.Path)
		}
	}
	want := strings.Split(strings.TrimSpace(run(t, s.work, "git", "diff", "--name-status", "-M100%", a, b)), "\n")
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	paths, err := m.ChangedPaths(t.Context(), a, b)
	if err != nil || len(paths) != len(diff)+1 {
		t.Errorf("changed paths %q, %v", paths, err)
	}
}

// The merge base comes from commits alone, and nothing of them is stored.
func TestMergeBase(t *testing.T) {
	s := newServer(t)
	s.commit("main", python(50, "x"))
	for range 70 {
		run(t, s.work, "git", "commit", "-q", "--allow-empty", "-m", "older")
	}
	fork := s.commit("main", nil)
	run(t, s.work, "git", "checkout", "-q", "-b", "topic")
	head := s.commit("topic", map[string]string{"t.py": "1\n"})
	run(t, s.work, "git", "checkout", "-q", "main")
	for range 80 {
		run(t, s.work, "git", "commit", "-q", "--allow-empty", "-m", "newer")
	}
	base := s.commit("main", map[string]string{"m.py": "1\n"})
	run(t, s.work, "git", "checkout", "-q", "--orphan", "alone")
	alone := s.commit("alone", nil)
	m := s.openAt(base)
	ctx := context.Background()
	if got, err := m.MergeBase(ctx, base, head); err != nil || got != fork {
		t.Errorf("merge base %s, %v; want %s", got, err, fork)
	}
	if got, err := m.MergeBase(ctx, base, base); err != nil || got != base {
		t.Errorf("merge base with itself %s, %v", got, err)
	}
	if got, err := m.MergeBase(ctx, base, alone); !errors.Is(err, ErrNotFound) {
		t.Errorf("merge base of unrelated commits %s, %v", got, err)
	}
	if err := m.FetchCommits(ctx, fork, head); err != nil {
		t.Fatal(err)
	}
	if diff, err := m.Diff(t.Context(), fork, head); err != nil || len(diff) != 1 || diff[0].Path != "t.py" {
		t.Errorf("diff %v, %v", diff, err)
	}
	run(t, m.dir, "git", "fsck", "--connectivity-only")
}

func TestMergeBaseIsTheBest(t *testing.T) {
	parents := map[string][]string{
		"base": {"m2"}, "m2": {"m1"}, "m1": {"fork"}, "fork": {"root"}, "root": nil,
		"head": {"t1", "m2"}, "t1": {"fork"}, // main was merged into the topic
		"far": {"t9", "m1"}, "t9": {"t8"},
		"cross1": {"x", "y"}, "cross2": {"y", "x"}, "x": {"root"}, "y": {"root"},
	}
	for _, c := range []struct {
		base, head, cut, want string
		sure                  bool
	}{
		{"base", "head", "", "m2", true}, {"head", "base", "", "m2", true}, {"base", "t1", "", "fork", true},
		{"base", "far", "t9", "m1", false}, // what is behind t9 may be nearer
		{"base", "t1", "t1", "", false}, {"base", "root", "", "root", true}, {"cross1", "cross2", "", "y", true},
		{"base", "head", "fork", "m2", true},
	} {
		got, sure := mergeBase(parents, map[string]bool{c.cut: true}, c.base, c.head)
		if got != c.want || sure != c.sure {
			t.Errorf("%s and %s, cut at %q: %s (sure: %v), want %s", c.base, c.head, c.cut, got, sure, c.want)
		}
	}
}
