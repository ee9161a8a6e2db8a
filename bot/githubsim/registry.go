package githubsim

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"time"
)

// AppSpec describes an App. Zero permissions and events: those that
// Canonicalize asks for.
type AppSpec struct {
	Slug          string // its bot is "slug[bot]"
	Owner         string // account, created as an organization on need; "": "apps"
	Permissions   map[string]string
	Events        []string
	WebhookURL    string // "": no webhooks
	WebhookSecret string
	Key           *rsa.PrivateKey // nil: a fresh one
}

// DefaultPermissions are the least that Canonicalize needs.
func DefaultPermissions() map[string]string {
	return map[string]string{"metadata": "read", "contents": "write", "pull_requests": "write", "checks": "write", "issues": "write",
		"members": "read", "merge_queues": "read"}
}

// DefaultEvents are the events that Canonicalize subscribes to. Those about
// installations come unasked.
func DefaultEvents() []string {
	return []string{"push", "pull_request", "issue_comment", "pull_request_review", "pull_request_review_comment", "issues", "check_run", "check_suite", "merge_group", "repository"}
}

// AddApp registers an App with a fresh key and sends it a ping.
func (s *Server) AddApp(spec AppSpec) (*App, error) {
	a, err := newApp(spec)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.account(spec.Slug+"[bot]") != nil {
		return nil, fmt.Errorf("the App %s exists", spec.Slug)
	}
	a.ID, a.created = s.id(), s.now()
	a.ClientID = fmt.Sprintf("Iv23li%014d", a.ID)
	owner := spec.Owner
	if owner == "" {
		owner = "apps"
	}
	a.owner = s.addAccount(owner, "Organization")
	a.bot = s.addAccount(spec.Slug+"[bot]", "Bot")
	s.apps[a.ID] = a
	go s.runHooks(a)
	s.send(a, "ping", "", nil, nil, obj{"zen": "Keep it logically awesome.", "hook_id": a.ID, "hook": s.hookJSON(a)})
	return a, nil
}

func newApp(spec AppSpec) (*App, error) {
	key, err := spec.Key, error(nil)
	if key == nil {
		if key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			return nil, fmt.Errorf("make a key for the App %s: %w", spec.Slug, err)
		}
	}
	a := &App{Slug: spec.Slug, name: spec.Slug, Key: key, Secret: spec.WebhookSecret, permissions: maps.Clone(spec.Permissions),
		events: map[string]bool{}, hooks: newHookQueue(spec.WebhookURL)}
	a.PEM = pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if a.permissions == nil {
		a.permissions = DefaultPermissions()
	}
	events := spec.Events
	if events == nil {
		events = DefaultEvents()
	}
	for _, e := range events {
		a.events[e] = true
	}
	return a, nil
}

func (s *Server) hookJSON(a *App) obj {
	events := []any{}
	for _, e := range sortedKeys(a.events) {
		events = append(events, e)
	}
	return obj{"type": "App", "id": a.ID, "name": "web", "active": true, "events": events, "app_id": a.ID,
		"config":     obj{"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": a.hooks.url},
		"updated_at": stamp(a.created), "created_at": stamp(a.created), "url": s.api("/app/hook/config"),
		"ping_url": s.api("/app/hook/pings"), "deliveries_url": s.api("/app/hook/deliveries")}
}

// SetWebhook changes where an App's webhooks go.
func (s *Server) SetWebhook(a *App, url, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.hooks.mu.Lock()
	defer a.hooks.mu.Unlock()
	a.hooks.url, a.Secret = url, secret
}

// PrepareManifest registers an App as the manifest flow does before its
// conversion; the code is good for an hour.
func (s *Server) PrepareManifest(spec AppSpec) (code string, err error) {
	a, err := s.AddApp(spec)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	code = randomText("")
	s.manifests[code] = &manifest{a, s.opts.Now().Add(time.Hour)}
	return code, nil
}

// Install installs an App on an account: on all repositories, or on those
// named.
func (s *Server) Install(a *App, login string, repositories ...string) (*Installation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	account := s.account(login)
	if account == nil {
		return nil, fmt.Errorf("install %s: there is no account %q", a.Slug, login)
	}
	i := &Installation{ID: s.id(), App: a, account: account, created: s.now()}
	if len(repositories) > 0 {
		i.selected = map[*repo]bool{}
	}
	for _, name := range repositories {
		r, _ := s.repo(login, name)
		if r == nil {
			return nil, fmt.Errorf("install %s: there is no repository %s/%s", a.Slug, login, name)
		}
		i.selected[r] = true
	}
	s.installations[i.ID] = i
	s.emitInstallation(i, "created", account)
	return i, nil
}

// Suspend suspends an installation, or ends its suspension.
func (s *Server) Suspend(i *Installation, suspended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if suspended {
		i.suspended, i.suspender = s.now(), i.account
		s.emitInstallation(i, "suspend", i.account)
		return
	}
	i.suspended, i.suspender = time.Time{}, nil
	s.emitInstallation(i, "unsuspend", i.account)
}

// Uninstall deletes an installation.
func (s *Server) Uninstall(i *Installation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emitInstallation(i, "deleted", i.account)
	i.deleted = true
}

// SelectRepository adds a repository to an installation on selected ones, or
// removes it.
func (s *Server) SelectRepository(i *Installation, name string, selected bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, _ := s.repo(i.account.login, name)
	if r == nil || i.selected == nil {
		return fmt.Errorf("select repository: %s/%s does not exist, or the installation is on all", i.account.login, name)
	}
	if selected {
		i.selected[r] = true
		s.emitInstallationRepos(i, "added", []*repo{r}, i.account)
		return nil
	}
	delete(i.selected, r)
	s.emitInstallationRepos(i, "removed", []*repo{r}, i.account)
	return nil
}

// UserToken makes a personal token for REST and git.
func (s *Server) UserToken(login string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &token{text: randomText("ghp_"), user: s.addAccount(login, "User")}
	s.tokens[t.text] = t
	return t.text
}

// AppBySlug finds an App, such as one that was made of a manifest; nil if there is none.
func (s *Server) AppBySlug(slug string) *App {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.apps {
		if a.Slug == slug {
			return a
		}
	}
	return nil
}
