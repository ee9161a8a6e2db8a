package githubsim

import (
	"cmp"
	"encoding/base64"
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

func getContents(c *call) (*reply, error) {
	ref, err := c.commitSHA(c.query.Get("ref"))
	if err != nil {
		return nil, notFound()
	}
	path := strings.Trim(c.path("path"), "/")
	o, err := c.repo.git.Object(ref + ":" + path)
	if err != nil {
		return nil, notFound()
	}
	accept := c.r.Header.Get("Accept")
	switch {
	case o.Type == "tree":
		return c.folder(ref, path)
	case o.Type != "blob":
		return nil, notFound()
	case strings.Contains(accept, "raw"):
		return &reply{status: 200, body: rawBody(o.Data)}, nil
	}
	return ok(c.contentJSON(ref, path, o))
}

// contentJSON leaves the content of files over 1 MB out, as GitHub does.
func (s *call) contentJSON(ref, path string, o *gitrepo.Object) obj {
	content, encoding := wrap64(o.Data), "base64"
	if len(o.Data) > 1<<20 {
		content, encoding = "", "none"
	}
	e := s.entryJSON(ref, gitrepo.Entry{Path: path, SHA: o.SHA, Type: "blob", Size: int64(len(o.Data))})
	e["content"], e["encoding"] = content, encoding
	return e
}

// wrap64 is base64 in lines of 60, as GitHub sends it.
func wrap64(data []byte) string {
	text := base64.StdEncoding.EncodeToString(data)
	var b strings.Builder
	for len(text) > 60 {
		b.WriteString(text[:60] + "\n")
		text = text[60:]
	}
	b.WriteString(text + "\n")
	return b.String()
}

func (c *call) entryJSON(ref string, e gitrepo.Entry) obj {
	kinds := map[string]string{"blob": "file", "tree": "dir", "commit": "submodule"}
	path := (&urlPath{e.Path}).String()
	self := c.repoAPI(c.repo, "/contents/"+path+"?ref="+ref)
	page := c.repoWeb(c.repo, "/"+e.Type+"/"+ref+"/"+path)
	git := c.repoAPI(c.repo, "/git/"+e.Type+"s/"+e.SHA)
	kind := kinds[e.Type]
	if e.Mode == "120000" {
		kind = "symlink"
	}
	o := obj{"type": kind, "size": max(e.Size, 0), "name": e.Path[strings.LastIndex(e.Path, "/")+1:], "path": e.Path, "sha": e.SHA, "url": self,
		"git_url": git, "html_url": page, "download_url": nil, "_links": obj{"self": self, "git": git, "html": page}}
	if kind == "file" {
		o["download_url"] = c.repoWeb(c.repo, "/raw/"+ref+"/"+path)
	}
	return o
}

func (c *call) folder(ref, path string) (*reply, error) {
	entries, err := c.repo.git.Tree(ref+":"+path, false)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, e := range entries[:min(len(entries), 1000)] {
		if path != "" {
			e.Path = path + "/" + e.Path
		}
		list = append(list, c.entryJSON(ref, e))
	}
	return ok(list)
}

func putContents(c *call) (*reply, error) {
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(c.str("content"), "\n", ""))
	if err != nil {
		return nil, refuse(422, "content is not valid Base64")
	}
	return c.writeContents(&gitrepo.File{Data: data})
}

func deleteContents(c *call) (*reply, error) { return c.writeContents(nil) }

// writeContents makes one commit for one file. The blob SHA of what is there
// guards against lost updates.
// https://docs.github.com/rest/repos/contents#create-or-update-file-contents
func (c *call) writeContents(f *gitrepo.File) (*reply, error) {
	branch, path := cmp.Or(c.str("branch"), c.repo.defaultBranch), strings.Trim(c.path("path"), "/")
	head := c.repo.branch(branch)
	if head == "" && len(c.repo.refs) > 0 {
		return nil, refuse(404, "Branch %s not found", branch)
	}
	there, _ := c.repo.git.Object(head + ":" + path)
	switch {
	case there == nil && f == nil:
		return nil, notFound()
	case there != nil && c.str("sha") == "":
		return nil, refuse(422, "Invalid request.\n\n\"sha\" wasn't supplied.")
	case there != nil && c.str("sha") != there.SHA:
		return nil, refuse(409, "%s does not match %s", path, c.str("sha"))
	}
	sha, err := c.commitFiles(c.repo, branch, c.str("message"), c.actor.account(), map[string]*gitrepo.File{path: f}, true)
	if err != nil {
		return nil, err
	}
	m, err := c.repo.git.Commit(sha)
	if err != nil {
		return nil, err
	}
	answer := obj{"content": nil, "commit": c.gitCommitJSON(m)}
	if f != nil {
		o, err := c.repo.git.Object(sha + ":" + path)
		if err != nil {
			return nil, err
		}
		answer["content"] = c.entryJSON(branch, gitrepo.Entry{Path: path, SHA: o.SHA, Type: "blob", Size: int64(len(o.Data))})
	}
	if there == nil {
		return created(answer)
	}
	return ok(answer)
}

// commitFiles makes a commit on a branch, which it creates in an empty
// repository. Commits through the API are signed by GitHub.
func (s *Server) commitFiles(r *repo, branch, message string, by *account, files map[string]*gitrepo.File, signed bool) (string, error) {
	head := r.branch(branch)
	tree, err := r.git.WriteFiles(head, files)
	if err != nil {
		return "", err
	}
	commit := gitrepo.Commit{Tree: tree, Author: s.signature(by), Committer: s.signature(by), Message: message}
	if head != "" {
		commit.Parents = []string{head}
	}
	write := r.git.WriteCommit
	if signed {
		commit.Committer = s.signature(nil)
		write = func(c gitrepo.Commit) (string, error) { return s.commitSigned(r, c) }
	}
	sha, err := write(commit)
	if err != nil {
		return "", err
	}
	if err := s.checkPush(r, branch, head, sha, by); err != nil {
		return "", refuse(409, "Could not update file: %v", err)
	}
	return sha, s.setRef(r, "refs/heads/"+branch, sha, by)
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
