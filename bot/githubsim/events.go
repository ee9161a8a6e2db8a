package githubsim

import (
	"sort"
	"strings"
)

// Permission that an App needs to be told of an event.
// https://docs.github.com/webhooks/webhook-events-and-payloads
var eventPermission = map[string]string{
	"push": "contents", "pull_request": "pull_requests", "pull_request_review": "pull_requests", "pull_request_review_comment": "pull_requests",
	"pull_request_review_thread": "pull_requests", "issues": "issues", "issue_comment": "issues", "check_run": "checks", "check_suite": "checks",
	"merge_group": "merge_queues", "repository": "metadata",
}

func (s *Server) sortedInstallations() []*Installation {
	list := make([]*Installation, 0, len(s.installations))
	for _, i := range s.installations {
		list = append(list, i)
	}
	sort.Slice(list, func(x, y int) bool { return list[x].ID < list[y].ID })
	return list
}

// emit tells every App that is installed on the repository, subscribed to the
// event and permitted to read what it is about.
func (s *Server) emit(r *repo, event, action string, by *account, fields obj) {
	for _, i := range s.sortedInstallations() {
		if i.covers(r) && i.suspended.IsZero() && i.App.hears(event) {
			s.send(i.App, event, action, i, r, s.payload(r, i, by, fields))
		}
	}
}

func (a *App) hears(event string) bool {
	permission := eventPermission[event]
	if event == "issue_comment" && grants(a.permissions["pull_requests"], "read") {
		permission = ""
	}
	return a.events[event] && (permission == "" || grants(a.permissions[permission], "read"))
}

func (s *Server) payload(r *repo, i *Installation, by *account, fields obj) obj {
	p := obj{}
	merge(p, fields)
	if by == nil {
		by = s.ghost()
	}
	p["sender"] = s.userJSON(by)
	if r != nil {
		p["repository"] = s.repoJSON(r)
		if r.owner.isOrg() {
			p["organization"] = s.orgJSON(r.owner)
		}
	}
	if i != nil {
		p["installation"] = obj{"id": i.ID, "node_id": nodeID("IN", i.ID)}
	}
	return p
}

// ghost stands for GitHub itself and for deleted accounts.
func (s *Server) ghost() *account {
	a := s.account("ghost")
	if a == nil {
		a = &account{id: 10137, login: "ghost", kind: "User", created: s.now()}
		s.accounts["ghost"] = a
	}
	return a
}

func (s *Server) emitPull(p *pull, action string, by *account, extra obj) {
	for _, i := range s.sortedInstallations() {
		if i.covers(p.repo) && i.suspended.IsZero() && i.App.hears("pull_request") {
			fields := obj{"number": p.number, "pull_request": s.pullJSON(p)}
			if action == "synchronize" {
				fields["pull_request"].(obj)["mergeable"] = nil
			}
			merge(fields, extra)
			s.send(i.App, "pull_request", action, i, p.repo, s.payload(p.repo, i, by, fields))
		}
	}
}

func (s *Server) emitIssue(i *issue, action string, by *account, extra obj) {
	fields := obj{"issue": s.issueJSON(i)}
	merge(fields, extra)
	s.emit(i.repo, "issues", action, by, fields)
}

// emitEdited tells of a new title or body.
func (s *Server) emitEdited(i *issue, by *account, changes obj) {
	if i.pull != nil {
		s.emitPull(i.pull, "edited", by, obj{"changes": changes})
		return
	}
	s.emitIssue(i, "edited", by, obj{"changes": changes})
}

func (s *Server) emitComment(m *comment, action string, by *account, extra obj) {
	fields := obj{"issue": s.issueJSON(m.issue), "comment": s.commentJSON(m)}
	merge(fields, extra)
	s.emit(m.issue.repo, "issue_comment", action, by, fields)
}

func (s *Server) emitReview(v *review, action string, by *account) {
	body := s.reviewJSON(v)
	body["state"] = strings.ToLower(v.state)
	body["submitted_at"] = stampOr(v.submitted)
	fields := obj{"review": body, "pull_request": s.pullSimpleJSON(v.pull)}
	if action == "edited" {
		fields["changes"] = obj{}
	}
	s.emit(v.pull.repo, "pull_request_review", action, by, fields)
}

func (s *Server) emitReviewComment(m *reviewComment, action string, by *account, extra obj) {
	fields := obj{"comment": s.reviewCommentJSON(m), "pull_request": s.pullSimpleJSON(m.thread.pull)}
	merge(fields, extra)
	s.emit(m.thread.pull.repo, "pull_request_review_comment", action, by, fields)
}

func (s *Server) emitThread(t *thread, action string, by *account) {
	comments := []any{}
	for _, m := range t.published() {
		comments = append(comments, s.reviewCommentJSON(m))
	}
	s.emit(t.pull.repo, "pull_request_review_thread", action, by, obj{"thread": obj{"node_id": nodeID("PRRT", t.id), "comments": comments},
		"pull_request": s.pullSimpleJSON(t.pull)})
}

func (s *Server) emitRun(k *checkRun, action string, by *account, extra obj) {
	fields := obj{"check_run": s.runJSON(k)}
	fields["check_run"].(obj)["check_suite"] = s.hookSuite(k.suite)
	merge(fields, extra)
	s.emitToChecks(k.suite, "check_run", action, by, fields)
}

func (s *Server) hookSuite(u *checkSuite) obj {
	o := s.suiteJSON(u)
	delete(o, "repository")
	return o
}

func (s *Server) emitSuite(u *checkSuite, action string, by *account) {
	s.emitToChecks(u, "check_suite", action, by, obj{"check_suite": s.hookSuite(u)})
}

// emitToChecks: what is asked of an App goes to that App alone; created and
// completed go to all.
func (s *Server) emitToChecks(u *checkSuite, event, action string, by *account, fields obj) {
	if action == "created" || action == "completed" {
		s.emit(u.repo, event, action, by, fields)
		return
	}
	for _, i := range s.sortedInstallations() {
		if i.App == u.app && i.covers(u.repo) && i.suspended.IsZero() {
			s.send(i.App, event, action, i, u.repo, s.payload(u.repo, i, by, fields))
		}
	}
}

// heard tells whether any App would be told of an event of a repository.
func (s *Server) heard(r *repo, event string) bool {
	for _, i := range s.installations {
		if i.covers(r) && i.suspended.IsZero() && i.App.hears(event) {
			return true
		}
	}
	return false
}

func (s *Server) emitPush(r *repo, branch, old, sha string, by *account) {
	if !s.heard(r, "push") {
		return
	}
	commits, err := s.pushed(r, old, sha)
	if err != nil {
		s.violate("push event of %s: %v", r.fullName(), err)
	}
	fields := obj{"ref": "refs/heads/" + branch, "before": orZeroSHA(old), "after": orZeroSHA(sha), "created": old == "", "deleted": sha == "",
		"forced": old != "" && sha != "" && !r.git.IsAncestor(old, sha), "base_ref": nil, "commits": commits, "head_commit": nil,
		"compare": s.repoWeb(r, "/compare/"+old+"..."+sha), "pusher": s.pusherJSON(by)}
	if n := len(commits); n > 0 {
		fields["head_commit"] = commits[n-1]
	} else if sha != "" {
		fields["head_commit"] = s.pushCommitJSON(r, sha)
	}
	s.emit(r, "push", "", by, fields)
}

func orZeroSHA(sha string) string {
	if sha == "" {
		return zeroSHA
	}
	return sha
}

func (s *Server) pusherJSON(by *account) obj {
	if by == nil {
		by = s.ghost()
	}
	return obj{"name": by.login, "email": orNull(by.email)}
}

// pushed lists up to 2,048 new commits.
func (s *Server) pushed(r *repo, old, sha string) ([]any, error) {
	from := old
	if from == "" {
		from = r.branch(r.defaultBranch)
	}
	list := []any{}
	if from == "" || sha == "" || from == sha {
		return list, nil
	}
	commits, err := r.git.Log(from, sha)
	for _, c := range commits[:min(len(commits), 2048)] {
		list = append(list, s.pushCommitJSON(r, c.SHA))
	}
	return list, err
}

func (s *Server) emitInstallation(i *Installation, action string, by *account) {
	fields := obj{"repositories": s.shortRepos(i, nil), "installation": s.installationJSON(i)}
	payload := s.payload(nil, nil, by, fields)
	if i.account.isOrg() {
		payload["organization"] = s.orgJSON(i.account)
	}
	s.send(i.App, "installation", action, i, nil, payload)
}

func (s *Server) shortRepos(i *Installation, only []*repo) []any {
	list := []any{}
	for _, r := range s.sortedRepos() {
		if only == nil && i.covers(r) || only != nil && contains(only, r) {
			list = append(list, obj{"id": r.id, "node_id": nodeID("R", r.id), "name": r.name, "full_name": r.fullName(), "private": r.private})
		}
	}
	return list
}

func contains(list []*repo, r *repo) bool {
	for _, o := range list {
		if o == r {
			return true
		}
	}
	return false
}

func (s *Server) emitInstallationRepos(i *Installation, action string, changed []*repo, by *account) {
	fields := obj{"installation": s.installationJSON(i), "repository_selection": s.installationJSON(i)["repository_selection"],
		"repositories_added": []any{}, "repositories_removed": []any{}, "requester": nil}
	if len(changed) > 0 {
		fields["repositories_"+action] = s.shortRepos(i, changed)
	}
	s.send(i.App, "installation_repositories", action, i, nil, s.payload(nil, nil, by, fields))
}
