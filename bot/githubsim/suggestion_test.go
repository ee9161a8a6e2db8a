package githubsim_test

import (
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

func TestSuggestionsAreAppliedToTheByte(t *testing.T) {
	const lf = "one\ntwo\nthree\nfour"
	for name, c := range map[string]struct {
		before      string
		start, line int
		body        string
		after       string
	}{
		"one line":            {lf, 0, 2, "Better:\n```suggestion\nTWO\n```\n", "one\nTWO\nthree\nfour"},
		"range":               {lf, 2, 3, "```suggestion\n  x\n\ty\n\nz\n```", "one\n  x\n\ty\n\nz\nfour"},
		"deletion":            {lf, 2, 3, "```suggestion\n```", "one\nfour"},
		"without a final end": {lf, 0, 4, "```suggestion\nFOUR\n```", "one\ntwo\nthree\nFOUR"},
		"CRLF in the comment": {lf, 0, 1, "```suggestion\r\nONE\r\n```\r\n", "ONE\ntwo\nthree\nfour"},
		"longer fence":        {lf, 0, 1, "````suggestion\n```\n````", "```\ntwo\nthree\nfour"},
		"first of two":        {lf, 0, 1, "```suggestion\nA\n```\n```suggestion\nB\n```", "A\ntwo\nthree\nfour"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
			ada := w.As("ada")
			_, err := ada.Push(monolith, "new", "New", map[string][]byte{"n.py": []byte(c.before)})
			must(t, err)
			_, err = ada.OpenPull(monolith, githubsim.NewPull{Title: "New", Head: "new"})
			must(t, err)
			comment := m{"path": "n.py", "line": c.line, "body": c.body}
			if c.start > 0 {
				comment["start_line"] = c.start
			}
			if got := w.call(w.token(), "POST", "/repos/acme/mono/pulls/1/reviews", m{"event": "COMMENT", "comments": []m{comment}}); got.status != 200 {
				t.Fatalf("review: %d %s", got.status, got.body)
			}
			page, err := w.PullRequest("acme", "mono", 1)
			must(t, err)
			_, err = ada.ApplySuggestion(monolith, page.Threads[0].Comments[0].ID)
			must(t, err)
			got, err := w.ReadFile(monolith, "new", "n.py")
			must(t, err)
			if string(got) != c.after {
				t.Errorf("%q, want %q", got, c.after)
			}
			page, err = w.PullRequest("acme", "mono", 1)
			must(t, err)
			last := page.Commits[len(page.Commits)-1]
			if len(page.Commits) != 2 || !strings.Contains(last.Message, "Co-authored-by: canon[bot]") || !page.Threads[0].Resolved {
				t.Errorf("commit %+v, thread %+v", last, page.Threads[0])
			}
		})
	}
}

func TestCommentsFollowTheirLines(t *testing.T) {
	w := withPull(t, githubsim.Options{})
	must(t, w.As("bob").CommentLine(monolith, 1, "b.py", 50, "here"))
	must(t, w.As("bob").CommentLine(monolith, 1, "b.py", 10, "```suggestion\nx\n```"))
	text, err := w.ReadFile(monolith, "fix", "b.py")
	must(t, err)
	moved := "new first line\n" + strings.Replace(string(text), "changed ten", "changed ten again", 1)
	_, err = w.As("ada").Push(monolith, "fix", "Move", map[string][]byte{"b.py": []byte(moved)})
	must(t, err)
	page, err := w.PullRequest("acme", "mono", 1)
	must(t, err)
	if page.Threads[0].Line != 51 || page.Threads[1].Line != 0 {
		t.Errorf("lines %d and %d, want 51 and outdated", page.Threads[0].Line, page.Threads[1].Line)
	}
	if _, err := w.As("ada").ApplySuggestion(monolith, page.Threads[1].Comments[0].ID); err == nil {
		t.Error("applied an outdated suggestion")
	}
	if _, err := w.As("ada").ApplySuggestion(monolith, page.Threads[0].Comments[0].ID); err == nil {
		t.Error("applied a comment without suggestion")
	}
}
