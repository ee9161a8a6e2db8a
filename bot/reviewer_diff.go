package bot

import (
	"context"
	"errors"
	"strings"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/review"
	"github.com/canonicalize/canonicalize/codemod"
)

// diff is what a pull request changes: from the merge base to the head. It is
// made from git: GitHub's list ends after 3,000 files.
type diff struct {
	base, head *git.Tree
	files      []git.FileDiff
}

// readDiff fetches both ends of a pull request or a merge group. The head is
// asked for by its commit: the reference of a pull request can lag behind the
// event that tells of it. It reports true when the commit is not there any more.
func (v *visit) readDiff(ctx context.Context, d *diff, head, base string) (moved bool, err error) {
	if err := v.open(ctx); err != nil {
		return false, err
	}
	if _, err := v.mirror.Fetch(ctx, head); err != nil {
		if errors.Is(err, git.ErrNotFound) {
			return true, nil
		}
		return false, err
	}
	refs, err := v.mirror.Refs(ctx, heads+base)
	if err != nil {
		return false, err
	}
	mergeBase, err := v.mergeBase(ctx, refs[heads+base], head)
	if err != nil {
		return false, err
	}
	if _, err := v.mirror.Fetch(ctx, mergeBase); err != nil {
		return false, err
	}
	if d.base, err = v.mirror.Tree(ctx, mergeBase); err != nil {
		return false, err
	}
	if d.head, err = v.mirror.Tree(ctx, head); err != nil {
		return false, err
	}
	d.files, err = v.mirror.Diff(ctx, mergeBase, head)
	return false, err
}

func (v *visit) mergeBase(ctx context.Context, base, head string) (string, error) {
	if base == "" {
		return "", errors.New("the base branch is gone")
	}
	sha, err := v.mirror.MergeBase(ctx, base, head)
	if errors.Is(err, git.ErrNoHistory) {
		return v.repo.MergeBase(ctx, base, head)
	}
	return sha, err
}

// reviewFiles lists the files for the codemod.
func (d *diff) reviewFiles() []codemod.ReviewFile {
	files := make([]codemod.ReviewFile, 0, len(d.files))
	for _, f := range d.files {
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

// maxGone bounds the files that a new one is compared with.
const maxGone = 50

// commentable reads the first files of findings, with the lines of the diff.
func (d *diff) commentable(r *codemod.Review) (map[string]review.File, error) {
	out := map[string]review.File{}
	for _, finding := range r.Findings {
		if _, done := out[finding.Path]; done || len(out) == workedOut {
			continue
		}
		text, _, err := d.head.ReadPath(finding.Path)
		if err != nil {
			return nil, err
		}
		spans, err := d.spans(finding.Path, text)
		if err != nil {
			return nil, err
		}
		out[finding.Path] = review.File{Text: text, Spans: spans}
	}
	return out, nil
}

// spans returns the lines of a file that are in the diff for certain.
func (d *diff) spans(path string, text []byte) ([]review.Span, error) {
	var gone [][]byte
	for _, f := range d.files {
		switch {
		case f.Path == path && f.Old == f.New && f.OldPath != "":
			return nil, nil // only renamed
		case f.Path == path && f.Old != "":
			before, _, err := d.base.ReadPath(f.Path)
			return review.Spans(before, text), err
		case f.New == "" && len(gone) < maxGone && suffix(f.Path) == suffix(path):
			before, _, err := d.base.ReadPath(f.Path)
			if err != nil {
				return nil, err
			}
			gone = append(gone, before)
		}
	}
	return review.Renamed(review.Whole(text), text, gone), nil
}

func suffix(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	return name[strings.LastIndexByte(name, '.')+1:]
}
