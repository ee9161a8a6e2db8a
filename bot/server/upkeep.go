package server

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/canonicalize/canonicalize/bot/store"
)

// Delivery is one attempt of GitHub's to deliver a webhook.
type Delivery struct {
	ID        int64  // of the attempt
	GUID      string // X-GitHub-Delivery: the same for all attempts
	Delivered time.Time
	OK        bool // answered with 2xx
}

// GitHub is what the upkeep needs of GitHub, as the App. Its errors name what
// was done and to what.
type GitHub interface {
	// Installations lists all installations, those that are suspended included.
	Installations(ctx context.Context) ([]store.Installation, error)
	// Repositories lists what one active installation can see.
	Repositories(ctx context.Context, installation int64) ([]store.Repository, error)
	// Deliveries lists attempts since a time, newest first.
	Deliveries(ctx context.Context, since time.Time) ([]Delivery, error)
	Redeliver(ctx context.Context, attempt int64) error
}

// upkeep makes lost webhooks harmless.
type upkeep struct {
	lg *slog.Logger
	db *store.Store
	gh GitHub
}

// sweep reads all installations anew and wakes a pass over every repository.
// One installation that cannot be read does not keep the others waiting.
func (u *upkeep) sweep(ctx context.Context) error { return u.installation(ctx, 0) }

// installation reads one installation (0: all) and wakes passes over what is
// active in it. GitHub's list decides: an installation that is not in it is gone.
func (u *upkeep) installation(ctx context.Context, id int64) error {
	listed, err := u.gh.Installations(ctx)
	if err != nil {
		return err
	}
	here := map[int64]bool{}
	var errs []error
	for _, in := range listed {
		here[in.ID] = true
		if id == 0 || id == in.ID {
			errs = append(errs, u.reconcile(ctx, in))
		}
	}
	return errors.Join(append(errs, u.removeOthers(ctx, here))...)
}

func (u *upkeep) removeOthers(ctx context.Context, here map[int64]bool) error {
	known, err := u.db.Installations(ctx)
	errs := []error{err}
	for _, in := range known {
		if !here[in.ID] && in.State != store.Removed {
			u.lg.InfoContext(ctx, "the App was uninstalled", "installation", in.ID, "account", in.Account)
			in.State = store.Removed
			errs = append(errs, u.db.Reconcile(ctx, in, nil))
		}
	}
	return errors.Join(errs...)
}

func (u *upkeep) reconcile(ctx context.Context, in store.Installation) error {
	var repos []store.Repository
	if in.State == store.Active {
		var err error
		if repos, err = u.gh.Repositories(ctx, in.ID); err != nil {
			return err
		}
	}
	if err := u.db.Reconcile(ctx, in, repos); err != nil {
		return err
	}
	var jobs []store.Job
	for _, r := range repos {
		if r.State == store.Active {
			jobs = append(jobs, store.PassJob{Repository: r.ID})
		}
	}
	u.lg.InfoContext(ctx, "installation read", "installation", in.ID, "account", in.Account, "state", in.State, "active", len(jobs))
	return u.db.Enqueue(ctx, "sweep", jobs...)
}

// GitHub keeps deliveries for three days, and does not try again by itself.
// https://docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries
const (
	deliveriesKept = 72 * time.Hour
	maxAttempts    = 3 // of one delivery, those by GitHub and ours together
)

// deliveries asks GitHub to deliver again what failed and was not recorded.
// What fails three times is left to the sweep.
func (u *upkeep) deliveries(ctx context.Context) error {
	attempts, err := u.gh.Deliveries(ctx, time.Now().Add(-deliveriesKept))
	if err != nil {
		return err
	}
	failed := failedDeliveries(attempts)
	guids := make([]string, len(failed))
	for i, d := range failed {
		guids[i] = d.GUID
	}
	known, err := u.db.Known(ctx, guids)
	if err != nil {
		return err
	}
	again := 0
	for _, d := range failed {
		if known[d.GUID] {
			continue
		}
		if err := u.gh.Redeliver(ctx, d.ID); err != nil {
			return err
		}
		again++
	}
	u.lg.InfoContext(ctx, "deliveries checked", "attempts", len(attempts), "failed", len(failed), "redelivered", again)
	return nil
}

// failedDeliveries returns the latest attempt of each delivery that never
// succeeded and may be tried again, oldest first.
func failedDeliveries(attempts []Delivery) []Delivery {
	type state struct {
		latest Delivery
		tries  int
		ok     bool
	}
	by := map[string]*state{}
	var order []string
	for _, a := range attempts {
		s := by[a.GUID]
		if s == nil {
			s = &state{latest: a}
			by[a.GUID] = s
			order = append(order, a.GUID)
		}
		s.tries++
		s.ok = s.ok || a.OK
		if a.Delivered.After(s.latest.Delivered) {
			s.latest = a
		}
	}
	var failed []Delivery
	for i := len(order) - 1; i >= 0; i-- {
		if s := by[order[i]]; !s.ok && s.tries < maxAttempts {
			failed = append(failed, s.latest)
		}
	}
	return failed
}
