package preview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// InputError says that what was named cannot be previewed; its text says what to do.
type InputError struct{ err error }

func (e *InputError) Error() string { return e.err.Error() }
func (e *InputError) Unwrap() error { return e.err }

func inputf(format string, args ...any) error { return &InputError{fmt.Errorf(format, args...)} }

// local is a repository on this machine.
type local struct {
	path    string // of the work tree, or of a bare repository
	name    string // the last element of the path, as a repository name
	changes int    // files with uncommitted changes, which are not served
}

// look examines the repository at path. Every fault is an *InputError.
func look(ctx context.Context, path string) (*local, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, inputf("git is not installed, and preview serves repositories with it: install git and run again")
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, inputf("%s does not exist: name the folder of a git repository", path)
	case err != nil:
		return nil, inputf("%w: name a folder that can be read", err)
	case !info.IsDir():
		return nil, inputf("%s is not a directory: name the folder of a git repository", path)
	}
	top, err := top(ctx, path)
	if err != nil {
		return nil, inputf("%s is not in a git repository: name one, or make one there with `git init`, `git add` and `git commit`", path)
	}
	l := &local{path: top, name: repositoryName(top)}
	if _, err := git(ctx, top, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err != nil {
		return nil, inputf("%s has no commit yet: preview serves what is committed, so commit something and run again", top)
	}
	status, err := git(ctx, top, "status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules")
	if err == nil { // a bare repository has no work tree, and so no changes in it
		l.changes = strings.Count(status, "\x00")
	}
	return l, nil
}

// top is the top of the work tree that path is in, or the bare repository itself.
func top(ctx context.Context, path string) (string, error) {
	if text, err := git(ctx, path, "rev-parse", "--show-toplevel"); err == nil {
		return strings.TrimSpace(text), nil
	}
	text, err := git(ctx, path, "rev-parse", "--absolute-git-dir")
	return strings.TrimSpace(text), err
}

// git runs a git command that only reads; locks are not taken, so that nothing at all is written.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir, "-c", "safe.directory=*"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s in %s: %w: %s", args[0], dir, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(out), nil
}

// repositoryName makes a name that GitHub accepts from the last element of a path.
func repositoryName(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), ".git")
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '-'
	}, name)
	if strings.Trim(name, ".-") == "" {
		return "repository"
	}
	return name
}
