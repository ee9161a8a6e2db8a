package git

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// bomb pushes a commit whose tree objects hold each other: levels of them, each with the one below under several
// names, unfold to width^levels files.
func (s *server) bomb(branch string, levels, width int) string {
	s.tb.Helper()
	id := s.plumb("x = 1\n", "hash-object", "-w", "--stdin")
	line := "100644 blob " + id + "\tf%d.py\n"
	for range levels {
		var tree strings.Builder
		for i := range width {
			fmt.Fprintf(&tree, line, i)
		}
		line = "040000 tree " + s.plumb(tree.String(), "mktree") + "\td%d\n"
	}
	sha := s.plumb("", "commit-tree", "-m", "bomb", strings.Fields(line)[2])
	run(s.tb, s.dir, "git", "update-ref", "refs/heads/"+branch, sha)
	return sha
}

func (s *server) plumb(input string, args ...string) string {
	s.tb.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=A", "-c", "user.email=a@example.com"}, args...)...)
	cmd.Dir, cmd.Stdin = s.dir, strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.tb.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func tooLarge(t *testing.T, what string, err error) {
	t.Helper()
	var e *TooLargeError
	if !errors.As(err, &e) {
		t.Errorf("%s: %v instead of a limit", what, err)
	}
}

// Eleven tree objects unfold to 10^10 files, or to 10^10 folders without a file. Neither is walked.
func TestTreeBomb(t *testing.T) {
	s := newServer(t)
	good := s.commit("main", map[string]string{"a.py": "x = 1\n"})
	m := s.open()
	l := DefaultLimits
	l.Entries = 20_000 // the default takes some seconds to reach
	m.Limit(l)
	if _, err := m.Fetch(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	sha := s.bomb("bomb", 10, 10)
	_, err := m.Fetch(t.Context(), sha)
	tooLarge(t, "fetch", err)
	_, err = m.Tree(t.Context(), sha)
	tooLarge(t, "list", err)
	_, err = m.Diff(t.Context(), good, sha)
	tooLarge(t, "compare", err)
	if _, err := m.Tree(t.Context(), good); err != nil {
		t.Errorf("what was good is not any more: %v", err)
	}
}

func TestTreeLimits(t *testing.T) {
	s := newServer(t)
	sha := s.bomb("bomb", 3, 4) // 64 files in 20 folders
	for name, test := range map[string]struct {
		set func(*Limits)
		bad bool
	}{
		"all":      {func(l *Limits) { l.Entries, l.Depth, l.Wanted = 84, 2, 64 }, false},
		"entries":  {func(l *Limits) { l.Entries = 83 }, true},
		"depth":    {func(l *Limits) { l.Depth = 1 }, true},
		"paths":    {func(l *Limits) { l.Paths = 64 * 10 }, true},
		"object":   {func(l *Limits) { l.Object = 100 }, true},
		"wanted":   {func(l *Limits) { l.Wanted = 63 }, true},
		"contents": {func(l *Limits) { l.Contents = 64*6 - 1 }, true},
		"pack":     {func(l *Limits) { l.Pack = 200 }, true},
	} {
		t.Run(name, func(t *testing.T) {
			m := s.open()
			l := DefaultLimits
			test.set(&l)
			m.Limit(l)
			_, err := m.Fetch(t.Context(), sha)
			if test.bad {
				tooLarge(t, name, err)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// A walk that is under way ends with its context.
func TestWalkTakesTheContext(t *testing.T) {
	s := newServer(t)
	good, sha := s.commit("main", map[string]string{"a.py": "x = 1\n"}), s.bomb("bomb", 3, 4)
	m := s.open()
	if err := m.FetchCommits(t.Context(), good, sha); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m.Remember(&Listing{})
	if _, err := m.Tree(ctx, sha); !errors.Is(err, context.Canceled) {
		t.Errorf("list: %v", err)
	}
	if _, err := m.Diff(ctx, good, sha); !errors.Is(err, context.Canceled) {
		t.Errorf("compare: %v", err)
	}
}

// What a file declares to hold decides before it is read; the others are read as ever.
func TestHugeContent(t *testing.T) {
	s := newServer(t)
	big := strings.Repeat("# nothing\n", 200)
	sha := s.commit("main", map[string]string{"big.py": big, "small.py": "x = 1\n", "big.dat": big})
	m := s.open()
	l := DefaultLimits
	l.Blob = 1000
	m.Limit(l)
	if _, err := m.Fetch(t.Context(), sha); err != nil {
		t.Fatal(err)
	}
	tree, err := m.Tree(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	if f, _ := tree.Lookup("big.py"); f.Size != int64(len(big)) {
		t.Errorf("its size is not told: %d", f.Size)
	}
	for _, path := range []string{"big.py", "big.dat"} {
		_, _, err = tree.ReadPath(path)
		tooLarge(t, path, err)
	}
	if text, _, err := tree.ReadPath("small.py"); err != nil || string(text) != "x = 1\n" {
		t.Errorf("the small one: %q, %v", text, err)
	}
}

// What a pack declares to unfold to decides before it does.
func TestDeclaredSizes(t *testing.T) {
	for kind, size := range map[plumbing.ObjectType]int64{plumbing.TreeObject: DefaultLimits.Object, plumbing.BlobObject: maxStored, plumbing.OFSDeltaObject: maxStored} {
		d := declared{DefaultLimits}
		if err := d.OnInflatedObjectHeader(kind, size, 0); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		tooLarge(t, kind.String(), d.OnInflatedObjectHeader(kind, size+1, 0))
	}
}

// A history that is longer than what is read of it is GitHub's to look at.
func TestLongHistory(t *testing.T) {
	s := newServer(t)
	a := s.commit("main", map[string]string{"a.py": "x = 1\n"})
	b := s.commit("main", map[string]string{"a.py": "x = 2\n"})
	m := s.open()
	l := DefaultLimits
	l.History = 50
	m.Limit(l)
	if _, err := m.MergeBase(t.Context(), a, b); !errors.Is(err, ErrNoHistory) {
		t.Errorf("%v", err)
	}
}
