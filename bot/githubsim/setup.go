package githubsim

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

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
		tree, err = r.git.Import(files)
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
