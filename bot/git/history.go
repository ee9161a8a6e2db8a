package git

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/canonicalize/canonicalize/bot/git/wire"
)

// ErrNoHistory says that the server cannot send commits without their trees, or that it would send too many: its own
// API is to be asked for the merge base.
var ErrNoHistory = errors.New("the git server does not offer a history without contents that is short enough")

// Depths of the history that MergeBase asks for, one after the other; the last is all of it.
var depths = []int{64, 512, 4096, 1 << 30}

// MergeBase returns the best common ancestor of two commits of the server, ErrNotFound if they have none. Only
// commits are transferred, no trees, and only as many as it takes; nothing is stored.
func (m *Mirror) MergeBase(ctx context.Context, base, head string) (string, error) {
	caps, err := m.wire.Capabilities(ctx)
	if err == nil && !caps.Filter || errors.Is(err, wire.ErrVersion) {
		err = ErrNoHistory
	}
	if err != nil {
		return "", fmt.Errorf("merge base of %s and %s: %w", base, head, translate(err))
	}
	for _, depth := range depths {
		known, cut, err := m.history(ctx, depth, base, head)
		if err != nil {
			return "", fmt.Errorf("merge base of %s and %s: %w", base, head, err)
		}
		sha, sure := mergeBase(known, cut, base, head)
		if sure && sha != "" {
			return sha, nil
		}
		if len(cut) == 0 {
			break
		}
	}
	return "", fmt.Errorf("merge base of %s and %s: %w", base, head, ErrNotFound)
}

// history fetches commits alone: parents by commit, and those whose parents were cut off.
func (m *Mirror) history(ctx context.Context, depth int, shas ...string) (map[string][]string, map[string]bool, error) {
	response, err := m.wire.Fetch(ctx, wire.FetchRequest{Wants: shas, Depth: depth, Filter: "tree:0"})
	if err != nil {
		return nil, nil, translate(err)
	}
	defer response.Close()
	storage := memory.NewStorage()
	pack := limited(response, "the history", m.objects.limits.History)
	if err := packfile.UpdateObjectStorage(storage, pack); errors.As(err, new(*TooLargeError)) {
		return nil, nil, fmt.Errorf("%w (%w)", ErrNoHistory, err)
	} else if err != nil {
		return nil, nil, fmt.Errorf("read commits: %w", err)
	}
	m.received.Add(response.Bytes())
	known, cut := map[string][]string{}, map[string]bool{}
	for id, raw := range storage.Commits {
		var commit object.Commit
		if err := commit.Decode(raw); err != nil {
			return nil, nil, fmt.Errorf("read commit %s: %w", id, err)
		}
		known[id.String()] = hexes(commit.ParentHashes)
	}
	for _, sha := range response.Shallow {
		cut[sha] = true
	}
	return known, cut, nil
}

func hexes(ids []plumbing.Hash) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	return list
}

// mergeBase finds the first commit, breadth first from head, that base reaches too. It is sure when the
// ancestors of base were not cut off, or when no way from head to a common commit went past a cut.
func mergeBase(parents map[string][]string, cut map[string]bool, base, head string) (sha string, sure bool) {
	ours := map[string]bool{}
	queue := []string{base}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		if ours[next] {
			continue
		}
		ours[next] = true
		if !cut[next] {
			queue = append(queue, parents[next]...)
		}
	}
	return firstCommon(parents, cut, ours, head)
}

func firstCommon(parents map[string][]string, cut, ours map[string]bool, head string) (sha string, sure bool) {
	sure = true
	seen := map[string]bool{}
	queue := []string{head}
	var common []string
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		switch {
		case seen[next]:
		case ours[next]:
			common = append(common, next)
		case cut[next]:
			sure = false
		default:
			queue = append(queue, parents[next]...)
		}
		seen[next] = true
	}
	return best(parents, common), sure || len(common) > 0 && len(cut) == 0
}

// best leaves out the common ancestors that another one descends from.
func best(parents map[string][]string, common []string) string {
	for _, candidate := range common {
		if !below(parents, common, candidate) {
			return candidate
		}
	}
	return ""
}

func below(parents map[string][]string, common []string, candidate string) bool {
	seen := map[string]bool{}
	var queue []string
	for _, other := range common {
		if other != candidate {
			queue = append(queue, parents[other]...)
		}
	}
	for len(queue) > 0 {
		next := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if next == candidate {
			return true
		}
		if !seen[next] {
			seen[next] = true
			queue = append(queue, parents[next]...)
		}
	}
	return false
}
