package githubsim

import (
	"cmp"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
)

func commitRoutes() []route {
	const repo = "/repos/{owner}/{repo}"
	return []route{
		{op: "GET " + repo + "/commits", needs: "contents:read", handle: listCommits},
		{op: "GET " + repo + "/commits/{ref}", needs: "contents:read", handle: getCommit},
		{op: "GET " + repo + "/compare/{basehead}", needs: "contents:read", handle: compare},
		{op: "GET " + repo + "/contents/{path}", needs: "contents:read", handle: getContents},
		{op: "PUT " + repo + "/contents/{path}", needs: "contents:write", handle: putContents},
		{op: "DELETE " + repo + "/contents/{path}", needs: "contents:write", handle: deleteContents},
		{op: "POST " + repo + "/merges", needs: "contents:write", handle: mergeBranches},
	}
}

// urlPath escapes a file's path for an address, keeping its slashes.
type urlPath struct{ path string }

func (p *urlPath) String() string { return (&url.URL{Path: p.path}).EscapedPath() }

var sha40 = regexp.MustCompile(`^[0-9a-f]{40}$`)

// resolve finds the commit of a branch, tag, full ref or SHA.
func (r *repo) resolve(ref string) (string, bool) {
	for _, name := range []string{"refs/heads/" + ref, "refs/tags/" + ref, "refs/" + ref, ref} {
		if sha := r.refs[name]; sha != "" {
			return sha, true
		}
	}
	if len(ref) < 7 || strings.Trim(ref, "0123456789abcdef") != "" {
		return "", false
	}
	c, err := r.git.Commit(ref)
	if err != nil {
		return "", false
	}
	return c.SHA, true
}

func (c *call) commitSHA(ref string) (string, error) {
	if len(c.repo.refs) == 0 {
		return "", refuse(409, "Git Repository is empty.")
	}
	sha, known := c.repo.resolve(cmp.Or(ref, c.repo.defaultBranch))
	if !known {
		return "", refuse(422, "No commit found for SHA: %s", ref)
	}
	return sha, nil
}

func (s *Server) gitUserJSON(g gitrepo.Signature) obj {
	return obj{"name": g.Name, "email": g.Email, "date": stamp(g.When)}
}

// accountOf finds the account of a commit's e-mail address.
func (s *Server) accountOf(g gitrepo.Signature) any {
	for _, a := range s.accounts {
		if s.signature(a).Email == g.Email {
			return s.userJSON(a)
		}
	}
	return nil
}

func (s *Server) verification(r *repo, m *gitrepo.Commit) obj {
	o := obj{"verified": r.verified[m.SHA], "reason": "unsigned", "signature": orNull(m.Signature), "payload": nil, "verified_at": nil}
	if m.Signature != "" {
		o["reason"], o["payload"] = "unknown_key", m.Payload
	}
	if r.verified[m.SHA] {
		o["reason"], o["verified_at"] = "valid", stamp(m.Committer.When)
	}
	return o
}

func (s *Server) commitJSON(r *repo, m *gitrepo.Commit) obj {
	url := s.repoAPI(r, "/commits/"+m.SHA)
	parents := []any{}
	for _, p := range m.Parents {
		parents = append(parents, obj{"sha": p, "url": s.repoAPI(r, "/commits/"+p), "html_url": s.repoWeb(r, "/commit/"+p)})
	}
	return obj{"sha": m.SHA, "node_id": nodeID("C", r.id), "url": url, "html_url": s.repoWeb(r, "/commit/"+m.SHA), "comments_url": url + "/comments",
		"author": s.accountOf(m.Author), "committer": s.accountOf(m.Committer), "parents": parents,
		"commit": obj{"author": s.gitUserJSON(m.Author), "committer": s.gitUserJSON(m.Committer), "message": strings.TrimSuffix(m.Message, "\n"),
			"tree": obj{"sha": m.Tree, "url": s.repoAPI(r, "/git/trees/"+m.Tree)}, "url": s.repoAPI(r, "/git/commits/"+m.SHA), "comment_count": 0,
			"verification": s.verification(r, m)}}
}

// simpleCommitJSON is a commit in check suites and pushes.
func (s *Server) simpleCommitJSON(r *repo, sha string) obj {
	m, err := r.git.Commit(sha)
	if err != nil {
		return obj(nil)
	}
	who := func(g gitrepo.Signature) obj { return obj{"name": g.Name, "email": g.Email} }
	return obj{"id": m.SHA, "tree_id": m.Tree, "message": strings.TrimSuffix(m.Message, "\n"), "timestamp": stamp(m.Committer.When),
		"author": who(m.Author), "committer": who(m.Committer)}
}

// pushCommitJSON is a commit in the push event, with the files that it
// touches.
func (s *Server) pushCommitJSON(r *repo, sha string) obj {
	o := s.simpleCommitJSON(r, sha)
	merge(o, obj{"distinct": true, "url": s.repoWeb(r, "/commit/"+sha), "added": []any{}, "removed": []any{}, "modified": []any{}})
	m, err := r.git.Commit(sha)
	if err != nil || len(m.Parents) == 0 {
		return o
	}
	files, err := r.git.Names(m.Parents[0], sha)
	if err != nil {
		return o
	}
	for _, f := range files {
		kind := f.Status
		if kind != "added" && kind != "removed" {
			kind = "modified"
		}
		o[kind] = append(o[kind].([]any), f.Path)
	}
	return o
}

func listCommits(c *call) (*reply, error) {
	sha, err := c.commitSHA(c.query.Get("sha"))
	if err != nil {
		return nil, err
	}
	page, size := c.page()
	commits, err := c.repo.git.History(sha, c.query.Get("path"), page*size+1)
	if err != nil {
		return nil, err
	}
	return paginate(c, commits, "", func(m *gitrepo.Commit) obj { return c.commitJSON(c.repo, m) })
}

func getCommit(c *call) (*reply, error) {
	sha, err := c.commitSHA(c.path("ref"))
	if err != nil {
		return nil, err
	}
	if strings.Contains(c.r.Header.Get("Accept"), ".sha") {
		return &reply{status: 200, body: rawBody(sha)}, nil
	}
	m, err := c.repo.git.Commit(sha)
	if err != nil {
		return nil, err
	}
	o := c.commitJSON(c.repo, m)
	base := emptyTree
	if len(m.Parents) > 0 {
		base = m.Parents[0]
	}
	files, err := c.repo.git.Diff(base, sha)
	if err != nil {
		return nil, err
	}
	o["files"], o["stats"] = c.filesJSON(sha, files)
	return ok(o)
}

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

func (c *call) filesJSON(head string, files []gitrepo.FileDiff) (list []any, stats obj) {
	add, del := 0, 0
	list = []any{}
	for n, f := range files {
		if n < 300 {
			list = append(list, c.fileJSON(c.repo, head, f, false))
		}
		add, del = add+f.Additions, del+f.Deletions
	}
	return list, obj{"additions": add, "deletions": del, "total": add + del}
}

// compare answers "base...head" with the merge base and up to 300 files.
func compare(c *call) (*reply, error) {
	base, head, ok2 := strings.Cut(c.path("basehead"), "...")
	if !ok2 {
		return nil, notFound()
	}
	from, known := c.compareSide(base)
	to, known2 := c.compareSide(head)
	if !known || !known2 {
		return nil, notFound()
	}
	d, err := computeDiff(c.repo, from, to)
	if err != nil {
		return nil, err
	}
	if d.mergeBase == "" {
		return nil, refuse(404, "No common ancestor between %s and %s.", base, head)
	}
	if accept := c.r.Header.Get("Accept"); strings.Contains(accept, "diff") {
		text, err := c.repo.git.Text(d.mergeBase, to)
		return &reply{status: 200, body: rawBody(text)}, err
	}
	return c.comparison(from, to, d)
}

func (c *call) compareSide(name string) (string, bool) {
	if _, branch, hasOwner := strings.Cut(name, ":"); hasOwner {
		name = branch
	}
	return c.repo.resolve(name)
}

func (c *call) comparison(from, to string, d *pullDiff) (*reply, error) {
	ahead, behind, err := c.repo.git.AheadBehind(from, to)
	if err != nil {
		return nil, err
	}
	base, err1 := c.repo.git.Commit(from)
	root, err2 := c.repo.git.Commit(d.mergeBase)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	status := "identical"
	switch {
	case ahead > 0 && behind > 0:
		status = "diverged"
	case ahead > 0:
		status = "ahead"
	case behind > 0:
		status = "behind"
	}
	url := c.repoAPI(c.repo, "/compare/"+from+"..."+to)
	page := c.repoWeb(c.repo, "/compare/"+from+"..."+to)
	files, _ := c.filesJSON(to, d.files)
	rep, err := paginate(c, d.commits, "", func(m *gitrepo.Commit) obj { return c.commitJSON(c.repo, m) })
	if err != nil {
		return nil, err
	}
	if page, _ := c.page(); page > 1 {
		files = []any{}
	}
	rep.body = obj{"url": url, "html_url": page, "permalink_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch",
		"base_commit": c.commitJSON(c.repo, base), "merge_base_commit": c.commitJSON(c.repo, root), "status": status, "ahead_by": ahead,
		"behind_by": behind, "total_commits": len(d.commits), "commits": rep.body, "files": files}
	return rep, nil
}

func mergeBranches(c *call) (*reply, error) {
	base, known := c.repo.branch(c.str("base")), false
	if base == "" {
		return nil, refuse(404, "Base does not exist")
	}
	head, known := c.repo.resolve(c.str("head"))
	if !known {
		return nil, refuse(404, "Head does not exist")
	}
	if c.repo.git.IsAncestor(head, base) {
		return noContent()
	}
	tree, conflict, err := c.repo.git.Merge(base, head)
	if err != nil {
		return nil, err
	}
	if conflict {
		return nil, refuse(409, "Merge conflict")
	}
	message := cmp.Or(c.str("commit_message"), "Merge "+c.str("head")+" into "+c.str("base"))
	sha, err := c.commitSigned(c.repo, gitrepo.Commit{Tree: tree, Parents: []string{base, head}, Author: c.signature(c.actor.account()),
		Committer: c.signature(nil), Message: message})
	if err != nil {
		return nil, err
	}
	if err := c.checkPush(c.repo, c.str("base"), base, sha, c.actor.account()); err != nil {
		return nil, refuse(409, "%v", err)
	}
	if err := c.setRef(c.repo, "refs/heads/"+c.str("base"), sha, c.actor.account()); err != nil {
		return nil, err
	}
	m, err := c.repo.git.Commit(sha)
	if err != nil {
		return nil, err
	}
	return created(c.commitJSON(c.repo, m))
}
