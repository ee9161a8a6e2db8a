package store

import (
	"context"
	"fmt"
	"time"
)

// State says whether the bot may work on a repository or an installation.
type State string

// The states. Only an active repository of an active installation gets passes.
const (
	Active    State = "active"
	Suspended State = "suspended" // the installation is suspended by its owner
	Archived  State = "archived"  // the repository is read-only
	Removed   State = "removed"   // uninstalled, or taken from the installation, or deleted
)

// Installation is the App on one account.
type Installation struct {
	ID      int64
	Account string // the login of the user or organization
	State   State
}

// Repository is a repository that the App is installed on.
type Repository struct {
	ID            int64
	Installation  int64
	Owner, Name   string
	DefaultBranch string // "" when not yet read from GitHub
	State         State
}

// FullName is the name as GitHub writes it, "owner/name".
func (r Repository) FullName() string { return r.Owner + "/" + r.Name }

// Reconcile makes the memory of one installation equal to what GitHub just
// said: in is the installation, repos all of its repositories. Repositories
// that the store has beyond those become Removed. A suspended or removed
// installation takes its repositories with it, whatever repos says.
func (s *Store) Reconcile(ctx context.Context, in Installation, repos []Repository) error {
	err := s.b.atomically(ctx, func(tx transaction) error {
		if err := s.saveInstallation(ctx, tx, in); err != nil {
			return err
		}
		rest := in.State
		if rest == Active {
			rest = Removed
		}
		_, err := tx.exec(ctx, "UPDATE repositories SET state = $1, updated_at = $2 WHERE installation = $3",
			string(rest), s.stamp(), in.ID)
		if err != nil || in.State != Active {
			return err
		}
		for _, r := range repos {
			r.Installation = in.ID
			if err := s.saveRepository(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember installation %d: %w", in.ID, err)
	}
	return nil
}

func (s *Store) saveInstallation(ctx context.Context, tx transaction, in Installation) error {
	_, err := tx.exec(ctx, `INSERT INTO installations (id, account, state, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET account = excluded.account, state = excluded.state, updated_at = excluded.updated_at`,
		in.ID, in.Account, string(in.State), s.stamp())
	return err
}

func (s *Store) saveRepository(ctx context.Context, tx transaction, r Repository) error {
	_, err := tx.exec(ctx, `INSERT INTO repositories (id, installation, owner, name, default_branch, state, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET installation = excluded.installation, owner = excluded.owner, name = excluded.name,
			default_branch = excluded.default_branch, state = excluded.state, updated_at = excluded.updated_at`,
		r.ID, r.Installation, r.Owner, r.Name, r.DefaultBranch, string(r.State), s.stamp())
	return err
}

const repositoryColumns = "SELECT id, installation, owner, name, default_branch, state FROM repositories "

func scanRepository(r rows) (v Repository, err error) {
	err = r.Scan(&v.ID, &v.Installation, &v.Owner, &v.Name, &v.DefaultBranch, (*string)(&v.State))
	return v, err
}

// Repository returns a repository by GitHub's number, or ErrNotFound.
func (s *Store) Repository(ctx context.Context, id int64) (Repository, error) {
	return first(ctx, s, fmt.Sprintf("repository %d", id), scanRepository, repositoryColumns+"WHERE id = $1", id)
}

// RepositoryNamed returns the repository that now has a name, or ErrNotFound.
// Upper and lower case are the same to GitHub.
func (s *Store) RepositoryNamed(ctx context.Context, owner, name string) (Repository, error) {
	return first(ctx, s, fmt.Sprintf("repository %s/%s", owner, name), scanRepository,
		repositoryColumns+"WHERE lower(owner) = lower($1) AND lower(name) = lower($2) ORDER BY (state = 'active') DESC, updated_at DESC",
		owner, name)
}

// Repositories returns all repositories by name, those gone included.
func (s *Store) Repositories(ctx context.Context) ([]Repository, error) {
	return all(ctx, s, "list repositories", scanRepository, repositoryColumns+"ORDER BY owner, name, id")
}

// Installations returns all installations by account, those gone included.
func (s *Store) Installations(ctx context.Context) ([]Installation, error) {
	return all(ctx, s, "list installations", func(r rows) (v Installation, err error) {
		err = r.Scan(&v.ID, &v.Account, (*string)(&v.State))
		return v, err
	}, "SELECT id, account, state FROM installations ORDER BY account, id")
}

// Chunk is what the bot last wrote for one chunk: a hint that spares reading.
type Chunk struct {
	Branch string
	Number int    // of the pull request; 0: none yet
	Head   string // the commit that the bot last pushed
	Digest string // of the content of that commit
	State  string // the caller's word for the pull request's state
}

// Chunks returns what is remembered of a repository's chunks, by branch.
func (s *Store) Chunks(ctx context.Context, repository int64) ([]Chunk, error) {
	return all(ctx, s, "list chunks", func(r rows) (v Chunk, err error) {
		err = r.Scan(&v.Branch, &v.Number, &v.Head, &v.Digest, &v.State)
		return v, err
	}, "SELECT branch, number, head, digest, state FROM chunks WHERE repository = $1 ORDER BY branch", repository)
}

// SaveChunk remembers a chunk in place of what was known of its branch.
func (s *Store) SaveChunk(ctx context.Context, repository int64, c Chunk) error {
	return s.write(ctx, "remember chunk "+c.Branch, `INSERT INTO chunks (repository, branch, number, head, digest, state, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (repository, branch) DO UPDATE SET number = excluded.number, head = excluded.head,
			digest = excluded.digest, state = excluded.state, updated_at = excluded.updated_at`,
		repository, c.Branch, c.Number, c.Head, c.Digest, c.State, s.stamp())
}

// ForgetChunk drops what was remembered of a branch; an unknown one is no error.
func (s *Store) ForgetChunk(ctx context.Context, repository int64, branch string) error {
	return s.write(ctx, "forget chunk "+branch, "DELETE FROM chunks WHERE repository = $1 AND branch = $2", repository, branch)
}

// Outcome is what a pass that went well has to say.
type Outcome struct {
	Head         string // the commit of the default branch that the pass saw
	Files        int    // Python files seen
	Changed      int    // files that still differ from what they should be
	Left         int    // references left with a reason
	PullRequests int    // open pull requests of the bot after the pass
	Actions      int    // effects on GitHub; 0: there was nothing to do

	Again time.Duration // when the next pass is worth it though nothing happens; 0: not before
}

// The results of a pass.
const (
	ResultRunning     = "running"
	ResultDone        = "done"
	ResultWaiting     = "waiting"     // GitHub asked to come back later
	ResultFailed      = "failed"      // tried again with growing pauses
	ResultRefused     = "refused"     // would fail again: waits for a person or an event
	ResultInterrupted = "interrupted" // the process ended in the middle
)

// Pass is the record of one pass over a repository.
type Pass struct {
	ID         int64
	Repository int64
	Started    time.Time
	Ended      time.Time // zero while it runs
	Result     string
	Outcome
	Error string // "" when it went well
}

// Passes returns the latest passes over a repository, newest first; repository
// 0 means all repositories.
func (s *Store) Passes(ctx context.Context, repository int64, limit int) ([]Pass, error) {
	return all(ctx, s, "list passes", scanPass, `SELECT id, repository, started_at, COALESCE(ended_at, 0), result, head, files,
		changed, left_over, pull_requests, actions, error FROM passes
		WHERE repository = $1 OR $1 = 0 ORDER BY id DESC LIMIT $2`, repository, limit)
}

func scanPass(r rows) (v Pass, err error) {
	var started, ended int64
	err = r.Scan(&v.ID, &v.Repository, &started, &ended, &v.Result, &v.Head, &v.Files,
		&v.Changed, &v.Left, &v.PullRequests, &v.Actions, &v.Error)
	v.Started = moment(started)
	if ended != 0 {
		v.Ended = moment(ended)
	}
	return v, err
}

// all, first and write are one statement in a transaction of its own.
func all[T any](ctx context.Context, s *Store, what string, scan func(rows) (T, error), query string, args ...any) (found []T, err error) {
	err = s.b.atomically(ctx, func(tx transaction) error {
		found, err = list(ctx, tx, scan, query, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return found, nil
}

func first[T any](ctx context.Context, s *Store, what string, scan func(rows) (T, error), query string, args ...any) (v T, err error) {
	found, err := all(ctx, s, what, scan, query, args...)
	if err != nil {
		return v, err
	}
	if len(found) == 0 {
		return v, fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	return found[0], nil
}

func (s *Store) write(ctx context.Context, what, query string, args ...any) error {
	err := s.b.atomically(ctx, func(tx transaction) error {
		_, err := tx.exec(ctx, query, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
