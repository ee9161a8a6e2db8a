package revision

import (
	"context"
	"errors"
	"fmt"
)

// Stage is what the next commit of a repository will hold, and what it is compared with.
type Stage struct {
	Base   *Tree             // HEAD; of a repository without commits no files
	Index  *Tree             // what is staged
	Merged map[string]string // path to blob at the commit that is being merged; nil if there is none
}

// OpenStage lists the files of dir as they are staged. Close ends the git processes behind it. Errors are made for the
// person.
func OpenStage(ctx context.Context, dir string) (*Stage, error) {
	if err := inRepository(ctx, dir, "--staged"); err != nil {
		return nil, err
	}
	index, err := output(ctx, dir, "write-tree")
	if err != nil {
		return nil, fmt.Errorf("what is staged cannot be committed as it is: resolve the conflicts and stage the files first (%w)", err)
	}
	head, err := output(ctx, dir, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	if err != nil {
		if head, err = output(ctx, dir, "mktree"); err != nil { // of no input: the empty tree
			return nil, err
		}
	}
	s := &Stage{}
	if s.Base, err = list(ctx, dir, "HEAD", trim(head)); err != nil {
		return nil, err
	}
	if s.Index, err = list(ctx, dir, "the index", trim(index)); err != nil {
		return nil, errors.Join(err, s.Base.Close())
	}
	return s, s.readMerged(ctx, dir)
}

// readMerged lists the other side of a merge that is being concluded.
func (s *Stage) readMerged(ctx context.Context, dir string) error {
	other, err := output(ctx, dir, "rev-parse", "--verify", "--quiet", "MERGE_HEAD^{commit}")
	if err != nil {
		return nil // no merge is going on
	}
	t, err := list(ctx, dir, "MERGE_HEAD", trim(other))
	if err != nil {
		return errors.Join(err, s.Close())
	}
	s.Merged = map[string]string{}
	for _, f := range t.Files() {
		s.Merged[f.Path] = f.ID
	}
	return t.Close()
}

// Close ends the conversations with git.
func (s *Stage) Close() error { return errors.Join(s.Base.Close(), s.Index.Close()) }
