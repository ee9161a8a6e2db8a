package githubsim_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
)

func write(t *testing.T, dir, path, text string) {
	t.Helper()
	full := filepath.Join(dir, filepath.FromSlash(path))
	must(t, os.MkdirAll(filepath.Dir(full), 0o755))
	must(t, os.WriteFile(full, []byte(text), 0o644))
}

func TestPushMovesPullRequests(t *testing.T) {
	w := withPull(t, githubsim.Options{})
	dir := w.clone(w.token())
	mustGit(t, dir, "checkout", "-q", "fix")
	write(t, dir, "new.py", "y = 1\n")
	mustGit(t, dir, "add", ".")
	mustGit(t, dir, "commit", "-qm", "More")
	mustGit(t, dir, "push", "-q")
	head := strings.TrimSpace(mustGit(t, dir, "rev-parse", "HEAD"))
	page, err := w.PullRequest("acme", "mono", 1)
	must(t, err)
	if page.HeadSHA != head || len(page.Commits) != 2 || len(page.Files) != 2 || page.State != "open" {
		t.Errorf("after the push: %+v", page)
	}
	if out := mustGit(t, dir, "ls-remote", "origin", "refs/pull/1/*"); !strings.Contains(out, head+"\trefs/pull/1/head") || !strings.Contains(out, "refs/pull/1/merge") {
		t.Errorf("refs of the pull request: %s", out)
	}
	if out, err := git(t, dir, "push", "origin", "HEAD:refs/pull/1/head"); err == nil {
		t.Errorf("pushed to a hidden ref: %s", out)
	}
	mustGit(t, dir, "push", "-q", "origin", ":fix")
	if page, err = w.PullRequest("acme", "mono", 1); err != nil || page.State != "closed" {
		t.Errorf("after the deletion of its branch: %v %v", page, err)
	}
}

func TestPushToTheBaseMerges(t *testing.T) {
	w := withPull(t, githubsim.Options{})
	dir := w.clone(w.token())
	mustGit(t, dir, "merge", "-q", "--ff-only", "origin/fix")
	mustGit(t, dir, "push", "-q", "origin", "main")
	page, err := w.PullRequest("acme", "mono", 1)
	must(t, err)
	if page.State != "merged" || len(page.Files) != 1 {
		t.Errorf("page: %+v", page)
	}
}

func TestGitAccess(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	url := func(credentials string) string {
		return strings.Replace(w.CloneURL(monolith), "://", "://"+credentials, 1)
	}
	readOnly := w.mint(m{"permissions": m{"contents": "read"}}).object(t)["token"].(string)
	issues := w.mint(m{"permissions": m{"issues": "write"}}).object(t)["token"].(string)
	for name, c := range map[string]struct {
		credentials string
		works       bool
	}{
		"nobody": {"", false}, "nonsense": {"x-access-token:nonsense@", false}, "without contents": {"x-access-token:" + issues + "@", false},
		"read": {"x-access-token:" + readOnly + "@", true}, "person": {"bob:" + w.UserToken("bob") + "@", true},
		"stranger": {"eve:" + w.UserToken("eve") + "@", false},
	} {
		if out, err := git(t, t.TempDir(), "ls-remote", url(c.credentials)); (err == nil) != c.works {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
	dir := w.clone(readOnly)
	if out, err := git(t, dir, "push", "origin", "HEAD:refs/heads/x"); err == nil || !strings.Contains(out, "403") {
		t.Errorf("push with read permission: %v %s", err, out)
	}
	must(t, w.As("ada").Archive(monolith, true))
	dir = w.clone(w.token())
	if out, err := git(t, dir, "push", "origin", "HEAD:refs/heads/x"); err == nil {
		t.Errorf("push to an archived repository: %s", out)
	}
}

func TestPartialAndShallowFetch(t *testing.T) {
	w := withPull(t, githubsim.Options{})
	branches, err := w.Branches(monolith)
	must(t, err)
	url := strings.Replace(w.CloneURL(monolith), "://", "://x-access-token:"+w.token()+"@", 1)
	dir := t.TempDir()
	mustGit(t, dir, "init", "-q", "--bare")
	mustGit(t, dir, "-c", "protocol.version=2", "fetch", "-q", "--depth", "1", "--filter=blob:none", url, branches["fix"])
	if out := mustGit(t, dir, "rev-list", "--objects", "--missing=print", "FETCH_HEAD"); !strings.Contains(out, "\n?") {
		t.Errorf("no blob was left out: %s", out)
	}
}

func TestRulesRefusePushes(t *testing.T) {
	for name, c := range map[string]struct {
		rule githubsim.Protection
		push func(t *testing.T, dir string) (string, error)
		says []string
	}{
		"pull request required": {githubsim.Protection{Branch: "main", RequiredReviews: 1}, func(t *testing.T, dir string) (string, error) {
			return git(t, dir, "push", "origin", "HEAD:main")
		}, []string{"GH006: Protected branch update failed for refs/heads/main.", "Changes must be made through a pull request."}},
		"no force": {githubsim.Protection{Branch: "fix"}, func(t *testing.T, dir string) (string, error) {
			return git(t, dir, "push", "-f", "origin", "HEAD:fix")
		}, []string{"GH006", "Cannot force-push to this protected branch"}},
		"no deletion": {githubsim.Protection{Branch: "fi*"}, func(t *testing.T, dir string) (string, error) {
			return git(t, dir, "push", "origin", ":fix")
		}, []string{"GH006", "Cannot delete this protected branch"}},
		"signatures": {githubsim.Protection{Branch: "canon-*", Ruleset: "signed", RequireSignatures: true}, func(t *testing.T, dir string) (string, error) {
			return git(t, dir, "push", "origin", "HEAD:canon-1")
		}, []string{"GH013: Repository rule violations found for refs/heads/canon-1.", "Commits must have verified signatures."}},
		"creation": {githubsim.Protection{Branch: "canon-*", Ruleset: "closed", RestrictCreations: true}, func(t *testing.T, dir string) (string, error) {
			return git(t, dir, "push", "origin", "HEAD:canon-1", "HEAD:other")
		}, []string{"GH013", "creations being restricted", "HEAD -> other"}},
		"workflows": {githubsim.Protection{Branch: "none"}, func(t *testing.T, dir string) (string, error) {
			write(t, dir, ".github/workflows/ci.yml", "on: push\n")
			mustGit(t, dir, "add", ".")
			mustGit(t, dir, "commit", "-qm", "CI")
			return git(t, dir, "push", "origin", "HEAD:wf")
		}, []string{"refusing to allow a GitHub App to create or update workflow"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := withPull(t, githubsim.Options{})
			must(t, w.As("ada").Protect(monolith, c.rule))
			dir := w.clone(w.token())
			write(t, dir, "z.py", "z\n")
			mustGit(t, dir, "add", ".")
			mustGit(t, dir, "commit", "-qm", "z")
			out, err := c.push(t, dir)
			if err == nil {
				t.Errorf("the push went through: %s", out)
			}
			for _, says := range c.says {
				if !strings.Contains(out, says) {
					t.Errorf("no %q in %s", says, out)
				}
			}
		})
	}
}

func TestCommitsThroughTheAPIAreVerified(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	must(t, w.As("ada").Protect(monolith, githubsim.Protection{Branch: "*", Ruleset: "signed", RequireSignatures: true, AllowDeletions: true}))
	branches, err := w.Branches(monolith)
	must(t, err)
	token, git := w.token(), "/repos/acme/mono/git"
	tree := w.call(token, "POST", git+"/trees", m{"base_tree": branches["main"], "tree": []m{
		{"path": "web/x.py", "mode": "100644", "type": "blob", "content": "x = 9\n"}, {"path": "a.py", "mode": "100644", "type": "blob", "sha": nil}}})
	if tree.status != 201 {
		t.Fatalf("tree: %d %s", tree.status, tree.body)
	}
	commit := w.call(token, "POST", git+"/commits", m{"message": "Sign me", "tree": tree.object(t)["sha"], "parents": []string{branches["main"]}}).object(t)
	if v := commit["verification"].(m); v["verified"] != true || v["reason"] != "valid" {
		t.Errorf("verification: %v", v)
	}
	signed := w.call(token, "POST", git+"/refs", m{"ref": "refs/heads/signed", "sha": commit["sha"]})
	if signed.status != 201 {
		t.Errorf("ref: %d %s", signed.status, signed.body)
	}
	own := w.call(token, "POST", git+"/commits", m{"message": "Mine", "tree": tree.object(t)["sha"], "parents": []string{branches["main"]},
		"author": m{"name": "a", "email": "a@a"}}).object(t)
	if v := own["verification"].(m); v["verified"] != false {
		t.Errorf("verification with an author of one's own: %v", v)
	}
	if got := w.call(token, "POST", git+"/refs", m{"ref": "refs/heads/unsigned", "sha": own["sha"]}); got.status != 422 || !strings.Contains(got.body, "verified signatures") {
		t.Errorf("unsigned ref: %d %s", got.status, got.body)
	}
	if got, err := w.ReadFile(monolith, "signed", "web/x.py"); err != nil || string(got) != "x = 9\n" {
		t.Errorf("file: %q %v", got, err)
	}
	if _, err := w.ReadFile(monolith, "signed", "a.py"); err == nil {
		t.Error("the deleted file is there")
	}
}

func TestRepositoryFromACloneAndFromAFolder(t *testing.T) {
	s := githubsim.ForTest(t, githubsim.Options{})
	s.AddOrg("acme")
	source := t.TempDir()
	mustGit(t, source, "init", "-q", "-b", "trunk")
	write(t, source, "a b.py", "1\r\n")
	mustGit(t, source, "add", ".")
	mustGit(t, source, "commit", "-qm", "one")
	write(t, source, "not-committed.py", "2\n")
	must(t, s.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "clone", Clone: source}))
	must(t, s.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "folder", Dir: source}))
	if branch, err := s.DefaultBranch("acme/clone"); err != nil || branch != "trunk" {
		t.Errorf("default branch %q, %v", branch, err)
	}
	if got, err := s.ReadFile("acme/clone", "trunk", "a b.py"); err != nil || string(got) != "1\r\n" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := s.ReadFile("acme/folder", "main", "not-committed.py"); err != nil || string(got) != "2\n" {
		t.Errorf("%q, %v", got, err)
	}
	_, err := s.As("ada").Push("acme/clone", "trunk", "two", map[string][]byte{"a b.py": []byte("3\n")})
	must(t, err)
	if out := mustGit(t, source, "log", "--oneline"); strings.Count(out, "\n") != 1 {
		t.Errorf("the source changed: %s", out)
	}
}

func TestMergesThroughRealGit(t *testing.T) {
	for _, method := range []string{"merge", "squash", "rebase"} {
		t.Run(method, func(t *testing.T) {
			w := withPull(t, githubsim.Options{})
			bob := w.As("bob")
			_, err := bob.Push(monolith, "fix", "Second", map[string][]byte{"c.py": []byte("c\n")})
			must(t, err)
			_, err = bob.Push(monolith, "main", "Meanwhile", map[string][]byte{"d.py": []byte("d\n")})
			must(t, err)
			must(t, bob.Merge(monolith, 1, method))
			dir := w.clone(w.token())
			log := strings.Split(strings.TrimSpace(mustGit(t, dir, "log", "--format=%s", "--topo-order")), "\n")
			want := map[string][]string{
				"merge":  {"Merge pull request #1 from acme/fix", "Meanwhile", "Second", "Fix", "First commit"},
				"squash": {"Fix (#1)", "Meanwhile", "First commit"},
				"rebase": {"Second", "Fix", "Meanwhile", "First commit"},
			}[method]
			slices.Sort(log)
			slices.Sort(want)
			if !slices.Equal(log, want) {
				t.Errorf("log %q, want %q", log, want)
			}
			for _, f := range []string{"c.py", "d.py"} {
				if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
					t.Errorf("%s: %v", f, err)
				}
			}
		})
	}
}

func TestConflict(t *testing.T) {
	w := withPull(t, githubsim.Options{LazyMergeable: true})
	_, err := w.As("bob").Push(monolith, "main", "Clash", map[string][]byte{"b.py": []byte("all new\n")})
	must(t, err)
	token := w.token()
	first := w.call(token, "GET", "/repos/acme/mono/pulls/1", nil).object(t)
	second := w.call(token, "GET", "/repos/acme/mono/pulls/1", nil).object(t)
	if first["mergeable"] != nil || second["mergeable"] != false || second["mergeable_state"] != "dirty" {
		t.Errorf("mergeable: %v, then %v %v", first["mergeable"], second["mergeable"], second["mergeable_state"])
	}
	if got := w.call(token, "PUT", "/repos/acme/mono/pulls/1/merge", m{}); got.status != 405 {
		t.Errorf("merge: %d %s", got.status, got.body)
	}
	if err := w.As("bob").Merge(monolith, 1, "rebase"); err == nil {
		t.Error("merged a conflict")
	}
}

func TestWorkflowsMayStayAsTheyWere(t *testing.T) {
	w := newWorld(t, githubsim.Options{}, githubsim.AppSpec{})
	dir := w.clone(w.token())
	_, err := w.As("ada").Push(monolith, "main", "CI", map[string][]byte{".github/workflows/ci.yml": []byte("on: push\n")})
	must(t, err)
	write(t, dir, "z.py", "z\n")
	mustGit(t, dir, "add", ".")
	mustGit(t, dir, "commit", "-qm", "on an old base")
	mustGit(t, dir, "push", "-q", "origin", "HEAD:old-base")
	mustGit(t, dir, "fetch", "-q")
	mustGit(t, dir, "checkout", "-q", "-b", "new-base", "origin/main")
	write(t, dir, "y.py", "y\n")
	mustGit(t, dir, "add", ".")
	mustGit(t, dir, "commit", "-qm", "on the new base")
	mustGit(t, dir, "push", "-q", "origin", "new-base")
}
