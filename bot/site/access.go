package site

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/canonicalize/canonicalize/bot/github"
)

// What a job asks a token for; it gets no more.
var (
	PassNeeds    = github.Permissions{"contents": "write", "pull_requests": "write", "issues": "write", "checks": "read", "members": "read", "merge_queues": "read"}
	ReviewNeeds  = github.Permissions{"contents": "read", "pull_requests": "write", "checks": "write"}
	CommandNeeds = github.Permissions{"contents": "write", "pull_requests": "write", "issues": "write", "checks": "read", "members": "read"}
	SurveyNeeds  = github.Permissions{"contents": "read", "pull_requests": "read", "issues": "read", "checks": "read", "members": "read"}

	metadataRead  = github.Permissions{"metadata": "read"}
	contentsRead  = github.Permissions{"contents": "read"}
	contentsWrite = github.Permissions{"contents": "write"}
)

// access remembers who may read what of whom, since it is asked for by every look at a repository.
type access struct {
	mu      sync.Mutex
	granted map[[2]int64]time.Time // reader and provider → until when
}

// accessKept is for how long a grant is believed: whoever is let into the one repository and not into the other may see
// names of the other until then.
const accessKept = 15 * time.Minute

func (a *access) has(key [2]int64, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now.Before(a.granted[key])
}

func (a *access) grant(key [2]int64, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.granted == nil {
		a.granted = map[[2]int64]time.Time{}
	}
	a.granted[key] = now.Add(accessKept)
}

// mayRead tells whether names of a provider may stand where a repository is read: everyone who can read the repository
// can read the provider, or the server's settings allow it. What a pull request or an answer shows of a provider are
// its files, classes and the homes of its names.
func (v *Site) mayRead(ctx context.Context, provider github.Repository) (bool, error) {
	repo := v.Meta
	switch {
	case !provider.Private || v.Allow != nil && v.Allow(repo.FullName, provider.FullName):
		return true, nil
	case !repo.Private:
		return false, nil
	}
	key, now := [2]int64{repo.ID, provider.ID}, v.Now()
	if v.sites.access.has(key, now) {
		return true, nil
	}
	readers, err := v.Client.Limited(repo.Owner, repo.Name, metadataRead).Readers(ctx)
	if err != nil {
		return false, err
	}
	allowed, err := v.Client.Limited(provider.Owner, provider.Name, metadataRead).Readers(ctx)
	if err != nil {
		return false, err
	}
	known := make(map[string]bool, len(allowed))
	for _, login := range allowed {
		known[strings.ToLower(login)] = true
	}
	for _, login := range readers {
		if !known[strings.ToLower(login)] {
			return false, nil
		}
	}
	v.sites.access.grant(key, now)
	return true, nil
}
