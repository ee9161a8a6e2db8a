package githubsim

import (
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"
)

func issueRoutes() []route {
	const read, write = "issues:read|pull_requests:read", "issues:write|pull_requests:write"
	return []route{
		{op: "GET /repos/{owner}/{repo}/issues", needs: read, handle: listIssues},
		{op: "POST /repos/{owner}/{repo}/issues", needs: "issues:write", handle: createIssue},
		{op: "GET /repos/{owner}/{repo}/issues/{issue_number}", needs: read, handle: withIssue(func(c *call, i *issue) (*reply, error) { return ok(c.issueJSON(i)) })},
		{op: "PATCH /repos/{owner}/{repo}/issues/{issue_number}", needs: write, handle: withIssue(updateIssue)},
		{op: "GET /repos/{owner}/{repo}/issues/{issue_number}/events", needs: read, handle: withIssue(func(c *call, i *issue) (*reply, error) {
			return paginate(c, i.events, "", func(e *issueEvent) obj { return c.eventJSON(i, e) })
		})},
		{op: "GET /repos/{owner}/{repo}/issues/comments", needs: read, handle: listRepoComments},
		{op: "GET /repos/{owner}/{repo}/issues/comments/{comment_id}", needs: read, handle: withComment(func(c *call, m *comment) (*reply, error) { return ok(c.commentJSON(m)) })},
		{op: "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", needs: write, handle: withComment(updateComment)},
		{op: "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", needs: write, handle: withComment(deleteComment)},
		{op: "GET /repos/{owner}/{repo}/issues/{issue_number}/comments", needs: read, handle: withIssue(func(c *call, i *issue) (*reply, error) {
			return paginate(c, c.since(i.comments), "", c.commentJSON)
		})},
		{op: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments", needs: write, handle: withIssue(createComment)},
		{op: "POST /repos/{owner}/{repo}/issues/{issue_number}/assignees", needs: write, handle: withIssue(addAssignees)},
		{op: "DELETE /repos/{owner}/{repo}/issues/{issue_number}/assignees", needs: write, handle: withIssue(removeAssignees)},
		{op: "PUT /repos/{owner}/{repo}/issues/{issue_number}/lock", needs: write, handle: withIssue(func(c *call, i *issue) (*reply, error) { i.locked = true; return noContent() })},
		{op: "DELETE /repos/{owner}/{repo}/issues/{issue_number}/lock", needs: write, handle: withIssue(func(c *call, i *issue) (*reply, error) { i.locked = false; return noContent() })},
	}
}

// withIssue finds {issue_number}, which may be a pull request.
func withIssue(handle func(*call, *issue) (*reply, error)) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		i := c.repo.issues[c.number("issue_number")]
		if i == nil {
			return nil, notFound()
		}
		return handle(c, i)
	}
}

func withComment(handle func(*call, *comment) (*reply, error)) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		m := c.repo.comment(c.number("comment_id"))
		if m == nil {
			return nil, notFound()
		}
		return handle(c, m)
	}
}

func (r *repo) comment(id int) *comment {
	for _, i := range r.issues {
		for _, m := range i.comments {
			if m.id == id {
				return m
			}
		}
	}
	return nil
}

func listIssues(c *call) (*reply, error) {
	state, labels := c.query.Get("state"), c.query.Get("labels")
	since, _ := time.Parse(time.RFC3339, c.query.Get("since"))
	var list []*issue
	for _, i := range c.repo.sortedIssues() {
		if (state == "" && !i.isOpen()) || (state != "" && state != "all" && i.state != state) || i.updated.Before(since) ||
			!i.hasLabels(labels) || !c.fromCreator(i) {
			continue
		}
		list = append(list, i)
	}
	sortIssues(c, list, func(i *issue) *issue { return i }, true)
	return paginate(c, list, "", c.issueJSON)
}

func (c *call) fromCreator(i *issue) bool {
	creator := c.query.Get("creator")
	if app, ok := strings.CutPrefix(creator, "app/"); ok {
		creator = app + "[bot]"
	}
	return creator == "" || i.user != nil && strings.EqualFold(i.user.login, creator)
}

func (i *issue) hasLabels(names string) bool {
	for _, name := range strings.Split(names, ",") {
		if name != "" && !slices.ContainsFunc(i.labels, func(l *label) bool { return strings.EqualFold(l.name, name) }) {
			return false
		}
	}
	return true
}

func createIssue(c *call) (*reply, error) {
	title, _ := c.body["title"].(string)
	i, err := c.openIssue(c.repo, title, c.str("body"), c.actor)
	if err != nil {
		return nil, err
	}
	if err := c.applyFields(i); err != nil {
		return nil, err
	}
	return created(c.issueJSON(i))
}

func (s *Server) openIssue(r *repo, title, body string, by *actor) (*issue, error) {
	if err := checkBody("Issue", body); err != nil {
		return nil, err
	}
	if strings.TrimSpace(title) == "" {
		return nil, invalid("Issue", "title", "missing_field", "")
	}
	if utf8.RuneCountInString(title) > 256 {
		return nil, invalid("Issue", "title", "custom", "title is too long (maximum is 256 characters)")
	}
	r.nextNumber++
	i := &issue{id: s.id(), number: r.nextNumber, repo: r, user: by.account(), via: by.via(), title: title, body: body, state: "open",
		created: s.now(), updated: s.now()}
	r.issues[i.number] = i
	s.emitIssue(i, "opened", by.account(), nil)
	return i, nil
}

// applyFields sets labels, assignees and milestone of an issue's body.
func (c *call) applyFields(i *issue) error {
	if _, given := c.body["milestone"]; given {
		if err := c.setMilestone(i); err != nil {
			return err
		}
	}
	if c.has("labels") {
		names, err := labelNames(c.list("labels"))
		if err != nil {
			return err
		}
		if err := c.setLabels(i, names, c.actor.account()); err != nil {
			return err
		}
	}
	if c.has("assignees") {
		i.assignees = nil
		c.assign(i, c.strs("assignees"))
	}
	return nil
}

func (c *call) setMilestone(i *issue) error {
	number, _ := c.body["milestone"].(float64)
	if c.body["milestone"] == nil {
		i.milestone = nil
		return nil
	}
	for _, m := range i.repo.milestones {
		if m.number == int(number) {
			i.milestone, i.updated = m, c.now()
			return nil
		}
	}
	return invalid("Issue", "milestone", "invalid", "")
}

func (c *call) assign(i *issue, logins []string) {
	for _, login := range logins {
		a := c.account(login)
		if a != nil && i.repo.isCollaborator(a) && !slices.Contains(i.assignees, a) && len(i.assignees) < 10 {
			i.assignees = append(i.assignees, a) // GitHub ignores those without access
		}
	}
	i.updated = c.now()
}

func addAssignees(c *call, i *issue) (*reply, error) {
	c.assign(i, c.strs("assignees"))
	return created(c.issueJSON(i))
}

func removeAssignees(c *call, i *issue) (*reply, error) {
	i.assignees = slices.DeleteFunc(i.assignees, func(a *account) bool { return slices.Contains(c.strs("assignees"), a.login) })
	return ok(c.issueJSON(i))
}

func updateIssue(c *call, i *issue) (*reply, error) {
	if err := checkBody("Issue", c.str("body")); err != nil {
		return nil, err
	}
	if _, given := c.body["title"]; given && strings.TrimSpace(c.str("title")) == "" {
		return nil, invalid("Issue", "title", "missing_field", "")
	}
	c.editIssue(i)
	if err := c.applyFields(i); err != nil {
		return nil, err
	}
	if state := c.str("state"); state != "" && state != i.state {
		if i.pull != nil {
			if err := c.changePullState(i.pull, state, c.actor.account()); err != nil {
				return nil, err
			}
		} else {
			c.setState(i, state, c.str("state_reason"), c.actor.account())
		}
	}
	return ok(c.issueJSON(i))
}

// setState opens or closes an issue or pull request and tells.
func (s *Server) setState(i *issue, state, reason string, by *account) {
	if i.state == state {
		return
	}
	i.state, i.updated = state, s.now()
	action := "closed"
	if state == "open" {
		action, reason = "reopened", "reopened"
		i.closed, i.closedBy = time.Time{}, nil
	} else {
		i.closed, i.closedBy = s.now(), by
		if reason == "" {
			reason = "completed"
		}
	}
	s.event(i, action, by)
	if i.pull == nil {
		i.reason = reason
		s.emitIssue(i, action, by, nil)
		return
	}
	if state == "closed" {
		i.pull.auto = nil
	}
	s.emitPull(i.pull, action, by, nil)
}

func (s *Server) event(i *issue, kind string, by *account) {
	i.events = append(i.events, &issueEvent{id: s.id(), event: kind, actor: by, created: s.now()})
}

func (s *Server) eventJSON(i *issue, e *issueEvent) obj {
	o := obj{"id": e.id, "node_id": nodeID("EV", e.id), "url": s.repoAPI(i.repo, "/issues/events/"+itoa(e.id)), "actor": s.userJSON(e.actor),
		"event": e.event, "commit_id": nil, "commit_url": nil, "created_at": stamp(e.created), "performed_via_github_app": nil}
	if e.user != nil {
		o["review_requester"], o["requested_reviewer"] = s.userJSON(e.actor), s.userJSON(e.user)
	}
	if e.team != nil {
		o["review_requester"], o["requested_team"] = s.userJSON(e.actor), s.teamJSON(e.team)
	}
	if e.label != nil {
		o["label"] = obj{"name": e.label.name, "color": e.label.color}
	}
	return o
}

func (c *call) since(list []*comment) []*comment {
	since, err := time.Parse(time.RFC3339, c.query.Get("since"))
	if err != nil {
		return list
	}
	var newer []*comment
	for _, m := range list {
		if !m.updated.Before(since) {
			newer = append(newer, m)
		}
	}
	return newer
}

func listRepoComments(c *call) (*reply, error) {
	var list []*comment
	for _, i := range c.repo.sortedIssues() {
		list = append(list, i.comments...)
	}
	sort.Slice(list, func(x, y int) bool { return list[x].id < list[y].id })
	if c.query.Get("direction") == "desc" {
		slices.Reverse(list)
	}
	return paginate(c, c.since(list), "", c.commentJSON)
}

func createComment(c *call, i *issue) (*reply, error) {
	m, err := c.comment(i, c.str("body"), c.actor.account(), c.actor.via())
	if err != nil {
		return nil, err
	}
	return created(c.commentJSON(m))
}

func (s *Server) comment(i *issue, body string, by *account, via *App) (*comment, error) {
	if err := checkComment("IssueComment", body); err != nil {
		return nil, err
	}
	if i.locked && rank(i.repo.role(by)) < rank("push") {
		return nil, refuse(403, "Unable to create comment because issue is locked.")
	}
	m := &comment{id: s.id(), issue: i, user: by, via: via, body: body, created: s.now(), updated: s.now()}
	i.comments = append(i.comments, m)
	i.updated = s.now()
	s.emitComment(m, "created", by, nil)
	return m, nil
}

func checkComment(resource, body string) error {
	if strings.TrimSpace(body) == "" {
		return invalid(resource, "body", "missing_field", "body can't be blank")
	}
	return checkBody(resource, body)
}

func updateComment(c *call, m *comment) (*reply, error) {
	if err := checkComment("IssueComment", c.str("body")); err != nil {
		return nil, err
	}
	changes := obj{"body": obj{"from": m.body}}
	m.body, m.updated = c.str("body"), c.now()
	c.emitComment(m, "edited", c.actor.account(), obj{"changes": changes})
	return ok(c.commentJSON(m))
}

func deleteComment(c *call, m *comment) (*reply, error) {
	c.removeComment(m, c.actor.account())
	return noContent()
}

func (s *Server) removeComment(m *comment, by *account) {
	m.issue.comments = slices.DeleteFunc(m.issue.comments, func(o *comment) bool { return o == m })
	s.emitComment(m, "deleted", by, nil)
}
