package service

import (
	"context"
	"time"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/server"
	"github.com/canonicalize/canonicalize/bot/store"
)

// hub is GitHub as the server wants it.
type hub struct{ app *github.App }

// Installations implements server.GitHub.
func (h *hub) Installations(ctx context.Context) ([]store.Installation, error) {
	listed, err := h.app.Installations(ctx)
	if err != nil {
		return nil, timed(err)
	}
	var all []store.Installation
	for _, in := range listed {
		state := store.Active
		if in.Suspended {
			state = store.Suspended
		}
		all = append(all, store.Installation{ID: in.ID, Account: in.Account, State: state})
	}
	return all, nil
}

// Repositories implements server.GitHub.
func (h *hub) Repositories(ctx context.Context, installation int64) ([]store.Repository, error) {
	listed, err := h.app.Client(installation).Repositories(ctx)
	if err != nil {
		return nil, timed(err)
	}
	var all []store.Repository
	for _, r := range listed {
		state := store.Active
		if r.Archived || r.Disabled {
			state = store.Archived
		}
		all = append(all, store.Repository{ID: r.ID, Installation: installation, Owner: r.Owner, Name: r.Name,
			DefaultBranch: r.DefaultBranch, State: state})
	}
	return all, nil
}

// Deliveries implements server.GitHub.
func (h *hub) Deliveries(ctx context.Context, since time.Time) ([]server.Delivery, error) {
	listed, err := h.app.Deliveries(ctx, since)
	if err != nil {
		return nil, timed(err)
	}
	var all []server.Delivery
	for _, d := range listed {
		all = append(all, server.Delivery{ID: d.ID, GUID: d.GUID, Delivered: d.DeliveredAt, OK: d.OK()})
	}
	return all, nil
}

// Redeliver implements server.GitHub.
func (h *hub) Redeliver(ctx context.Context, attempt int64) error {
	return timed(h.app.Redeliver(ctx, attempt))
}
