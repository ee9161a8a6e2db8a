package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
)

// Repository is a local git repository, opened to be read.
type Repository struct {
	objects *objects

	mu   sync.Mutex // a go-git repository is for one goroutine at a time
	repo *gogit.Repository
}

// Local opens the repository that path is in: a checkout or a folder in it, a linked work tree, or a bare
// repository. It is never written to.
func Local(path string) (*Repository, error) {
	place, err := locate(path)
	if err != nil {
		return nil, fmt.Errorf("open git repository at %s: %w", path, err)
	}
	if err := place.supported(); err != nil {
		return nil, fmt.Errorf("open git repository at %s: %w", path, err)
	}
	open := place.top
	if open == "" {
		open = place.gitDir
	}
	repo, err := gogit.PlainOpenWithOptions(open, &gogit.PlainOpenOptions{EnableDotGitCommonDir: true})
	if err != nil {
		return nil, fmt.Errorf("open git repository at %s: %w", path, err)
	}
	return &Repository{objects: newObjects(place.common), repo: repo}, nil
}

// Head returns the commit that is checked out and the full name of its branch, "" when detached. A repository
// without a commit is ErrNotFound.
func (r *Repository) Head() (sha, branch string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	head, err := r.repo.Head()
	if errors.Is(err, plumbing.ErrReferenceNotFound) {
		return "", "", fmt.Errorf("the repository has no commit yet: %w", ErrNotFound)
	}
	if err != nil {
		return "", "", fmt.Errorf("read HEAD: %w", err)
	}
	if head.Name().IsBranch() {
		branch = head.Name().String()
	}
	return head.Hash().String(), branch, nil
}

// Resolve returns the commit that a revision names ("main", "HEAD~2", a tag, an abbreviated SHA).
func (r *Repository) Resolve(revision string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id, err := r.repo.ResolveRevision(plumbing.Revision(revision))
	if err != nil {
		return "", fmt.Errorf("%q names no commit here: %w (%w)", revision, ErrNotFound, err)
	}
	return id.String(), nil
}

// MergeBase returns the best common ancestor of two commits, ErrNotFound if they have none or if the history
// here is too shallow to show it.
func (r *Repository) MergeBase(a, b string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first, err := r.repo.CommitObject(plumbing.NewHash(a))
	if err != nil {
		return "", fmt.Errorf("read commit %s: %w", a, err)
	}
	second, err := r.repo.CommitObject(plumbing.NewHash(b))
	if err != nil {
		return "", fmt.Errorf("read commit %s: %w", b, err)
	}
	bases, err := first.MergeBase(second)
	if err != nil || len(bases) == 0 {
		return "", fmt.Errorf("merge base of %s and %s: %w", a, b, errors.Join(ErrNotFound, err))
	}
	return bases[0].Hash.String(), nil
}

// Remember has the repository list commits with what is known of others.
func (r *Repository) Remember(l *Listing) { r.objects.listing = l }

// Tree lists the files of a commit.
func (r *Repository) Tree(ctx context.Context, sha string) (*Tree, error) {
	return newTree(ctx, r.objects, sha)
}

// Info describes a commit.
func (r *Repository) Info(sha string) (Info, error) { return r.objects.info(sha) }

// Diff lists the files that differ between two commits; see FileDiff.
func (r *Repository) Diff(ctx context.Context, a, b string) ([]FileDiff, error) {
	return r.objects.diff(ctx, a, b)
}

// Close releases the repository.
func (r *Repository) Close() error {
	r.objects.close()
	return nil
}

// place is where the parts of a local repository lie.
type place struct {
	top    string // the work tree, "" for a bare repository
	gitDir string // HEAD and index
	common string // objects and configuration; gitDir unless the work tree is a linked one
}

// errNoRepository says that a path is in no git repository.
var errNoRepository = errors.New("this is no git repository, nor a folder in one")

// locate finds the repository that path is in, as git does: the nearest ".git" upwards, or path itself when bare.
func locate(path string) (place, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return place{}, err
	}
	if _, err := os.Stat(path); err != nil {
		return place{}, err
	}
	if isGitDir(path) {
		return place{gitDir: path, common: commonDir(path)}, nil
	}
	for folder := path; ; folder = filepath.Dir(folder) {
		if dir := dotGit(filepath.Join(folder, ".git")); dir != "" {
			return place{folder, dir, commonDir(dir)}, nil
		}
		if folder == filepath.Dir(folder) {
			return place{}, errNoRepository
		}
	}
}

func isGitDir(path string) bool {
	_, head := os.Stat(filepath.Join(path, "HEAD"))
	objects, err := os.Stat(filepath.Join(commonDir(path), "objects"))
	return head == nil && err == nil && objects.IsDir()
}

// dotGit resolves a ".git" that is a folder, or a file that says where the folder is.
func dotGit(path string) string {
	text, err := os.ReadFile(path)
	if err == nil {
		dir, found := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
		if !found {
			return ""
		}
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(filepath.Dir(path), dir)
		}
		path = dir
	}
	if !isGitDir(path) {
		return ""
	}
	return path
}

func commonDir(gitDir string) string {
	text, err := os.ReadFile(filepath.Join(gitDir, "commondir"))
	if err != nil {
		return gitDir
	}
	dir := strings.TrimSpace(string(text))
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(gitDir, dir)
	}
	return dir
}

// supported refuses the formats that cannot be read here, by the extensions that the configuration names
// (https://git-scm.com/docs/repository-version).
func (p place) supported() error {
	f, err := os.Open(filepath.Join(p.common, "config"))
	if errors.Is(err, os.ErrNotExist) {
		return nil // as git takes it: nothing is configured
	}
	if err != nil {
		return err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		value = strings.ToLower(strings.TrimSpace(value))
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "objectformat":
			if value != "sha1" {
				return ErrFormat
			}
		case "refstorage":
			if value != "files" {
				return fmt.Errorf("references stored as %q cannot be read; run git refs migrate --ref-format=files", value)
			}
		}
	}
	return nil
}
