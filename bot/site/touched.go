package site

import (
	"context"
	"fmt"
	"sync"

	"github.com/canonicalize/canonicalize/bot/github"
)

// touched remembers the files of people's pull requests, by repository, number
// and head.
type touched struct {
	mu    sync.Mutex
	paths map[string][]string
}

const maxTouched = 10_000

// Touches lists the files that a pull request touches, by their old names too.
func (v *Site) Touches(ctx context.Context, pr github.PullRequest) (paths []string, err error) {
	key := fmt.Sprintf("%d#%d@%s", v.Meta.ID, pr.Number, pr.Head.SHA)
	if paths, known := v.sites.touched.get(key); known {
		return paths, nil
	}
	list, err := v.Repo.PullFiles(ctx, pr.Number)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		paths = append(paths, f.Path)
		if f.OldPath != "" {
			paths = append(paths, f.OldPath)
		}
	}
	v.sites.touched.put(key, paths)
	return paths, nil
}

func (t *touched) get(key string) ([]string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	paths, known := t.paths[key]
	return paths, known
}

func (t *touched) put(key string, paths []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.paths == nil || len(t.paths) >= maxTouched {
		t.paths = make(map[string][]string)
	}
	t.paths[key] = paths
}
