// Package revision reads the files of a commit of a local git repository, through the git command: unlike the mirrors
// of the App, a checkout on somebody's machine may have any shape that git knows (worktrees, alternates, partial
// clones), and only git reads them all.
package revision

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod"
)

// Tree is the files below one folder at one commit. It implements codemod.Tree.
type Tree struct {
	sha   string
	note  string
	files []codemod.File
	cmd   *exec.Cmd
	mu    sync.Mutex // guards the conversation with git
	in    io.WriteCloser
	out   *bufio.Reader
}

// Open lists the files of dir at the commit where rev and HEAD part, or at rev itself where they have no common
// ancestor. Close ends the git process behind it. Errors are made for the person who named rev.
func Open(ctx context.Context, dir, rev string) (*Tree, error) {
	sha, note, err := resolve(ctx, dir, rev)
	if err != nil {
		return nil, err
	}
	t, err := list(ctx, dir, rev, sha)
	if err == nil {
		t.note = note
	}
	return t, err
}

// list lists the files of a commit or a tree.
func list(ctx context.Context, dir, name, sha string) (*Tree, error) {
	lines, err := output(ctx, dir, "ls-tree", "-r", "-z", "--long", sha)
	if err != nil {
		return nil, fmt.Errorf("list the files at %s: %w", name, err)
	}
	t := &Tree{sha: sha}
	if t.files, err = parseList(lines); err != nil {
		return nil, fmt.Errorf("list the files at %s: %w", name, err)
	}
	return t, t.start(ctx, dir)
}

// Note is a remark for the person about the commit, "" mostly.
func (t *Tree) Note() string { return t.note }

// inRepository tells what a flag needs of a folder.
func inRepository(ctx context.Context, dir, flag string) error {
	if _, err := exec.LookPath("git"); err != nil {
		return fmt.Errorf("%s needs the git command, which is not installed", flag)
	}
	if _, err := output(ctx, dir, "rev-parse", "--git-dir"); err != nil {
		return fmt.Errorf("%s is in no git repository, which %s needs: run in one, or leave %s out", dir, flag, flag)
	}
	return nil
}

// resolve returns the commit to compare with, and a remark where that is not the one at which branches part.
func resolve(ctx context.Context, dir, rev string) (base, note string, err error) {
	if err := inRepository(ctx, dir, "--base"); err != nil {
		return "", "", err
	}
	if _, err := output(ctx, dir, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err != nil {
		return "", "", fmt.Errorf("the repository of %s has no commit yet, so there is nothing to compare with: commit first, or leave --base out", dir)
	}
	sha, err := output(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return "", "", fmt.Errorf("--base %s names no commit of this repository: name a branch, a tag or a commit; `git fetch` may bring it here", rev)
	}
	if base, err := output(ctx, dir, "merge-base", trim(sha), "HEAD"); err == nil {
		return trim(base), "", nil
	}
	note = fmt.Sprintf("%s and HEAD have no common commit, so this is compared with %s itself.", rev, rev)
	if shallow, err := output(ctx, dir, "rev-parse", "--is-shallow-repository"); err == nil && trim(shallow) == "true" {
		note = fmt.Sprintf("The clone is shallow and does not reach back to where %s and HEAD part, so this is compared with %s itself: "+
			"`git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout, brings what is missing.", rev, rev)
	}
	return trim(sha), note, nil
}

// Prefix is where a folder stands in its repository, "" for the root and for a folder that is in none.
func Prefix(ctx context.Context, dir string) string {
	prefix, err := output(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(prefix), "\n"), "/")
}

func trim(b []byte) string { return strings.TrimSpace(string(b)) }

func output(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}

// parseList reads `git ls-tree -r -z --long`: "MODE SP TYPE SP ID SP+ SIZE TAB PATH NUL", repeated.
func parseList(list []byte) ([]codemod.File, error) {
	var files []codemod.File
	for line := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		if line == "" {
			continue
		}
		head, path, found := strings.Cut(line, "\t")
		fields := strings.Fields(head)
		if !found || len(fields) != 4 {
			return nil, fmt.Errorf("git printed %q, which is no line of a tree", line)
		}
		size, err := strconv.ParseInt(fields[3], 10, 64)
		if err != nil {
			size = -1 // "-": a submodule
		}
		files = append(files, codemod.File{Path: path, ID: fields[2], Size: size, Mode: modeOf(fields[0])})
	}
	sort.Slice(files, func(i, j int) bool { return files[i].Path < files[j].Path })
	return files, nil
}

func modeOf(octal string) codemod.Mode {
	switch octal {
	case "100755":
		return codemod.Executable
	case "120000":
		return codemod.Symlink
	case "160000":
		return codemod.Submodule
	}
	return codemod.Regular
}

func (t *Tree) start(ctx context.Context, dir string) error {
	cmd := exec.CommandContext(ctx, "git", "-C", dir, "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start git cat-file: %w", err)
	}
	t.cmd, t.in, t.out = cmd, in, bufio.NewReader(out)
	return nil
}

// Close ends the conversation with git.
func (t *Tree) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(t.in.Close(), t.cmd.Wait())
}

// SHA is the commit that the tree belongs to.
func (t *Tree) SHA() string { return t.sha }

// Files lists every file, sorted by path.
func (t *Tree) Files() []codemod.File { return t.files }

// Read returns the bytes of a file.
func (t *Tree) Read(f codemod.File) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, err := fmt.Fprintln(t.in, f.ID); err != nil {
		return nil, fmt.Errorf("read %s at %s: %w", f.Path, t.sha, err)
	}
	head, err := t.out.ReadString('\n') // "ID SP TYPE SP SIZE"
	fields := strings.Fields(head)
	if err != nil || len(fields) != 3 {
		return nil, fmt.Errorf("read %s at %s: git answers %q (%w)", f.Path, t.sha, head, err)
	}
	size, err := strconv.Atoi(fields[2])
	if err != nil {
		return nil, fmt.Errorf("read %s at %s: git answers %q", f.Path, t.sha, head)
	}
	text := make([]byte, size+1) // and the line feed after it
	if _, err := io.ReadFull(t.out, text); err != nil {
		return nil, fmt.Errorf("read %s at %s: %w", f.Path, t.sha, err)
	}
	return text[:size], nil
}

// Has tells whether there is a file at path.
func (t *Tree) Has(path string) bool {
	_, found := t.lookup(path)
	return found
}

func (t *Tree) lookup(path string) (codemod.File, bool) {
	i := sort.Search(len(t.files), func(i int) bool { return t.files[i].Path >= path })
	if i == len(t.files) || t.files[i].Path != path {
		return codemod.File{}, false
	}
	return t.files[i], true
}

// ReadPath returns the bytes of the file at path, and whether there is one.
func (t *Tree) ReadPath(path string) ([]byte, bool, error) {
	f, found := t.lookup(path)
	if !found {
		return nil, false, nil
	}
	data, err := t.Read(f)
	return data, err == nil, err
}

// HasModule tells whether a file could be the module of a dotted name, below any source root.
func (t *Tree) HasModule(module string) bool {
	path := strings.ReplaceAll(module, ".", "/")
	for _, f := range t.files {
		for _, end := range []string{path + ".py", path + "/__init__.py"} {
			if f.Path == end || strings.HasSuffix(f.Path, "/"+end) {
				return true
			}
		}
	}
	return false
}
