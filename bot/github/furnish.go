package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Furniture is what pull requests are given beside their content; what is empty is not given.
type Furniture struct {
	Labels, Assignees []string // names and logins
	Milestone         string   // title
	AutoMerge         string   // "MERGE", "SQUASH" or "REBASE"
}

// Furnishing is furniture by the global IDs that GraphQL takes.
type Furnishing struct {
	Created           int // labels that had to be created first
	labels, assignees []string
	milestone, method string
}

// Empty says that there is nothing to give.
func (f Furnishing) Empty() bool {
	return len(f.labels)+len(f.assignees) == 0 && f.milestone == "" && f.method == ""
}

// WithoutAutoMerge leaves that out, as drafts do.
func (f Furnishing) WithoutAutoMerge() Furnishing {
	f.method = ""
	return f
}

// node is something with a global ID.
type node struct{ ID, Login, Title string }

// looked is what the query for furniture answers, by the names that it gives.
type looked map[string]struct {
	ID    string
	Nodes []node
}

// id returns the global ID of the one that is meant among those that were found; "" if it is not there.
func (l looked) id(name string, meant func(node) bool) string {
	if at := slices.IndexFunc(l[name].Nodes, meant); at >= 0 {
		return l[name].Nodes[at].ID
	}
	return ""
}

// FindFurniture looks up what Furnish gives, in one query for any number of pull requests; labels that do not exist
// are created. What cannot be had is left out and returned in missing: a milestone that does not exist, somebody who
// cannot be assigned, a label that may not be created.
func (r *Repo) FindFurniture(ctx context.Context, f Furniture) (found Furnishing, missing []error, err error) {
	found.method = f.AutoMerge
	query, variables := furnitureQuery(f)
	var answer struct{ Repository looked }
	if len(variables) > 0 {
		variables["owner"], variables["name"] = r.owner, r.name
		if err := r.ask(asQuery(ctx), query, variables, &answer); err != nil {
			return found, nil, explain(r.op("look up labels, assignees and milestone"), err)
		}
	}
	absent := func(what string) { missing = append(missing, fmt.Errorf("%s: %w", r.op("%s", what), ErrNotFound)) }
	for i, login := range f.Assignees {
		if id := answer.Repository.id(alias("assignee", i), func(n node) bool { return strings.EqualFold(n.Login, login) }); id != "" {
			found.assignees = append(found.assignees, id)
		} else {
			absent("assign " + login)
		}
	}
	if f.Milestone != "" {
		found.milestone = answer.Repository.id("milestones", func(n node) bool { return strings.EqualFold(n.Title, f.Milestone) })
		if found.milestone == "" {
			absent(fmt.Sprintf("find the milestone %q", f.Milestone))
		}
	}
	for i, name := range f.Labels {
		id, created, err := r.label(ctx, name, answer.Repository[alias("label", i)].ID)
		switch {
		case err == nil:
			found.labels = append(found.labels, id)
			found.Created += created
		case Temporary(err):
			return found, nil, err
		default:
			missing = append(missing, err)
		}
	}
	return found, missing, nil
}

func alias(kind string, i int) string { return fmt.Sprint(kind, i) }

func furnitureQuery(f Furniture) (query string, variables map[string]any) {
	variables = map[string]any{}
	var declared, fields strings.Builder
	add := func(name, value, field string) {
		variables[name] = value
		fmt.Fprintf(&declared, ", $%s: String!", name)
		fmt.Fprintf(&fields, " %s: %s", name, strings.ReplaceAll(field, "$", "$"+name))
	}
	for i, name := range f.Labels {
		add(alias("label", i), name, "label(name: $) { id }")
	}
	for i, login := range f.Assignees {
		add(alias("assignee", i), login, "assignableUsers(first: 50, query: $) { nodes { id login } }")
	}
	if f.Milestone != "" {
		add("milestones", f.Milestone, "milestones(first: 100, query: $) { nodes { id title } }")
	}
	return fmt.Sprintf("query($owner: String!, $name: String!%s) { repository(owner: $owner, name: $name) {%s } }", &declared, &fields), variables
}

// Furnish gives a pull request (by its NodeID) all of it in one request, beside what it has. GitHub does or refuses
// each part for itself, in this order: assignees, milestone, auto-merge, labels. refused is what it does not do; err
// says that nobody knows what was done. Auto-merge is refused where the repository does not allow it, or where nothing
// is left to wait for.
func (r *Repo) Furnish(ctx context.Context, nodeID string, f Furnishing) (refused []error, err error) {
	query, variables := furnishMutation(nodeID, f)
	err = r.plain(ctx, nodeID, "furnish a pull request", func() error {
		refused = nil
		_, faults, err := r.post(ctx, query, variables)
		for _, fault := range faults {
			named := nameGraphQL([]graphQLError{fault})
			if Temporary(named) || len(fault.Path) == 0 {
				return named
			}
			refused = append(refused, explain(r.op("%v a pull request", fault.Path[0]), named))
		}
		return err
	})
	return refused, err
}

func furnishMutation(nodeID string, f Furnishing) (query string, variables map[string]any) {
	variables = map[string]any{"pull": nodeID}
	declared, parts := "$pull: ID!", ""
	add := func(given bool, name string, value any, kind, part string) {
		if given {
			variables[name] = value
			declared += ", $" + name + ": " + kind
			parts += "\n" + part + " { clientMutationId }"
		}
	}
	add(len(f.assignees) > 0, "assignees", f.assignees, "[ID!]!", "assign: addAssigneesToAssignable(input: {assignableId: $pull, assigneeIds: $assignees})")
	add(f.milestone != "", "milestone", f.milestone, "ID!", "schedule: updatePullRequest(input: {pullRequestId: $pull, milestoneId: $milestone})")
	add(f.method != "", "method", f.method, "PullRequestMergeMethod!", "automerge: enablePullRequestAutoMerge(input: {pullRequestId: $pull, mergeMethod: $method})")
	add(len(f.labels) > 0, "labels", f.labels, "[ID!]!", "label: addLabelsToLabelable(input: {labelableId: $pull, labelIds: $labels})")
	return "mutation(" + declared + ") {" + parts + "\n}", variables
}

// RefMove moves a branch or a tag. Old is where it has to be, "" for nowhere; New may be no descendant of it.
type RefMove struct{ Name, Old, New string }

const nowhere = "0000000000000000000000000000000000000000"

// MoveRefs moves refs of the repository (by its NodeID), all of them or, with *ErrValidation, none: one of them is not
// where it has to be, or a rule does not allow it (https://docs.github.com/graphql/reference/mutations#updaterefs).
// REST cannot move a ref under a condition.
func (r *Repo) MoveRefs(ctx context.Context, nodeID string, moves []RefMove) error {
	updates := make([]map[string]any, len(moves))
	for i, m := range moves {
		updates[i] = map[string]any{"name": m.Name, "beforeOid": m.Old, "afterOid": m.New, "force": true}
		if m.Old == "" {
			updates[i]["beforeOid"] = nowhere
		}
	}
	return r.mutate(ctx, fmt.Sprintf("move %d refs", len(moves)), "updateRefs", "UpdateRefsInput",
		map[string]any{"repositoryId": nodeID, "refUpdates": updates})
}

// label returns the global ID of a label, which is created unless it was found.
func (r *Repo) label(ctx context.Context, name, found string) (id string, created int, err error) {
	if found != "" {
		return found, 0, nil
	}
	var made struct {
		NodeID string `json:"node_id"`
	}
	err = r.plain(ctx, name, "create label "+name, func() error {
		return r.call(ctx, http.MethodPost, "labels", map[string]string{"name": name}, &made)
	})
	var refused *ErrValidation
	if errors.As(err, &refused) && refused.Says("already_exists") { // somebody made it meanwhile
		err = explain(r.op("read label %s", name), r.call(ctx, http.MethodGet, "labels/"+url.PathEscape(name), nil, &made))
		return made.NodeID, 0, err
	}
	return made.NodeID, 1, err
}
