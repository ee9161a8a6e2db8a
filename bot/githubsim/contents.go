package githubsim

import (
	"cmp"
	"encoding/base64"
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
)

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
