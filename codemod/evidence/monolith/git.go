package monolith

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// WriteGit makes dir a bare git repository whose branch main holds the tree
// as one commit, and returns the commit's hash, which is the same on every
// machine.
func WriteGit(ctx context.Context, dir string, t *Tree) (string, error) {
	if _, err := git(ctx, "", nil, "init", "--quiet", "--bare", "--initial-branch=main", dir); err != nil {
		return "", err
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(stream(w, t)) }()
	_, err := git(ctx, dir, r, "fast-import", "--quiet")
	r.CloseWithError(err)
	if err != nil {
		return "", err
	}
	return git(ctx, dir, nil, "rev-parse", "refs/heads/main")
}

// stream writes the tree as `git fast-import` reads it.
func stream(out io.Writer, t *Tree) error {
	w := bufio.NewWriterSize(out, 1<<20)
	const who = "Monolith <monolith@example.com> 1700000000 +0000"
	const message = "The code base\n"
	fmt.Fprintf(w, "commit refs/heads/main\nauthor %s\ncommitter %s\ndata %d\n%s", who, who, len(message), message)
	for _, f := range t.files {
		mode := "100644"
		if f.exec {
			mode = "100755"
		}
		src := f.render()
		fmt.Fprintf(w, "M %s inline %s\ndata %d\n", mode, f.path, len(src))
		w.Write(src)
		w.WriteByte('\n')
	}
	return w.Flush()
}

// git runs git without the configuration of the machine.
func git(ctx context.Context, dir string, in io.Reader, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Stdin = dir, in
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
