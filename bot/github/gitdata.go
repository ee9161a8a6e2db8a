package github

import (
	"context"
	"encoding/base64"
	"unicode/utf8"

	"github.com/google/go-github/v62/github"
)

// TreeFile is one file of a commit that GitHub makes; nil content deletes.
type TreeFile struct {
	Path    string
	Mode    string // "100644", "100755" or "120000"
	Content []byte
}

// CreateCommit makes a commit by the Git database: a commit that an App makes so, without naming author and
// committer, is signed by GitHub
// (https://docs.github.com/authentication/managing-commit-signature-verification/about-commit-signature-verification#signature-verification-for-bots).
// It belongs to no branch yet: see CreateRef. Text files travel inside of the tree, others as blobs before it.
func (r *Repo) CreateCommit(ctx context.Context, parent, message string, files []TreeFile) (sha string, err error) {
	base, _, err := r.api.Git.GetCommit(ctx, r.owner, r.name, parent)
	if err != nil {
		return "", explain(r.op("read commit %s", parent), err)
	}
	entries := make([]*github.TreeEntry, 0, len(files))
	for _, f := range files {
		entry, err := r.treeEntry(ctx, f)
		if err != nil {
			return "", err
		}
		entries = append(entries, entry)
	}
	var tree *github.Tree
	err = r.plain(ctx, parent, "create a tree", func() (err error) {
		tree, _, err = r.api.Git.CreateTree(ctx, r.owner, r.name, base.GetTree().GetSHA(), entries)
		return err
	})
	if err != nil {
		return "", err
	}
	var made *github.Commit
	err = r.plain(ctx, parent, "create a commit", func() (err error) {
		made, _, err = r.api.Git.CreateCommit(ctx, r.owner, r.name,
			&github.Commit{Message: &message, Tree: tree, Parents: []*github.Commit{{SHA: &parent}}}, nil)
		return err
	})
	return made.GetSHA(), err
}

func (r *Repo) treeEntry(ctx context.Context, f TreeFile) (*github.TreeEntry, error) {
	entry := &github.TreeEntry{Path: github.String(f.Path), Mode: github.String(f.Mode), Type: github.String("blob")}
	switch {
	case f.Content == nil: // an entry without SHA and content deletes
	case utf8.Valid(f.Content):
		entry.Content = github.String(string(f.Content))
	default:
		encoded := base64.StdEncoding.EncodeToString(f.Content)
		err := r.plain(ctx, f.Path, "create a blob", func() error {
			blob, _, err := r.api.Git.CreateBlob(ctx, r.owner, r.name, &github.Blob{Content: &encoded, Encoding: github.String("base64")})
			entry.SHA = optional(blob.GetSHA())
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return entry, nil
}
