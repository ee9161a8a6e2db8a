package github

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/google/go-github/v62/github"
)

// Repository describes a repository.
type Repository struct {
	ID            int64
	NodeID        string
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
		ID: r.GetID(), NodeID: r.GetNodeID(), Owner: r.GetOwner().GetLogin(), Name: r.GetName(), FullName: r.GetFullName(),
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

// call does what go-github lacks, at a path below the repository.
func (r *Repo) call(ctx context.Context, method, path string, body, answer any) error {
	req, err := r.api.NewRequest(method, fmt.Sprintf("repos/%s/%s/%s", r.owner, r.name, path), body)
	if err != nil {
		return err
	}
	_, err = r.api.Do(ctx, req, answer)
	return err
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

// Readers lists the users who were given access to the repository: by themselves, by a team, or as members of the
// organization. Of a public one they are not all who read it.
// (https://docs.github.com/rest/collaborators/collaborators#list-repository-collaborators)
func (r *Repo) Readers(ctx context.Context) ([]string, error) {
	list, err := pages(func(page github.ListOptions) ([]*github.User, *github.Response, error) {
		return r.api.Repositories.ListCollaborators(ctx, r.owner, r.name, &github.ListCollaboratorsOptions{Affiliation: "all", ListOptions: page})
	}, func(u *github.User) string { return u.GetLogin() })
	return list, explain(r.op("list who has access"), err)
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
