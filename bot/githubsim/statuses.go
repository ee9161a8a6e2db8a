package githubsim

import (
	"cmp"
	"slices"
)

func createStatus(c *call) (*reply, error) {
	sha := c.path("sha")
	if _, err := c.repo.git.Commit(sha); err != nil {
		return nil, refuse(422, "No commit found for SHA: %s", sha)
	}
	st := &status{id: c.id(), sha: sha, context: cmp.Or(c.str("context"), "default"), state: c.str("state"), description: c.str("description"),
		target: c.str("target_url"), creator: c.actor.account(), created: c.now()}
	c.repo.statuses = append(c.repo.statuses, st)
	c.verdictOn(c.repo, sha)
	return created(c.statusJSON(c.repo, st))
}

func (s *Server) statusJSON(r *repo, st *status) obj {
	return obj{"url": s.repoAPI(r, "/statuses/"+st.sha), "avatar_url": nil, "id": st.id, "node_id": nodeID("SC", st.id), "state": st.state,
		"description": orNull(st.description), "target_url": orNull(st.target), "context": st.context, "created_at": stamp(st.created),
		"updated_at": stamp(st.created), "creator": s.userOrNull(st.creator)}
}

func (r *repo) latestStatuses(sha string) []*status {
	var list []*status
	for _, st := range slices.Backward(r.statuses) {
		if st.sha == sha && !slices.ContainsFunc(list, func(o *status) bool { return o.context == st.context }) {
			list = append(list, st)
		}
	}
	return list
}

func listStatuses(c *call) (*reply, error) {
	sha, err := c.commitSHA(c.path("ref"))
	if err != nil {
		return nil, err
	}
	var list []*status
	for _, st := range slices.Backward(c.repo.statuses) {
		if st.sha == sha {
			list = append(list, st)
		}
	}
	return paginate(c, list, "", func(st *status) obj { return c.statusJSON(c.repo, st) })
}

func combinedStatus(c *call) (*reply, error) {
	sha, err := c.commitSHA(c.path("ref"))
	if err != nil {
		return nil, err
	}
	list, state := []any{}, "success"
	latest := c.repo.latestStatuses(sha)
	for _, st := range latest {
		list = append(list, c.statusJSON(c.repo, st))
		if st.state == "failure" || st.state == "error" {
			state = "failure"
		} else if st.state == "pending" && state == "success" {
			state = "pending"
		}
	}
	if len(latest) == 0 {
		state = "pending"
	}
	return ok(obj{"state": state, "statuses": list, "sha": sha, "total_count": len(list), "repository": c.repoJSON(c.repo),
		"commit_url": c.repoAPI(c.repo, "/commits/"+sha), "url": c.repoAPI(c.repo, "/commits/"+sha+"/status")})
}

// verdicts are the latest conclusions of a commit by name: success, failure or
// pending.
func (r *repo) verdicts(sha string) map[string]string {
	out := map[string]string{}
	for _, k := range r.runs {
		if k.suite.sha != sha {
			continue
		}
		switch {
		case k.status != "completed":
			out[k.name] = "pending"
		case slices.Contains([]string{"success", "neutral", "skipped"}, k.conclusion):
			out[k.name] = "success"
		default:
			out[k.name] = "failure"
		}
	}
	for _, st := range r.latestStatuses(sha) {
		out[st.context] = st.state
	}
	return out
}

func (s *Server) missingChecks(r *repo, names []string, sha string) []string {
	var missing []string
	have := r.verdicts(sha)
	for _, name := range names {
		if have[name] != "success" {
			missing = append(missing, name)
		}
	}
	return missing
}

func (s *Server) checksPass(r *repo, names []string, sha string) bool {
	return len(s.missingChecks(r, names, sha)) == 0
}

func (s *Server) anyCheckBad(r *repo, sha string) bool {
	for _, v := range r.verdicts(sha) {
		if v != "success" {
			return true
		}
	}
	return false
}
