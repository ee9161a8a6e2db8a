package site

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/codemod"
)

// memory keeps what the codemod knows of the repositories that were looked at
// last: a plan costs what was pushed since, and reading the facts from disk
// takes longer than a review.
type memory struct {
	mu   sync.Mutex
	kept map[string]*remembered // by path of the file
}

type remembered struct {
	cache   *codemod.Cache
	listing git.Listing
	used    time.Time
}

const (
	maxRemembered = 4 // a repository of 5,000 Python files takes some 80 MB
	// worthStoring is from how many new facts on they are written to disk: that
	// takes as long as finding out so many.
	worthStoring = 100
)

// factsPath is the file that keeps the facts of a repository beside its mirror.
func (s *Sites) factsPath(id int64) string {
	return filepath.Join(s.dir, strconv.FormatInt(id, 10)+".facts")
}

// remember returns what is known of a repository.
func (s *Sites) remember(id int64) *remembered {
	m, path, now := &s.memory, s.factsPath(id), s.opts.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.kept[path]
	if r == nil {
		if m.kept == nil {
			m.kept = map[string]*remembered{}
		}
		if len(m.kept) >= maxRemembered {
			m.forgetOldest()
		}
		r = &remembered{cache: readCache(path)}
		m.kept[path] = r
	}
	r.used = now
	return r
}

func (m *memory) forgetOldest() {
	oldest := ""
	for path, r := range m.kept {
		if oldest == "" || r.used.Before(m.kept[oldest].used) {
			oldest = path
		}
	}
	delete(m.kept, oldest)
}

// readCache reads the facts of earlier processes; without them the first plan
// is slower.
func readCache(path string) *codemod.Cache {
	f, err := os.Open(path)
	if err != nil {
		return codemod.NewCache()
	}
	defer f.Close()
	cache, err := codemod.ReadCache(f)
	if err != nil {
		return codemod.NewCache()
	}
	return cache
}

// KeepFacts writes what was found out to disk, whole or not at all, if there is
// enough of it; without it the next process is slower.
func (v *Site) KeepFacts() {
	if err := v.sites.keepFacts(v.Meta.ID, v.Cache); err != nil {
		v.Log.Warn("keep the facts", "error", err)
	}
}

func (s *Sites) keepFacts(id int64, cache *codemod.Cache) error {
	if cache.Unstored() < worthStoring {
		return nil
	}
	path := s.factsPath(id)
	f, err := os.CreateTemp(filepath.Dir(path), "facts-*")
	if err != nil {
		return err
	}
	_, err = cache.WriteTo(f)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
