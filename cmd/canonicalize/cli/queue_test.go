package cli

import (
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

const strictly = "facades: [shop.app]\nreview: {conclusion: failure}\n"

// pull opens a pull request of one file and waits for its verdict.
func (s *served) pull(branch, text, verdict string) int {
	s.t.Helper()
	_, err := s.As("bob").Push("acme/shop", branch, "Work", map[string][]byte{"shop/" + branch + ".py": []byte(text)})
	s.must(err)
	number, err := s.As("bob").OpenPull("acme/shop", githubsim.NewPull{Title: branch, Head: branch})
	s.must(err)
	s.until(number, "reviewed as "+verdict, func(pr *githubsim.PullRequest) bool { return conclusion(pr) == verdict })
	return number
}

func (s *served) configure(text string) {
	s.t.Helper()
	_, err := s.As("ada").Push("acme/shop", "main", "Configure", map[string][]byte{".github/canonicalize.yml": []byte(text)})
	s.must(err)
}

// The merge queue waits for the check on the merge group, which is a commit of its own on a branch of its own, and the
// check decides: what is clean is merged in its turn, and what is not leaves the queue alone.
func TestServeMergeQueue(t *testing.T) {
	t.Parallel()
	s := newServed(t)
	s.must(s.SetCollaborator("bob", "acme/shop", "push"))
	s.configure("facades: [shop.app]\n")
	defer s.start()()
	_, err := s.Install(s.app, "acme")
	s.must(err)
	clean, dirty := s.pull("clean", "x = 1\n", "success"), s.pull("dirty", "from shop.app import cache\n", "neutral")
	last := s.pull("last", "y = 1\n", "success")
	s.configure(strictly)
	s.must(s.As("ada").Protect("acme/shop", githubsim.Protection{Branch: "main", MergeQueue: true, RequiredChecks: []string{"canonicalize"}}))
	for _, number := range []int{clean, dirty, last} {
		s.must(s.As("bob").Enqueue("acme/shop", number))
	}
	left := func(pr *githubsim.PullRequest) bool { return !pr.Queued }
	for number, want := range map[int]string{clean: "merged", dirty: "open", last: "merged"} {
		if pr := s.until(number, "out of the queue", left); pr.State != want || len(pr.Comments) != 0 {
			t.Errorf("#%d is %s with %d comments, want %s with none", number, pr.State, len(pr.Comments), want)
		}
	}
	branches, err := s.Branches("acme/shop")
	s.must(err)
	for name := range branches {
		if strings.HasPrefix(name, "gh-readonly-queue/") {
			t.Errorf("the branch %s is left", name)
		}
	}
}

// All checks of a pull request from a fork are asked for again without a word of which pull request it is.
func TestServeRerequestsOfForks(t *testing.T) {
	t.Parallel()
	s := newServed(t)
	s.configure(strictly)
	defer s.start()()
	_, err := s.Install(s.app, "acme")
	s.must(err)
	s.must(s.As("eve").Fork("acme/shop"))
	_, err = s.As("eve").Push("eve/shop", "work", "Work", map[string][]byte{"shop/fresh.py": []byte("from shop.app import cache\n")})
	s.must(err)
	number, err := s.As("eve").OpenPull("acme/shop", githubsim.NewPull{Title: "Work", Head: "eve:work"})
	s.must(err)
	pr := s.until(number, "reviewed", func(pr *githubsim.PullRequest) bool { return conclusion(pr) == "failure" })
	before := pr.Checks[len(pr.Checks)-1].ID
	s.must(s.As("ada").RerequestAll("acme/shop", pr.HeadSHA))
	s.until(number, "checked again", func(pr *githubsim.PullRequest) bool { return pr.Checks[len(pr.Checks)-1].ID > before })
}
