package githubsim

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
)

const zeroSHA = "0000000000000000000000000000000000000000"

// repoCache keeps what git computed, by the commits that it depends on.
type repoCache struct {
	diffs  map[string]*pullDiff
	merges map[string]mergeability
	moves  map[string][]gitrepo.Hunk // between versions of a file
}

func newRepoCache() repoCache {
	return repoCache{diffs: map[string]*pullDiff{}, merges: map[string]mergeability{}, moves: map[string][]gitrepo.Hunk{}}
}

// setRef moves, creates (old unknown) or deletes (sha "") a ref as account by
// and does all that follows from it.
func (s *Server) setRef(r *repo, ref, sha string, by *account) error {
	old := r.refs[ref]
	if err := r.git.UpdateRef(ref, sha); err != nil {
		return err
	}
	return s.refChanged(r, ref, old, sha, by)
}

// refChanged takes note of a ref that git has changed already: pull requests
// follow their branches, webhooks tell.
func (s *Server) refChanged(r *repo, ref, old, sha string, by *account) error {
	if old == sha {
		return nil
	}
	if sha == "" {
		delete(r.refs, ref)
	} else {
		r.refs[ref] = sha
	}
	r.pushed = s.now()
	branch, isBranch := strings.CutPrefix(ref, "refs/heads/")
	if !isBranch {
		return nil
	}
	s.emitPush(r, branch, old, sha, by)
	if sha != "" {
		s.requestSuites(r, branch, old, sha)
	}
	return s.followBranch(r, branch, old, sha, by)
}

// followBranch updates the open pull requests from and into a branch.
func (s *Server) followBranch(r *repo, branch, old, sha string, by *account) error {
	var fresh map[string]bool // commits that came into the branch
	if old != "" && sha != "" {
		var err error
		if fresh, err = r.git.NewCommits(old, sha); err != nil {
			return err
		}
	}
	for _, other := range s.repos {
		for _, p := range other.pulls() {
			if !p.isOpen() {
				continue
			}
			if p.head.repo == r && p.head.ref == branch {
				if err := s.headMoved(p, sha, by); err != nil {
					return err
				}
			}
			if p.base.repo == r && p.base.ref == branch {
				s.baseMoved(p, sha, fresh, by)
			}
		}
	}
	return nil
}

// headMoved gives a pull request a new head; a deleted branch closes it.
func (s *Server) headMoved(p *pull, sha string, by *account) error {
	if sha == "" {
		s.event(p.issue, "head_ref_deleted", by)
		s.setState(p.issue, "closed", "", by)
		return nil
	}
	before := p.head.sha
	p.head.sha, p.baseSHA, p.updated = sha, p.repo.branch(p.base.ref), s.now()
	if err := s.publishHead(p); err != nil {
		return err
	}
	s.dismissStale(p)
	if p.queueRef != "" {
		s.dequeue(p, by, "UNKNOWN_REMOVAL_REASON")
	}
	s.emitPull(p, "synchronize", by, obj{"before": before, "after": sha})
	if p.repo.git.IsAncestor(sha, p.repo.branch(p.base.ref)) {
		s.setState(p.issue, "closed", "", by) // nothing is left to merge
	}
	return nil
}

// baseMoved marks a pull request as merged when its base contains it now, and
// closes it when its base is gone.
func (s *Server) baseMoved(p *pull, sha string, fresh map[string]bool, by *account) {
	switch {
	case sha == "":
		s.setState(p.issue, "closed", "", by)
	case fresh[p.head.sha]:
		s.markMerged(p, sha, by)
	}
}

// publishHead keeps refs/pull/N/head, bringing the commits over from a fork.
func (s *Server) publishHead(p *pull) error {
	ref := fmt.Sprintf("refs/pull/%d/head", p.number)
	if p.head.repo != p.repo {
		if _, err := p.repo.git.Git(nil, "fetch", "-q", "--no-tags", p.head.repo.git.Dir, "+refs/heads/"+p.head.ref+":"+ref); err != nil {
			return err
		}
	} else if err := p.repo.git.SetHidden(ref, p.head.sha); err != nil {
		return err
	}
	p.repo.refs[ref] = p.head.sha
	return nil
}

// protection is what applies to a branch, classic protection first.
func (r *repo) protection(branch string) []*Protection {
	var list []*Protection
	for _, p := range r.protections {
		if match, err := path.Match(p.Branch, branch); err == nil && match {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b *Protection) int { return strings.Compare(a.Ruleset, b.Ruleset) })
	return list
}

// refusal is a push that rules do not let through.
type refusal struct {
	ruleset bool
	lines   []string
}

func (e *refusal) Error() string { return strings.Join(e.lines, "\n") }

// message is what git prints to the one who pushes.
func (e *refusal) message(ref string) string {
	head := "error: GH006: Protected branch update failed for " + ref + "."
	if e.ruleset {
		head = "error: GH013: Repository rule violations found for " + ref + "."
	}
	return head + "\nerror: " + strings.Join(e.lines, "\nerror: ")
}

// checkPush asks the rules about moving a branch from old to sha ("" for none)
// by a push or the API.
func (s *Server) checkPush(r *repo, branch, old, sha string, by *account) error {
	for _, p := range r.protection(branch) {
		if by != nil && slices.Contains(p.Bypass, by.login) {
			continue
		}
		if lines := s.pushFaults(r, p, old, sha, by); len(lines) > 0 {
			return &refusal{p.Ruleset != "", lines}
		}
	}
	return nil
}

func (s *Server) pushFaults(r *repo, p *Protection, old, sha string, by *account) []string {
	var lines []string
	add := func(bad bool, text string) {
		if bad {
			lines = append(lines, text)
		}
	}
	add(old == "" && p.RestrictCreations, "Cannot create ref due to creations being restricted.")
	add(sha == "" && !p.AllowDeletions, "Cannot delete this protected branch")
	if sha == "" {
		return lines
	}
	add(p.PushRestrictedTo != nil && (by == nil || !slices.Contains(p.PushRestrictedTo, by.login)), "You're not authorized to push to this branch.")
	if old != "" {
		add(!p.AllowForcePushes && !r.git.IsAncestor(old, sha), "Cannot force-push to this protected branch")
		add(p.RequiredReviews > 0 || p.RequirePullRequest, "Changes must be made through a pull request.")
		add(p.MergeQueue, "Changes must be made through the merge queue")
		if n := len(p.RequiredChecks); n > 0 && !s.checksPass(r, p.RequiredChecks, sha) {
			add(true, fmt.Sprintf("%d of %d required status checks are expected.", n, n))
		}
	}
	if p.RequireSignatures {
		add(!s.allVerified(r, sha), "Commits must have verified signatures.")
	}
	return lines
}

// allVerified tells whether GitHub has signed every commit of sha that no
// branch has yet.
func (s *Server) allVerified(r *repo, sha string) bool {
	out, err := r.git.Git(nil, "rev-list", sha, "--not", "--branches")
	if err != nil {
		return false
	}
	for _, commit := range strings.Fields(string(out)) {
		if !r.verified[commit] {
			return false
		}
	}
	return true
}

// signature is a commit's signature of an account.
func (s *Server) signature(a *account) gitrepo.Signature {
	name, email := "GitHub", "noreply@github.com"
	if a != nil {
		if name = a.name; name == "" {
			name = a.login
		}
		if email = a.email; email == "" {
			email = fmt.Sprintf("%d+%s@users.noreply.github.com", a.id, a.login)
		}
	}
	return gitrepo.Signature{Name: name, Email: email, When: s.now()}
}

var webFlow = "-----BEGIN PGP SIGNATURE-----\n\nc2ltdWxhdGVkIHNpZ25hdHVyZSBvZiB3ZWItZmxvdw==\n-----END PGP SIGNATURE-----\n"

// commitSigned stores a commit with the signature that GitHub gives to
// commits made by itself.
func (s *Server) commitSigned(r *repo, c gitrepo.Commit) (string, error) {
	c.Signature = strings.TrimSuffix(webFlow, "\n")
	sha, err := r.git.WriteCommit(c)
	if err == nil {
		r.verified[sha] = true
	}
	return sha, err
}
