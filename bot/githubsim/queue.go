package githubsim

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
)

// tryAutoMerge merges a pull request whose auto-merge was waiting.
func (s *Server) tryAutoMerge(p *pull) {
	if p.auto == nil || !p.isOpen() {
		return
	}
	spec := mergeSpec{method: p.auto.method, title: p.auto.title, message: p.auto.message, by: p.auto.by}
	if s.mayMerge(p, &spec) != nil {
		return
	}
	if _, err := s.mergePull(p, spec); err != nil {
		s.violate("auto-merge of %s#%d: %v", p.repo.fullName(), p.number, err)
	}
}

// verdictOn goes on with what waited for a verdict on a commit.
func (s *Server) verdictOn(r *repo, sha string) {
	for _, p := range r.pulls() {
		if p.head.sha == sha {
			s.tryAutoMerge(p)
		}
		if p.queueRef != "" && r.branch(p.queueRef) == sha {
			s.advance(r, p.base.ref)
		}
	}
}

// enableAuto refuses what GitHub refuses.
// https://docs.github.com/graphql/reference/mutations#enablepullrequestautomerge
func (s *Server) enableAuto(p *pull, auto autoMerge) error {
	switch {
	case !p.repo.settings.AllowAutoMerge:
		return unprocessable("Pull request Auto merge is not allowed for this repository")
	case !p.isOpen() || p.draft:
		return unprocessable("Pull request is in draft or closed state")
	case s.computeMergeCached(p) == true && s.gateState(p) == "clean":
		return unprocessable("Pull request is in clean status")
	}
	p.auto = &auto
	s.emitPull(p, "auto_merge_enabled", auto.by, nil)
	return nil
}

func (s *Server) disableAuto(p *pull, by *account) error {
	if p.auto == nil {
		return unprocessable("Can't disable auto-merge for this pull request.")
	}
	p.auto = nil
	s.emitPull(p, "auto_merge_disabled", by, obj{"reason": "Disabled by user"})
	return nil
}

// enqueuePull puts a pull request into the merge queue.
// https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
func (s *Server) enqueuePull(p *pull, by *account) error {
	if err := s.mayMerge(p, &mergeSpec{queue: true}); err != nil {
		return err
	}
	sha, base, err := s.group(p)
	if err != nil {
		return err
	}
	p.queued, p.queuedBy = s.now(), by
	s.emitPull(p, "enqueued", by, nil)
	return s.requestGroup(p, sha, base, by)
}

// group merges a pull request with what waits before it in the queue.
func (s *Server) group(p *pull) (sha, base string, err error) {
	base = p.repo.branch(p.base.ref)
	for _, o := range p.repo.waiting(p.base.ref) {
		if o != p && o.queueRef != "" {
			base = p.repo.branch(o.queueRef)
		}
	}
	tree, conflict, err := p.repo.git.Merge(base, p.head.sha)
	if err != nil || conflict {
		return "", "", orConflict(err)
	}
	sha, err = s.commitSigned(p.repo, gitrepo.Commit{Tree: tree, Parents: []string{base, p.head.sha}, Author: s.signature(p.user),
		Committer: s.signature(nil), Message: fmt.Sprintf("Merge pull request #%d from %s\n\n%s", p.number, p.head.label(), p.title)})
	return sha, base, err
}

// requestGroup makes the branch of a merge group and asks for its checks.
func (s *Server) requestGroup(p *pull, sha, base string, by *account) error {
	p.queueRef, p.queueBase = fmt.Sprintf("gh-readonly-queue/%s/pr-%d-%s", p.base.ref, p.number, base), base
	if err := s.setRef(p.repo, "refs/heads/"+p.queueRef, sha, by); err != nil {
		return err
	}
	s.emit(p.repo, "merge_group", "checks_requested", by, obj{"merge_group": s.groupJSON(p)})
	return nil
}

func (s *Server) groupJSON(p *pull) obj {
	sha := p.repo.branch(p.queueRef)
	return obj{"head_sha": sha, "head_ref": "refs/heads/" + p.queueRef, "base_sha": p.queueBase, "base_ref": "refs/heads/" + p.base.ref,
		"head_commit": s.simpleCommitJSON(p.repo, sha)}
}

// waiting lists the queue of a branch, first in, first out.
func (r *repo) waiting(branch string) (list []*pull) {
	for _, p := range r.pulls() {
		if p.queueRef != "" && p.base.ref == branch {
			list = append(list, p)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].queued.Before(list[j].queued) })
	return list
}

// advance merges or drops what waits in the queues, where checks are required
// and all have reported. Without such, MergeQueued decides.
func (s *Server) advance(r *repo, branch string) {
	for _, p := range r.waiting(branch) {
		sha, failed, required := r.branch(p.queueRef), false, 0
		for _, rule := range r.protection(branch) {
			for _, name := range rule.RequiredChecks {
				required++
				failed = failed || r.verdicts(sha)[name] == "failure"
			}
			if !s.checksPass(r, rule.RequiredChecks, sha) && !failed {
				return
			}
		}
		if required == 0 {
			return
		}
		if failed {
			s.dequeue(p, nil, "CI_FAILURE")
			return
		}
		if err := s.mergeQueued(p, p.queuedBy); err != nil {
			s.violate("merge queue of %s: #%d: %v", r.fullName(), p.number, err)
			return
		}
	}
}

// dissolve ends a merge group and deletes its branch.
func (s *Server) dissolve(p *pull, reason string, by *account) {
	ref := p.queueRef
	s.emit(p.repo, "merge_group", "destroyed", by, obj{"merge_group": s.groupJSON(p), "reason": reason})
	p.queueRef, p.queueBase = "", ""
	if err := s.setRef(p.repo, "refs/heads/"+ref, "", by); err != nil {
		s.violate("merge group of %s#%d: %v", p.repo.fullName(), p.number, err)
	}
}

// dequeue takes a pull request out of the queue without merging it, and makes
// the groups behind it anew. Why is one of the reasons of the webhook.
func (s *Server) dequeue(p *pull, by *account, why string) {
	behind := p.repo.waiting(p.base.ref)
	behind = behind[slices.Index(behind, p)+1:]
	s.dissolve(p, "dequeued", by)
	p.queued = time.Time{}
	s.emitPull(p, "dequeued", by, obj{"reason": why})
	for _, o := range behind {
		s.dissolve(o, "invalidated", nil)
	}
	for _, o := range behind {
		sha, base, err := s.group(o)
		if err == nil {
			err = s.requestGroup(o, sha, base, o.queuedBy)
		}
		if err != nil {
			s.violate("merge group of %s#%d: %v", o.repo.fullName(), o.number, err)
		}
	}
}

// mergeQueued ends the wait of the first in the queue with its merge.
func (s *Server) mergeQueued(p *pull, by *account) error {
	sha, base := p.repo.branch(p.queueRef), p.repo.branch(p.base.ref)
	if !p.repo.git.IsAncestor(base, sha) {
		return refuse(405, "The base moved since #%d was queued", p.number)
	}
	if first := p.repo.waiting(p.base.ref)[0]; first != p {
		return refuse(405, "#%d waits before #%d", first.number, p.number)
	}
	s.dissolve(p, "merged", by)
	p.queued, p.baseSHA = time.Time{}, base
	s.markMerged(p, sha, by)
	return s.setRef(p.repo, "refs/heads/"+p.base.ref, sha, by)
}

func (s *Server) setDraft(p *pull, draft bool, by *account) {
	if p.draft == draft {
		return
	}
	p.draft = draft
	action := "ready_for_review"
	if draft {
		action, p.auto = "converted_to_draft", nil
	}
	s.event(p.issue, map[bool]string{true: "convert_to_draft", false: "ready_for_review"}[draft], by)
	s.emitPull(p, action, by, nil)
	if !draft {
		s.requestOwners(p)
	}
}
