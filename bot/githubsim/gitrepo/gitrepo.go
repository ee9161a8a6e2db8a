// Package gitrepo is the git side of the simulated GitHub: a bare repository
// driven by the git command line, which is what GitHub itself runs.
//
// gitrepo.go starts git, reads objects through one long-lived `cat-file
// --batch` and writes loose objects without a process; history.go has refs,
// logs and merges; diff.go parses what changed between two commits; files.go
// builds trees.
package gitrepo

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// ErrNotFound means that the repository has no such object.
var ErrNotFound = errors.New("no such git object")

// Repo is a bare repository. Its methods may be called concurrently.
type Repo struct {
	Dir string

	mu    sync.Mutex // guards the batch process
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Reader
}

// Object is a git object as stored.
type Object struct {
	SHA, Type string
	Data      []byte
}

// Init creates an empty bare repository at dir that serves partial clones and
// fetches by SHA, as GitHub does.
func Init(dir, branch string) (*Repo, error) {
	r := &Repo{Dir: dir}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("create repository folder: %w", err)
	}
	if _, err := r.Git(nil, "init", "-q", "--bare", "--initial-branch="+branch, "."); err != nil {
		return nil, err
	}
	return r, r.configure()
}

// Clone copies the checked out branch of the repository at source, which is
// not changed, and returns the copy with that branch's name.
func Clone(source, dir string) (*Repo, string, error) {
	r := &Repo{Dir: dir}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, "", fmt.Errorf("create repository folder: %w", err)
	}
	if _, err := r.Git(nil, "-c", "safe.directory=*", "clone", "-q", "--bare", "--single-branch", "--no-tags", source, "."); err != nil {
		return nil, "", err
	}
	out, err := r.Git(nil, "symbolic-ref", "-q", "--short", "HEAD")
	branch := strings.TrimSpace(string(out))
	if err != nil { // the source's HEAD is detached
		branch = "main"
		if _, err := r.Git(nil, "update-ref", "refs/heads/main", "HEAD"); err != nil {
			return nil, "", err
		}
		if _, err := r.Git(nil, "symbolic-ref", "HEAD", "refs/heads/main"); err != nil {
			return nil, "", err
		}
	}
	return r, branch, r.configure()
}

func (r *Repo) configure() error {
	settings := `[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
	hideRefs = refs/simulator
[receive]
	hideRefs = refs/simulator
	hideRefs = refs/pull
[http]
	receivepack = true
[core]
	logAllRefUpdates = false
[gc]
	auto = 0
`
	f, err := os.OpenFile(filepath.Join(r.Dir, "config"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("configure repository: %w", err)
	}
	_, err = f.WriteString(settings)
	return errors.Join(err, f.Close())
}

// Env is the environment for git processes: nothing of the caller's own git
// configuration leaks in.
func Env() []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "GIT_") {
			env = append(env, kv)
		}
	}
	return append(env, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TERMINAL_PROMPT=0", "LC_ALL=C",
		"GIT_AUTHOR_NAME=simulator", "GIT_AUTHOR_EMAIL=simulator@localhost",
		"GIT_COMMITTER_NAME=simulator", "GIT_COMMITTER_EMAIL=simulator@localhost")
}

// Git runs a git command in the repository and returns its output.
func (r *Repo) Git(stdin []byte, args ...string) ([]byte, error) {
	return r.gitEnv(nil, stdin, args...)
}

func (r *Repo) gitEnv(env []string, stdin []byte, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = r.Dir
	cmd.Env = append(Env(), env...)
	cmd.Stdin = bytes.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.Bytes(), fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.Bytes(), nil
}

// Object reads an object by SHA or any revision expression ("main:a/b.py").
func (r *Repo) Object(rev string) (*Object, error) {
	if rev == "" || strings.ContainsAny(rev, "\n\x00") {
		return nil, fmt.Errorf("%w: %q", ErrNotFound, rev)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cmd == nil {
		if err := r.startBatch(); err != nil {
			return nil, err
		}
	}
	o, err := r.readBatch(rev)
	if err != nil && !errors.Is(err, ErrNotFound) {
		r.stopBatch()
	}
	return o, err
}

func (r *Repo) startBatch() error {
	cmd := exec.Command("git", "cat-file", "--batch")
	cmd.Dir, cmd.Env = r.Dir, Env()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git cat-file --batch: %w", err)
	}
	r.cmd, r.stdin, r.out = cmd, stdin, bufio.NewReaderSize(out, 1<<16)
	return nil
}

func (r *Repo) readBatch(rev string) (*Object, error) {
	if _, err := io.WriteString(r.stdin, rev+"\n"); err != nil {
		return nil, fmt.Errorf("git cat-file --batch: %w", err)
	}
	line, err := r.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("git cat-file --batch: %w", err)
	}
	parts := strings.Fields(line)
	if len(parts) != 3 || len(parts[0]) != 40 {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, rev)
	}
	size, err := strconv.Atoi(parts[2])
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, rev)
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(r.out, data); err != nil {
		return nil, fmt.Errorf("git cat-file --batch: %w", err)
	}
	return &Object{parts[0], parts[1], data[:size]}, nil
}

func (r *Repo) stopBatch() {
	if r.cmd != nil {
		_ = r.stdin.Close()
		_ = r.cmd.Wait()
		r.cmd = nil
	}
}

// Close ends the helper process.
func (r *Repo) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopBatch()
}

// WriteObject stores a loose object and returns its SHA.
func (r *Repo) WriteObject(kind string, data []byte) (string, error) {
	whole := append([]byte(kind+" "+strconv.Itoa(len(data))+"\x00"), data...)
	sum := sha1.Sum(whole)
	sha := hex.EncodeToString(sum[:])
	path := filepath.Join(r.Dir, "objects", sha[:2], sha[2:])
	if _, err := os.Stat(path); err == nil {
		return sha, nil
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(whole) // a bytes.Buffer takes everything
	_ = z.Close()
	if err := writeFile(path, packed.Bytes()); err != nil {
		return "", fmt.Errorf("write %s %s: %w", kind, sha, err)
	}
	return sha, nil
}

// writeFile makes the file appear at once, so that a concurrent reader sees
// all of it or nothing.
func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "tmp_obj_")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
