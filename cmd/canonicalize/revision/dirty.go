package revision

import (
	"bytes"
	"context"
)

// Dirty lists the tracked files below a folder that differ from the last commit, sorted, slash-separated from the
// folder; none where dir is in no repository. Files that git does not track are not listed: nothing of theirs is
// mixed with a change of ours.
func Dirty(ctx context.Context, dir string) []string {
	out, err := output(ctx, dir, "diff", "--name-only", "--relative", "-z", "HEAD")
	if err != nil {
		return nil // no repository, no commit yet, or no git
	}
	var paths []string
	for path := range bytes.SplitSeq(out, []byte{0}) {
		if len(path) > 0 {
			paths = append(paths, string(path))
		}
	}
	return paths
}
