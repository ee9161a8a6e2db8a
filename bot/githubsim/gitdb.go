package githubsim

import (
	"cmp"
	"encoding/base64"
	"errors"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
)

func gitRoutes() []route {
	const git = "/repos/{owner}/{repo}/git"
	const read, write = "contents:read", "contents:write"
	return []route{
		{op: "POST " + git + "/blobs", needs: write, handle: createBlob},
		{op: "GET " + git + "/blobs/{file_sha}", needs: read, handle: getBlob},
		{op: "POST " + git + "/commits", needs: write, handle: createCommit},
		{op: "GET " + git + "/commits/{commit_sha}", needs: read, handle: getGitCommit},
		{op: "GET " + git + "/matching-refs/{ref}", needs: read, handle: matchingRefs},
		{op: "GET " + git + "/ref/{ref}", needs: read, handle: getRef},
		{op: "POST " + git + "/refs", needs: write, handle: createRef},
		{op: "PATCH " + git + "/refs/{ref}", needs: write, handle: updateRef},
		{op: "DELETE " + git + "/refs/{ref}", needs: write, handle: deleteRef},
		{op: "POST " + git + "/trees", needs: write, handle: createTree},
		{op: "GET " + git + "/trees/{tree_sha}", needs: read, handle: getTree},
	}
}

func createBlob(c *call) (*reply, error) {
	data := []byte(c.str("content"))
	if c.str("encoding") == "base64" {
		var err error
		if data, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(c.str("content"), "\n", "")); err != nil {
			return nil, refuse(422, "content is not valid Base64")
		}
	}
	if len(c.repo.refs) == 0 {
		return nil, refuse(409, "Git Repository is empty.")
	}
	sha, err := c.repo.git.WriteObject("blob", data)
	if err != nil {
		return nil, err
	}
	return created(obj{"sha": sha, "url": c.repoAPI(c.repo, "/git/blobs/"+sha)})
}

func getBlob(c *call) (*reply, error) {
	o, err := c.repo.git.Object(c.path("file_sha"))
	if err != nil || o.Type != "blob" {
		return nil, notFound()
	}
	if strings.Contains(c.r.Header.Get("Accept"), "raw") {
		return &reply{status: 200, body: rawBody(o.Data)}, nil
	}
	return ok(obj{"sha": o.SHA, "node_id": nodeID("B", c.repo.id), "size": len(o.Data), "url": c.repoAPI(c.repo, "/git/blobs/"+o.SHA),
		"content": wrap64(o.Data), "encoding": "base64"})
}

// createCommit signs for Apps that name neither author nor committer.
// https://docs.github.com/authentication/managing-commit-signature-verification/about-commit-signature-verification#signature-verification-for-bots
func createCommit(c *call) (*reply, error) {
	tree, err := c.repo.git.Object(c.str("tree"))
	if err != nil || tree.Type != "tree" {
		return nil, refuse(422, "Tree SHA does not exist")
	}
	commit := gitrepo.Commit{Tree: tree.SHA, Message: c.str("message"), Signature: c.str("signature")}
	for _, p := range c.strs("parents") {
		if _, err := c.repo.git.Commit(p); err != nil || !sha40.MatchString(p) {
			return nil, refuse(422, "Parent SHA does not exist or is not a commit object")
		}
		commit.Parents = append(commit.Parents, p)
	}
	commit.Author = c.signatureOf("author", c.signature(c.actor.account()))
	commit.Committer = c.signatureOf("committer", commit.Author)
	write := c.repo.git.WriteCommit
	if c.actor.installation() != nil && !c.has("author") && !c.has("committer") && commit.Signature == "" {
		commit.Committer = c.signature(nil)
		write = func(m gitrepo.Commit) (string, error) { return c.commitSigned(c.repo, m) }
	}
	sha, err := write(commit)
	if err != nil {
		return nil, err
	}
	m, err := c.repo.git.Commit(sha)
	if err != nil {
		return nil, err
	}
	return created(c.gitCommitJSON(m))
}

func (c *call) signatureOf(field string, fallback gitrepo.Signature) gitrepo.Signature {
	o, _ := c.body[field].(obj)
	if o == nil {
		return fallback
	}
	g := gitrepo.Signature{When: fallback.When}
	g.Name, _ = o["name"].(string)
	g.Email, _ = o["email"].(string)
	if date, _ := o["date"].(string); date != "" {
		if t, err := time.Parse(time.RFC3339, date); err == nil {
			g.When = t
		}
	}
	return g
}

func (c *call) gitCommitJSON(m *gitrepo.Commit) obj {
	parents := []any{}
	for _, p := range m.Parents {
		parents = append(parents, obj{"sha": p, "url": c.repoAPI(c.repo, "/git/commits/"+p), "html_url": c.repoWeb(c.repo, "/commit/"+p)})
	}
	return obj{"sha": m.SHA, "node_id": nodeID("C", c.repo.id), "url": c.repoAPI(c.repo, "/git/commits/"+m.SHA),
		"html_url": c.repoWeb(c.repo, "/commit/"+m.SHA), "author": c.gitUserJSON(m.Author), "committer": c.gitUserJSON(m.Committer),
		"message": strings.TrimSuffix(m.Message, "\n"), "tree": obj{"sha": m.Tree, "url": c.repoAPI(c.repo, "/git/trees/"+m.Tree)},
		"parents": parents, "verification": c.verification(c.repo, m)}
}

func getGitCommit(c *call) (*reply, error) {
	m, err := c.repo.git.Commit(c.path("commit_sha"))
	if err != nil || !sha40.MatchString(c.path("commit_sha")) {
		return nil, notFound()
	}
	return ok(c.gitCommitJSON(m))
}

func (c *call) refJSON(ref string) obj {
	sha := c.repo.refs[ref]
	kind := "commit"
	if o, err := c.repo.git.Object(sha); err == nil {
		kind = o.Type
	}
	return obj{"ref": ref, "node_id": nodeID("REF", c.repo.id), "url": c.repoAPI(c.repo, "/git/"+(&urlPath{ref}).String()),
		"object": obj{"sha": sha, "type": kind, "url": c.repoAPI(c.repo, "/git/"+kind+"s/"+sha)}}
}

func matchingRefs(c *call) (*reply, error) {
	var list []string
	for ref := range c.repo.refs {
		if strings.HasPrefix(ref, "refs/"+c.path("ref")) {
			list = append(list, ref)
		}
	}
	sort.Strings(list)
	return paginate(c, list, "", c.refJSON)
}

func getRef(c *call) (*reply, error) {
	ref := "refs/" + c.path("ref")
	if c.repo.refs[ref] == "" {
		return nil, notFound()
	}
	return ok(c.refJSON(ref))
}

func createRef(c *call) (*reply, error) {
	ref := c.str("ref")
	if !strings.HasPrefix(ref, "refs/") || strings.Count(ref, "/") < 2 || !validRef.MatchString(ref) || strings.Contains(ref, "..") {
		return nil, refuse(422, "Reference name must start with 'refs/' and contain at least two slashes.")
	}
	if c.repo.refs[ref] != "" {
		return nil, refuse(422, "Reference already exists")
	}
	if err := c.pointRef(ref, c.str("sha")); err != nil {
		return nil, err
	}
	return created(c.refJSON(ref))
}

var validRef = regexp.MustCompile(`^[^\x00-\x20~^:?*\[\\]+$`)

func (c *call) pointRef(ref, sha string) error {
	if !sha40.MatchString(sha) {
		return refuse(422, "At least 40 characters are required; only %d were supplied.", len(sha))
	}
	if _, err := c.repo.git.Commit(sha); err != nil {
		return refuse(422, "Object does not exist")
	}
	if branch, isBranch := strings.CutPrefix(ref, "refs/heads/"); isBranch {
		if err := c.refuseRule(branch, sha); err != nil {
			return err
		}
	}
	return c.setRef(c.repo, ref, sha, c.actor.account())
}

func (c *call) refuseRule(branch, sha string) error {
	err := c.checkPush(c.repo, branch, c.repo.branch(branch), sha, c.actor.account())
	var refused *refusal
	if errors.As(err, &refused) {
		return refuse(422, "Repository rule violations found\n\n%s\n\n", strings.Join(refused.lines, "\n"))
	}
	return err
}

func updateRef(c *call) (*reply, error) {
	ref := "refs/" + c.path("ref")
	old, sha := c.repo.refs[ref], c.str("sha")
	if old == "" {
		return nil, refuse(422, "Reference does not exist")
	}
	if sha40.MatchString(sha) && !c.boolean("force") && !c.repo.git.IsAncestor(old, sha) {
		return nil, refuse(422, "Update is not a fast forward")
	}
	if err := c.pointRef(ref, sha); err != nil {
		return nil, err
	}
	return ok(c.refJSON(ref))
}

func deleteRef(c *call) (*reply, error) {
	ref := "refs/" + c.path("ref")
	branch, isBranch := strings.CutPrefix(ref, "refs/heads/")
	switch {
	case c.repo.refs[ref] == "":
		return nil, refuse(422, "Reference does not exist")
	case isBranch && branch == c.repo.defaultBranch:
		return nil, refuse(422, "Cannot delete the default branch")
	case isBranch:
		if err := c.refuseRule(branch, ""); err != nil {
			return nil, err
		}
	}
	if err := c.setRef(c.repo, ref, "", c.actor.account()); err != nil {
		return nil, err
	}
	return noContent()
}

// createTree takes entries on top of base_tree; a null sha deletes.
// https://docs.github.com/rest/git/trees#create-a-tree
func createTree(c *call) (*reply, error) {
	base := c.str("base_tree")
	if base != "" {
		if _, err := c.repo.git.Object(base + "^{tree}"); err != nil {
			return nil, refuse(422, "base_tree is not a valid tree")
		}
	}
	entries := map[string]string{}
	for _, e := range objects(c.list("tree")) {
		path, value, err := c.treeEntry(e)
		if err != nil {
			return nil, err
		}
		entries[path] = value
	}
	sha, err := c.repo.git.UpdateTree(base, entries)
	if err != nil {
		return nil, refuse(422, "tree.path contains a malformed path component")
	}
	return c.answerTree(sha, false, 201)
}

func (c *call) treeEntry(e obj) (path, value string, err error) {
	path, _ = e["path"].(string)
	mode, _ := e["mode"].(string)
	sha, _ := e["sha"].(string)
	content, hasContent := e["content"].(string)
	switch {
	case path == "" || strings.HasPrefix(path, "/"):
		return "", "", refuse(422, "tree.path cannot start with a slash")
	case hasContent && sha != "":
		return "", "", refuse(422, "Must supply either tree.sha or tree.content, not both")
	case hasContent:
		sha, err = c.repo.git.WriteObject("blob", []byte(content))
		return path, cmp.Or(mode, "100644") + " " + sha, err
	case sha == "":
		return path, "", nil
	}
	o, err := c.repo.git.Object(sha)
	if err != nil {
		return "", "", refuse(422, "tree.sha %s is not a valid blob", sha)
	}
	if o.Type == "tree" {
		return "", "", refuse(422, "the simulator takes whole trees only as base_tree")
	}
	return path, cmp.Or(mode, "100644") + " " + sha, nil
}

func getTree(c *call) (*reply, error) {
	sha := c.path("tree_sha")
	if known, isRef := c.repo.resolve(sha); isRef {
		sha = known
	}
	o, err := c.repo.git.Object(sha + "^{tree}")
	if err != nil {
		return nil, notFound()
	}
	return c.answerTree(o.SHA, c.query.Has("recursive"), 200)
}

// maxTree is how many entries the API lists before it truncates.
const maxTree = 100000

func (c *call) answerTree(sha string, recursive bool, status int) (*reply, error) {
	entries, err := c.repo.git.Tree(sha, recursive)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, e := range entries[:min(len(entries), maxTree)] {
		o := obj{"path": e.Path, "mode": e.Mode, "type": e.Type, "sha": e.SHA, "url": c.repoAPI(c.repo, "/git/"+e.Type+"s/"+e.SHA)}
		if e.Size >= 0 {
			o["size"] = e.Size
		}
		list = append(list, o)
	}
	return &reply{status: status, body: obj{"sha": sha, "url": c.repoAPI(c.repo, "/git/trees/"+sha), "tree": list, "truncated": len(entries) > maxTree}}, nil
}
