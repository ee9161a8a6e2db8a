package githubsim

import "slices"

var reactionKinds = []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket"}

func reactionRoutes() []route {
	var routes []route
	for _, target := range []struct {
		path, permission string
		find             func(*call) *[]*reaction
	}{
		{"/repos/{owner}/{repo}/issues/{issue_number}/reactions", "issues:%|pull_requests:%", func(c *call) *[]*reaction {
			if i := c.repo.issues[c.number("issue_number")]; i != nil {
				return &i.reactions
			}
			return nil
		}},
		{"/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", "issues:%|pull_requests:%", func(c *call) *[]*reaction {
			if m := c.repo.comment(c.number("comment_id")); m != nil {
				return &m.reactions
			}
			return nil
		}},
		{"/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions", "pull_requests:%", func(c *call) *[]*reaction {
			if m := c.repo.reviewComment(c.number("comment_id")); m != nil {
				return &m.reactions
			}
			return nil
		}},
	} {
		read, write := levels(target.permission)
		routes = append(routes,
			route{op: "GET " + target.path, needs: read, handle: listReactions(target.find)},
			route{op: "POST " + target.path, needs: write, handle: addReaction(target.find)},
			route{op: "DELETE " + target.path + "/{reaction_id}", needs: write, handle: removeReaction(target.find)})
	}
	return routes
}

func levels(pattern string) (read, write string) {
	for _, r := range pattern {
		if r == '%' {
			read, write = read+"read", write+"write"
		} else {
			read, write = read+string(r), write+string(r)
		}
	}
	return read, write
}

func listReactions(find func(*call) *[]*reaction) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		list := find(c)
		if list == nil {
			return nil, notFound()
		}
		return paginate(c, *list, "", c.reactionJSON)
	}
}

// addReaction answers 200 when the same account reacted so before.
func addReaction(find func(*call) *[]*reaction) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		list := find(c)
		if list == nil {
			return nil, notFound()
		}
		for _, r := range *list {
			if r.user == c.actor.account() && r.content == c.str("content") {
				return ok(c.reactionJSON(r))
			}
		}
		r := &reaction{id: c.id(), user: c.actor.account(), content: c.str("content"), created: c.now()}
		*list = append(*list, r)
		return created(c.reactionJSON(r))
	}
}

func removeReaction(find func(*call) *[]*reaction) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		list := find(c)
		if list == nil {
			return nil, notFound()
		}
		n := len(*list)
		*list = slices.DeleteFunc(*list, func(r *reaction) bool { return r.id == c.number("reaction_id") })
		if len(*list) == n {
			return nil, notFound()
		}
		return noContent()
	}
}
