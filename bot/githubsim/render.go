package githubsim

import (
	"strings"
	"time"
)

// This file prints state as the JSON objects of GitHub's API.

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// stampOr is stamp, or null for the zero time.
func stampOr(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

// orNull is s, or null when empty.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (s *Server) api(parts ...string) string { return s.URL + strings.Join(parts, "") }

func (s *Server) web(parts ...string) string { return s.opts.WebURL + strings.Join(parts, "") }

func (s *Server) repoAPI(r *repo, rest string) string { return s.URL + "/repos/" + r.fullName() + rest }

func (s *Server) repoWeb(r *repo, rest string) string {
	return s.opts.WebURL + "/" + r.fullName() + rest
}

func (s *Server) userJSON(a *account) obj {
	if a == nil {
		return obj(nil)
	}
	path := "/users/" + strings.NewReplacer("[", "%5B", "]", "%5D").Replace(a.login)
	page := "/" + a.login
	if a.kind == "Bot" {
		page = "/apps/" + strings.TrimSuffix(a.login, "[bot]")
	}
	u := obj{"login": a.login, "id": a.id, "node_id": nodeID("U", a.id), "avatar_url": s.web("/avatars/", itoa(a.id)),
		"gravatar_id": "", "url": s.api(path), "html_url": s.web(page), "type": a.kind, "site_admin": false, "user_view_type": "public"}
	for key, rest := range map[string]string{"followers_url": "/followers", "following_url": "/following{/other_user}",
		"gists_url": "/gists{/gist_id}", "starred_url": "/starred{/owner}{/repo}", "subscriptions_url": "/subscriptions",
		"organizations_url": "/orgs", "repos_url": "/repos", "events_url": "/events{/privacy}", "received_events_url": "/received_events"} {
		u[key] = s.api(path, rest)
	}
	return u
}

func (s *Server) userOrNull(a *account) any {
	if a == nil {
		return nil
	}
	return s.userJSON(a)
}

func (s *Server) usersJSON(list []*account) []any {
	out := []any{}
	for _, a := range list {
		out = append(out, s.userJSON(a))
	}
	return out
}

func (s *Server) fullUserJSON(a *account) obj {
	u := s.userJSON(a)
	merge(u, obj{"name": orNull(a.name), "company": nil, "blog": "", "location": nil, "email": orNull(a.email), "hireable": nil, "bio": nil,
		"public_repos": 0, "public_gists": 0, "followers": 0, "following": 0, "created_at": stamp(a.created), "updated_at": stamp(a.created)})
	return u
}

func (s *Server) orgJSON(a *account) obj {
	path := "/orgs/" + a.login
	return obj{"login": a.login, "id": a.id, "node_id": nodeID("O", a.id), "url": s.api(path), "repos_url": s.api(path, "/repos"),
		"events_url": s.api(path, "/events"), "hooks_url": s.api(path, "/hooks"), "issues_url": s.api(path, "/issues"),
		"members_url": s.api(path, "/members{/member}"), "public_members_url": s.api(path, "/public_members{/member}"),
		"avatar_url": s.web("/avatars/", itoa(a.id)), "description": ""}
}

func (s *Server) fullOrgJSON(a *account) obj {
	o := s.orgJSON(a)
	merge(o, obj{"name": orNull(a.name), "has_organization_projects": true, "has_repository_projects": true, "public_repos": 0,
		"public_gists": 0, "followers": 0, "following": 0, "html_url": s.web("/", a.login), "created_at": stamp(a.created),
		"updated_at": stamp(a.created), "type": "Organization", "archived_at": nil})
	return o
}

func merge(into, from obj) {
	for k, v := range from {
		into[k] = v
	}
}

// Fields of a repository that hold an address below its own.
var repoLinks = map[string]string{"forks_url": "/forks", "keys_url": "/keys{/key_id}", "collaborators_url": "/collaborators{/collaborator}",
	"teams_url": "/teams", "hooks_url": "/hooks", "issue_events_url": "/issues/events{/number}", "events_url": "/events",
	"assignees_url": "/assignees{/user}", "branches_url": "/branches{/branch}", "tags_url": "/tags", "blobs_url": "/git/blobs{/sha}",
	"git_tags_url": "/git/tags{/sha}", "git_refs_url": "/git/refs{/sha}", "trees_url": "/git/trees{/sha}", "statuses_url": "/statuses/{sha}",
	"languages_url": "/languages", "stargazers_url": "/stargazers", "contributors_url": "/contributors", "subscribers_url": "/subscribers",
	"subscription_url": "/subscription", "commits_url": "/commits{/sha}", "git_commits_url": "/git/commits{/sha}",
	"comments_url": "/comments{/number}", "issue_comment_url": "/issues/comments{/number}", "contents_url": "/contents/{+path}",
	"compare_url": "/compare/{base}...{head}", "merges_url": "/merges", "archive_url": "/{archive_format}{/ref}", "downloads_url": "/downloads",
	"issues_url": "/issues{/number}", "pulls_url": "/pulls{/number}", "milestones_url": "/milestones{/number}",
	"notifications_url": "/notifications{?since,all,participating}", "labels_url": "/labels{/name}", "releases_url": "/releases{/id}",
	"deployments_url": "/deployments"}

func (s *Server) repoJSON(r *repo) obj {
	visibility := "public"
	if r.private {
		visibility = "private"
	}
	open := r.openCount()
	o := obj{"id": r.id, "node_id": nodeID("R", r.id), "name": r.name, "full_name": r.fullName(), "private": r.private,
		"owner": s.userJSON(r.owner), "html_url": s.repoWeb(r, ""), "description": orNull(r.description), "fork": r.fork != nil,
		"url": s.repoAPI(r, ""), "created_at": stamp(r.created), "updated_at": stamp(r.pushed), "pushed_at": stamp(r.pushed),
		"git_url": "git://" + strings.TrimPrefix(s.URL, "http://") + "/" + r.fullName() + ".git", "ssh_url": "git@localhost:" + r.fullName() + ".git",
		"clone_url": s.URL + "/" + r.fullName() + ".git", "svn_url": s.repoWeb(r, ""), "homepage": nil, "size": 100,
		"stargazers_count": 0, "watchers_count": 0, "language": nil, "has_issues": true, "has_projects": true, "has_downloads": true,
		"has_wiki": false, "has_pages": false, "has_discussions": false, "forks_count": 0, "mirror_url": nil, "archived": r.archived,
		"disabled": false, "open_issues_count": open, "license": nil, "allow_forking": true, "is_template": false,
		"web_commit_signoff_required": false, "topics": []any{}, "custom_properties": obj{}, "visibility": visibility, "forks": 0, "open_issues": open, "watchers": 0,
		"default_branch": r.defaultBranch}
	for key, rest := range repoLinks {
		o[key] = s.repoAPI(r, rest)
	}
	return o
}

func (r *repo) openCount() int {
	n := 0
	for _, i := range r.issues {
		if i.isOpen() {
			n++
		}
	}
	return n
}

func (s *Server) fullRepoJSON(r *repo) obj {
	o := s.repoJSON(r)
	merge(o, obj{"network_count": 0, "subscribers_count": 0, "allow_squash_merge": !r.settings.NoSquash,
		"allow_merge_commit": !r.settings.NoMergeCommit, "allow_rebase_merge": !r.settings.NoRebase, "allow_auto_merge": r.settings.AllowAutoMerge,
		"delete_branch_on_merge": r.settings.DeleteBranchOnMerge, "allow_update_branch": false})
	if r.owner.isOrg() {
		o["organization"] = s.userJSON(r.owner)
	}
	if r.fork != nil {
		o["parent"], o["source"] = s.repoJSON(r.fork), s.repoJSON(r.fork)
	}
	return o
}

func rolePermissions(role string) obj {
	n := rank(role)
	return obj{"admin": n >= rank("admin"), "maintain": n >= rank("maintain"), "push": n >= rank("push"), "triage": n >= rank("triage"), "pull": n >= rank("pull")}
}

func (s *Server) teamJSON(t *team) obj {
	path := "/organizations/" + itoa(t.org.id) + "/team/" + itoa(t.id)
	privacy := "closed"
	if t.secret {
		privacy = "secret"
	}
	return obj{"id": t.id, "node_id": nodeID("T", t.id), "url": s.api(path), "html_url": s.web("/orgs/", t.org.login, "/teams/", t.slug),
		"name": t.name, "slug": t.slug, "description": orNull(t.description), "privacy": privacy, "notification_setting": "notifications_enabled",
		"permission": "pull", "members_url": s.api(path, "/members{/member}"), "repositories_url": s.api(path, "/repos"),
		"parent": nil, "type": "organization", "organization_id": t.org.id}
}

func (s *Server) appJSON(a *App) obj {
	events := []any{}
	for _, e := range sortedKeys(a.events) {
		events = append(events, e)
	}
	return obj{"id": a.ID, "slug": a.Slug, "node_id": nodeID("A", a.ID), "client_id": a.ClientID, "owner": s.userJSON(a.owner), "name": a.name,
		"description": "", "external_url": s.web("/apps/", a.Slug), "html_url": s.web("/apps/", a.Slug), "created_at": stamp(a.created),
		"updated_at": stamp(a.created), "permissions": permissionsJSON(a.permissions), "events": events}
}

func (s *Server) appOrNull(a *App) any {
	if a == nil {
		return nil
	}
	return s.appJSON(a)
}

func permissionsJSON(permissions map[string]string) obj {
	o := obj{}
	for k, v := range permissions {
		o[k] = v
	}
	return o
}

func (s *Server) installationJSON(i *Installation) obj {
	selection := "all"
	if i.selected != nil {
		selection = "selected"
	}
	app := s.appJSON(i.App)
	return obj{"id": i.ID, "account": s.userJSON(i.account), "repository_selection": selection,
		"access_tokens_url": s.api("/app/installations/", itoa(i.ID), "/access_tokens"), "repositories_url": s.api("/installation/repositories"),
		"html_url": s.web("/organizations/", i.account.login, "/settings/installations/", itoa(i.ID)), "app_id": i.App.ID, "app_slug": i.App.Slug,
		"client_id": i.App.ClientID, "target_id": i.account.id, "target_type": i.account.kind, "permissions": app["permissions"],
		"events": app["events"], "created_at": stamp(i.created), "updated_at": stamp(i.created), "single_file_name": nil,
		"has_multiple_single_files": false, "single_file_paths": []any{}, "suspended_by": s.userOrNull(i.suspender), "suspended_at": stampOr(i.suspended)}
}

func (s *Server) labelJSON(r *repo, l *label) obj {
	return obj{"id": l.id, "node_id": nodeID("LA", l.id), "url": s.repoAPI(r, "/labels/"+pathEscape(l.name)), "name": l.name,
		"description": l.description, "color": l.color, "default": false}
}

func (s *Server) labelsJSON(i *issue) []any {
	out := []any{}
	for _, l := range i.labels {
		out = append(out, s.labelJSON(i.repo, l))
	}
	return out
}

func (s *Server) milestoneJSON(r *repo, m *milestone) any {
	if m == nil {
		return nil
	}
	open, closed := 0, 0
	for _, i := range r.issues {
		if i.milestone == m && i.isOpen() {
			open++
		} else if i.milestone == m {
			closed++
		}
	}
	url := s.repoAPI(r, "/milestones/"+itoa(m.number))
	return obj{"url": url, "html_url": s.repoWeb(r, "/milestone/"+itoa(m.number)), "labels_url": url + "/labels", "id": m.id,
		"node_id": nodeID("MI", m.id), "number": m.number, "title": m.title, "description": orNull(m.description), "creator": s.userOrNull(m.creator),
		"open_issues": open, "closed_issues": closed, "state": m.state, "created_at": stamp(m.created), "updated_at": stamp(m.created),
		"due_on": stampOr(m.due), "closed_at": nil}
}

func (s *Server) issueJSON(i *issue) obj {
	url := s.repoAPI(i.repo, "/issues/"+itoa(i.number))
	page := "/issues/"
	if i.pull != nil {
		page = "/pull/"
	}
	o := obj{"url": url, "repository_url": s.repoAPI(i.repo, ""), "labels_url": url + "/labels{/name}", "comments_url": url + "/comments",
		"events_url": url + "/events", "html_url": s.repoWeb(i.repo, page+itoa(i.number)), "id": i.id, "node_id": nodeID("I", i.id),
		"number": i.number, "title": i.title, "user": s.userOrNull(i.user), "labels": s.labelsJSON(i), "state": i.state,
		"state_reason": orNull(i.reason), "locked": i.locked, "assignee": nil, "assignees": s.usersJSON(i.assignees),
		"milestone": s.milestoneJSON(i.repo, i.milestone), "comments": len(i.comments), "created_at": stamp(i.created), "updated_at": stamp(i.updated),
		"closed_at": stampOr(i.closed), "closed_by": s.userOrNull(i.closedBy), "author_association": i.repo.association(i.user),
		"active_lock_reason": nil, "body": orNull(i.body), "reactions": s.rollup(url, i.reactions), "timeline_url": url + "/timeline",
		"performed_via_github_app": s.appOrNull(i.via)}
	if len(i.assignees) > 0 {
		o["assignee"] = s.userJSON(i.assignees[0])
	}
	if p := i.pull; p != nil {
		web := s.repoWeb(i.repo, "/pull/"+itoa(i.number))
		o["node_id"] = nodeID("PR", i.id)
		o["draft"] = p.draft
		o["pull_request"] = obj{"url": s.repoAPI(i.repo, "/pulls/"+itoa(i.number)), "html_url": web, "diff_url": web + ".diff",
			"patch_url": web + ".patch", "merged_at": stampOr(p.merged)}
	}
	return o
}

func (s *Server) commentJSON(m *comment) obj {
	url := s.repoAPI(m.issue.repo, "/issues/comments/"+itoa(m.id))
	issue := s.issueJSON(m.issue)
	return obj{"url": url, "html_url": issue["html_url"].(string) + "#issuecomment-" + itoa(m.id), "issue_url": issue["url"], "id": m.id,
		"node_id": nodeID("IC", m.id), "user": s.userOrNull(m.user), "created_at": stamp(m.created), "updated_at": stamp(m.updated),
		"author_association": m.issue.repo.association(m.user), "body": m.body, "reactions": s.rollup(url, m.reactions),
		"performed_via_github_app": s.appOrNull(m.via)}
}

func (s *Server) reactionJSON(r *reaction) obj {
	return obj{"id": r.id, "node_id": nodeID("REA", r.id), "user": s.userOrNull(r.user), "content": r.content, "created_at": stamp(r.created)}
}

func (s *Server) rollup(url string, reactions []*reaction) obj {
	o := obj{"url": url + "/reactions", "total_count": len(reactions)}
	for _, kind := range reactionKinds {
		o[kind] = 0
	}
	for _, r := range reactions {
		o[r.content] = o[r.content].(int) + 1
	}
	return o
}

func (s *Server) refJSON(p *pull, b branchRef) obj {
	o := obj{"label": b.label(), "ref": b.ref, "sha": b.sha, "user": nil, "repo": nil}
	if b.repo != nil {
		o["user"], o["repo"] = s.userJSON(b.repo.owner), s.repoJSON(b.repo)
	}
	return o
}

// pullSimpleJSON is a pull request as listings have it.
func (s *Server) pullSimpleJSON(p *pull) obj {
	url := s.repoAPI(p.repo, "/pulls/"+itoa(p.number))
	web := s.repoWeb(p.repo, "/pull/"+itoa(p.number))
	issue := s.issueJSON(p.issue)
	teams := []any{}
	for _, t := range p.teams {
		teams = append(teams, s.teamJSON(t))
	}
	o := obj{"url": url, "id": p.id, "html_url": web, "diff_url": web + ".diff", "patch_url": web + ".patch", "issue_url": issue["url"],
		"commits_url": url + "/commits", "review_comments_url": url + "/comments", "review_comment_url": s.repoAPI(p.repo, "/pulls/comments{/number}"),
		"statuses_url": s.repoAPI(p.repo, "/statuses/"+p.head.sha), "auto_merge": nil, "merged_at": stampOr(p.merged),
		"merge_commit_sha": orNull(p.mergeCommit), "requested_reviewers": s.usersJSON(p.users), "requested_teams": teams,
		"head": s.refJSON(p, p.head), "base": s.refJSON(p, p.base), "draft": p.draft}
	for _, k := range []string{"node_id", "number", "title", "user", "labels", "state", "locked", "assignee", "assignees", "milestone",
		"created_at", "updated_at", "closed_at", "author_association", "active_lock_reason", "body", "comments_url"} {
		o[k] = issue[k]
	}
	if a := p.auto; a != nil {
		o["auto_merge"] = obj{"enabled_by": s.userJSON(a.by), "merge_method": a.method, "commit_title": a.title, "commit_message": a.message}
	}
	o["_links"] = pullLinks(o, s.repoAPI(p.repo, "/issues/"+itoa(p.number)+"/comments"))
	return o
}

func pullLinks(o obj, comments string) obj {
	link := func(v any) obj { return obj{"href": v} }
	return obj{"self": link(o["url"]), "html": link(o["html_url"]), "issue": link(o["issue_url"]), "comments": link(comments),
		"review_comments": link(o["review_comments_url"]), "review_comment": link(o["review_comment_url"]), "commits": link(o["commits_url"]),
		"statuses": link(o["statuses_url"])}
}

// pullJSON is a pull request by itself, with what its git state gives.
func (s *Server) pullJSON(p *pull) obj {
	o := s.pullSimpleJSON(p)
	diff := s.pullDiff(p)
	m := s.mergeability(p)
	reviewComments := 0
	for _, t := range p.threads {
		reviewComments += len(t.published())
	}
	merge(o, obj{"merged": !p.merged.IsZero(), "mergeable": m.mergeable, "rebaseable": m.mergeable, "mergeable_state": m.state,
		"merged_by": s.userOrNull(p.mergedBy), "comments": len(p.comments), "review_comments": reviewComments,
		"maintainer_can_modify": p.maintainerCanPush, "commits": len(diff.commits), "additions": diff.additions, "deletions": diff.deletions,
		"changed_files": len(diff.files)})
	if p.isOpen() {
		o["merge_commit_sha"] = orNull(m.commit)
	}
	return o
}

func (s *Server) pullMinimalJSON(p *pull) obj {
	ref := func(b branchRef) obj {
		o := obj{"ref": b.ref, "sha": b.sha, "repo": obj{"id": 0, "name": "", "url": ""}}
		if b.repo != nil {
			o["repo"] = obj{"id": b.repo.id, "name": b.repo.name, "url": s.repoAPI(b.repo, "")}
		}
		return o
	}
	return obj{"id": p.id, "number": p.number, "url": s.repoAPI(p.repo, "/pulls/"+itoa(p.number)), "head": ref(p.head), "base": ref(p.base)}
}
