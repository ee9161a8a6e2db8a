package site

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
)

// mirrors shares what is open of each repository: a review does not wait for
// a pass that takes half an hour, nor for another review.
type mirrors struct {
	limits  git.Limits
	mu      sync.Mutex
	open    map[string]*sharedMirror // by folder
	passing map[string]bool          // folders of the repositories that a pass is over
}

// enter says that a pass begins, false if there is one already.
func (m *mirrors) enter(dir string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.passing[dir] {
		return false
	}
	if m.passing == nil {
		m.passing = map[string]bool{}
	}
	m.passing[dir] = true
	return true
}

func (m *mirrors) leave(dir string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.passing, dir)
}

type sharedMirror struct {
	ready  chan struct{} // closed once it is open, or could not be opened
	mirror *git.Mirror
	err    error
	users  int
}

// lockWait is how long the mirror may still be held by a process that is
// ending, or by a child that inherited it and has not begun yet.
const (
	lockWait  = 50 * time.Millisecond
	lockTries = 40
)

// take opens the mirror in dir, or joins those who have it open. Known is what
// is known of its commits; nil for nothing.
func (m *mirrors) take(ctx context.Context, dir, url string, auth git.Auth, known *git.Listing) (*git.Mirror, error) {
	m.mu.Lock()
	if m.open == nil {
		m.open = map[string]*sharedMirror{}
	}
	s := m.open[dir]
	first := s == nil
	if first {
		s = &sharedMirror{ready: make(chan struct{})}
		m.open[dir] = s
	}
	s.users++
	m.mu.Unlock()
	if first {
		s.mirror, s.err = openMirror(ctx, dir, url, auth)
		touch(dir)
		if s.err == nil {
			s.mirror.Limit(m.limits)
			if known != nil {
				s.mirror.Remember(known)
			}
		}
		close(s.ready)
	}
	<-s.ready
	if s.err != nil {
		_ = m.release(dir) // there is nothing to close
		return nil, s.err
	}
	return s.mirror, nil
}

// release closes the mirror in dir when nobody uses it any more.
func (m *mirrors) release(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.open[dir]
	if s.users--; s.users > 0 {
		return nil
	}
	delete(m.open, dir)
	if s.mirror == nil {
		return nil
	}
	return s.mirror.Close()
}

func openMirror(ctx context.Context, dir, url string, auth git.Auth) (mirror *git.Mirror, err error) {
	for range lockTries {
		mirror, err = git.Open(dir, url, auth)
		if !errors.Is(err, git.ErrLocked) {
			return mirror, err
		}
		if err := (github.SystemClock{}).Sleep(ctx, lockWait); err != nil {
			return nil, err
		}
	}
	return nil, err
}

// mirrorDir is the folder of a repository's mirror, which is named by the
// repository's number: that one stays when it is renamed or transferred.
func (s *Sites) mirrorDir(id int64) string {
	return filepath.Join(s.dir, strconv.FormatInt(id, 10)+".git")
}
