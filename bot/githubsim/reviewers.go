package githubsim

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

func listReviewers(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	o := c.pullSimpleJSON(p)
	return ok(obj{"users": o["requested_reviewers"], "teams": o["requested_teams"]})
}

// requestReviewers refuses the whole request when one of them has no access.
// https://docs.github.com/rest/pulls/review-requests#request-reviewers-for-a-pull-request
func requestReviewers(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	users, err := c.reviewUsers(p)
	if err != nil {
		return nil, err
	}
	var teams []*team
	for _, slug := range c.strs("team_reviewers") {
		t := c.repo.owner.team(slug)
		if t == nil || t.access[c.repo] == "" || t.secret {
			return nil, refuse(422, "Reviews may only be requested from collaborators. One or more of the teams you specified is not a collaborator of the %s repository.", c.repo.fullName())
		}
		teams = append(teams, t)
	}
	if len(p.users)+len(p.teams)+len(users)+len(teams) > 100 {
		return nil, refuse(422, "A pull request may have at most 100 requested reviewers.")
	}
	c.addReviewers(p, users, teams, c.actor.account())
	return created(c.pullSimpleJSON(p))
}

func (c *call) reviewUsers(p *pull) ([]*account, error) {
	var users []*account
	for _, login := range c.strs("reviewers") {
		a := c.account(login)
		if a == nil || a.isOrg() || !c.repo.isCollaborator(a) {
			return nil, refuse(422, "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the %s repository.", c.repo.fullName())
		}
		if a == p.user {
			return nil, refuse(422, "Review cannot be requested from pull request author.")
		}
		users = append(users, a)
	}
	return users, nil
}

func (s *Server) addReviewers(p *pull, users []*account, teams []*team, by *account) {
	for _, a := range users {
		if !slices.Contains(p.users, a) {
			p.users = append(p.users, a)
			s.event(p.issue, "review_requested", by)
			p.events[len(p.events)-1].user = a
			s.emitPull(p, "review_requested", by, obj{"requested_reviewer": s.userJSON(a)})
		}
	}
	for _, t := range teams {
		if !slices.Contains(p.teams, t) {
			p.teams = append(p.teams, t)
			s.event(p.issue, "review_requested", by)
			p.events[len(p.events)-1].team = t
			s.emitPull(p, "review_requested", by, obj{"requested_team": s.teamJSON(t)})
		}
	}
	p.updated = s.now()
}

func removeReviewers(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	logins, slugs := c.strs("reviewers"), c.strs("team_reviewers")
	p.users = slices.DeleteFunc(p.users, func(a *account) bool { return slices.Contains(logins, a.login) })
	p.teams = slices.DeleteFunc(p.teams, func(t *team) bool { return slices.Contains(slugs, t.slug) })
	c.emitPull(p, "review_request_removed", c.actor.account(), nil)
	return ok(c.pullSimpleJSON(p))
}

// codeownersFile finds the file that counts on a branch: its path and text.
func (s *Server) codeownersFile(r *repo, rev string) (string, string) {
	for _, at := range []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} {
		if o, err := r.git.Object(rev + ":" + at); err == nil && o.Type == "blob" {
			return at, string(o.Data)
		}
	}
	return "", ""
}

// requestOwners asks the code owners of a pull request that is no draft.
// https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
func (s *Server) requestOwners(p *pull) {
	_, text := s.codeownersFile(p.repo, "refs/heads/"+p.base.ref)
	if p.draft || text == "" {
		return
	}
	var users []*account
	var teams []*team
	rules := parseOwners(text)
	for _, f := range s.pullDiff(p).files {
		for _, name := range ownersOf(rules, f.Path) {
			if org, slug, isTeam := strings.Cut(strings.TrimPrefix(name, "@"), "/"); isTeam {
				t := s.account(org).team(slug)
				if t != nil && !t.secret && rank(t.access[p.repo]) >= rank("push") {
					teams = append(teams, t)
				}
			} else if a := s.account(org); a != nil && a != p.user && rank(p.repo.role(a)) >= rank("push") {
				users = append(users, a)
			}
		}
	}
	s.addReviewers(p, users, teams, p.user)
}

type ownerRule struct {
	line    int
	pattern string
	owners  []string
}

// parseOwners is the simulator's own reading of CODEOWNERS, apart from the
// product's on purpose.
func parseOwners(text string) []ownerRule {
	var rules []ownerRule
	for n, line := range strings.Split(text, "\n") {
		if at := strings.Index(line, "#"); at >= 0 {
			line = line[:at]
		}
		fields := strings.Fields(line)
		if len(fields) > 0 {
			rules = append(rules, ownerRule{n + 1, fields[0], fields[1:]})
		}
	}
	return rules
}

func ownersOf(rules []ownerRule, file string) []string {
	for i := len(rules) - 1; i >= 0; i-- {
		if matchOwner(rules[i].pattern, file) {
			return rules[i].owners
		}
	}
	return nil
}

func matchOwner(pattern, file string) bool {
	folder := strings.HasSuffix(pattern, "/")
	p := strings.Trim(pattern, "/")
	anchored := strings.HasPrefix(pattern, "/") || strings.Contains(p, "/")
	want, have := strings.Split(p, "/"), strings.Split(file, "/")
	if !anchored {
		want = append([]string{"**"}, want...)
	}
	for n := len(have); n > 0; n-- {
		if n == len(have) && folder {
			continue
		}
		if strings.HasSuffix(p, "/*") && n < len(have) {
			continue // "docs/*" is not recursive
		}
		if matchSegments(want, have[:n]) {
			return true
		}
	}
	return false
}

func matchSegments(want, have []string) bool {
	switch {
	case len(want) == 0:
		return len(have) == 0
	case want[0] == "**":
		for n := 0; n <= len(have); n++ {
			if matchSegments(want[1:], have[n:]) {
				return true
			}
		}
		return false
	case len(have) == 0:
		return false
	}
	match, err := path.Match(want[0], have[0])
	return err == nil && match && matchSegments(want[1:], have[1:])
}

// codeownersErrors reports lines that name nobody with write access.
func codeownersErrors(c *call) (*reply, error) {
	rev := c.query.Get("ref")
	if rev == "" {
		rev = c.repo.defaultBranch
	}
	at, text := c.codeownersFile(c.repo, rev)
	if at == "" {
		return nil, notFound()
	}
	list := []any{}
	for _, rule := range parseOwners(text) {
		for _, owner := range rule.owners {
			if kind, why := c.ownerFault(owner); kind != "" {
				source := strings.Split(text, "\n")[rule.line-1]
				column := strings.Index(source, owner) + 1
				list = append(list, obj{"line": rule.line, "column": column, "kind": kind, "source": source, "suggestion": why, "path": at,
					"message": fmt.Sprintf("%s on line %d: %s\n\n  %s\n  %s^", kind, rule.line, why, source, strings.Repeat(" ", max(0, column-1)))})
			}
		}
	}
	return ok(obj{"errors": list})
}

func (c *call) ownerFault(owner string) (kind, why string) {
	name, isLogin := strings.CutPrefix(owner, "@")
	if !isLogin {
		if strings.Contains(owner, "@") {
			return "", ""
		}
		return "Invalid owner", "make sure it is a user, team or e-mail address"
	}
	if org, slug, isTeam := strings.Cut(name, "/"); isTeam {
		t := c.account(org).team(slug)
		if t == nil || t.secret || rank(t.access[c.repo]) < rank("push") {
			return "Unknown owner", fmt.Sprintf("make sure the team %s exists, is publicly visible, and has write access to the repository", owner)
		}
		return "", ""
	}
	if a := c.account(name); a == nil || rank(c.repo.role(a)) < rank("push") {
		return "Unknown owner", fmt.Sprintf("make sure %s exists and has write access to the repository", owner)
	}
	return "", ""
}
