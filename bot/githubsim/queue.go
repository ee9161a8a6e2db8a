package githubsim

import (
	"fmt"
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

func (s *Server) tryAutoMergeAll(r *repo, sha string) {
	for _, p := range r.pulls() {
		if p.head.sha == sha {
			s.tryAutoMerge(p)
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

// enqueue puts a pull request into the merge queue and asks for checks of the
// merge group, which is a branch of its own.
// https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
func (s *Server) enqueuePull(p *pull, by *account) error {
	base := p.repo.branch(p.base.ref)
	if err := s.mayMerge(p, &mergeSpec{queue: true}); err != nil {
		return err
	}
	tree, conflict, err := p.repo.git.Merge(base, p.head.sha)
	if err != nil || conflict {
		return orConflict(err)
	}
	sha, err := s.commitSigned(p.repo, gitrepo.Commit{Tree: tree, Parents: []string{base, p.head.sha}, Author: s.signature(p.user),
		Committer: s.signature(nil), Message: fmt.Sprintf("Merge pull request #%d from %s\n\n%s", p.number, p.head.label(), p.title)})
	if err != nil {
		return err
	}
	p.queued, p.queuedBy = s.now(), by
	p.queueRef = fmt.Sprintf("gh-readonly-queue/%s/pr-%d-%s", p.base.ref, p.number, base)
	s.emitPull(p, "enqueued", by, nil)
	if err := s.setRef(p.repo, "refs/heads/"+p.queueRef, sha, by); err != nil {
		return err
	}
	s.emit(p.repo, "merge_group", "checks_requested", by, obj{"merge_group": s.groupJSON(p, sha, base)})
	return nil
}

func (s *Server) groupJSON(p *pull, sha, base string) obj {
	return obj{"head_sha": sha, "head_ref": "refs/heads/" + p.queueRef, "base_sha": base, "base_ref": "refs/heads/" + p.base.ref,
		"head_commit": s.simpleCommitJSON(p.repo, sha)}
}

// dequeue takes a pull request out of the queue without merging it.
func (s *Server) dequeue(p *pull, by *account, reason string) {
	sha, ref := p.repo.branch(p.queueRef), p.queueRef
	group := s.groupJSON(p, sha, p.repo.branch(p.base.ref))
	p.queueRef, p.queued = "", time.Time{}
	s.emitPull(p, "dequeued", by, obj{"reason": "DEQUEUED"})
	s.emit(p.repo, "merge_group", "destroyed", by, obj{"merge_group": group, "reason": "dequeued"})
	if err := s.setRef(p.repo, "refs/heads/"+ref, "", by); err != nil {
		s.violate("dequeue %s#%d (%s): %v", p.repo.fullName(), p.number, reason, err)
	}
}

// mergeQueued ends the wait of a queued pull request with its merge.
func (s *Server) mergeQueued(p *pull, by *account) error {
	sha, ref := p.repo.branch(p.queueRef), p.queueRef
	base := p.repo.branch(p.base.ref)
	if !p.repo.git.IsAncestor(base, sha) {
		return refuse(405, "The base moved since #%d was queued", p.number)
	}
	s.emit(p.repo, "merge_group", "destroyed", by, obj{"merge_group": s.groupJSON(p, sha, base), "reason": "merged"})
	p.queueRef, p.queued, p.baseSHA = "", time.Time{}, base
	s.markMerged(p, sha, by)
	if err := s.setRef(p.repo, "refs/heads/"+p.base.ref, sha, by); err != nil {
		return err
	}
	return s.setRef(p.repo, "refs/heads/"+ref, "", by)
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
