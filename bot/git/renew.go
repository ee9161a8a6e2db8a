package git

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// A mirror is renewed in a sibling folder that takes its place by a rename.
const (
	newSuffix = ".new"
	oldSuffix = ".old"
)

// Bounds beyond which reading from a mirror becomes slow: each pack costs every look-up, each loose object a file.
const (
	maxPacks = 40
	maxLoose = 8000
)

// Stale tells whether so many packs and loose objects have piled up that Renew pays. Nothing is ever collected
// in place.
func (m *Mirror) Stale() bool {
	packs, _ := filepath.Glob(filepath.Join(m.dir, "objects", "pack", "*.pack"))
	if len(packs) > maxPacks {
		return true
	}
	loose := 0
	for i := range 256 {
		names, err := os.ReadDir(filepath.Join(m.dir, "objects", fmt.Sprintf("%02x", i)))
		if err == nil {
			loose += len(names)
		}
	}
	return loose > maxLoose
}

// Renew fetches ref into a new folder that then takes the place of the old one. Trees from before stay
// readable: what they lack is fetched again when it is read. Killed at any moment, the next Open finds the old
// or the new mirror whole.
func (m *Mirror) Renew(ctx context.Context, ref string) (string, error) {
	folder := m.dir + newSuffix
	if err := os.RemoveAll(folder); err != nil {
		return "", fmt.Errorf("renew git mirror %s: %w", m.dir, err)
	}
	if err := prepare(folder); err != nil {
		return "", fmt.Errorf("renew git mirror %s: %w", m.dir, err)
	}
	next := newMirror(folder, m.url, m.auth, nil)
	sha, err := next.Fetch(ctx, ref)
	next.objects.close()
	m.received.Add(next.Received())
	if err != nil {
		return "", fmt.Errorf("renew git mirror %s: %w", m.dir, err)
	}
	if err := m.swap(folder); err != nil {
		return "", fmt.Errorf("renew git mirror %s: %w", m.dir, err)
	}
	return sha, nil
}

func (m *Mirror) swap(folder string) error {
	m.fetching.Lock()
	defer m.fetching.Unlock()
	if err := os.Rename(m.dir, m.dir+oldSuffix); err != nil {
		return err
	}
	if err := os.Rename(folder, m.dir); err != nil {
		return err
	}
	m.complete.Clear()
	m.objects.refresh()
	return os.RemoveAll(m.dir + oldSuffix)
}
