package signin

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// remembered is how long an answer of GitHub's counts: who loses a right sees no more after that.
const remembered = 2 * time.Minute

// mostRemembered bounds for how many people answers are kept.
const mostRemembered = 10_000

// access knows what people may read.
type access struct {
	hub   Hub
	now   func() time.Time
	mu    sync.Mutex
	known map[string]answer // by token
}

type answer struct {
	repositories []string
	until        time.Time
}

func newAccess(hub Hub) *access { return &access{hub: hub, now: time.Now, known: map[string]answer{}} }

// Repositories lists what a person and the App may both read, sorted.
func (g *Gate) Repositories(ctx context.Context, p Person) ([]string, error) {
	return g.access.repositories(ctx, p.Token)
}

// MayRead says whether a person may read a repository, "owner/name". Names compare without case, as GitHub's do.
func (g *Gate) MayRead(ctx context.Context, p Person, repository string) (bool, error) {
	all, err := g.Repositories(ctx, p)
	return slices.ContainsFunc(all, func(r string) bool { return strings.EqualFold(r, repository) }), err
}

func (a *access) repositories(ctx context.Context, token string) ([]string, error) {
	a.mu.Lock()
	found, ok := a.known[token]
	a.mu.Unlock()
	if ok && a.now().Before(found.until) {
		return found.repositories, nil
	}
	list, err := a.hub.Repositories(ctx, token)
	if err != nil {
		return nil, err
	}
	slices.Sort(list)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) >= mostRemembered {
		clear(a.known)
	}
	a.known[token] = answer{list, a.now().Add(remembered)}
	return list, nil
}

func (a *access) forget(token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.known, token)
}
