package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

// loseDatabase deletes the database of a serve under it.
func (s *served) loseDatabase() {
	data := s.args[slices.Index(s.args, "--data")+1]
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(data, "canonicalize.db"+suffix)); err != nil && !os.IsNotExist(err) {
			s.t.Error(err)
		}
	}
}

// ended waits for a serve that lost its database to end, which it has to tell.
func (s *served) ended(r running) {
	s.t.Helper()
	select {
	case c := <-r.code:
		if c == exitDone || !strings.Contains(r.log.String(), "deleted or replaced while it was in use") {
			s.t.Errorf("serve ended with %d\n%s", c, r.log)
		}
	case <-time.After(time.Minute):
		s.t.Fatalf("serve goes on in a file that is gone\n%s", r.log)
	}
}

// dashboard waits until the dashboard says all of this.
func (s *served) dashboard(wants ...string) *githubsim.Issue {
	s.t.Helper()
	body := ""
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		issues, err := s.Issues("acme", "shop")
		s.must(err)
		for _, i := range issues {
			body = i.Body
			if !slices.ContainsFunc(wants, func(w string) bool { return !strings.Contains(i.Body, w) }) {
				return i
			}
		}
	}
	s.t.Fatalf("the dashboard never says %q:\n%s", wants, body)
	return nil
}

func (s *served) tick(issue *githubsim.Issue, what string) {
	s.t.Helper()
	lines := strings.Split(issue.Body, "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "- [ ]") && strings.Contains(l, what) })
	if i < 0 {
		s.t.Fatalf("no box %s in\n%s", what, issue.Body)
	}
	lines[i] = strings.Replace(lines[i], "[ ]", "[x]", 1)
	s.must(s.As("ada").EditBody("acme/shop", issue.Number, strings.Join(lines, "\n")))
}

// The database is deleted under a running serve, first while pull requests are
// half opened, then after people said no to one and paused a team: serve tells
// and ends, and the next one doubles nothing and forgets nothing.
func TestServeLosesItsDatabase(t *testing.T) {
	s := newServed(t)
	var created atomic.Int64
	s.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/pulls") && created.Add(1) == 3 {
			s.loseDatabase()
		}
		return nil
	})
	r := s.run()
	_, err := s.Install(s.app, "acme")
	s.must(err)
	s.ended(r)
	if all, err := s.PullRequests("acme", "shop"); err != nil || len(all) >= 5 {
		t.Errorf("%d pull requests, %v: it was not lost in the middle", len(all), err)
	}

	r = s.run()
	s.opened(5)
	s.labelled()
	s.dashboard("## Open", "pause @acme/identity")
	declined := s.pullOver("scripts, shop and tests")
	s.must(s.As("ada").Close("acme/shop", declined.Number))
	s.tick(s.dashboard("## Declined"), "pause @acme/identity")
	s.dashboard("[x] <!-- canonicalize: pause @acme/identity")
	s.loseDatabase()
	s.ended(r)

	stop := s.start()
	path := declined.Files[0].Path
	src, err := s.ReadFile("acme/shop", "main", path)
	s.must(err)
	_, err = s.As("ada").Push("acme/shop", "main", "More", map[string][]byte{
		"shop/accounts/more.py": []byte("from shop.app import mailer\n\nprint(mailer)\n"),
		path:                    append(src, "\n# The end.\n"...),
	})
	s.must(err)
	s.dashboard("identity is paused on the dashboard", "## Declined")
	stop()
	after, err := s.PullRequests("acme", "shop")
	s.must(err)
	if len(after) != 5 {
		t.Errorf("%d pull requests", len(after))
	}
	for _, p := range after {
		if want := p.Number != declined.Number; want != (p.State == "open") {
			t.Errorf("#%d is %s", p.Number, p.State)
		}
	}
}

// pullOver finds the pull request whose title names a place.
func (s *served) pullOver(dir string) *githubsim.PullRequest {
	s.t.Helper()
	all, err := s.PullRequests("acme", "shop")
	s.must(err)
	i := slices.IndexFunc(all, func(p *githubsim.PullRequest) bool { return strings.Contains(p.Title, dir) })
	if i < 0 {
		s.t.Fatalf("no pull request about %s", dir)
	}
	return all[i]
}
