package githubsim

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

func labelRoutes() []route {
	const read, write = "issues:read|pull_requests:read", "issues:write|pull_requests:write"
	return []route{
		{op: "GET /repos/{owner}/{repo}/labels", needs: read, handle: func(c *call) (*reply, error) {
			return paginate(c, c.repo.labels, "", func(l *label) obj { return c.labelJSON(c.repo, l) })
		}},
		{op: "POST /repos/{owner}/{repo}/labels", needs: write, handle: createLabel},
		{op: "GET /repos/{owner}/{repo}/labels/{name}", needs: read, handle: withLabel(func(c *call, l *label) (*reply, error) { return ok(c.labelJSON(c.repo, l)) })},
		{op: "PATCH /repos/{owner}/{repo}/labels/{name}", needs: write, handle: withLabel(updateLabel)},
		{op: "DELETE /repos/{owner}/{repo}/labels/{name}", needs: write, handle: withLabel(deleteLabel)},
		{op: "GET /repos/{owner}/{repo}/issues/{issue_number}/labels", needs: read, handle: withIssue(answerLabels)},
		{op: "POST /repos/{owner}/{repo}/issues/{issue_number}/labels", needs: write, handle: withIssue(func(c *call, i *issue) (*reply, error) {
			return changeLabels(c, i, i.labelNames())
		})},
		{op: "PUT /repos/{owner}/{repo}/issues/{issue_number}/labels", needs: write, handle: withIssue(func(c *call, i *issue) (*reply, error) {
			return changeLabels(c, i, nil)
		})},
		{op: "DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels", needs: write, handle: withIssue(func(c *call, i *issue) (*reply, error) {
			if err := c.setLabels(i, nil, c.actor.account()); err != nil {
				return nil, err
			}
			return noContent()
		})},
		{op: "DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}", needs: write, handle: withIssue(removeLabel)},
		{op: "GET /repos/{owner}/{repo}/milestones", needs: read, handle: listMilestones},
		{op: "POST /repos/{owner}/{repo}/milestones", needs: write, handle: createMilestone},
		{op: "GET /repos/{owner}/{repo}/milestones/{milestone_number}", needs: read, handle: getMilestone},
	}
}

var hexColor = regexp.MustCompile(`^[0-9a-fA-F]{6}$`)

func withLabel(handle func(*call, *label) (*reply, error)) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		l := c.repo.label(c.path("name"))
		if l == nil {
			return nil, notFound()
		}
		return handle(c, l)
	}
}

func (r *repo) label(name string) *label {
	for _, l := range r.labels {
		if strings.EqualFold(l.name, name) {
			return l
		}
	}
	return nil
}

// checkLabel holds the limits of labels: 50 characters, 100 of description.
func checkLabel(name, color, description string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return invalid("Label", "name", "missing_field", "")
	case utf8.RuneCountInString(name) > 50:
		return invalid("Label", "name", "custom", "name is too long (maximum is 50 characters)")
	case color != "" && !hexColor.MatchString(color):
		return invalid("Label", "color", "invalid", "")
	case utf8.RuneCountInString(description) > 100:
		return invalid("Label", "description", "custom", "description is too long (maximum is 100 characters)")
	}
	return nil
}

func createLabel(c *call) (*reply, error) {
	name, color, description := c.str("name"), c.str("color"), c.str("description")
	if err := checkLabel(name, color, description); err != nil {
		return nil, err
	}
	if c.repo.label(name) != nil {
		return nil, invalid("Label", "name", "already_exists", "")
	}
	return created(c.labelJSON(c.repo, c.addLabel(c.repo, name, color, description)))
}

func (s *Server) addLabel(r *repo, name, color, description string) *label {
	l := &label{id: s.id(), name: name, color: strings.ToLower(cmp.Or(color, "ededed")), description: description}
	r.labels = append(r.labels, l)
	return l
}

func updateLabel(c *call, l *label) (*reply, error) {
	name, color, description := cmp.Or(c.str("new_name"), l.name), cmp.Or(c.str("color"), l.color), l.description
	if c.has("description") {
		description = c.str("description")
	}
	if err := checkLabel(name, color, description); err != nil {
		return nil, err
	}
	if other := c.repo.label(name); other != nil && other != l {
		return nil, invalid("Label", "name", "already_exists", "")
	}
	l.name, l.color, l.description = name, color, description
	return ok(c.labelJSON(c.repo, l))
}

func deleteLabel(c *call, l *label) (*reply, error) {
	same := func(o *label) bool { return o == l }
	c.repo.labels = slices.DeleteFunc(c.repo.labels, same)
	for _, i := range c.repo.issues {
		i.labels = slices.DeleteFunc(i.labels, same)
	}
	return noContent()
}

func answerLabels(c *call, i *issue) (*reply, error) {
	return paginate(c, i.labels, "", func(l *label) obj { return c.labelJSON(c.repo, l) })
}

func (i *issue) labelNames() []string {
	var names []string
	for _, l := range i.labels {
		names = append(names, l.name)
	}
	return names
}

// labelNames reads ["a"] and [{"name": "a"}].
func labelNames(list []any) ([]string, error) {
	var names []string
	for _, e := range list {
		switch v := e.(type) {
		case string:
			names = append(names, v)
		case obj:
			name, _ := v["name"].(string)
			names = append(names, name)
		}
	}
	for _, n := range names {
		if err := checkLabel(n, "", ""); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func changeLabels(c *call, i *issue, keep []string) (*reply, error) {
	names, err := labelNames(c.list("labels"))
	if err != nil {
		return nil, err
	}
	if err := c.setLabels(i, append(keep, names...), c.actor.account()); err != nil {
		return nil, err
	}
	return answerLabels(c, i)
}

// setLabels gives an issue exactly these labels; unknown ones are created.
func (s *Server) setLabels(i *issue, names []string, by *account) error {
	var want []*label
	for _, name := range names {
		l := i.repo.label(name)
		if l == nil {
			l = s.addLabel(i.repo, name, "", "")
		}
		if !slices.Contains(want, l) {
			want = append(want, l)
		}
	}
	if len(want) > 100 {
		return invalid("Issue", "labels", "custom", "Issue can have at most 100 labels")
	}
	before := i.labels
	i.labels = want
	for _, l := range before {
		if !slices.Contains(want, l) {
			s.labelChanged(i, "unlabeled", l, by)
		}
	}
	for _, l := range want {
		if !slices.Contains(before, l) {
			s.labelChanged(i, "labeled", l, by)
		}
	}
	return nil
}

func (s *Server) labelChanged(i *issue, action string, l *label, by *account) {
	i.updated = s.now()
	s.event(i, action, by)
	i.events[len(i.events)-1].label = l
	extra := obj{"label": s.labelJSON(i.repo, l)}
	if i.pull != nil {
		s.emitPull(i.pull, action, by, extra)
		return
	}
	s.emitIssue(i, action, by, extra)
}

func removeLabel(c *call, i *issue) (*reply, error) {
	name := c.path("name")
	if !i.hasLabels(name) {
		return nil, refuse(404, "Label does not exist")
	}
	var keep []string
	for _, n := range i.labelNames() {
		if !strings.EqualFold(n, name) {
			keep = append(keep, n)
		}
	}
	if err := c.setLabels(i, keep, c.actor.account()); err != nil {
		return nil, err
	}
	return answerLabels(c, i)
}

func listMilestones(c *call) (*reply, error) {
	state := cmp.Or(c.query.Get("state"), "open")
	var list []*milestone
	for _, m := range c.repo.milestones {
		if state == "all" || m.state == state {
			list = append(list, m)
		}
	}
	return paginate(c, list, "", func(m *milestone) obj { return c.milestoneJSON(c.repo, m).(obj) })
}

func createMilestone(c *call) (*reply, error) {
	title := c.str("title")
	for _, m := range c.repo.milestones {
		if m.title == title {
			return nil, invalid("Milestone", "title", "already_exists", "")
		}
	}
	m := &milestone{id: c.id(), number: len(c.repo.milestones) + 1, title: title, description: c.str("description"),
		state: cmp.Or(c.str("state"), "open"), creator: c.actor.account(), created: c.now()}
	m.due, _ = time.Parse(time.RFC3339, c.str("due_on"))
	c.repo.milestones = append(c.repo.milestones, m)
	return created(c.milestoneJSON(c.repo, m))
}

func getMilestone(c *call) (*reply, error) {
	for _, m := range c.repo.milestones {
		if m.number == c.number("milestone_number") {
			return ok(c.milestoneJSON(c.repo, m))
		}
	}
	return nil, notFound()
}
