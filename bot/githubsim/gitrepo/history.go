package gitrepo

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Signature says who made a commit and when.
type Signature struct {
	Name, Email string
	When        time.Time
}

// Commit is a parsed commit.
type Commit struct {
	SHA, Tree         string
	Parents           []string
	Author, Committer Signature
	Message           string
	Signature         string // the gpgsig header, "" when unsigned
	Payload           string // what the signature covers
}

// Subject is the first line of the message.
func (c *Commit) Subject() string {
	subject, _, _ := strings.Cut(c.Message, "\n")
	return subject
}

// Refs lists every ref by full name.
func (r *Repo) Refs() (map[string]string, error) {
	out, err := r.Git(nil, "for-each-ref", "--format=%(objectname) %(refname)")
	if err != nil {
		return nil, err
	}
	refs := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if sha, name, ok := strings.Cut(line, " "); ok {
			refs[name] = sha
		}
	}
	return refs, nil
}

// UpdateRef sets a ref, or deletes it when sha is "".
func (r *Repo) UpdateRef(name, sha string) error {
	args := []string{"update-ref", name, sha}
	if sha == "" {
		args = []string{"update-ref", "-d", name}
	}
	_, err := r.Git(nil, args...)
	return err
}

// SetHidden sets a ref below refs/pull/, which nobody can push to, without
// starting git.
func (r *Repo) SetHidden(name, sha string) error {
	if err := writeFile(filepath.Join(r.Dir, filepath.FromSlash(name)), []byte(sha+"\n")); err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	return nil
}

// NewCommits lists what head has and base has not, as a set.
func (r *Repo) NewCommits(base, head string) (map[string]bool, error) {
	out, err := r.Git(nil, "rev-list", head, "^"+base)
	set := map[string]bool{}
	for _, sha := range strings.Fields(string(out)) {
		set[sha] = true
	}
	return set, err
}

// Commit reads a commit by SHA or revision.
func (r *Repo) Commit(rev string) (*Commit, error) {
	o, err := r.Object(rev + "^{commit}")
	if err != nil {
		return nil, err
	}
	return parseCommit(o.SHA, string(o.Data)), nil
}

func parseCommit(sha, data string) *Commit {
	c := &Commit{SHA: sha}
	head, message, _ := strings.Cut(data, "\n\n")
	c.Message = message
	var payload []string
	inSignature := false
	for _, line := range strings.Split(head, "\n") {
		if inSignature && strings.HasPrefix(line, " ") {
			c.Signature += "\n" + line[1:]
			continue
		}
		inSignature = false
		key, value, _ := strings.Cut(line, " ")
		if key == "gpgsig" {
			c.Signature, inSignature = value, true
			continue
		}
		payload = append(payload, line)
		c.header(key, value)
	}
	c.Payload = strings.Join(payload, "\n") + "\n\n" + message
	return c
}

func (c *Commit) header(key, value string) {
	switch key {
	case "tree":
		c.Tree = value
	case "parent":
		c.Parents = append(c.Parents, value)
	case "author":
		c.Author = parseSignature(value)
	case "committer":
		c.Committer = parseSignature(value)
	}
}

func parseSignature(s string) Signature {
	name, rest, _ := strings.Cut(s, " <")
	email, stamp, _ := strings.Cut(rest, "> ")
	seconds, _, _ := strings.Cut(stamp, " ")
	n, _ := strconv.ParseInt(seconds, 10, 64)
	return Signature{name, email, time.Unix(n, 0).UTC()}
}

func (s Signature) String() string {
	return fmt.Sprintf("%s <%s> %d +0000", s.Name, s.Email, s.When.Unix())
}

// WriteCommit stores a commit; Signature becomes its gpgsig header.
func (r *Repo) WriteCommit(c Commit) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", c.Tree)
	for _, p := range c.Parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author %s\ncommitter %s\n", c.Author, c.Committer)
	if c.Signature != "" {
		fmt.Fprintf(&b, "gpgsig %s\n", strings.ReplaceAll(c.Signature, "\n", "\n "))
	}
	fmt.Fprintf(&b, "\n%s", c.Message)
	return r.WriteObject("commit", []byte(b.String()))
}

// Log lists the commits of head that are not in base, oldest first.
func (r *Repo) Log(base, head string) ([]*Commit, error) {
	out, err := r.Git(nil, "rev-list", "--reverse", "--topo-order", head, "^"+base)
	if err != nil {
		return nil, err
	}
	return r.commits(out)
}

// History lists up to n commits from head, newest first, optionally only
// those that touch path.
func (r *Repo) History(head, path string, n int) ([]*Commit, error) {
	args := []string{"rev-list", "-n", strconv.Itoa(n), head}
	if path != "" {
		args = append(args, "--", path)
	}
	out, err := r.Git(nil, args...)
	if err != nil {
		return nil, err
	}
	return r.commits(out)
}

func (r *Repo) commits(shas []byte) ([]*Commit, error) {
	var list []*Commit
	for _, sha := range strings.Fields(string(shas)) {
		c, err := r.Commit(sha)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// MergeBase is the best common ancestor, "" when there is none.
func (r *Repo) MergeBase(a, b string) (string, error) {
	out, err := r.Git(nil, "merge-base", a, b)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return "", nil
	}
	return strings.TrimSpace(string(out)), err
}

// IsAncestor tells whether a is reachable from b.
func (r *Repo) IsAncestor(a, b string) bool {
	_, err := r.Git(nil, "merge-base", "--is-ancestor", a, b)
	return err == nil
}

// AheadBehind counts the commits only in head and only in base.
func (r *Repo) AheadBehind(base, head string) (ahead, behind int, err error) {
	out, err := r.Git(nil, "rev-list", "--left-right", "--count", head+"..."+base)
	if err != nil {
		return 0, 0, err
	}
	_, err = fmt.Sscan(string(out), &ahead, &behind)
	return ahead, behind, err
}

// Merge merges two commits; conflict tells that it cannot be done cleanly.
func (r *Repo) Merge(ours, theirs string) (tree string, conflict bool, err error) {
	out, err := r.Git(nil, "merge-tree", "--write-tree", "--allow-unrelated-histories", ours, theirs)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return "", true, nil
	}
	if err != nil {
		return "", false, err
	}
	tree, _, _ = strings.Cut(string(out), "\n")
	return tree, false, nil
}

// Rebase replays the commits on top of onto; conflict tells that one of them
// does not apply.
func (r *Repo) Rebase(onto string, commits []*Commit, committer Signature) (head string, conflict bool, err error) {
	for _, c := range commits {
		tree, conflict, err := r.pick(onto, c)
		if err != nil || conflict {
			return "", conflict, err
		}
		onto, err = r.WriteCommit(Commit{Tree: tree, Parents: []string{onto}, Author: c.Author, Committer: committer, Message: c.Message})
		if err != nil {
			return "", false, err
		}
	}
	return onto, false, nil
}

// pick applies what c changes to the tree of onto. A commit with onto's tree
// and c's parent makes merge-tree take that parent as the merge base.
func (r *Repo) pick(onto string, c *Commit) (tree string, conflict bool, err error) {
	target, err := r.Commit(onto)
	if err != nil {
		return "", false, err
	}
	if len(c.Parents) == 0 || c.Parents[0] == onto {
		return c.Tree, false, nil
	}
	side, err := r.WriteCommit(Commit{Tree: target.Tree, Parents: c.Parents[:1], Author: c.Author, Committer: c.Author, Message: "onto\n"})
	if err != nil {
		return "", false, err
	}
	return r.Merge(side, c.SHA)
}
