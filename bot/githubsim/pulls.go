package githubsim

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// maxBody is the length of a body in characters.
const maxBody = 65536

func pullRoutes() []route {
	return []route{
		{op: "GET /repos/{owner}/{repo}/pulls", needs: "pull_requests:read", handle: listPulls},
		{op: "POST /repos/{owner}/{repo}/pulls", needs: "pull_requests:write", handle: createPull},
		{op: "GET /repos/{owner}/{repo}/pulls/{pull_number}", needs: "pull_requests:read", handle: getPull},
		{op: "PATCH /repos/{owner}/{repo}/pulls/{pull_number}", needs: "pull_requests:write", handle: updatePull},
		{op: "GET /repos/{owner}/{repo}/pulls/{pull_number}/commits", needs: "pull_requests:read", handle: listPullCommits},
		{op: "GET /repos/{owner}/{repo}/pulls/{pull_number}/files", needs: "pull_requests:read", handle: listPullFiles},
		{op: "GET /repos/{owner}/{repo}/pulls/{pull_number}/merge", needs: "pull_requests:read|contents:read", handle: isMerged},
		{op: "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", needs: "contents:write", handle: mergeRoute},
		{op: "PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch", needs: "pull_requests:write", handle: updateBranch},
		{op: "GET /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", needs: "pull_requests:read", handle: listReviewers},
		{op: "POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", needs: "pull_requests:write", handle: requestReviewers},
		{op: "DELETE /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", needs: "pull_requests:write", handle: removeReviewers},
		{op: "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls", needs: "pull_requests:read|contents:read", handle: listCommitPulls},
	}
}

func (c *call) pull() (*pull, error) {
	i := c.repo.issues[c.number("pull_number")]
	if i == nil || i.pull == nil {
		return nil, notFound()
	}
	return i.pull, nil
}

func listPulls(c *call) (*reply, error) {
	state, head, base := c.query.Get("state"), c.query.Get("head"), c.query.Get("base")
	var list []*pull
	for _, p := range c.repo.pulls() {
		if (state == "" && !p.isOpen()) || (state != "" && state != "all" && p.state != state) ||
			(base != "" && p.base.ref != base) || (head != "" && strings.Contains(head, ":") && !strings.EqualFold(p.head.label(), head)) {
			continue
		}
		list = append(list, p)
	}
	sortIssues(c, list, func(p *pull) *issue { return p.issue }, c.query.Get("sort") == "" || c.query.Get("sort") == "created")
	return paginate(c, list, "", c.pullSimpleJSON)
}

// sortIssues orders a listing as `sort` and `direction` ask: newest first,
// unless told.
func sortIssues[T any](c *call, list []T, of func(T) *issue, newestFirst bool) {
	key := func(i *issue) int64 {
		switch c.query.Get("sort") {
		case "updated":
			return i.updated.Unix()
		case "comments", "popularity":
			return int64(len(i.comments))
		}
		return int64(i.number)
	}
	descending := c.query.Get("direction") == "desc" || c.query.Get("direction") == "" && newestFirst
	sort.SliceStable(list, func(x, y int) bool {
		if descending {
			x, y = y, x
		}
		return key(of(list[x])) < key(of(list[y]))
	})
}

// pullSpec is what a new pull request is made of.
type pullSpec struct {
	title, body, head, base string
	draft, maintainers      bool
	by                      *account
	via                     *App
}

func createPull(c *call) (*reply, error) {
	spec := pullSpec{title: c.str("title"), body: c.str("body"), head: c.str("head"), base: c.str("base"), draft: c.boolean("draft"),
		maintainers: c.boolean("maintainer_can_modify"), by: c.actor.account(), via: c.actor.via()}
	if strings.TrimSpace(spec.title) == "" && !c.has("issue") {
		return nil, invalid("PullRequest", "title", "missing_field", "")
	}
	p, err := c.openPull(c.repo, spec)
	if err != nil {
		return nil, err
	}
	return created(c.pullJSON(p))
}

// openPull refuses what GitHub refuses.
// https://docs.github.com/rest/pulls/pulls#create-a-pull-request
func (s *Server) openPull(r *repo, spec pullSpec) (*pull, error) {
	if err := checkBody("PullRequest", spec.body); err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(spec.title) > 256 {
		return nil, invalid("PullRequest", "title", "custom", "title is too long (maximum is 256 characters)")
	}
	head, err := s.resolveHead(r, spec.head)
	if err != nil {
		return nil, err
	}
	base := strings.TrimPrefix(spec.base, "refs/heads/")
	if r.branch(base) == "" {
		return nil, invalid("PullRequest", "base", "invalid", "")
	}
	for _, p := range r.pulls() {
		if p.isOpen() && p.head.repo == head.repo && p.head.ref == head.ref && p.base.ref == base {
			return nil, invalid("PullRequest", "", "custom", fmt.Sprintf("A pull request already exists for %s.", head.label()))
		}
	}
	p := &pull{head: head, base: branchRef{repo: r, ref: base}, baseSHA: r.branch(base), draft: spec.draft, maintainerCanPush: spec.maintainers && head.repo != r}
	p.issue = &issue{id: s.id(), number: r.nextNumber + 1, repo: r, user: spec.by, via: spec.via, title: spec.title, body: spec.body, state: "open",
		created: s.now(), updated: s.now(), pull: p}
	if err := s.publishHead(p); err != nil {
		return nil, err
	}
	if len(s.pullDiff(p).commits) == 0 {
		return nil, invalid("PullRequest", "", "custom", fmt.Sprintf("No commits between %s and %s", base, head.ref))
	}
	r.nextNumber++
	r.issues[p.number] = p.issue
	s.emitPull(p, "opened", spec.by, nil)
	s.requestOwners(p)
	return p, nil
}

func checkBody(resource, body string) error {
	if utf8.RuneCountInString(body) > maxBody {
		return invalid(resource, "body", "custom", "body is too long (maximum is 65536 characters)")
	}
	return nil
}

// resolveHead reads "branch" or "owner:branch".
func (s *Server) resolveHead(r *repo, head string) (branchRef, error) {
	from, branch := r, head
	if owner, name, ok := strings.Cut(head, ":"); ok {
		from, branch = s.network(r, owner), name
	}
	branch = strings.TrimPrefix(branch, "refs/heads/")
	if from == nil || from.branch(branch) == "" {
		return branchRef{}, invalid("PullRequest", "head", "invalid", "")
	}
	return branchRef{from, branch, from.branch(branch)}, nil
}

// network finds the repository of an owner among r and its forks.
func (s *Server) network(r *repo, owner string) *repo {
	for _, other := range s.sortedRepos() {
		if strings.EqualFold(other.owner.login, owner) && (other == r || other.fork == r || r.fork == other) {
			return other
		}
	}
	return nil
}

func getPull(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	accept := c.r.Header.Get("Accept")
	if strings.Contains(accept, "diff") || strings.Contains(accept, "patch") {
		return c.diffText(p)
	}
	return ok(c.pullJSON(p))
}

func updatePull(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	if err := c.checkPullUpdate(p); err != nil {
		return nil, err
	}
	if c.has("base") && c.str("base") != p.base.ref {
		if err := c.changeBase(p, c.str("base"), c.actor.account()); err != nil {
			return nil, err
		}
	}
	c.editIssue(p.issue)
	if state := c.str("state"); state != "" && state != p.state {
		if err := c.changePullState(p, state, c.actor.account()); err != nil {
			return nil, err
		}
	}
	return ok(c.pullJSON(p))
}

func (c *call) checkPullUpdate(p *pull) error {
	if err := checkBody("PullRequest", c.str("body")); err != nil {
		return err
	}
	if c.has("title") && strings.TrimSpace(c.str("title")) == "" {
		return invalid("PullRequest", "title", "missing_field", "")
	}
	if c.has("base") && p.repo.branch(c.str("base")) == "" {
		return invalid("PullRequest", "base", "invalid", "")
	}
	return nil
}

// editIssue sets title and body and tells what they were.
func (c *call) editIssue(i *issue) {
	changes := obj{}
	if c.has("title") && c.str("title") != i.title {
		changes["title"] = obj{"from": i.title}
		i.title = c.str("title")
	}
	if _, given := c.body["body"]; given && c.str("body") != i.body {
		changes["body"] = obj{"from": i.body}
		i.body = c.str("body")
	}
	if len(changes) > 0 {
		i.updated = c.now()
		c.emitEdited(i, c.actor.account(), changes)
	}
}

func (s *Server) changeBase(p *pull, base string, by *account) error {
	if p.repo.git.IsAncestor(p.head.sha, p.repo.branch(base)) {
		return invalid("PullRequest", "base", "custom", fmt.Sprintf("There are no new commits between base branch '%s' and head branch '%s'", base, p.head.ref))
	}
	changes := obj{"base": obj{"ref": obj{"from": p.base.ref}, "sha": obj{"from": p.baseSHA}}}
	p.base.ref, p.baseSHA, p.updated = base, p.repo.branch(base), s.now()
	s.emitPull(p, "edited", by, obj{"changes": changes})
	return nil
}

func (s *Server) changePullState(p *pull, state string, by *account) error {
	if state == "open" {
		switch {
		case !p.merged.IsZero():
			return invalid("PullRequest", "state", "custom", "state cannot be changed. The pull request is already merged.")
		case p.head.repo == nil || p.head.repo.branch(p.head.ref) == "":
			return invalid("PullRequest", "state", "custom", fmt.Sprintf("state cannot be changed. The %s branch has been deleted.", p.head.ref))
		case p.head.repo.branch(p.head.ref) != p.head.sha && !p.head.repo.git.IsAncestor(p.head.sha, p.head.repo.branch(p.head.ref)):
			return invalid("PullRequest", "state", "custom", fmt.Sprintf("state cannot be changed. The %s branch was force-pushed or recreated.", p.head.ref))
		}
		p.head.sha = p.head.repo.branch(p.head.ref)
		if err := s.publishHead(p); err != nil {
			return err
		}
	}
	s.setState(p.issue, state, "", by)
	return nil
}

func (s *Server) markMerged(p *pull, sha string, by *account) {
	p.merged, p.mergedBy, p.mergeCommit = s.now(), by, sha
	s.event(p.issue, "merged", by)
	s.setState(p.issue, "closed", "", by)
}
