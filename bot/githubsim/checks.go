package githubsim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

func checkRoutes() []route {
	const read, write = "checks:read", "checks:write"
	return []route{
		{op: "POST /repos/{owner}/{repo}/check-runs", needs: write, handle: createRun},
		{op: "GET /repos/{owner}/{repo}/check-runs/{check_run_id}", needs: read, handle: withRun(func(c *call, k *checkRun) (*reply, error) { return ok(c.runJSON(k)) })},
		{op: "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", needs: write, handle: withRun(updateRun)},
		{op: "GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", needs: read, handle: withRun(func(c *call, k *checkRun) (*reply, error) {
			return paginate(c, k.annotations, "", func(o obj) obj { return c.annotationJSON(k, o) })
		})},
		{op: "POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest", needs: write, handle: withRun(func(c *call, k *checkRun) (*reply, error) {
			c.rerequest(k, c.actor.account())
			return created(obj{})
		})},
		{op: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs", needs: read, handle: listRuns},
		{op: "GET /repos/{owner}/{repo}/commits/{ref}/check-suites", needs: read, handle: listSuites},
		{op: "POST /repos/{owner}/{repo}/check-suites", needs: write, handle: createSuite},
		{op: "GET /repos/{owner}/{repo}/check-suites/{check_suite_id}", needs: read, handle: withSuite(func(c *call, u *checkSuite) (*reply, error) { return ok(c.suiteJSON(u)) })},
		{op: "GET /repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs", needs: read, handle: withSuite(func(c *call, u *checkSuite) (*reply, error) {
			return c.answerRuns(u.runs())
		})},
		{op: "POST /repos/{owner}/{repo}/check-suites/{check_suite_id}/rerequest", needs: write, handle: withSuite(func(c *call, u *checkSuite) (*reply, error) {
			c.emitSuite(u, "rerequested", c.actor.account())
			return created(obj{})
		})},
		{op: "GET /repos/{owner}/{repo}/commits/{ref}/status", needs: "statuses:read", handle: combinedStatus},
		{op: "GET /repos/{owner}/{repo}/commits/{ref}/statuses", needs: "statuses:read", handle: listStatuses},
		{op: "POST /repos/{owner}/{repo}/statuses/{sha}", needs: "statuses:write", handle: createStatus},
	}
}

func withRun(handle func(*call, *checkRun) (*reply, error)) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		for _, k := range c.repo.runs {
			if k.id == c.number("check_run_id") {
				if c.r.Method != "GET" && c.actor.via() != k.suite.app {
					return nil, refuse(403, "Invalid app_id `%d` - check run can only be modified by the GitHub App that created it.", c.actor.via().ID)
				}
				return handle(c, k)
			}
		}
		return nil, notFound()
	}
}

func withSuite(handle func(*call, *checkSuite) (*reply, error)) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		for _, u := range c.repo.suites {
			if u.id == c.number("check_suite_id") {
				return handle(c, u)
			}
		}
		return nil, notFound()
	}
}

// requestSuites tells every App that may write checks about a new head.
// https://docs.github.com/rest/guides/using-the-rest-api-to-interact-with-checks
func (s *Server) requestSuites(r *repo, branch, before, sha string) {
	for _, i := range s.sortedInstallations() {
		if i.covers(r) && grants(i.App.permissions["checks"], "write") && i.suspended.IsZero() {
			if u := s.suite(r, i.App, sha); u.branch == "" {
				u.branch, u.before = branch, before
				s.emitSuite(u, "requested", nil)
			}
		}
	}
}

// suite is the one check suite of an App and a commit.
func (s *Server) suite(r *repo, app *App, sha string) *checkSuite {
	for _, u := range r.suites {
		if u.app == app && u.sha == sha {
			return u
		}
	}
	u := &checkSuite{id: s.id(), repo: r, app: app, sha: sha, created: s.now(), updated: s.now()}
	r.suites = append(r.suites, u)
	return u
}

func createSuite(c *call) (*reply, error) {
	if _, err := c.repo.git.Commit(c.str("head_sha")); err != nil {
		return nil, refuse(422, "No commit found for SHA: %s", c.str("head_sha"))
	}
	return created(c.suiteJSON(c.suite(c.repo, c.actor.via(), c.str("head_sha"))))
}

func createRun(c *call) (*reply, error) {
	sha := c.str("head_sha")
	if _, err := c.repo.git.Commit(sha); err != nil || len(sha) != 40 {
		return nil, refuse(422, "No commit found for SHA: %s", sha)
	}
	k := &checkRun{id: c.id(), suite: c.suite(c.repo, c.actor.via(), sha), status: "queued"}
	if err := c.applyRun(k); err != nil {
		return nil, err
	}
	c.repo.runs = append(c.repo.runs, k)
	c.emitRun(k, "created", c.actor.account(), nil)
	c.completed(k, "")
	return created(c.runJSON(k))
}

func updateRun(c *call, k *checkRun) (*reply, error) {
	before := k.status
	if err := c.applyRun(k); err != nil {
		return nil, err
	}
	c.completed(k, before)
	return ok(c.runJSON(k))
}

// completed tells when a run has just been completed.
func (c *call) completed(k *checkRun, before string) {
	k.suite.updated = c.now()
	if k.status == "completed" && before != "completed" {
		c.emitRun(k, "completed", c.actor.account(), nil)
		c.verdictOn(k.suite.repo, k.suite.sha)
	}
}

// applyRun refuses 51 annotations, 4 actions and texts that are too long.
// https://docs.github.com/rest/checks/runs#create-a-check-run
func (c *call) applyRun(k *checkRun) error {
	output, _ := c.body["output"].(obj)
	if err := c.checkRunLimits(output); err != nil {
		return err
	}
	next := *k
	next.name, next.details, next.external = cmp.Or(c.str("name"), k.name), cmp.Or(c.str("details_url"), k.details), cmp.Or(c.str("external_id"), k.external)
	next.status = cmp.Or(c.str("status"), k.status)
	if c.has("conclusion") {
		next.conclusion, next.status = c.str("conclusion"), "completed"
	}
	if next.status == "completed" && next.conclusion == "" {
		return refuse(422, "Invalid request.\n\nNo subschema in \"anyOf\" matched.\nMissing required key: conclusion")
	}
	if next.status != "completed" {
		next.conclusion = ""
	}
	if c.has("actions") {
		next.actions = objects(c.list("actions"))
	}
	next.times(c)
	next.takeOutput(output)
	*k = next
	return nil
}

func (k *checkRun) times(c *call) {
	if t, err := time.Parse(time.RFC3339, c.str("started_at")); err == nil {
		k.started = t
	} else if k.started.IsZero() {
		k.started = c.now()
	}
	k.completed = time.Time{}
	if k.status == "completed" {
		k.completed = c.now()
		if t, err := time.Parse(time.RFC3339, c.str("completed_at")); err == nil {
			k.completed = t
		}
	}
}

// takeOutput adds annotations to those that are there.
func (k *checkRun) takeOutput(output obj) {
	if output == nil {
		return
	}
	str := func(key string) string { v, _ := output[key].(string); return v }
	k.title, k.summary, k.text = cmp.Or(str("title"), k.title), cmp.Or(str("summary"), k.summary), str("text")
	list, _ := output["annotations"].([]any)
	k.annotations = append(slices.Clip(k.annotations), objects(list)...)
}

func objects(list []any) []obj {
	var out []obj
	for _, e := range list {
		if o, isObj := e.(obj); isObj {
			out = append(out, o)
		}
	}
	return out
}

func (c *call) checkRunLimits(output obj) error {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for _, key := range []string{"summary", "text"} {
		if text, _ := output[key].(string); utf8.RuneCountInString(text) > 65535 {
			fault("Only 65535 characters are allowed; %d were supplied.", utf8.RuneCountInString(text))
		}
	}
	list, _ := output["annotations"].([]any)
	if n := len(list); n > 50 {
		fault("No more than 50 items are allowed; %d were supplied.", n)
	}
	for _, a := range objects(list) {
		start, _ := a["start_line"].(float64)
		end, _ := a["end_line"].(float64)
		_, columns := a["start_column"]
		if end < start {
			fault("end_line must not precede start_line")
		} else if columns && end != start {
			fault("start_column and end_column can only be given when start_line and end_line are equal")
		}
	}
	if n := len(c.list("actions")); n > 3 {
		fault("No more than 3 items are allowed; %d were supplied.", n)
	}
	for _, a := range objects(c.list("actions")) {
		for key, limit := range map[string]int{"label": 20, "identifier": 20, "description": 40} {
			if text, _ := a[key].(string); utf8.RuneCountInString(text) > limit {
				fault("Only %d characters are allowed; %d were supplied.", limit, utf8.RuneCountInString(text))
			}
		}
	}
	if len(faults) > 0 {
		return refuse(422, "Invalid request.\n\n%s", faults[0])
	}
	return nil
}

func (u *checkSuite) runs() []*checkRun {
	var list []*checkRun
	for _, k := range u.repo.runs {
		if k.suite == u {
			list = append(list, k)
		}
	}
	return list
}

// listRuns gives the latest run of each name and App, unless told otherwise.
func listRuns(c *call) (*reply, error) {
	sha, err := c.commitSHA(c.path("ref"))
	if err != nil {
		return nil, err
	}
	var list []*checkRun
	for _, k := range c.repo.runs {
		if k.suite.sha == sha {
			list = append(list, k)
		}
	}
	return c.answerRuns(list)
}

func (c *call) answerRuns(all []*checkRun) (*reply, error) {
	var list []*checkRun
	for _, k := range slices.Backward(all) {
		older := slices.ContainsFunc(list, func(o *checkRun) bool { return o.name == k.name && o.suite.app == k.suite.app })
		switch {
		case older && c.query.Get("filter") != "all",
			c.query.Get("check_name") != "" && c.query.Get("check_name") != k.name,
			c.query.Get("status") != "" && c.query.Get("status") != k.status,
			c.query.Get("app_id") != "" && c.query.Get("app_id") != itoa(k.suite.app.ID):
		default:
			list = append(list, k)
		}
	}
	return paginate(c, list, "check_runs", c.runJSON)
}

func listSuites(c *call) (*reply, error) {
	sha, err := c.commitSHA(c.path("ref"))
	if err != nil {
		return nil, err
	}
	var list []*checkSuite
	for _, u := range c.repo.suites {
		if u.sha == sha {
			list = append(list, u)
		}
	}
	return paginate(c, list, "check_suites", c.suiteJSON)
}

func (s *Server) runJSON(k *checkRun) obj {
	r := k.suite.repo
	url := s.repoAPI(r, "/check-runs/"+itoa(k.id))
	return obj{"id": k.id, "name": k.name, "node_id": nodeID("CR", k.id), "head_sha": k.suite.sha, "external_id": k.external, "url": url,
		"html_url": s.repoWeb(r, "/runs/"+itoa(k.id)), "details_url": cmp.Or(k.details, s.web("/apps/", k.suite.app.Slug)), "status": k.status, "conclusion": orNull(k.conclusion),
		"started_at": stampOr(k.started), "completed_at": stampOr(k.completed),
		"output": obj{"title": orNull(k.title), "summary": orNull(k.summary), "text": orNull(k.text), "annotations_count": len(k.annotations),
			"annotations_url": url + "/annotations"},
		"check_suite": obj{"id": k.suite.id}, "app": s.appJSON(k.suite.app), "pull_requests": s.pullsOf(r, k.suite.sha)}
}

func (s *Server) pullsOf(r *repo, sha string) []any {
	list := []any{}
	for _, p := range r.pulls() {
		if p.isOpen() && p.head.sha == sha && p.head.repo == r {
			list = append(list, s.pullMinimalJSON(p))
		}
	}
	return list
}

func (s *Server) annotationJSON(k *checkRun, a obj) obj {
	path, _ := a["path"].(string)
	o := obj{"path": path, "blob_href": s.repoWeb(k.suite.repo, "/blob/"+k.suite.sha+"/"+(&urlPath{path}).String())}
	for _, key := range []string{"start_line", "end_line", "start_column", "end_column", "annotation_level", "message", "title", "raw_details"} {
		o[key] = a[key]
	}
	return o
}

func (s *Server) suiteJSON(u *checkSuite) obj {
	url := s.repoAPI(u.repo, "/check-suites/"+itoa(u.id))
	status, conclusion := "queued", any(nil)
	runs := u.runs()
	if len(runs) > 0 {
		status, conclusion = "completed", "success"
		for _, k := range runs {
			if k.status != "completed" {
				status, conclusion = "in_progress", nil
				break
			}
			if k.conclusion != "success" && k.conclusion != "neutral" && k.conclusion != "skipped" {
				conclusion = k.conclusion
			}
		}
	}
	return obj{"id": u.id, "node_id": nodeID("CS", u.id), "head_branch": orNull(u.branch), "head_sha": u.sha, "status": status,
		"conclusion": conclusion, "url": url, "before": orNull(u.before), "after": u.sha, "pull_requests": s.pullsOf(u.repo, u.sha),
		"app": s.appJSON(u.app), "repository": s.repoJSON(u.repo), "created_at": stamp(u.created), "updated_at": stamp(u.updated),
		"head_commit": s.simpleCommitJSON(u.repo, u.sha), "latest_check_runs_count": len(runs), "check_runs_url": url + "/check-runs"}
}

func (s *Server) rerequest(k *checkRun, by *account) { s.emitRun(k, "rerequested", by, nil) }
