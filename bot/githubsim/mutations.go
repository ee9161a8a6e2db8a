package githubsim

import (
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim/graphql"
)

// mutation finds its subject by a global ID, checks the permission and acts.
func mutation[T any](c *call, idField, permissions string, find func(r *repo, kind string, id int) (T, bool),
	act func(subject T, input map[string]any) (fields, error)) graphql.Resolver {
	return func(args map[string]any) (any, error) {
		input := args["input"].(map[string]any)
		kind, id, _ := parseNodeID(text(input[idField]))
		for _, r := range c.sortedRepos() {
			subject, found := find(r, kind, id)
			if !found || !c.actor.sees(r) {
				continue
			}
			if err := c.mayMutate(r, permissions); err != nil {
				return nil, err
			}
			payload, err := act(subject, input)
			if err != nil {
				return nil, asGraphQL(err)
			}
			payload["clientMutationId"] = input["clientMutationId"]
			return object("", payload), nil
		}
		return nil, unresolved(text(input[idField]))
	}
}

func (c *call) mayMutate(r *repo, permissions string) error {
	for _, p := range strings.Split(permissions, " ") {
		if !c.actor.may(p, "write", r, "", c) {
			return &graphql.Error{Type: "FORBIDDEN", Message: "Resource not accessible by integration"}
		}
	}
	if r.archived {
		return &graphql.Error{Type: "UNPROCESSABLE", Message: "Repository was archived so is read-only."}
	}
	return nil
}

func findPull(r *repo, kind string, id int) (*pull, bool) {
	for _, p := range r.pulls() {
		if (kind == "PR" || kind == "MQE") && p.id == id {
			return p, true
		}
	}
	return nil, false
}

func findThread(r *repo, kind string, id int) (*thread, bool) {
	for _, p := range r.pulls() {
		for _, t := range p.threads {
			if kind == "PRRT" && t.id == id {
				return t, true
			}
		}
	}
	return nil, false
}

func findComment(r *repo, kind string, id int) (*comment, bool) {
	m := r.comment(id)
	return m, kind == "IC" && m != nil
}

func findReviewComment(r *repo, kind string, id int) (*reviewComment, bool) {
	m := r.reviewComment(id)
	return m, kind == "PRRC" && m != nil
}

// mutationRoot has the mutations.
func (c *call) mutationRoot() *graphql.Object {
	all := c.pullMutations()
	merge(all, c.queueMutations())
	merge(all, c.commentMutations())
	merge(all, c.furnishMutations())
	return object("Mutation", all)
}

// onPull is a mutation that answers with its pull request.
func (c *call) onPull(permissions string, act func(p *pull, input map[string]any) error) graphql.Resolver {
	return mutation(c, "pullRequestId", permissions, findPull, func(p *pull, input map[string]any) (fields, error) {
		err := act(p, input)
		return fields{"pullRequest": c.pullNode(p)}, err
	})
}

func (c *call) pullMutations() fields {
	by := c.actor.account()
	return fields{
		"enablePullRequestAutoMerge": c.onPull("pull_requests contents", func(p *pull, input map[string]any) error {
			return c.enableAuto(p, autoMerge{by: by, method: strings.ToLower(orText(input["mergeMethod"], "MERGE")), title: text(input["commitHeadline"]),
				message: text(input["commitBody"])})
		}),
		"disablePullRequestAutoMerge": c.onPull("pull_requests contents", func(p *pull, _ map[string]any) error {
			return c.disableAuto(p, by)
		}),
		"convertPullRequestToDraft": c.onPull("pull_requests", func(p *pull, _ map[string]any) error {
			c.setDraft(p, true, by)
			return nil
		}),
		"markPullRequestReadyForReview": c.onPull("pull_requests", func(p *pull, _ map[string]any) error {
			c.setDraft(p, false, by)
			return nil
		}),
	}
}

func (c *call) queueMutations() fields {
	by := c.actor.account()
	return fields{
		"enqueuePullRequest": mutation(c, "pullRequestId", "pull_requests contents", findPull, func(p *pull, _ map[string]any) (fields, error) {
			err := c.enqueuePull(p, by)
			return fields{"mergeQueueEntry": c.entryNode(p)}, err
		}),
		"dequeuePullRequest": mutation(c, "id", "pull_requests contents", findPull, func(p *pull, _ map[string]any) (fields, error) {
			if p.queueRef == "" {
				return nil, unprocessable("The pull request is not in a merge queue")
			}
			entry := c.entryNode(p)
			c.dequeue(p, by, "MANUAL")
			return fields{"mergeQueueEntry": entry}, nil
		}),
	}
}

// commentMutations: resolving a thread needs write access to contents, too,
// which GitHub's documentation does not say
// (https://github.com/orgs/community/discussions/44650).
func (c *call) commentMutations() fields {
	by := c.actor.account()
	return fields{
		"resolveReviewThread":   c.resolveThread(true),
		"unresolveReviewThread": c.resolveThread(false),
		"minimizeComment":       c.minimize("minimizedComment", true),
		"unminimizeComment":     c.minimize("unminimizedComment", false),
		"deleteIssueComment": mutation(c, "id", "issues", findComment, func(m *comment, _ map[string]any) (fields, error) {
			c.removeComment(m, by)
			return fields{}, nil
		}),
		"deletePullRequestReviewComment": mutation(c, "id", "pull_requests", findReviewComment, func(m *reviewComment, _ map[string]any) (fields, error) {
			node := c.reviewCommentNode(m)
			c.removeReviewComment(m, by)
			return fields{"pullRequestReviewComment": node}, nil
		}),
		"addPullRequestReviewThreadReply": mutation(c, "pullRequestReviewThreadId", "pull_requests", findThread, func(t *thread, input map[string]any) (fields, error) {
			m, err := c.answerThread(t, text(input["body"]), by)
			if err != nil {
				return nil, err
			}
			return fields{"comment": c.reviewCommentNode(m)}, nil
		}),
	}
}

func orText(v any, fallback string) string {
	if s := text(v); s != "" {
		return s
	}
	return fallback
}

func (c *call) resolveThread(resolved bool) graphql.Resolver {
	return mutation(c, "threadId", "pull_requests contents", findThread, func(t *thread, _ map[string]any) (fields, error) {
		if t.resolved != resolved {
			t.resolved, t.resolvedBy = resolved, c.actor.account()
			c.emitThread(t, map[bool]string{true: "resolved", false: "unresolved"}[resolved], c.actor.account())
		}
		return fields{"thread": c.threadNode(t)}, nil
	})
}

// minimize hides a comment of either kind, or shows it again.
func (c *call) minimize(payload string, hide bool) graphql.Resolver {
	return func(args map[string]any) (any, error) {
		input := args["input"].(map[string]any)
		reason := ""
		if hide {
			reason = strings.ToLower(text(input["classifier"]))
		}
		kind, _, _ := parseNodeID(text(input["subjectId"]))
		if kind == "PRRC" {
			return mutation(c, "subjectId", "pull_requests", findReviewComment, func(m *reviewComment, _ map[string]any) (fields, error) {
				m.minimized = reason
				return fields{payload: c.reviewCommentNode(m)}, nil
			})(args)
		}
		return mutation(c, "subjectId", "issues", findComment, func(m *comment, _ map[string]any) (fields, error) {
			m.minimized = reason
			return fields{payload: c.commentNode(m)}, nil
		})(args)
	}
}
