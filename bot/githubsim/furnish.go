package githubsim

import (
	"errors"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim/graphql"
)

// What GraphQL gives to a pull request beside its content, and how it moves
// refs. Each mutation of a document is done or refused for itself, in order.

// furnishings are fields of a repository whose global IDs the mutations take.
func (c *call) furnishings(r *repo) fields {
	return fields{
		"label": resolver(func(args map[string]any) (any, error) {
			if l := r.label(text(args["name"])); l != nil {
				return object("Label", fields{"id": nodeID("LA", l.id), "name": l.name}), nil
			}
			return nil, nil
		}),
		"milestones": resolver(func(args map[string]any) (any, error) {
			var list []*graphql.Object
			for _, m := range r.milestones {
				if holds(m.title, text(args["query"])) {
					list = append(list, object("Milestone", fields{"id": nodeID("MI", m.id), "number": m.number, "title": m.title}))
				}
			}
			return connection("MilestoneConnection", list)(args)
		}),
		"assignableUsers": resolver(func(args map[string]any) (any, error) {
			var list []*graphql.Object
			for _, a := range c.accounts {
				if a.kind == "User" && r.isCollaborator(a) && holds(a.login, text(args["query"])) {
					list = append(list, actorNode(a))
				}
			}
			slices.SortFunc(list, func(a, b *graphql.Object) int {
				return strings.Compare(text(a.Fields["login"]), text(b.Fields["login"]))
			})
			return connection("UserConnection", list)(args)
		}),
	}
}

func holds(name, query string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(query))
}

func ids(list any) []string {
	all, _ := list.([]any)
	return texts(all)
}

func (c *call) furnishMutations() fields {
	const needs = "pull_requests"
	return fields{
		"addLabelsToLabelable": mutation(c, "labelableId", needs, findPull, func(p *pull, input map[string]any) (fields, error) {
			return fields{}, c.addLabelsByID(p, ids(input["labelIds"]))
		}),
		"addAssigneesToAssignable": mutation(c, "assignableId", needs, findPull, func(p *pull, input map[string]any) (fields, error) {
			return fields{}, c.assignByID(p, ids(input["assigneeIds"]))
		}),
		"updatePullRequest": c.onPull("pull_requests", c.updateByID),
		"updateRefs": mutation(c, "repositoryId", "contents", func(r *repo, kind string, id int) (*repo, bool) { return r, kind == "R" && r.id == id },
			func(r *repo, input map[string]any) (fields, error) {
				return fields{}, c.updateRefs(r, input["refUpdates"].([]any))
			}),
	}
}

func (c *call) addLabelsByID(p *pull, list []string) error {
	names := p.labelNames()
	for _, id := range list {
		i := slices.IndexFunc(p.repo.labels, func(l *label) bool { return nodeID("LA", l.id) == id })
		if i < 0 {
			return unresolved(id)
		}
		names = append(names, p.repo.labels[i].name)
	}
	return c.setLabels(p.issue, names, c.actor.account())
}

func (c *call) assignByID(p *pull, list []string) error {
	for _, id := range list {
		found := false
		for _, a := range c.accounts {
			if nodeID("U", a.id) == id && p.repo.isCollaborator(a) {
				c.assign(p.issue, []string{a.login})
				found = true
			}
		}
		if !found {
			return unresolved(id)
		}
	}
	return nil
}

// updateByID changes what the input names.
func (c *call) updateByID(p *pull, input map[string]any) error {
	for _, other := range []string{"title", "body", "state", "baseRefName", "labelIds", "assigneeIds", "maintainerCanModify", "projectIds"} {
		if input[other] != nil {
			return unprocessable("the simulator does not know updatePullRequest with " + other)
		}
	}
	id := text(input["milestoneId"])
	if id == "" {
		return nil
	}
	for _, m := range p.repo.milestones {
		if nodeID("MI", m.id) == id {
			p.milestone, p.updated = m, c.now()
			return nil
		}
	}
	return unresolved(id)
}

type refUpdate struct {
	name, before, after string // "": no such ref
	force               bool
}

// updateRefs moves all refs or none. beforeOid is where a ref has to be,
// zeros for nowhere.
func (c *call) updateRefs(r *repo, list []any) error {
	var updates []refUpdate
	for _, e := range list {
		o := e.(map[string]any)
		u := refUpdate{name: text(o["name"]), before: text(o["beforeOid"]), after: text(o["afterOid"])}
		u.force, _ = o["force"].(bool)
		if err := c.checkRefUpdate(r, &u); err != nil {
			return err
		}
		updates = append(updates, u)
	}
	for _, u := range updates {
		if err := c.setRef(r, u.name, u.after, c.actor.account()); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) checkRefUpdate(r *repo, u *refUpdate) error {
	now := r.refs[u.name]
	if u.before != "" && strings.Trim(u.before, "0") != strings.Trim(now, "0") {
		return unprocessable("Reference cannot be updated: " + u.name + " is not at the expected value")
	}
	if u.after == zeroSHA {
		u.after = ""
	} else if _, err := r.git.Commit(u.after); err != nil || !sha40.MatchString(u.after) {
		return unprocessable("Object does not exist")
	}
	if now != "" && u.after != "" && !u.force && !r.git.IsAncestor(now, u.after) {
		return unprocessable("Update is not a fast forward")
	}
	branch, isBranch := strings.CutPrefix(u.name, "refs/heads/")
	if !isBranch {
		return nil
	}
	err := c.checkPush(r, branch, now, u.after, c.actor.account())
	var refused *refusal
	if errors.As(err, &refused) {
		return unprocessable("Repository rule violations found\n\n" + strings.Join(refused.lines, "\n"))
	}
	return err
}
