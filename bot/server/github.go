package server

import (
	"context"
	"errors"
	"time"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/store"
)

// Over makes the upkeep's view of GitHub over the App.
func Over(app *github.App) GitHub { return appView{app} }

type appView struct{ app *github.App }

func (v appView) Installations(ctx context.Context) ([]store.Installation, error) {
	found, err := v.app.Installations(ctx)
	list := make([]store.Installation, 0, len(found))
	for _, in := range found {
		state := store.Active
		if in.Suspended {
			state = store.Suspended
		}
		list = append(list, store.Installation{ID: in.ID, Account: in.Account, State: state})
	}
	return list, err
}

func (v appView) Repositories(ctx context.Context, installation int64) ([]store.Repository, error) {
	found, err := v.app.Client(installation).Repositories(ctx)
	list := make([]store.Repository, 0, len(found))
	for _, r := range found {
		state := store.Active
		if r.Archived || r.Disabled {
			state = store.Archived
		}
		list = append(list, store.Repository{ID: r.ID, Installation: installation, Owner: r.Owner, Name: r.Name,
			DefaultBranch: r.DefaultBranch, State: state})
	}
	return list, err
}

func (v appView) Deliveries(ctx context.Context, since time.Time) ([]Delivery, error) {
	found, err := v.app.Deliveries(ctx, since)
	list := make([]Delivery, 0, len(found))
	for _, d := range found {
		list = append(list, Delivery{ID: d.ID, GUID: d.GUID, Delivered: d.DeliveredAt, OK: d.OK()})
	}
	return list, err
}

func (v appView) Redeliver(ctx context.Context, attempt int64) error {
	return v.app.Redeliver(ctx, attempt)
}

// limitWait is how long GitHub's limits, or the bot's own pace, ask to wait;
// false: the error is about something else.
func limitWait(err error) (time.Duration, bool) {
	var secondary *github.ErrSecondaryLimit
	var primary *github.ErrRateLimit
	switch {
	case errors.As(err, &secondary):
		return max(secondary.RetryAfter, time.Second), true
	case errors.As(err, &primary):
		// A second more, since the two clocks may differ a little.
		return max(time.Until(primary.Reset), 0) + time.Second, true
	}
	return 0, false
}

// waitsForEvent says that nothing changes until GitHub tells of it: an
// installation that is resumed or a repository that is unarchived wakes a pass.
func waitsForEvent(err error) bool {
	return errors.Is(err, github.ErrSuspended) || errors.Is(err, github.ErrArchived)
}
