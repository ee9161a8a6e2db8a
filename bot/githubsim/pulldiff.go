package githubsim

import (
	"fmt"
	"slices"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
)

// diffText refuses what is too large, as GitHub does.
func (c *call) diffText(p *pull) (*reply, error) {
	d := c.pullDiff(p)
	if d.additions+d.deletions > c.opts.MaxDiffLines {
		return nil, &apiError{status: 406, message: fmt.Sprintf("Sorry, the diff exceeded the maximum number of lines (%d)", c.opts.MaxDiffLines),
			errors: []any{obj{"resource": "PullRequest", "field": "diff", "code": "too_large"}}}
	}
	if len(d.files) > 300 {
		return nil, &apiError{status: 406, message: "Sorry, the diff exceeded the maximum number of files (300).",
			errors: []any{obj{"resource": "PullRequest", "field": "diff", "code": "too_large"}}}
	}
	text, err := p.repo.git.Text(d.mergeBase, d.head)
	return &reply{status: 200, body: rawBody(text)}, err
}

// pullDiff is what a pull request changes.
type pullDiff struct {
	mergeBase, head      string
	commits              []*gitrepo.Commit
	files                []gitrepo.FileDiff
	additions, deletions int
}

func (s *Server) pullDiff(p *pull) *pullDiff {
	base := p.baseSHA
	if tip := p.repo.branch(p.base.ref); p.isOpen() && tip != "" {
		base = tip
	}
	key := base + ".." + p.head.sha
	if d := p.repo.cache.diffs[key]; d != nil {
		return d
	}
	d, err := computeDiff(p.repo, base, p.head.sha)
	if err != nil {
		s.violate("diff of %s#%d: %v", p.repo.fullName(), p.number, err)
		return &pullDiff{}
	}
	p.repo.cache.diffs[key] = d
	return d
}

// computeDiff compares the merge base with the head; results are shared by
// all pairs with the same merge base.
func computeDiff(r *repo, base, head string) (*pullDiff, error) {
	d := &pullDiff{head: head}
	var err error
	if d.mergeBase, err = r.git.MergeBase(base, head); err != nil {
		return nil, err
	}
	if known := r.cache.diffs[d.mergeBase+".."+head]; known != nil {
		return known, nil
	}
	from := d.mergeBase
	if from == "" {
		from = base
	}
	if d.commits, err = r.git.Log(base, head); err != nil {
		return nil, err
	}
	if d.files, err = r.git.Diff(from, head); err != nil {
		return nil, err
	}
	for _, f := range d.files {
		d.additions += f.Additions
		d.deletions += f.Deletions
	}
	r.cache.diffs[d.mergeBase+".."+head] = d
	return d, nil
}

func (d *pullDiff) file(path string) *gitrepo.FileDiff {
	at := slices.IndexFunc(d.files, func(f gitrepo.FileDiff) bool { return f.Path == path })
	if at < 0 {
		return nil
	}
	return &d.files[at]
}

func listPullCommits(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	commits := c.pullDiff(p).commits
	return paginate(c, commits[:min(len(commits), 250)], "", func(m *gitrepo.Commit) obj { return c.commitJSON(p.repo, m) })
}

func listPullFiles(c *call) (*reply, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	d := c.pullDiff(p)
	lines := 0
	return paginate(c, d.files[:min(len(d.files), c.opts.MaxDiffFiles)], "", func(f gitrepo.FileDiff) obj {
		lines += f.Additions + f.Deletions
		return c.fileJSON(p.repo, d.head, f, d.additions+d.deletions > c.opts.MaxDiffLines)
	})
}

// fileJSON is a changed file. Of diffs that are too large, GitHub gives
// neither counts nor patch.
func (s *Server) fileJSON(r *repo, head string, f gitrepo.FileDiff, tooLarge bool) obj {
	path := (&urlPath{f.Path}).String()
	o := obj{"sha": f.SHA, "filename": f.Path, "status": f.Status, "additions": f.Additions, "deletions": f.Deletions,
		"changes": f.Additions + f.Deletions, "blob_url": s.repoWeb(r, "/blob/"+head+"/"+path), "raw_url": s.repoWeb(r, "/raw/"+head+"/"+path),
		"contents_url": s.repoAPI(r, "/contents/"+path+"?ref="+head)}
	if f.Previous != "" {
		o["previous_filename"] = f.Previous
	}
	switch {
	case tooLarge:
		o["additions"], o["deletions"], o["changes"] = 0, 0, 0
	case f.Patch != "":
		o["patch"] = f.Patch
	}
	return o
}

func listCommitPulls(c *call) (*reply, error) {
	sha := c.path("commit_sha")
	var list []*pull
	for _, p := range c.repo.pulls() {
		if p.mergeCommit == sha || p.head.sha == sha || slices.ContainsFunc(c.pullDiff(p).commits, func(m *gitrepo.Commit) bool { return m.SHA == sha }) {
			list = append(list, p)
		}
	}
	return paginate(c, list, "", c.pullSimpleJSON)
}
