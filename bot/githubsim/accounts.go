package githubsim

import (
	"sort"
	"strings"
)

func accountRoutes() []route {
	return []route{
		{op: "GET /meta", needs: "any", handle: func(*call) (*reply, error) { return ok(obj{"verifiable_password_authentication": false}) }},
		{op: "GET /rate_limit", needs: "any", handle: func(c *call) (*reply, error) { return ok(c.rateLimit(c)) }},
		{op: "GET /user", needs: "token", handle: func(c *call) (*reply, error) {
			if c.actor.installation() != nil {
				return nil, refuse(403, "Resource not accessible by integration")
			}
			return ok(c.fullUserJSON(c.actor.account()))
		}},
		{op: "GET /users/{username}", needs: "any", handle: func(c *call) (*reply, error) {
			a := c.account(c.path("username"))
			if a == nil {
				return nil, notFound()
			}
			return ok(c.fullUserJSON(a))
		}},
		{op: "GET /orgs/{org}", needs: "any", handle: func(c *call) (*reply, error) {
			a := c.account(c.path("org"))
			if a == nil || !a.isOrg() {
				return nil, notFound()
			}
			return ok(c.fullOrgJSON(a))
		}},
		{op: "GET /orgs/{org}/teams", needs: "members:read", handle: func(c *call) (*reply, error) {
			org := c.account(c.path("org"))
			if org == nil {
				return nil, notFound()
			}
			return paginate(c, org.teams, "", c.teamJSON)
		}},
		{op: "GET /orgs/{org}/teams/{team_slug}", needs: "members:read", handle: getTeam},
		{op: "GET /orgs/{org}/teams/{team_slug}/members", needs: "members:read", handle: listTeamMembers},
		{op: "GET /orgs/{org}/teams/{team_slug}/memberships/{username}", needs: "members:read", handle: getMembership},
		{op: "GET /orgs/{org}/teams/{team_slug}/repos", needs: "members:read", handle: listTeamRepos},
		{op: "GET /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", needs: "members:read", handle: checkTeamRepo},
	}
}

func (a *account) team(slug string) *team {
	if a == nil {
		return nil
	}
	for _, t := range a.teams {
		if strings.EqualFold(t.slug, slug) {
			return t
		}
	}
	return nil
}

func (c *call) team() (*team, error) {
	t := c.account(c.path("org")).team(c.path("team_slug"))
	if t == nil {
		return nil, notFound()
	}
	return t, nil
}

func getTeam(c *call) (*reply, error) {
	t, err := c.team()
	if err != nil {
		return nil, err
	}
	o := c.teamJSON(t)
	merge(o, obj{"members_count": len(t.members), "repos_count": len(t.access), "created_at": stamp(t.created), "updated_at": stamp(t.created),
		"organization": c.fullOrgJSON(t.org)})
	return ok(o)
}

func listTeamMembers(c *call) (*reply, error) {
	t, err := c.team()
	if err != nil {
		return nil, err
	}
	want := c.query.Get("role")
	var list []*account
	for a, role := range t.members {
		if want == "" || want == "all" || want == role {
			list = append(list, a)
		}
	}
	sortAccounts(list)
	return paginate(c, list, "", c.userJSON)
}

func sortAccounts(list []*account) {
	sort.Slice(list, func(i, j int) bool { return list[i].id < list[j].id })
}

func getMembership(c *call) (*reply, error) {
	t, err := c.team()
	if err != nil {
		return nil, err
	}
	role := t.members[c.account(c.path("username"))]
	if role == "" {
		return nil, notFound()
	}
	return ok(obj{"url": c.api(c.r.URL.Path), "role": role, "state": "active"})
}

func listTeamRepos(c *call) (*reply, error) {
	t, err := c.team()
	if err != nil {
		return nil, err
	}
	var list []*repo
	for _, r := range c.sortedRepos() {
		if t.access[r] != "" && c.actor.sees(r) {
			list = append(list, r)
		}
	}
	return paginate(c, list, "", func(r *repo) obj { return c.teamRepoJSON(t, r) })
}

func (s *Server) teamRepoJSON(t *team, r *repo) obj {
	o := s.fullRepoJSON(r)
	o["permissions"], o["role_name"] = rolePermissions(t.access[r]), restRole(t.access[r])
	return o
}

// checkTeamRepo answers 204 without a body, or the repository to those who
// ask for it by the Accept header.
// https://docs.github.com/rest/teams/teams#check-team-permissions-for-a-repository
func checkTeamRepo(c *call) (*reply, error) {
	t, err := c.team()
	if err != nil {
		return nil, err
	}
	if c.repo == nil || t.access[c.repo] == "" {
		return nil, notFound()
	}
	if strings.Contains(c.r.Header.Get("Accept"), "repository+json") {
		return ok(c.teamRepoJSON(t, c.repo))
	}
	return noContent()
}

// restRole is a role as role_name has it.
func restRole(role string) string {
	switch role {
	case "pull":
		return "read"
	case "push":
		return "write"
	}
	return role
}
