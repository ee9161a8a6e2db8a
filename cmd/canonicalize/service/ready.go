package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"syscall"
	"time"

	"github.com/canonicalize/canonicalize/bot"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/store"
)

// tidy removes mirrors that nobody needs.
func tidy(lg *slog.Logger, db *store.Store, b *bot.Bot, most int64) func(context.Context) error {
	return func(ctx context.Context) error {
		known, err := db.Repositories(ctx)
		if err != nil {
			return err
		}
		active := map[int64]bool{}
		for _, r := range known {
			active[r.ID] = r.State == store.Active
		}
		// A provider may be a repository that the App is not installed on: only what was known, and is gone, is unwanted.
		removed, err := b.KeepMirrors(func(id int64) bool { here, seen := active[id]; return id != 0 && (here || !seen) }, most)
		if removed > 0 {
			lg.InfoContext(ctx, "mirrors removed", "count", removed)
		}
		return err
	}
}

// leastSpace is how many bytes have to be free in the data folder: a clone and the database go on growing.
const leastSpace = 200 << 20

// asked is for how long GitHub's answer counts: a readiness probe comes every few seconds.
const asked = time.Minute

// readiness looks at the disk and asks GitHub whether it knows the App.
type readiness struct {
	data string
	app  *github.App
	now  func() time.Time

	mu    sync.Mutex
	until time.Time
	what  string
	grave bool
}

// look implements server.Options.Ready.
func (r *readiness) look(ctx context.Context) (what string, grave bool) {
	if free, err := freeSpace(r.data); err == nil && free < leastSpace {
		return fmt.Sprintf("the disk is full: %d MB are free in %s", free>>20, r.data), true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now().Before(r.until) {
		return r.what, r.grave
	}
	_, err := r.app.Check(ctx)
	if ctx.Err() != nil {
		return r.what, r.grave // whoever asked went away; that says nothing of GitHub
	}
	r.until = r.now().Add(asked)
	switch {
	case err == nil:
		r.what, r.grave = "", false
	case refused(err):
		r.what, r.grave = "GitHub refuses the App ID with its key", true
	default:
		// Deliveries can be taken all the same, if any come.
		r.what, r.grave = "ready, but GitHub cannot be reached", false
	}
	return r.what, r.grave
}

// refused says that ID and key do not belong together.
func refused(err error) bool {
	return errors.Is(err, github.ErrAuth) || errors.Is(err, github.ErrNotFound)
}

func freeSpace(dir string) (int64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil
}

// Check asks GitHub who the App is. An error means that it could never work: ID and key do not belong together. What
// its registration lacks, and a GitHub that cannot be reached now, is logged.
func (s *Service) Check(ctx context.Context) error {
	info, err := s.app.Check(ctx)
	switch {
	case refused(err):
		return fmt.Errorf("GitHub refuses the App ID with this key, take both from one App's settings page: %w", err)
	case err != nil:
		s.lg.WarnContext(ctx, "GitHub cannot be asked about the App", "error", err)
		return nil
	}
	s.lg.InfoContext(ctx, "acting as", "app", info.Slug, "owner", info.Owner)
	for _, lack := range info.Missing {
		s.lg.WarnContext(ctx, "the App's registration lacks something", "what", lack, "page", info.URL)
	}
	return nil
}
