package revision

import (
	"bytes"
	"context"
	"fmt"
)

// Last returns the newest commit of HEAD's history that changed a file, and the paths that it changed, sorted,
// slash-separated from the folder. The commit is "" where there is none.
func Last(ctx context.Context, dir, path string) (sha string, changed []string, err error) {
	if err := inRepository(ctx, dir, "--revert"); err != nil {
		return "", nil, err
	}
	out, err := output(ctx, dir, "log", "-1", "--format=%H", "--", path)
	if err != nil || trim(out) == "" {
		return "", nil, err
	}
	sha = trim(out)
	list, err := output(ctx, dir, "diff-tree", "--root", "--no-commit-id", "--name-only", "--relative", "-r", "-z", "-m", "--first-parent", sha)
	if err != nil {
		return "", nil, err
	}
	for p := range bytes.SplitSeq(list, []byte{0}) {
		if len(p) > 0 {
			changed = append(changed, string(p))
		}
	}
	return sha, changed, nil
}

// At reads the tree of a commit, as Open does that of a merge base.
func At(ctx context.Context, dir, rev string) (*Tree, error) {
	sha, err := output(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("%s names no commit of this repository", rev)
	}
	return list(ctx, dir, trim(sha), trim(sha))
}
