package githubsim

import (
	"fmt"
	"maps"
	"strings"
)

// DeleteBranch deletes a branch, closing pull requests from and into it.
func (p *Person) DeleteBranch(repository, branch string) error {
	return p.in(repository, func(r *repo, by *account) error {
		if err := p.s.checkPush(r, branch, r.branch(branch), "", by); err != nil {
			return err
		}
		return p.s.setRef(r, "refs/heads/"+branch, "", by)
	})
}

// Protect adds a branch protection or ruleset.
func (p *Person) Protect(repository string, rule Protection) error {
	return p.in(repository, func(r *repo, _ *account) error {
		r.protections = append(r.protections, &rule)
		return nil
	})
}

// Unprotect removes all protections and rulesets.
func (p *Person) Unprotect(repository string) error {
	return p.in(repository, func(r *repo, _ *account) error {
		r.protections = nil
		return nil
	})
}

// Configure changes the merge settings.
func (p *Person) Configure(repository string, settings Settings) error {
	return p.in(repository, func(r *repo, _ *account) error {
		r.settings = settings
		return nil
	})
}

// Rename renames a repository; the old name redirects.
func (p *Person) Rename(repository, name string) error {
	return p.in(repository, func(r *repo, by *account) error {
		changes := obj{"changes": obj{"repository": obj{"name": obj{"from": r.name}}}}
		p.s.move(r, func() { r.name = name })
		p.s.emit(r, "repository", "renamed", by, changes)
		return nil
	})
}

// move gives a repository a new full name.
func (s *Server) move(r *repo, change func()) {
	old := strings.ToLower(r.fullName())
	delete(s.repos, old)
	change()
	s.repos[strings.ToLower(r.fullName())] = r
	delete(s.redirects, strings.ToLower(r.fullName()))
	s.redirects[old] = r
}

// Transfer gives a repository to another account. Installations of the old
// owner lose it, those of the new one on all repositories get it.
func (p *Person) Transfer(repository, owner string) error {
	return p.in(repository, func(r *repo, by *account) error {
		to := p.s.account(owner)
		if to == nil {
			return fmt.Errorf("transfer %s: there is no account %q", repository, owner)
		}
		from := r.owner
		p.s.changeInstallations(r, "removed", by)
		p.s.move(r, func() { r.owner = to })
		for _, t := range from.teams {
			delete(t.access, r)
		}
		p.s.changeInstallations(r, "added", by)
		p.s.emit(r, "repository", "transferred", by, obj{"changes": obj{"owner": obj{"from": obj{"organization": p.s.orgJSON(from)}}}})
		return nil
	})
}

func (s *Server) changeInstallations(r *repo, action string, by *account) {
	for _, i := range s.sortedInstallations() {
		if i.covers(r) {
			s.emitInstallationRepos(i, action, []*repo{r}, by)
			delete(i.selected, r)
		}
	}
}

// Archive makes a repository read-only, or ends that.
func (p *Person) Archive(repository string, archived bool) error {
	return p.in(repository, func(r *repo, by *account) error {
		r.archived = archived
		action := "unarchived"
		if archived {
			action = "archived"
		}
		p.s.emit(r, "repository", action, by, nil)
		return nil
	})
}

// DeleteRepo deletes a repository.
func (p *Person) DeleteRepo(repository string) error {
	return p.in(repository, func(r *repo, by *account) error {
		p.s.emit(r, "repository", "deleted", by, nil)
		p.s.changeInstallations(r, "removed", by)
		delete(p.s.repos, strings.ToLower(r.fullName()))
		maps.DeleteFunc(p.s.redirects, func(_ string, o *repo) bool { return o == r })
		r.git.Close()
		return nil
	})
}

// SetDefaultBranch changes the default branch, created from the old one on
// need.
func (p *Person) SetDefaultBranch(repository, branch string) error {
	return p.in(repository, func(r *repo, by *account) error {
		if r.branch(branch) == "" {
			if err := p.s.setRef(r, "refs/heads/"+branch, r.branch(r.defaultBranch), by); err != nil {
				return err
			}
		}
		changes := obj{"changes": obj{"default_branch": obj{"from": r.defaultBranch}}}
		r.defaultBranch = branch
		if _, err := r.git.Git(nil, "symbolic-ref", "HEAD", "refs/heads/"+branch); err != nil {
			return err
		}
		p.s.emit(r, "repository", "edited", by, changes)
		return nil
	})
}

// Fork makes a fork of a repository for the person.
func (p *Person) Fork(repository string) error {
	return p.in(repository, func(r *repo, by *account) error {
		f := &repo{id: p.s.id(), owner: by, name: r.name, private: r.private, fork: r, created: p.s.now(), pushed: p.s.now(),
			collaborators: map[*account]string{}, issues: map[int]*issue{}, verified: maps.Clone(r.verified), cache: newRepoCache()}
		if err := p.s.fill(f, RepoSpec{Clone: r.git.Dir, Branch: r.defaultBranch}); err != nil {
			return err
		}
		p.s.repos[strings.ToLower(f.fullName())] = f
		return nil
	})
}
