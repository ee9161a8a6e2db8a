package site

import (
	"context"
	"errors"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/codemod"
)

// Diff is what a pull request changes: from the merge base to the head. It is
// made from git: GitHub's list ends after 3,000 files.
type Diff struct {
	Base, Head *git.Tree
	Files      []git.FileDiff
}

// Compare fetches both ends of a pull request or a merge group. The head is
// asked for by its commit: the reference of a pull request can lag behind the
// event that tells of it. It returns nil when the commit is not there any more.
func (v *Site) Compare(ctx context.Context, head, base string) (*Diff, error) {
	if err := v.OpenMirror(ctx); err != nil {
		return nil, err
	}
	if _, err := v.Mirror.Fetch(ctx, head); errors.Is(err, git.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	refs, err := v.Mirror.Refs(ctx, Heads+base)
	if err != nil {
		return nil, err
	}
	mergeBase, err := v.mergeBase(ctx, refs[Heads+base], head)
	if err != nil {
		return nil, err
	}
	if _, err := v.Mirror.Fetch(ctx, mergeBase); err != nil {
		return nil, err
	}
	return DiffOf(ctx, v.Mirror, mergeBase, head)
}

// history is a repository that holds both ends of a diff.
type history interface {
	Tree(ctx context.Context, sha string) (*git.Tree, error)
	Diff(ctx context.Context, old, new string) ([]git.FileDiff, error)
}

// DiffOf compares two commits that are there.
func DiffOf(ctx context.Context, from history, base, head string) (*Diff, error) {
	d := &Diff{}
	var err error
	if d.Base, err = from.Tree(ctx, base); err != nil {
		return nil, err
	}
	if d.Head, err = from.Tree(ctx, head); err != nil {
		return nil, err
	}
	d.Files, err = from.Diff(ctx, base, head)
	return d, err
}

func (v *Site) mergeBase(ctx context.Context, base, head string) (string, error) {
	if base == "" {
		return "", errors.New("the base branch is gone")
	}
	sha, err := v.Mirror.MergeBase(ctx, base, head)
	if errors.Is(err, git.ErrNoHistory) {
		return v.Repo.MergeBase(ctx, base, head)
	}
	return sha, err
}

// ReviewFiles lists the files for the codemod.
func (d *Diff) ReviewFiles() []codemod.ReviewFile {
	files := make([]codemod.ReviewFile, 0, len(d.Files))
	for _, f := range d.Files {
		r := codemod.ReviewFile{Path: f.Path, Old: f.Path}
		switch {
		case f.OldPath != "":
			r.Old = f.OldPath
		case f.Old == "":
			r.Old = ""
		case f.New == "":
			r.Path = ""
		}
		files = append(files, r)
	}
	return files
}
