package cli

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

// until waits for something about a pull request.
func (s *served) until(number int, what string, holds func(*githubsim.PullRequest) bool) *githubsim.PullRequest {
	s.t.Helper()
	deadline, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer cancel()
	for {
		pr, err := s.PullRequest("acme", "shop", number)
		s.must(err)
		if holds(pr) {
			return pr
		}
		select {
		case <-deadline.Done():
			s.t.Fatalf("#%d: never %s: %+v", number, what, pr)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func conclusion(pr *githubsim.PullRequest) string {
	last := ""
	for _, c := range pr.Checks {
		if c.Name == "canonicalize" {
			last = c.Conclusion
		}
	}
	return last
}

// A pull request is opened and reviewed; a comment has it mended; a button, too.
func TestServeReviewsAndCommands(t *testing.T) {
	s := newServed(t)
	s.must(s.SetCollaborator("bob", "acme/shop", "push"))
	defer s.start()()
	_, err := s.Install(s.app, "acme")
	s.must(err)
	open := func(branch, path string) int {
		_, err = s.As("bob").Push("acme/shop", branch, "Work", map[string][]byte{path: []byte("from shop.app import cache\n\nprint(cache)\n")})
		s.must(err)
		number, err := s.As("bob").OpenPull("acme/shop", githubsim.NewPull{Title: branch, Head: branch})
		s.must(err)
		return number
	}
	n := open("one", "shop/fresh.py")
	reviewed := func(pr *githubsim.PullRequest) bool { return conclusion(pr) == "neutral" && len(pr.Threads) == 1 }
	s.until(n, "reviewed", reviewed)
	_, err = s.As("bob").Comment("acme/shop", n, "/canonicalize")
	s.must(err)
	pr := s.until(n, "mended", func(pr *githubsim.PullRequest) bool { return conclusion(pr) == "success" })
	if len(pr.Commits) != 2 || !pr.Threads[0].Resolved || !strings.Contains(pr.Comments[len(pr.Comments)-1].Body, "Done in ") {
		t.Errorf("%d commits, threads %+v, comments %+v", len(pr.Commits), pr.Threads, pr.Comments)
	}

	n = open("two", "shop/other.py")
	pr = s.until(n, "reviewed", reviewed)
	s.must(s.As("bob").RequestAction("acme/shop", pr.Checks[len(pr.Checks)-1].ID, "fix"))
	pr = s.until(n, "mended by the button", func(pr *githubsim.PullRequest) bool { return conclusion(pr) == "success" })
	// An event about a head whose review has not quite ended wakes no second one.
	_, err = s.As("bob").Comment("acme/shop", n, "/canonicalize help")
	s.must(err)
	s.until(n, "answered", func(pr *githubsim.PullRequest) bool { return len(pr.Comments) == 3 })
	before := pr.Checks[len(pr.Checks)-1].ID
	s.must(s.As("bob").Rerequest("acme/shop", before))
	s.until(n, "checked again", func(pr *githubsim.PullRequest) bool { return pr.Checks[len(pr.Checks)-1].ID > before })
}
