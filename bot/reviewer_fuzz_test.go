package bot

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
	"github.com/canonicalize/canonicalize/bot/review"
	"github.com/canonicalize/canonicalize/bot/reviewer"
	"github.com/canonicalize/canonicalize/codemod"
)

// FuzzReview holds the comments on any change of a file against what GitHub
// takes: lines that git shows, from one hunk, and a text of 65,536 characters.
func FuzzReview(f *testing.F) {
	for seed := range uint64(40) {
		before, after := randomPython(rand.New(rand.NewPCG(seed, 3)))
		f.Add(before, after)
	}
	f.Add("x", "from app.models import User\r\n\x00")
	f.Fuzz(func(t *testing.T, before, after string) {
		base, head := texts(randomShop()), texts(randomShop())
		base["a.py"], head["a.py"] = before, after
		if before == "" {
			delete(base, "a.py")
		}
		found, err := codemod.Compare(context.Background(), base, head, []codemod.ReviewFile{{Path: "a.py", Old: map[bool]string{true: "a.py"}[before != ""]}},
			codemod.Rules{Facades: []string{"app.models"}}, codemod.Options{Fixes: reviewer.WorkedOut})
		if err != nil {
			t.Fatal(err)
		}
		spans := review.Spans([]byte(before), []byte(after))
		if before == "" {
			spans = review.Whole([]byte(after))
		}
		hunks := gitHunks(t, before, after)
		for _, c := range review.Comments(found, map[string]review.File{"a.py": {Text: []byte(after), Spans: spans}}, review.Commit) {
			if c.Line != 0 && !shown(hunks, c.Start, c.Line) {
				t.Errorf("lines %d to %d are not in a hunk of %v", c.Start, c.Line, hunks)
			}
			if n := utf8.RuneCountInString(c.Body); n > 65536 {
				t.Errorf("a comment of %d characters", n)
			}
		}
	})
}

// gitHunks is what git shows of a change.
func gitHunks(t *testing.T, before, after string) []gitrepo.Hunk {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"a": before, "b": after} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("git", "diff", "--no-index", "--text", "--no-color", filepath.Join(dir, "a"), filepath.Join(dir, "b")).Output()
	var differ *exec.ExitError
	if err != nil && !(errors.As(err, &differ) && differ.ExitCode() == 1) {
		t.Fatal(err)
	}
	_, patch, _ := strings.Cut(string(out), "\n@@ ")
	return gitrepo.Hunks("@@ " + patch)
}

func shown(hunks []gitrepo.Hunk, start, end int) bool {
	for _, h := range hunks {
		if h.NewStart <= start && start <= end && end < h.NewStart+h.NewLines {
			return true
		}
	}
	return false
}
