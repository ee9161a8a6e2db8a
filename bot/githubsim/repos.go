package githubsim

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

func repoRoutes() []route {
	const repo = "/repos/{owner}/{repo}"
	return []route{
		{op: "GET " + repo, needs: "metadata:read", handle: func(c *call) (*reply, error) {
			o := c.fullRepoJSON(c.repo)
			o["permissions"] = rolePermissions(c.ownRole())
			return ok(o)
		}},
		{op: "GET " + repo + "/assignees/{assignee}", needs: "metadata:read", handle: func(c *call) (*reply, error) {
			if a := c.account(c.path("assignee")); a == nil || !c.repo.isCollaborator(a) {
				return nil, notFound()
			}
			return noContent()
		}},
		{op: "GET " + repo + "/branches", needs: "contents:read", handle: listBranches},
		{op: "GET " + repo + "/branches/{branch}", needs: "contents:read", handle: getBranch},
		{op: "GET " + repo + "/branches/{branch}/protection", needs: "administration:read", handle: getProtection},
		{op: "GET " + repo + "/rules/branches/{branch}", needs: "metadata:read", handle: listRules},
		{op: "GET " + repo + "/rulesets", needs: "metadata:read", handle: listRulesets},
		{op: "GET " + repo + "/codeowners/errors", needs: "contents:read", handle: codeownersErrors},
		{op: "GET " + repo + "/collaborators", needs: "metadata:read", handle: listCollaborators},
		{op: "GET " + repo + "/collaborators/{username}", needs: "metadata:read", handle: func(c *call) (*reply, error) {
			if a := c.account(c.path("username")); a == nil || !c.repo.isCollaborator(a) {
				return nil, notFound()
			}
			return noContent()
		}},
		{op: "GET " + repo + "/collaborators/{username}/permission", needs: "metadata:read", handle: getPermission},
		{op: "GET " + repo + "/teams", needs: "administration:read|metadata:read", handle: func(c *call) (*reply, error) {
			var list []*team
			for _, t := range c.repo.owner.teams {
				if t.access[c.repo] != "" {
					list = append(list, t)
				}
			}
			return paginate(c, list, "", func(t *team) obj {
				o := c.teamJSON(t)
				o["permission"] = t.access[c.repo]
				return o
			})
		}},
	}
}

// ownRole is the role of whoever calls.
func (c *call) ownRole() string {
	if c.actor.installation() != nil && c.actor.covers(c.repo) {
		if grants(c.actor.token.permissions["contents"], "write") {
			return "push"
		}
		return "pull"
	}
	return c.repo.role(c.actor.account())
}

func (r *repo) branches() []string {
	var names []string
	for ref := range r.refs {
		if name, isBranch := strings.CutPrefix(ref, "refs/heads/"); isBranch {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

func listBranches(c *call) (*reply, error) {
	names := slices.DeleteFunc(c.repo.branches(), func(n string) bool {
		return c.query.Get("protected") == "true" && len(c.repo.protection(n)) == 0
	})
	return paginate(c, names, "", func(name string) obj {
		sha := c.repo.branch(name)
		return obj{"name": name, "commit": obj{"sha": sha, "url": c.repoAPI(c.repo, "/commits/"+sha)}, "protected": len(c.repo.protection(name)) > 0}
	})
}

func getBranch(c *call) (*reply, error) {
	name := c.path("branch")
	sha := c.repo.branch(name)
	if sha == "" {
		return nil, refuse(404, "Branch not found")
	}
	commit, err := c.repo.git.Commit(sha)
	if err != nil {
		return nil, err
	}
	rules := c.repo.protection(name)
	url := c.repoAPI(c.repo, "/branches/"+pathEscape(name))
	protection := obj{"enabled": len(rules) > 0, "required_status_checks": obj{"enforcement_level": "off", "contexts": []any{}, "checks": []any{}}}
	for _, p := range rules {
		if len(p.RequiredChecks) > 0 {
			protection["required_status_checks"] = obj{"enforcement_level": "non_admins", "contexts": anys(p.RequiredChecks), "checks": checksJSON(p.RequiredChecks)}
		}
	}
	return ok(obj{"name": name, "commit": c.commitJSON(c.repo, commit), "protected": len(rules) > 0, "protection": protection,
		"_links": obj{"self": url, "html": c.repoWeb(c.repo, "/tree/"+name)}, "protection_url": url + "/protection"})
}

func anys(list []string) []any {
	out := []any{}
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

func checksJSON(names []string) []any {
	out := []any{}
	for _, n := range names {
		out = append(out, obj{"context": n, "app_id": nil})
	}
	return out
}

func getProtection(c *call) (*reply, error) {
	url := c.repoAPI(c.repo, "/branches/"+pathEscape(c.path("branch"))+"/protection")
	for _, p := range c.repo.protection(c.path("branch")) {
		if p.Ruleset != "" {
			continue
		}
		o := obj{"url": url, "enforce_admins": obj{"url": url + "/enforce_admins", "enabled": true},
			"required_signatures":     obj{"url": url + "/required_signatures", "enabled": p.RequireSignatures},
			"required_linear_history": obj{"enabled": p.LinearHistory}, "allow_force_pushes": obj{"enabled": p.AllowForcePushes},
			"allow_deletions": obj{"enabled": p.AllowDeletions}, "required_conversation_resolution": obj{"enabled": p.ConversationResolve}}
		if p.RequiredReviews > 0 || p.RequirePullRequest {
			o["required_pull_request_reviews"] = obj{"url": url + "/required_pull_request_reviews", "dismiss_stale_reviews": p.DismissStale,
				"require_code_owner_reviews": p.RequireCodeOwners, "required_approving_review_count": p.RequiredReviews, "require_last_push_approval": false}
		}
		if len(p.RequiredChecks) > 0 {
			o["required_status_checks"] = obj{"url": url + "/required_status_checks", "strict": p.Strict, "contexts": anys(p.RequiredChecks),
				"contexts_url": url + "/required_status_checks/contexts", "checks": checksJSON(p.RequiredChecks)}
		}
		return ok(o)
	}
	return nil, refuse(404, "Branch not protected")
}

// listRules are the rules of rulesets only; classic protection is not among
// them.
// https://docs.github.com/rest/repos/rules#get-rules-for-a-branch
func listRules(c *call) (*reply, error) {
	var list []obj
	for n, p := range c.repo.protections {
		if p.Ruleset == "" || !slices.Contains(c.repo.protection(c.path("branch")), p) {
			continue
		}
		for _, rule := range p.rules() {
			merge(rule, obj{"ruleset_source_type": "Repository", "ruleset_source": c.repo.fullName(), "ruleset_id": c.rulesetID(n)})
			list = append(list, rule)
		}
	}
	return paginate(c, list, "", func(o obj) obj { return o })
}

func (c *call) rulesetID(n int) int { return c.repo.id*100 + n }

func (p *Protection) rules() []obj {
	var list []obj
	add := func(on bool, kind string, parameters obj) {
		rule := obj{"type": kind}
		if parameters != nil {
			rule["parameters"] = parameters
		}
		if on {
			list = append(list, rule)
		}
	}
	add(p.RestrictCreations, "creation", nil)
	add(!p.AllowDeletions, "deletion", nil)
	add(!p.AllowForcePushes, "non_fast_forward", nil)
	add(p.LinearHistory, "required_linear_history", nil)
	add(p.RequireSignatures, "required_signatures", nil)
	add(p.RequirePullRequest || p.RequiredReviews > 0, "pull_request", obj{"dismiss_stale_reviews_on_push": p.DismissStale,
		"require_code_owner_review": p.RequireCodeOwners, "require_last_push_approval": false, "required_approving_review_count": p.RequiredReviews,
		"required_review_thread_resolution": p.ConversationResolve, "allowed_merge_methods": []any{"merge", "squash", "rebase"}})
	checks := []any{}
	for _, n := range p.RequiredChecks {
		checks = append(checks, obj{"context": n})
	}
	add(len(checks) > 0, "required_status_checks", obj{"required_status_checks": checks, "strict_required_status_checks_policy": p.Strict})
	add(p.MergeQueue, "merge_queue", obj{"check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5,
		"max_entries_to_merge": 5, "merge_method": "MERGE", "min_entries_to_merge": 1, "min_entries_to_merge_wait_minutes": 5})
	return list
}

func listRulesets(c *call) (*reply, error) {
	var list []obj
	for n, p := range c.repo.protections {
		if p.Ruleset != "" {
			list = append(list, obj{"id": c.rulesetID(n), "name": p.Ruleset, "target": "branch", "source_type": "Repository",
				"source": c.repo.fullName(), "enforcement": "active", "node_id": nodeID("RRS", c.rulesetID(n))})
		}
	}
	return paginate(c, list, "", func(o obj) obj { return o })
}

func listCollaborators(c *call) (*reply, error) {
	var list []*account
	for _, a := range c.accounts {
		if c.repo.isCollaborator(a) && !a.isOrg() {
			list = append(list, a)
		}
	}
	sortAccounts(list)
	return paginate(c, list, "", func(a *account) obj { return c.collaboratorJSON(c.repo, a) })
}

func (s *Server) collaboratorJSON(r *repo, a *account) obj {
	o := s.userJSON(a)
	o["permissions"], o["role_name"] = rolePermissions(r.role(a)), restRole(r.role(a))
	return o
}

// getPermission gives maintain as write and triage as read, as GitHub does;
// role_name has the role itself.
// https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user
func getPermission(c *call) (*reply, error) {
	a := c.account(c.path("username"))
	if a == nil {
		return nil, notFound()
	}
	role := c.repo.role(a)
	legacy := map[string]string{"admin": "admin", "maintain": "write", "push": "write", "triage": "read", "pull": "read"}[role]
	return ok(obj{"permission": cmp.Or(legacy, "none"), "role_name": cmp.Or(restRole(role), "none"), "user": c.collaboratorJSON(c.repo, a)})
}
