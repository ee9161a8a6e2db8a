package githubsim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim/graphql"
)

// serveGraphQL answers POST /graphql: status 200 with errors in the body,
// except for bad credentials and limits.
// https://docs.github.com/graphql/guides/forming-calls-with-graphql
func (s *Server) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client went away
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &call{Server: s, r: r, route: &route{op: "/graphql"}, query: r.URL.Query()}
	var req graphql.Request
	if json.Unmarshal(body, &req) == nil {
		plan, _ := s.schema.Prepare(req)
		c.reads = plan != nil && !plan.Mutation
	}
	fault := s.nextFault(r)
	if fault.stops(w, s, c) {
		return
	}
	rep, err := s.answerGraphQL(c, body)
	if fault != nil {
		fault.finish(w, s, c)
		return
	}
	s.write(w, c, rep, err)
}

func (s *Server) answerGraphQL(c *call, body []byte) (*reply, error) {
	var err error
	if c.actor, err = s.authenticate(c.r); err != nil {
		return nil, err
	}
	if c.actor.token == nil {
		return nil, refuse(401, "This endpoint requires you to be authenticated.")
	}
	if err := s.spend(c); err != nil {
		return nil, err
	}
	var req graphql.Request
	if err := json.Unmarshal(body, &req); err != nil {
		return nil, refuse(400, "Problems parsing JSON")
	}
	plan, faults := s.schema.Prepare(req)
	if faults != nil {
		return ok(obj{"errors": faults})
	}
	root := c.queryRoot()
	if plan.Mutation {
		if err := s.spendWrite(c.actor); err != nil {
			return nil, err
		}
		root = c.mutationRoot()
	}
	return ok(s.schema.Run(plan, root))
}

type fields = map[string]any

func object(kind string, f fields) *graphql.Object { return &graphql.Object{Type: kind, Fields: f} }

func resolver(f func(args map[string]any) (any, error)) graphql.Resolver { return f }

func (c *call) queryRoot() *graphql.Object {
	return object("Query", fields{"id": "query",
		"node": resolver(func(args map[string]any) (any, error) { return c.node(args["id"].(string)) }),
		"nodes": resolver(func(args map[string]any) (any, error) {
			var list []*graphql.Object
			for _, id := range args["ids"].([]any) {
				o, err := c.node(id.(string))
				if err != nil {
					return nil, err
				}
				list = append(list, o)
			}
			return list, nil
		}),
		"repository": resolver(func(args map[string]any) (any, error) {
			r, _ := c.Server.repo(args["owner"].(string), args["name"].(string))
			if r == nil || !c.actor.sees(r) {
				return nil, &graphql.Error{Type: "NOT_FOUND", Message: "Could not resolve to a Repository with the name '" +
					args["owner"].(string) + "/" + args["name"].(string) + "'."}
			}
			return c.repoNode(r), nil
		}),
		"rateLimit": object("RateLimit", fields{"cost": 1, "limit": c.opts.HourlyLimit, "used": c.window(c.actor).used,
			"remaining": c.opts.HourlyLimit - c.window(c.actor).used, "resetAt": stamp(c.window(c.actor).reset)}),
	})
}

// unresolved is GitHub's error for an unknown global ID.
func unresolved(id string) error {
	return &graphql.Error{Type: "NOT_FOUND", Message: "Could not resolve to a node with the global id of '" + id + "'"}
}

func (c *call) node(id string) (*graphql.Object, error) {
	kind, number, _ := parseNodeID(id)
	for _, r := range c.sortedRepos() {
		if !c.actor.sees(r) {
			continue
		}
		if kind == "R" && r.id == number {
			return c.repoNode(r), nil
		}
		if o := c.nodeIn(r, kind, number); o != nil {
			return o, nil
		}
	}
	return nil, unresolved(id)
}

func (c *call) nodeIn(r *repo, kind string, id int) *graphql.Object {
	switch kind {
	case "IC":
		if m := r.comment(id); m != nil {
			return c.commentNode(m)
		}
	case "PRRC":
		if m := r.reviewComment(id); m != nil {
			return c.reviewCommentNode(m)
		}
	}
	for _, p := range r.pulls() {
		if kind == "PR" && p.id == id {
			return c.pullNode(p)
		}
		for _, t := range p.threads {
			if kind == "PRRT" && t.id == id {
				return c.threadNode(t)
			}
		}
	}
	return nil
}

func actorNode(a *account) *graphql.Object {
	if a == nil {
		return nil
	}
	return object(a.kind, fields{"id": nodeID("U", a.id), "login": strings.TrimSuffix(a.login, "[bot]")})
}

func (c *call) repoNode(r *repo) *graphql.Object {
	f := c.furnishings(r)
	merge(f, fields{"id": nodeID("R", r.id), "name": r.name, "nameWithOwner": r.fullName(), "autoMergeAllowed": r.settings.AllowAutoMerge,
		"pullRequest": resolver(func(args map[string]any) (any, error) {
			number, _ := strconv.Atoi(jsonText(args["number"]))
			if i := r.issues[number]; i != nil && i.pull != nil {
				return c.pullNode(i.pull), nil
			}
			return nil, &graphql.Error{Type: "NOT_FOUND", Message: "Could not resolve to a PullRequest with the number of " + itoa(number) + "."}
		}),
		"mergeQueue": resolver(func(args map[string]any) (any, error) {
			branch, _ := args["branch"].(string)
			if branch == "" {
				branch = r.defaultBranch
			}
			return c.queueNode(r, branch), nil
		})})
	return object("Repository", f)
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

func (r *repo) hasQueue(branch string) bool {
	for _, p := range r.protection(branch) {
		if p.MergeQueue {
			return true
		}
	}
	return false
}

func (c *call) queueNode(r *repo, branch string) *graphql.Object {
	if !r.hasQueue(branch) {
		return nil
	}
	var entries []*graphql.Object
	for _, p := range r.pulls() {
		if p.queueRef != "" && p.base.ref == branch {
			entries = append(entries, c.entryNode(p))
		}
	}
	return object("MergeQueue", fields{"id": nodeID("MQ", r.id), "entries": connection("MergeQueueEntryConnection", entries)})
}

func (c *call) entryNode(p *pull) *graphql.Object {
	if p.queueRef == "" {
		return nil
	}
	position := 1
	for _, o := range p.repo.pulls() {
		if o.queueRef != "" && o.base.ref == p.base.ref && o.queued.Before(p.queued) {
			position++
		}
	}
	return object("MergeQueueEntry", fields{"id": nodeID("MQE", p.id), "position": position, "state": "AWAITING_CHECKS", "enqueuedAt": stamp(p.queued),
		"enqueuer": actorNode(p.queuedBy), "pullRequest": resolver(func(map[string]any) (any, error) { return c.pullNode(p), nil })})
}

// connection pages a list by first, last, after and before.
func connection(kind string, nodes []*graphql.Object) graphql.Resolver {
	return func(args map[string]any) (any, error) {
		first, isFirst := number(args["first"])
		last, isLast := number(args["last"])
		if !isFirst && !isLast {
			return nil, &graphql.Error{Type: "MISSING_PAGINATION_BOUNDARIES", Message: "You must provide a `first` or `last` value to properly paginate the connection."}
		}
		if first > 100 || last > 100 {
			return nil, &graphql.Error{Type: "EXCESSIVE_PAGINATION", Message: "Requesting more than 100 records on the connection."}
		}
		from, to := 0, len(nodes)
		if after, err := strconv.Atoi(text(args["after"])); err == nil {
			from = min(after, to)
		}
		if before, err := strconv.Atoi(text(args["before"])); err == nil {
			to = max(from, min(before-1, to))
		}
		if isFirst {
			to = min(to, from+first)
		} else {
			from = max(from, to-last)
		}
		page := object("PageInfo", fields{"hasNextPage": to < len(nodes), "hasPreviousPage": from > 0, "startCursor": orNull(cursor(from+1, to)),
			"endCursor": orNull(cursor(to, to))})
		return object(kind, fields{"nodes": nodes[from:to], "totalCount": len(nodes), "pageInfo": page}), nil
	}
}

func cursor(n, last int) string {
	if last == 0 {
		return ""
	}
	return itoa(n)
}

func text(v any) string { s, _ := v.(string); return s }

func number(v any) (int, bool) {
	n, err := strconv.Atoi(jsonText(v))
	return n, err == nil
}

var pullStates = map[bool]string{true: "OPEN", false: "CLOSED"}

func (c *call) pullNode(p *pull) *graphql.Object {
	var threads []*graphql.Object
	for _, t := range p.threads {
		if len(t.published()) > 0 {
			threads = append(threads, c.threadNode(t))
		}
	}
	state := pullStates[p.isOpen()]
	if !p.merged.IsZero() {
		state = "MERGED"
	}
	f := fields{"id": nodeID("PR", p.id), "number": p.number, "title": p.title, "state": state, "isDraft": p.draft, "headRefOid": p.head.sha,
		"headRefName": p.head.ref, "baseRefName": p.base.ref, "isInMergeQueue": p.queueRef != "", "isMergeQueueEnabled": p.repo.hasQueue(p.base.ref),
		"mergeQueueEntry": c.entryNode(p), "reviewThreads": connection("PullRequestReviewThreadConnection", threads), "autoMergeRequest": nil,
		"reviewDecision": p.decision()}
	f["mergeStateStatus"] = resolver(func(map[string]any) (any, error) { return strings.ToUpper(c.mergeability(p).state), nil })
	f["mergeable"] = resolver(func(map[string]any) (any, error) {
		return map[any]string{true: "MERGEABLE", false: "CONFLICTING", nil: "UNKNOWN"}[c.mergeability(p).mergeable], nil
	})
	if a := p.auto; a != nil {
		f["autoMergeRequest"] = object("AutoMergeRequest", fields{"enabledAt": stamp(p.updated), "enabledBy": actorNode(a.by), "mergeMethod": strings.ToUpper(a.method)})
	}
	return object("PullRequest", f)
}

// decision is null where no reviews are required.
func (p *pull) decision() any {
	required := 0
	for _, rule := range p.repo.protection(p.base.ref) {
		required = max(required, rule.RequiredReviews)
	}
	switch {
	case p.changesRequested():
		return "CHANGES_REQUESTED"
	case required == 0:
		return nil
	case p.approvals() >= required:
		return "APPROVED"
	}
	return "REVIEW_REQUIRED"
}

func (c *call) threadNode(t *thread) *graphql.Object {
	var comments []*graphql.Object
	for _, m := range t.published() {
		comments = append(comments, c.reviewCommentNode(m))
	}
	f := fields{"id": nodeID("PRRT", t.id), "isResolved": t.resolved, "isOutdated": false, "path": t.path, "line": nil, "startLine": nil, "resolvedBy": nil,
		"comments":    connection("PullRequestReviewCommentConnection", comments),
		"pullRequest": resolver(func(map[string]any) (any, error) { return c.pullNode(t.pull), nil })}
	if t.resolved && t.resolvedBy != nil {
		f["resolvedBy"] = object("User", actorNode(t.resolvedBy).Fields)
	}
	if len(t.comments) > 0 && !t.comments[0].wholeFile {
		at := c.locate(t.comments[0])
		f["isOutdated"], f["line"], f["startLine"] = at.line == 0, orZero(at.line), orZero(at.start)
	}
	return object("PullRequestReviewThread", f)
}

func (c *call) reviewCommentNode(m *reviewComment) *graphql.Object {
	return object("PullRequestReviewComment", fields{"id": nodeID("PRRC", m.id), "databaseId": m.id, "body": m.body, "path": m.thread.path,
		"author": actorNode(m.user), "isMinimized": m.minimized != "", "minimizedReason": orNull(m.minimized)})
}

func (c *call) commentNode(m *comment) *graphql.Object {
	return object("IssueComment", fields{"id": nodeID("IC", m.id), "databaseId": m.id, "body": m.body, "author": actorNode(m.user),
		"isMinimized": m.minimized != "", "minimizedReason": orNull(m.minimized)})
}

// asGraphQL turns a refusal into an error of an answer.
func asGraphQL(err error) error {
	var refused *apiError
	if !errors.As(err, &refused) {
		return err
	}
	message := refused.message
	for _, e := range refused.errors {
		if t, isText := e.(string); isText {
			message = t
		}
	}
	return &graphql.Error{Type: "UNPROCESSABLE", Message: message}
}
