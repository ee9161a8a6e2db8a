package service

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/server"
	"github.com/canonicalize/canonicalize/bot/signin"
	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/bot/web"
)

// pages serves what passes remember: to people who sign in with GitHub, each what they may read there; without the
// App's client secret to nobody, except on a loopback address.
func pages(lg *slog.Logger, c server.Config, db *store.Store, app *github.App) (http.Handler, error) {
	hub := webOf(c.BaseURL)
	if c.ClientSecret == "" || c.Public == "" {
		if !loopback(c.Address) {
			return nil, nil
		}
		return web.New(lg, &source{db: db, hub: hub}, web.Options{})
	}
	gate := signin.New(lg, signin.Options{ClientID: c.ClientID, ClientSecret: c.ClientSecret, Web: hub, Address: c.Public,
		Secret: []byte(c.ClientSecret), Hub: app.People()})
	shown, err := web.New(lg, &source{db: db, hub: hub, gate: gate}, web.Options{SignOut: signin.LogoutPath})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/auth/", gate.Handler())
	mux.Handle("GET /assets/", shown)
	mux.Handle("/", gate.Require(shown))
	return mux, nil
}

// webOf is where people look at a GitHub whose REST API is at base.
func webOf(base string) string {
	base = strings.TrimRight(base, "/")
	if base == "https://api.github.com" {
		return "https://github.com"
	}
	return strings.TrimSuffix(base, "/api/v3")
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// source is what the pages show of a server: what the last pass remembered of each repository.
type source struct {
	db   *store.Store
	hub  string
	gate *signin.Gate // nil: everybody who gets here may see everything
}

// Repositories implements web.Source.
func (s *source) Repositories(ctx context.Context) ([]web.Summary, error) {
	known, err := s.db.Repositories(ctx)
	if err != nil {
		return nil, err
	}
	var all []web.Summary
	for _, r := range known {
		may, err := s.mayRead(ctx, r.FullName())
		if err != nil {
			return nil, err
		}
		if !may || r.State != store.Active {
			continue
		}
		repo, err := s.read(ctx, r)
		if errors.Is(err, web.ErrNotFound) {
			repo, err = &web.Repository{Name: r.FullName(), Why: "no pass has ended yet"}, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, repo.Summary())
	}
	return all, nil
}

// mayRead says whether who asks may see a repository.
func (s *source) mayRead(ctx context.Context, name string) (bool, error) {
	if s.gate == nil {
		return true, nil
	}
	person, ok := signin.Of(ctx)
	if !ok {
		return false, nil
	}
	return s.gate.MayRead(ctx, person, name)
}

// Repository implements web.Source. What somebody may not read is not there.
func (s *source) Repository(ctx context.Context, name string) (*web.Repository, error) {
	may, err := s.mayRead(ctx, name)
	if err != nil {
		return nil, err
	}
	owner, short, _ := strings.Cut(name, "/")
	r, err := s.db.RepositoryNamed(ctx, owner, short)
	if !may || errors.Is(err, store.ErrNotFound) || err == nil && r.State != store.Active {
		return nil, web.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	repo, err := s.read(ctx, r)
	if err != nil {
		return nil, err
	}
	days, err := s.db.ProgressOf(ctx, r.ID)
	repo.History = history(days)
	return repo, err
}

// read is what the last pass remembered.
func (s *source) read(ctx context.Context, r store.Repository) (*web.Repository, error) {
	snapshot, err := s.db.Snapshot(ctx, r.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, web.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	repo := &web.Repository{}
	if err := json.Unmarshal(snapshot.Content, repo); err != nil {
		return nil, fmt.Errorf("read how %s stands: %w", r.FullName(), err)
	}
	repo.Name, repo.Branch, repo.Updated = r.FullName(), cmp.Or(r.DefaultBranch, repo.Branch), snapshot.Taken
	for i, p := range repo.Pulls {
		if p.Number > 0 {
			repo.Pulls[i].URL = fmt.Sprintf("%s/%s/pull/%d", s.hub, repo.Name, p.Number)
		}
	}
	slices.SortStableFunc(repo.Pulls, func(a, b web.Pull) int { return cmp.Compare(b.Number, a.Number) })
	return repo, nil
}

// PullRequest implements web.Source: they are read on GitHub.
func (s *source) PullRequest(context.Context, string, int) (*web.PullRequest, error) {
	return nil, web.ErrNotFound
}
