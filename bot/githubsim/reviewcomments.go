package githubsim

import (
	"slices"
	"sort"
)

func withReviewComment(handle func(*call, *reviewComment) (*reply, error)) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		m := c.repo.reviewComment(c.number("comment_id"))
		if m == nil {
			return nil, notFound()
		}
		return handle(c, m)
	}
}

func (r *repo) reviewComment(id int) *reviewComment {
	for _, p := range r.pulls() {
		for _, t := range p.threads {
			for _, m := range t.comments {
				if m.id == id {
					return m
				}
			}
		}
	}
	return nil
}

// published leaves out the comments of reviews that were not submitted.
func (t *thread) published() []*reviewComment {
	var list []*reviewComment
	for _, m := range t.comments {
		if m.review == nil || m.review.state != "PENDING" {
			list = append(list, m)
		}
	}
	return list
}

func (p *pull) publishedComments() []*reviewComment {
	var list []*reviewComment
	for _, t := range p.threads {
		list = append(list, t.published()...)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].id < list[j].id })
	return list
}

func (p *pull) dropEmptyThreads() {
	p.threads = slices.DeleteFunc(p.threads, func(t *thread) bool { return len(t.comments) == 0 })
}

func listReviewComments(c *call, v *review) (*reply, error) {
	var list []*reviewComment
	for _, t := range v.pull.threads {
		for _, m := range t.comments {
			if m.review == v {
				list = append(list, m)
			}
		}
	}
	return paginate(c, list, "", func(m *reviewComment) obj {
		o := c.reviewCommentJSON(m)
		o["original_position"] = m.position
		return o
	})
}

func listPullComments(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	return paginate(c, c.newestFirst(p.publishedComments()), "", c.reviewCommentJSON)
}

func (c *call) newestFirst(list []*reviewComment) []*reviewComment {
	if c.query.Get("direction") == "desc" {
		slices.Reverse(list)
	}
	return list
}

func listRepoReviewComments(c *call) (*reply, error) {
	var list []*reviewComment
	for _, p := range c.repo.pulls() {
		list = append(list, p.publishedComments()...)
	}
	return paginate(c, c.newestFirst(list), "", c.reviewCommentJSON)
}

func createReviewComment(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	if to := c.integer("in_reply_to"); to != 0 {
		return c.reply(p, to)
	}
	commit := c.str("commit_id")
	if !c.pullHas(p, commit) {
		return nil, invalid("PullRequestReviewComment", "commit_id", "custom", "commit_id is not part of the pull request")
	}
	m, err := c.newReviewComment(p, commit, specOf(c.body), c.actor.account())
	if err != nil {
		return nil, err
	}
	v := &review{id: c.id(), pull: p, user: m.user, commit: commit, state: "PENDING"}
	p.reviews = append(p.reviews, v)
	m.review = v
	c.startThread(p, m)
	c.submit(v, "COMMENT")
	return created(c.reviewCommentJSON(m))
}

func (s *Server) startThread(p *pull, m *reviewComment) {
	t := &thread{id: s.id(), pull: p, path: m.thread.path, comments: []*reviewComment{m}}
	m.thread = t
	p.threads = append(p.threads, t)
}

func replyReviewComment(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	return c.reply(p, c.number("comment_id"))
}

func (c *call) reply(p *pull, to int) (*reply, error) {
	first := c.repo.reviewComment(to)
	if first == nil || first.thread.pull != p {
		return nil, notFound()
	}
	m, err := c.answerThread(first.thread, c.str("body"), c.actor.account())
	if err != nil {
		return nil, err
	}
	return created(c.reviewCommentJSON(m))
}

func (s *Server) answerThread(t *thread, body string, by *account) (*reviewComment, error) {
	if err := checkComment("PullRequestReviewComment", body); err != nil {
		return nil, err
	}
	m := *t.comments[0]
	v := &review{id: s.id(), pull: t.pull, user: by, commit: m.commit, state: "COMMENTED", submitted: s.now()}
	t.pull.reviews = append(t.pull.reviews, v)
	m.id, m.user, m.body, m.review, m.replyTo = s.id(), by, body, v, t.comments[0].id
	m.reactions, m.minimized, m.created, m.updated = nil, "", s.now(), s.now()
	t.comments = append(t.comments, &m)
	s.emitReviewComment(&m, "created", by, nil)
	return &m, nil
}

func updateReviewComment(c *call, m *reviewComment) (*reply, error) {
	if err := checkComment("PullRequestReviewComment", c.str("body")); err != nil {
		return nil, err
	}
	changes := obj{"changes": obj{"body": obj{"from": m.body}}}
	m.body, m.updated = c.str("body"), c.now()
	c.emitReviewComment(m, "edited", c.actor.account(), changes)
	return ok(c.reviewCommentJSON(m))
}

func deleteReviewComment(c *call, m *reviewComment) (*reply, error) {
	c.removeReviewComment(m, c.actor.account())
	return noContent()
}

func (s *Server) removeReviewComment(m *reviewComment, by *account) {
	s.emitReviewComment(m, "deleted", by, nil)
	m.thread.comments = slices.DeleteFunc(m.thread.comments, func(o *reviewComment) bool { return o == m })
	m.thread.pull.dropEmptyThreads()
}

func (s *Server) reviewCommentJSON(m *reviewComment) obj {
	p := m.thread.pull
	url := s.repoAPI(p.repo, "/pulls/comments/"+itoa(m.id))
	pullURL := s.repoAPI(p.repo, "/pulls/"+itoa(p.number))
	page := s.repoWeb(p.repo, "/pull/"+itoa(p.number)) + "#discussion_r" + itoa(m.id)
	o := obj{"url": url, "pull_request_review_id": nil, "id": m.id, "node_id": nodeID("PRRC", m.id), "diff_hunk": m.hunk,
		"path": m.thread.path, "commit_id": p.head.sha, "original_commit_id": m.commit, "user": s.userOrNull(m.user), "body": m.body,
		"created_at": stamp(m.created), "updated_at": stamp(m.updated), "html_url": page, "pull_request_url": pullURL,
		"author_association": p.repo.association(m.user), "reactions": s.rollup(url, m.reactions),
		"_links": obj{"self": obj{"href": url}, "html": obj{"href": page}, "pull_request": obj{"href": pullURL}}}
	if m.review != nil {
		o["pull_request_review_id"] = m.review.id
	}
	if m.replyTo != 0 {
		o["in_reply_to_id"] = m.replyTo
	}
	if m.wholeFile {
		o["subject_type"] = "file"
		return o
	}
	now := s.locate(m)
	merge(o, obj{"subject_type": "line", "side": m.side, "start_side": orNull(m.startSide), "original_line": m.line, "line": orZero(now.line),
		"original_start_line": orZero(m.startLine), "start_line": orZero(now.start), "original_position": m.position, "position": orZero(now.position)})
	return o
}

// orZero is n, or null for 0.
func orZero(n int) any {
	if n == 0 {
		return nil
	}
	return n
}
