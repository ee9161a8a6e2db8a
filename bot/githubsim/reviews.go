package githubsim

import (
	"errors"
	"slices"
)

func reviewRoutes() []route {
	const pr = "/repos/{owner}/{repo}/pulls/{pull_number}"
	const read, write = "pull_requests:read", "pull_requests:write"
	return []route{
		{op: "GET " + pr + "/reviews", needs: read, handle: listReviews},
		{op: "POST " + pr + "/reviews", needs: write, handle: createReview},
		{op: "GET " + pr + "/reviews/{review_id}", needs: read, handle: withReview(answerReview)},
		{op: "PUT " + pr + "/reviews/{review_id}", needs: write, handle: withReview(updateReview)},
		{op: "DELETE " + pr + "/reviews/{review_id}", needs: write, handle: withReview(deleteReview)},
		{op: "GET " + pr + "/reviews/{review_id}/comments", needs: read, handle: withReview(listReviewComments)},
		{op: "PUT " + pr + "/reviews/{review_id}/dismissals", needs: write, handle: withReview(dismissReview)},
		{op: "POST " + pr + "/reviews/{review_id}/events", needs: write, handle: withReview(submitReview)},
		{op: "GET " + pr + "/comments", needs: read, handle: listPullComments},
		{op: "POST " + pr + "/comments", needs: write, handle: createReviewComment},
		{op: "POST " + pr + "/comments/{comment_id}/replies", needs: write, handle: replyReviewComment},
		{op: "GET /repos/{owner}/{repo}/pulls/comments", needs: read, handle: listRepoReviewComments},
		{op: "GET /repos/{owner}/{repo}/pulls/comments/{comment_id}", needs: read, handle: withReviewComment(func(c *call, m *reviewComment) (*reply, error) {
			return ok(c.reviewCommentJSON(m))
		})},
		{op: "PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id}", needs: write, handle: withReviewComment(updateReviewComment)},
		{op: "DELETE /repos/{owner}/{repo}/pulls/comments/{comment_id}", needs: write, handle: withReviewComment(deleteReviewComment)},
	}
}

func withReview(handle func(*call, *review) (*reply, error)) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		p, err := c.pull()
		if err != nil {
			return nil, err
		}
		for _, v := range p.reviews {
			if v.id == c.number("review_id") && c.seesReview(v) {
				return handle(c, v)
			}
		}
		return nil, notFound()
	}
}

func (c *call) seesReview(v *review) bool { return v.state != "PENDING" || v.user == c.actor.account() }

func listReviews(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	var list []*review
	for _, v := range p.reviews {
		if c.seesReview(v) {
			list = append(list, v)
		}
	}
	return paginate(c, list, "", c.reviewJSON)
}

func answerReview(c *call, v *review) (*reply, error) { return ok(c.reviewJSON(v)) }

func (s *Server) reviewJSON(v *review) obj {
	url := s.repoAPI(v.pull.repo, "/pulls/"+itoa(v.pull.number))
	page := s.repoWeb(v.pull.repo, "/pull/"+itoa(v.pull.number)) + "#pullrequestreview-" + itoa(v.id)
	o := obj{"id": v.id, "node_id": nodeID("PRR", v.id), "user": s.userOrNull(v.user), "body": v.body, "state": v.state, "html_url": page,
		"pull_request_url": url, "author_association": v.pull.repo.association(v.user), "commit_id": v.commit,
		"_links": obj{"html": obj{"href": page}, "pull_request": obj{"href": url}}}
	if !v.submitted.IsZero() {
		o["submitted_at"] = stamp(v.submitted)
	}
	return o
}

// commentSpec is a review comment to be made.
type commentSpec struct {
	path, body      string
	line, startLine int
	side, startSide string
	position        int
	wholeFile       bool
}

func specOf(o obj) commentSpec {
	str := func(k string) string { v, _ := o[k].(string); return v }
	num := func(k string) int { v, _ := o[k].(float64); return int(v) }
	return commentSpec{path: str("path"), body: str("body"), line: num("line"), startLine: num("start_line"), side: str("side"),
		startSide: str("start_side"), position: num("position"), wholeFile: str("subject_type") == "file"}
}

func createReview(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	var specs []commentSpec
	for _, e := range c.list("comments") {
		specs = append(specs, specOf(e.(obj)))
	}
	v, err := c.review(p, c.actor.account(), c.str("event"), c.str("body"), c.str("commit_id"), specs)
	if err != nil {
		return nil, err
	}
	return ok(c.reviewJSON(v))
}

// review refuses a review as a whole when one of its comments cannot be.
// https://docs.github.com/rest/pulls/reviews#create-a-review-for-a-pull-request
func (s *Server) review(p *pull, by *account, event, body, commit string, specs []commentSpec) (*review, error) {
	if err := checkBody("PullRequestReview", body); err != nil {
		return nil, simply(err)
	}
	if commit == "" {
		commit = p.head.sha
	}
	if !s.pullHas(p, commit) {
		return nil, unprocessable("The commit_id is not part of the pull request")
	}
	if slices.ContainsFunc(p.reviews, func(v *review) bool { return v.user == by && v.state == "PENDING" }) {
		return nil, unprocessable("User can only have one pending review per pull request")
	}
	v := &review{id: s.id(), pull: p, user: by, body: body, state: "PENDING", commit: commit}
	var comments []*reviewComment
	for _, spec := range specs {
		m, err := s.newReviewComment(p, commit, spec, by)
		if err != nil {
			return nil, simply(err)
		}
		m.review = v
		comments = append(comments, m)
	}
	if err := checkEvent(v, event, len(comments)); err != nil {
		return nil, err
	}
	p.reviews = append(p.reviews, v)
	for _, m := range comments {
		s.startThread(p, m)
	}
	if event != "" {
		s.submit(v, event)
	}
	return v, nil
}

// simply turns the errors of a refusal into texts, which is what reviews
// answer with.
func simply(err error) error {
	var refused *apiError
	if !errors.As(err, &refused) {
		return err
	}
	var lines []string
	for _, e := range refused.errors {
		line := text(e.(obj)["message"])
		switch text(e.(obj)["field"]) {
		case "pull_request_review_thread.path":
			line = "Path could not be resolved"
		case "pull_request_review_thread.line", "pull_request_review_thread.position":
			line = "Line could not be resolved"
		}
		lines = append(lines, line)
	}
	return unprocessable(lines...)
}

func (s *Server) pullHas(p *pull, commit string) bool {
	for _, c := range s.pullDiff(p).commits {
		if c.SHA == commit {
			return true
		}
	}
	return commit == p.head.sha
}

func checkEvent(v *review, event string, comments int) error {
	switch {
	case event == "" || event == "COMMENT" && (v.body != "" || comments > 0):
	case event == "COMMENT":
		return unprocessable("You need to leave a comment indicating the requested changes.")
	case v.user == v.pull.user && event == "APPROVE":
		return unprocessable("Can not approve your own pull request")
	case v.user == v.pull.user:
		return unprocessable("Can not request changes on your own pull request")
	case event == "REQUEST_CHANGES" && v.body == "" && comments == 0:
		return unprocessable("You need to leave a comment indicating the requested changes.")
	}
	return nil
}

var reviewStates = map[string]string{"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}

func (s *Server) submit(v *review, event string) {
	v.state, v.submitted = reviewStates[event], s.now()
	v.pull.users = slices.DeleteFunc(v.pull.users, func(a *account) bool { return a == v.user })
	if event != "COMMENT" {
		v.pull.teams = slices.DeleteFunc(v.pull.teams, func(t *team) bool { return t.members[v.user] != "" })
	}
	v.pull.updated = s.now()
	s.emitReview(v, "submitted", v.user)
	for _, m := range v.pull.publishedComments() {
		if m.review == v {
			s.emitReviewComment(m, "created", v.user, nil)
		}
	}
	s.tryAutoMerge(v.pull)
}

func submitReview(c *call, v *review) (*reply, error) {
	if v.state != "PENDING" {
		return nil, unprocessable("Could not submit: the review was submitted already")
	}
	if c.has("body") {
		v.body = c.str("body")
	}
	n := 0
	for _, t := range v.pull.threads {
		for _, m := range t.comments {
			if m.review == v {
				n++
			}
		}
	}
	if err := checkEvent(v, c.str("event"), n); err != nil {
		return nil, err
	}
	c.submit(v, c.str("event"))
	return ok(c.reviewJSON(v))
}

func updateReview(c *call, v *review) (*reply, error) {
	if err := checkBody("PullRequestReview", c.str("body")); err != nil {
		return nil, simply(err)
	}
	v.body = c.str("body")
	c.emitReview(v, "edited", c.actor.account())
	return ok(c.reviewJSON(v))
}

func deleteReview(c *call, v *review) (*reply, error) {
	if v.state != "PENDING" {
		return nil, unprocessable("Can not delete a non-pending pull request review")
	}
	answer := c.reviewJSON(v)
	v.pull.reviews = slices.DeleteFunc(v.pull.reviews, func(o *review) bool { return o == v })
	for _, t := range v.pull.threads {
		t.comments = slices.DeleteFunc(t.comments, func(m *reviewComment) bool { return m.review == v })
	}
	v.pull.dropEmptyThreads()
	return ok(answer)
}

func dismissReview(c *call, v *review) (*reply, error) {
	if v.state != "APPROVED" && v.state != "CHANGES_REQUESTED" {
		return nil, unprocessable("Can not dismiss a commented pull request review")
	}
	v.state = "DISMISSED"
	c.emitReview(v, "dismissed", c.actor.account())
	return ok(c.reviewJSON(v))
}

// dismissStale takes approvals back after a push where the rules say so.
func (s *Server) dismissStale(p *pull) {
	for _, rule := range p.repo.protection(p.base.ref) {
		for _, v := range p.reviews {
			if rule.DismissStale && v.state == "APPROVED" {
				v.state = "DISMISSED"
				s.emitReview(v, "dismissed", nil)
			}
		}
	}
}

// approvals counts reviewers with write access whose last word is yes.
func (p *pull) approvals() int {
	n := 0
	for a, state := range p.lastWords() {
		if state == "APPROVED" && rank(p.repo.role(a)) >= rank("push") {
			n++
		}
	}
	return n
}

func (p *pull) changesRequested() bool {
	for _, state := range p.lastWords() {
		if state == "CHANGES_REQUESTED" {
			return true
		}
	}
	return false
}

func (p *pull) lastWords() map[*account]string {
	last := map[*account]string{}
	for _, v := range p.reviews {
		if v.state != "COMMENTED" && v.state != "PENDING" {
			last[v.user] = v.state
		}
	}
	return last
}
