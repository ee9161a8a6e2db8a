package githubsim

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
)

// This file makes accounts, repositories and Apps. What cannot go wrong in
// GitHub's own forms but is wrong here (an unknown owner) is an error.

// AddUser registers a person; login is also the name.
func (s *Server) AddUser(login string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addAccount(login, "User")
}

// AddOrg registers an organization; admins are its owners, created on need.
func (s *Server) AddOrg(login string, admins ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	org := s.addAccount(login, "Organization")
	for _, a := range admins {
		org.members[s.addAccount(a, "User")] = "admin"
	}
}

// addAccount finds or creates an account.
func (s *Server) addAccount(login, kind string) *account {
	if a := s.account(login); a != nil {
		return a
	}
	a := &account{id: s.id(), login: login, name: login, kind: kind, created: s.now(), members: map[*account]string{}}
	s.accounts[strings.ToLower(login)] = a
	return a
}

// TeamSpec describes a team.
type TeamSpec struct {
	Org, Name            string // the slug is the name in lower case with dashes
	Members, Maintainers []string
	Secret               bool
	Access               map[string]string // repository name to role: pull, triage, push, maintain, admin
}

// AddTeam registers a team; people are created on need. Repositories must be
// there; SetTeamAccess gives access later.
func (s *Server) AddTeam(spec TeamSpec) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	org := s.account(spec.Org)
	if org == nil || !org.isOrg() {
		return fmt.Errorf("add team %s: there is no organization %q", spec.Name, spec.Org)
	}
	t := &team{id: s.id(), org: org, name: spec.Name, slug: strings.ReplaceAll(strings.ToLower(spec.Name), " ", "-"), secret: spec.Secret,
		created: s.now(), members: map[*account]string{}, access: map[*repo]string{}}
	for role, logins := range map[string][]string{"member": spec.Members, "maintainer": spec.Maintainers} {
		for _, login := range logins {
			a := s.addAccount(login, "User")
			t.members[a] = role
			a.teams = append(a.teams, t)
			if org.members[a] == "" {
				org.members[a] = "member"
			}
		}
	}
	for name, role := range spec.Access {
		r, _ := s.repo(spec.Org, name)
		if r == nil {
			return fmt.Errorf("add team %s: there is no repository %s/%s", spec.Name, spec.Org, name)
		}
		t.access[r] = role
	}
	org.teams = append(org.teams, t)
	return nil
}

// SetTeamAccess gives a team ("org/slug") a role on a repository of its
// organization; "" takes it away.
func (s *Server) SetTeamAccess(team, repository, role string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	org, slug, _ := strings.Cut(team, "/")
	t := s.account(org).team(slug)
	r, err := s.find(repository)
	if t == nil || err != nil {
		return errors.Join(fmt.Errorf("there is no team %q", team), err)
	}
	if role == "" {
		delete(t.access, r)
	} else {
		t.access[r] = role
	}
	return nil
}

// SetCollaborator gives a person (created on need) a role on a repository; ""
// takes it away.
func (s *Server) SetCollaborator(login, repository, role string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repository)
	if err != nil {
		return err
	}
	if a := s.addAccount(login, "User"); role == "" {
		delete(r.collaborators, a)
	} else {
		r.collaborators[a] = role
	}
	return nil
}

// find looks a repository up by "owner/name", old names included.
func (s *Server) find(fullName string) (*repo, error) {
	owner, name, _ := strings.Cut(fullName, "/")
	if r, _ := s.repo(owner, name); r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("there is no repository %q", fullName)
}

// RepoSpec describes a repository. Its first content is one of Clone, Dir and
// Files; none: it is empty.
type RepoSpec struct {
	Owner, Name string // the owner must exist
	Public      bool   // private otherwise
	Branch      string // default branch; "": that of Clone, or main
	Clone       string // path of a git repository, of which a copy is served
	Dir         string // folder of files for one first commit
	Files       map[string]string
	Settings    Settings
	Protections []*Protection
}

// AddRepo creates a repository. Apps installed on all repositories of the
// owner hear of it.
func (s *Server) AddRepo(spec RepoSpec) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner := s.account(spec.Owner)
	if owner == nil {
		return fmt.Errorf("add repository %s: there is no account %q", spec.Name, spec.Owner)
	}
	if r, moved := s.repo(spec.Owner, spec.Name); r != nil && !moved {
		return fmt.Errorf("repository %s exists", r.fullName())
	}
	r := &repo{id: s.id(), owner: owner, name: spec.Name, private: !spec.Public, created: s.now(), pushed: s.now(), settings: spec.Settings,
		protections: spec.Protections, collaborators: map[*account]string{}, refs: map[string]string{}, issues: map[int]*issue{},
		verified: map[string]bool{}, cache: newRepoCache()}
	if err := s.fill(r, spec); err != nil {
		return fmt.Errorf("add repository %s/%s: %w", spec.Owner, spec.Name, err)
	}
	s.repos[strings.ToLower(r.fullName())] = r
	delete(s.redirects, strings.ToLower(r.fullName()))
	for _, i := range s.sortedInstallations() {
		if i.account == owner && i.selected == nil && !i.deleted {
			s.emitInstallationRepos(i, "added", []*repo{r}, owner)
		}
	}
	s.emit(r, "repository", "created", owner, nil)
	return nil
}

// fill gives a repository its folder and first content.
func (s *Server) fill(r *repo, spec RepoSpec) error {
	dir := filepath.Join(s.dir, fmt.Sprintf("%d.git", r.id))
	r.defaultBranch = spec.Branch
	if spec.Clone != "" {
		git, branch, err := gitrepo.Clone(spec.Clone, dir)
		if err != nil {
			return err
		}
		r.git = git
		if r.defaultBranch == "" {
			r.defaultBranch = branch
		}
		if r.refs, err = git.Refs(); err != nil {
			return err
		}
		return prepareHooks(dir)
	}
	if r.defaultBranch == "" {
		r.defaultBranch = "main"
	}
	var err error
	if r.git, err = gitrepo.Init(dir, r.defaultBranch); err != nil {
		return err
	}
	if err := prepareHooks(dir); err != nil || spec.Dir == "" && spec.Files == nil {
		return err
	}
	return s.firstCommit(r, spec)
}

func (s *Server) firstCommit(r *repo, spec RepoSpec) error {
	var tree string
	var err error
	if spec.Dir != "" {
		tree, err = r.git.ImportDir(spec.Dir)
	} else {
		files := map[string]*gitrepo.File{}
		for path, text := range spec.Files {
			files[path] = &gitrepo.File{Data: []byte(text)}
		}
		tree, err = r.git.WriteFiles("", files)
	}
	if err != nil {
		return err
	}
	by := s.signature(r.owner)
	sha, err := r.git.WriteCommit(gitrepo.Commit{Tree: tree, Author: by, Committer: by, Message: "First commit\n"})
	if err != nil {
		return err
	}
	r.refs["refs/heads/"+r.defaultBranch] = sha
	return r.git.UpdateRef("refs/heads/"+r.defaultBranch, sha)
}

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
	return []string{"push", "pull_request", "issue_comment", "pull_request_review_comment", "issues", "check_run", "check_suite", "merge_group", "repository"}
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
