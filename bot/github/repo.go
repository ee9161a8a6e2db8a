package github

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v62/github"
)

// Repository describes a repository.
type Repository struct {
	ID            int64
	Owner, Name   string
	FullName      string // owner/name
	DefaultBranch string
	CloneURL, URL string
	Private, Fork bool
	Archived      bool
	Disabled      bool
	HasIssues     bool
	Merge         MergeSettings
}

// MergeSettings are the ways of merging that the repository allows. They are only told to tokens that may write.
type MergeSettings struct{ Commit, Squash, Rebase, Auto, DeleteBranch bool }

func repository(r *github.Repository) Repository {
	return Repository{
		ID: r.GetID(), Owner: r.GetOwner().GetLogin(), Name: r.GetName(), FullName: r.GetFullName(),
		DefaultBranch: r.GetDefaultBranch(), CloneURL: r.GetCloneURL(), URL: r.GetHTMLURL(), Private: r.GetPrivate(),
		Fork: r.GetFork(), Archived: r.GetArchived(), Disabled: r.GetDisabled(), HasIssues: r.GetHasIssues(),
		Merge: MergeSettings{r.GetAllowMergeCommit(), r.GetAllowSquashMerge(), r.GetAllowRebaseMerge(),
			r.GetAllowAutoMerge(), r.GetDeleteBranchOnMerge()},
	}
}

// Repo acts on one repository, with a token that reaches no other. Its methods may run concurrently; its writes
// are paced with all others of the installation.
type Repo struct {
	client      *Client
	api         *github.Client
	lg          *slog.Logger
	owner, name string
}

// Repo returns a repository with all permissions of the installation.
func (c *Client) Repo(owner, name string) *Repo { return c.Limited(owner, name, nil) }

// Limited returns a repository with some permissions.
func (c *Client) Limited(owner, name string, permissions Permissions) *Repo {
	fullName := owner + "/" + name
	return &Repo{
		client: c, api: c.scoped(fullName, permissions), owner: owner, name: name,
		lg: c.app.lg.With("installation", c.id, "repo", fullName),
	}
}

// FullName is owner/name.
func (r *Repo) FullName() string { return r.owner + "/" + r.name }

func (r *Repo) op(format string, args ...any) string {
	return fmt.Sprintf(format, args...) + " in " + r.FullName()
}

// content is a write that people may be notified of; plain is any other.
func (r *Repo) content(ctx context.Context, key, operation string, do func() error) error {
	return r.client.write(ctx, r.lg, Write{Operation: r.op("%s", operation), Key: key, Content: true}, do)
}

func (r *Repo) plain(ctx context.Context, key, operation string, do func() error) error {
	return r.client.write(ctx, r.lg, Write{Operation: r.op("%s", operation), Key: key}, do)
}

// Get describes the repository.
func (r *Repo) Get(ctx context.Context) (Repository, error) {
	found, _, err := r.api.Repositories.Get(ctx, r.owner, r.name)
	if err != nil {
		return Repository{}, explain("read "+r.FullName(), err)
	}
	return repository(found), nil
}

// Content reads a file at a revision ("": the default branch), and tells whether there is one.
func (r *Repo) Content(ctx context.Context, path, revision string) ([]byte, bool, error) {
	file, _, _, err := r.api.Repositories.GetContents(ctx, r.owner, r.name, path, &github.RepositoryContentGetOptions{Ref: revision})
	if err = explain(r.op("read %s", path), err); errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	if err != nil || file == nil {
		return nil, false, err
	}
	text, err := file.GetContent()
	return []byte(text), err == nil, explain(r.op("read %s", path), err)
}

// Branch describes a branch.
type Branch struct {
	Name, SHA string
	Protected bool
}

// Branch reads a branch; ErrNotFound if there is none.
func (r *Repo) Branch(ctx context.Context, name string) (Branch, error) {
	var found github.Branch // go-github's own call hides the answer behind an error without a type
	err := r.call(ctx, http.MethodGet, "branches/"+url.PathEscape(name), nil, &found)
	if err != nil {
		return Branch{}, explain(r.op("read branch %s", name), err)
	}
	return Branch{found.GetName(), found.GetCommit().GetSHA(), found.GetProtected()}, nil
}

// call does what go-github lacks, at a path below the repository.
func (r *Repo) call(ctx context.Context, method, path string, body, answer any) error {
	req, err := r.api.NewRequest(method, fmt.Sprintf("repos/%s/%s/%s", r.owner, r.name, path), body)
	if err != nil {
		return err
	}
	_, err = r.api.Do(ctx, req, answer)
	return err
}

// Rules lists the kinds of rules that hold for a branch ("required_signatures", "pull_request", "merge_queue", ...).
func (r *Repo) Rules(ctx context.Context, branch string) ([]string, error) {
	found, _, err := r.api.Repositories.GetRulesForBranch(ctx, r.owner, r.name, url.PathEscape(branch))
	if err != nil {
		return nil, explain(r.op("read the rules of branch %s", branch), err)
	}
	kinds := make([]string, 0, len(found))
	for _, rule := range found {
		kinds = append(kinds, rule.Type)
	}
	return kinds, nil
}

// Ref is a reference by its full name ("refs/heads/x").
type Ref struct{ Name, SHA string }

func ref(r *github.Reference) Ref { return Ref{r.GetRef(), r.GetObject().GetSHA()} }

// Refs lists the references that begin with a prefix such as "refs/heads/canonicalize/".
func (r *Repo) Refs(ctx context.Context, prefix string) ([]Ref, error) {
	list, err := pages(func(page github.ListOptions) ([]*github.Reference, *github.Response, error) {
		return r.api.Git.ListMatchingRefs(ctx, r.owner, r.name,
			&github.ReferenceListOptions{Ref: strings.TrimPrefix(prefix, "refs/"), ListOptions: page})
	}, ref)
	return list, explain(r.op("list %s", prefix), err)
}

// CreateRef makes a reference; *ErrValidation if it exists.
func (r *Repo) CreateRef(ctx context.Context, name, sha string) error {
	return r.plain(ctx, name, "create "+name, func() error {
		_, _, err := r.api.Git.CreateRef(ctx, r.owner, r.name, gitRef(name, sha))
		return err
	})
}

// UpdateRef moves a reference. Without force only forward.
func (r *Repo) UpdateRef(ctx context.Context, name, sha string, force bool) error {
	return r.plain(ctx, name, "move "+name, func() error {
		_, _, err := r.api.Git.UpdateRef(ctx, r.owner, r.name, gitRef(name, sha), force)
		return err
	})
}

// DeleteRef deletes a reference; one that is gone is no error.
func (r *Repo) DeleteRef(ctx context.Context, name string) error {
	err := r.plain(ctx, name, "delete "+name, func() error {
		_, err := r.api.Git.DeleteRef(ctx, r.owner, r.name, name)
		return err
	})
	var refused *ErrValidation
	if errors.Is(err, ErrNotFound) || errors.As(err, &refused) && refused.Says("does not exist") {
		return nil
	}
	return err
}

func gitRef(name, sha string) *github.Reference {
	return &github.Reference{Ref: &name, Object: &github.GitObject{SHA: &sha}}
}

// MergeBase returns the merge base of two revisions, as GitHub finds it.
func (r *Repo) MergeBase(ctx context.Context, base, head string) (string, error) {
	found, _, err := r.api.Repositories.CompareCommits(ctx, r.owner, r.name, base, head, &github.ListOptions{PerPage: 1})
	if err != nil {
		return "", explain(r.op("compare %s with %s", base, head), err)
	}
	return found.GetMergeBaseCommit().GetSHA(), nil
}

// Permission returns what a user may do: "admin", "maintain", "write", "triage", "read" or "none".
func (r *Repo) Permission(ctx context.Context, user string) (string, error) {
	var found struct {
		Permission string `json:"permission"`
		RoleName   string `json:"role_name"`
	}
	err := r.call(ctx, http.MethodGet, "collaborators/"+url.PathEscape(user)+"/permission", nil, &found)
	if err = explain(r.op("read the permission of %s", user), err); errors.Is(err, ErrNotFound) {
		return "none", nil
	}
	if err == nil && (found.RoleName == "maintain" || found.RoleName == "triage") {
		return found.RoleName, nil // "permission" folds these into write and read
	}
	return found.Permission, err
}

// IsCollaborator tells whether a user can be asked for a review or assigned.
func (r *Repo) IsCollaborator(ctx context.Context, user string) (bool, error) {
	is, _, err := r.api.Repositories.IsCollaborator(ctx, r.owner, r.name, user)
	return is, explain(r.op("look for the collaborator %s", user), err)
}

// TeamAccess tells whether a team ("slug" of the owner) sees the repository, and with which permission ("pull",
// "triage", "push", "maintain", "admin"). A team that does not exist, is secret, or has no access is "", false.
func (r *Repo) TeamAccess(ctx context.Context, slug string) (permission string, found bool, err error) {
	seen, _, err := r.api.Teams.IsTeamRepoBySlug(ctx, r.owner, slug, r.owner, r.name)
	if err = explain(r.op("look for the team %s", slug), err); errors.Is(err, ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	for _, permission := range []string{"admin", "maintain", "push", "triage", "pull"} {
		if seen.GetPermissions()[permission] {
			return permission, true, nil
		}
	}
	return "", true, nil
}

// TeamRole returns the role of a user in a team of the owner: "maintainer", "member" or "".
func (r *Repo) TeamRole(ctx context.Context, slug, user string) (string, error) {
	found, _, err := r.api.Teams.GetTeamMembershipBySlug(ctx, r.owner, slug, user)
	if err = explain(r.op("look for %s in the team %s", user, slug), err); errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if err != nil || found.GetState() != "active" {
		return "", err
	}
	return found.GetRole(), nil
}
