package githubsim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
)

// mergeability is what GitHub computes in the background about merging.
type mergeability struct {
	mergeable any    // true, false, or nil while unknown
	state     string // clean, dirty, blocked, behind, unstable, draft, unknown
	commit    string // test merge
}

func (s *Server) mergeability(p *pull) mergeability {
	base := p.repo.branch(p.base.ref)
	if !p.isOpen() || base == "" {
		return mergeability{nil, "unknown", ""}
	}
	key := base + ".." + p.head.sha
	m, known := p.repo.cache.merges[key]
	if !known {
		m = s.computeMerge(p, base)
		p.repo.cache.merges[key] = m
		if s.opts.LazyMergeable {
			return mergeability{nil, "unknown", ""}
		}
	}
	if m.mergeable == true {
		m.state = s.gateState(p)
	}
	return m
}

// computeMerge makes the test merge and publishes it as refs/pull/N/merge.
func (s *Server) computeMerge(p *pull, base string) mergeability {
	tree, conflict, err := p.repo.git.Merge(base, p.head.sha)
	if err != nil {
		s.violate("merge of %s#%d: %v", p.repo.fullName(), p.number, err)
		return mergeability{nil, "unknown", ""}
	}
	if conflict {
		return mergeability{false, "dirty", ""}
	}
	sha, err := p.repo.git.WriteCommit(gitrepo.Commit{Tree: tree, Parents: []string{base, p.head.sha}, Author: s.signature(p.user),
		Committer: s.signature(nil), Message: fmt.Sprintf("Merge %s into %s", p.head.sha, base)})
	if err == nil {
		ref := fmt.Sprintf("refs/pull/%d/merge", p.number)
		if err = p.repo.git.SetHidden(ref, sha); err == nil {
			p.repo.refs[ref] = sha
		}
	}
	if err != nil {
		s.violate("merge of %s#%d: %v", p.repo.fullName(), p.number, err)
	}
	return mergeability{true, "clean", sha}
}

// gateState is the state of a pull request that has no conflict.
func (s *Server) gateState(p *pull) string {
	switch {
	case p.draft:
		return "draft"
	case len(s.mergeFaults(p)) > 0:
		return "blocked"
	case s.behind(p):
		return "behind"
	case s.anyCheckBad(p.repo, p.head.sha):
		return "unstable"
	}
	return "clean"
}

func (s *Server) behind(p *pull) bool {
	for _, rule := range p.repo.protection(p.base.ref) {
		if rule.Strict && !p.repo.git.IsAncestor(p.repo.branch(p.base.ref), p.head.sha) {
			return true
		}
	}
	return false
}

// mergeFaults lists why the rules of the base do not let a merge through.
func (s *Server) mergeFaults(p *pull) []string {
	var faults []string
	for _, rule := range p.repo.protection(p.base.ref) {
		if n := p.approvals(); n < rule.RequiredReviews {
			faults = append(faults, fmt.Sprintf("At least %d approving review is required by reviewers with write access.", rule.RequiredReviews))
		}
		if rule.RequiredReviews > 0 && p.changesRequested() {
			faults = append(faults, "Changes have been requested.")
		}
		if missing := s.missingChecks(p.repo, rule.RequiredChecks, p.head.sha); len(missing) > 0 {
			faults = append(faults, fmt.Sprintf("Required status check %q is expected.", missing[0]))
		}
		if rule.RequireSignatures && !s.allVerified(p.repo, p.head.sha) && !s.pullVerified(p) {
			faults = append(faults, "Commits must have verified signatures.")
		}
		if rule.ConversationResolve && slices.ContainsFunc(p.threads, func(t *thread) bool { return !t.resolved && len(t.published()) > 0 }) {
			faults = append(faults, "A conversation must be resolved before this pull request can be merged.")
		}
	}
	return faults
}

func (s *Server) pullVerified(p *pull) bool {
	for _, c := range s.pullDiff(p).commits {
		if !p.repo.verified[c.SHA] {
			return false
		}
	}
	return true
}

func isMerged(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	if p.merged.IsZero() {
		return nil, notFound()
	}
	return noContent()
}

func mergeRoute(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	if sha := c.str("sha"); sha != "" && sha != p.head.sha {
		return nil, refuse(409, "Head branch was modified. Review and try the merge again.")
	}
	sha, err := c.mergePull(p, mergeSpec{method: c.str("merge_method"), title: c.str("commit_title"), message: c.str("commit_message"), by: c.actor.account()})
	if err != nil {
		return nil, err
	}
	return ok(obj{"sha": sha, "merged": true, "message": "Pull Request successfully merged"})
}

type mergeSpec struct {
	method         string // merge (default), squash, rebase
	title, message string
	by             *account
	queue          bool // by the merge queue: its rule does not forbid it
}

// mergePull merges as GitHub does, refusing with 405 what may not be merged.
// https://docs.github.com/rest/pulls/pulls#merge-a-pull-request
func (s *Server) mergePull(p *pull, spec mergeSpec) (string, error) {
	if err := s.mayMerge(p, &spec); err != nil {
		return "", err
	}
	base := p.repo.branch(p.base.ref)
	var sha string
	var err error
	switch spec.method {
	case "squash":
		sha, err = s.squash(p, base, spec)
	case "rebase":
		sha, err = s.rebase(p, base, spec)
	default:
		sha, err = s.mergeCommit(p, base, spec)
	}
	if err != nil {
		return "", err
	}
	p.baseSHA = base
	s.markMerged(p, sha, spec.by)
	if err := s.setRef(p.repo, "refs/heads/"+p.base.ref, sha, spec.by); err != nil {
		return "", err
	}
	if p.repo.settings.DeleteBranchOnMerge && p.head.repo == p.repo {
		return sha, s.setRef(p.repo, "refs/heads/"+p.head.ref, "", spec.by)
	}
	return sha, nil
}

func (s *Server) mayMerge(p *pull, spec *mergeSpec) error {
	if spec.method == "" {
		spec.method = "merge"
	}
	st := p.repo.settings
	switch {
	case !p.isOpen():
		return refuse(405, "Pull Request is not mergeable")
	case p.draft:
		return refuse(405, "Pull Request is still a draft")
	case spec.method == "merge" && st.NoMergeCommit:
		return refuse(405, "Merge commits are not allowed on this repository.")
	case spec.method == "squash" && st.NoSquash:
		return refuse(405, "Squash merges are not allowed on this repository.")
	case spec.method == "rebase" && st.NoRebase:
		return refuse(405, "Rebase merges are not allowed on this repository.")
	case s.computeMergeCached(p) == false:
		return refuse(405, "Pull Request is not mergeable")
	}
	for _, rule := range p.repo.protection(p.base.ref) {
		if rule.MergeQueue && !spec.queue {
			return refuse(405, "Repository rule violations found\n\nChanges must be made through the merge queue\n\n")
		}
	}
	if faults := s.mergeFaults(p); len(faults) > 0 {
		return refuse(405, "Repository rule violations found\n\n%s\n\n", strings.Join(faults, "\n"))
	}
	if s.behind(p) {
		return refuse(405, "Head branch is out of date. Review and try the merge again.")
	}
	return nil
}

// computeMergeCached is mergeable without GitHub's delay.
func (s *Server) computeMergeCached(p *pull) any {
	m := s.mergeability(p)
	if m.mergeable == nil {
		m = s.mergeability(p)
	}
	return m.mergeable
}

func (s *Server) mergeCommit(p *pull, base string, spec mergeSpec) (string, error) {
	tree, conflict, err := p.repo.git.Merge(base, p.head.sha)
	if err != nil || conflict {
		return "", orConflict(err)
	}
	title, message := spec.title, spec.message
	if title == "" {
		title = fmt.Sprintf("Merge pull request #%d from %s/%s", p.number, p.head.repo.owner.login, p.head.ref)
	}
	if message == "" {
		message = p.title
	}
	return s.commitSigned(p.repo, gitrepo.Commit{Tree: tree, Parents: []string{base, p.head.sha}, Author: s.signature(spec.by),
		Committer: s.signature(nil), Message: title + "\n\n" + message})
}

func orConflict(err error) error {
	if err != nil {
		return err
	}
	return refuse(405, "Pull Request is not mergeable")
}

func (s *Server) squash(p *pull, base string, spec mergeSpec) (string, error) {
	tree, conflict, err := p.repo.git.Merge(base, p.head.sha)
	if err != nil || conflict {
		return "", orConflict(err)
	}
	title, message := spec.title, spec.message
	if title == "" {
		title = fmt.Sprintf("%s (#%d)", p.title, p.number)
	}
	if message == "" {
		for _, c := range s.pullDiff(p).commits {
			message += "* " + strings.TrimSpace(c.Message) + "\n\n"
		}
	}
	return s.commitSigned(p.repo, gitrepo.Commit{Tree: tree, Parents: []string{base}, Author: s.signature(p.user),
		Committer: s.signature(nil), Message: strings.TrimSpace(title+"\n\n"+message) + "\n"})
}

func (s *Server) rebase(p *pull, base string, spec mergeSpec) (string, error) {
	head, conflict, err := p.repo.git.Rebase(base, s.pullDiff(p).commits, s.signature(spec.by))
	if err != nil || conflict {
		return "", orConflict(err)
	}
	return head, nil
}

// updateBranch merges the base into the head.
func updateBranch(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	if want := c.str("expected_head_sha"); want != "" && want != p.head.sha {
		return nil, refuse(422, "expected head sha didn't match current head ref.")
	}
	base := p.repo.branch(p.base.ref)
	if p.repo.git.IsAncestor(base, p.head.sha) {
		return nil, refuse(422, "There are no new commits on the base branch.")
	}
	tree, conflict, err := p.repo.git.Merge(p.head.sha, base)
	if err != nil {
		return nil, err
	}
	if conflict {
		return nil, refuse(422, "merge conflict between base and head")
	}
	sha, err := c.commitSigned(p.head.repo, gitrepo.Commit{Tree: tree, Parents: []string{p.head.sha, base}, Author: c.signature(c.actor.account()),
		Committer: c.signature(nil), Message: fmt.Sprintf("Merge branch '%s' into %s", p.base.ref, p.head.ref)})
	if err != nil {
		return nil, err
	}
	if err := c.setRef(p.head.repo, "refs/heads/"+p.head.ref, sha, c.actor.account()); err != nil {
		return nil, err
	}
	return &reply{status: 202, body: obj{"message": "Updating pull request branch.", "url": c.repoWeb(p.repo, "/pull/"+itoa(p.number))}}, nil
}
