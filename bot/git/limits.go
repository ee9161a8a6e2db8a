package git

import (
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/canonicalize/canonicalize/codemod"
)

// Limits bound what one repository may cost. Whoever can open a pull request decides what a commit holds: a few tree
// objects that hold each other unfold to any number of files.
type Limits struct {
	Entries  int64 // files and folders of one commit
	Depth    int   // of folders in folders
	Paths    int64 // bytes of all paths of a commit
	Object   int64 // bytes of one tree or commit object
	Blob     int64 // bytes of one content that is read
	Wanted   int64 // files whose contents belong to a commit from the start; see Wanted
	Contents int64 // bytes of those together
	Pack     int64 // bytes of one transfer
	History  int64 // bytes of the commits that are asked for a merge base
}

// DefaultLimits are far above every repository that is known to be worked on by hand, and far below what ends a
// process of 4 GB. A content above Blob is one that nobody edits; GitHub takes up to 100 MB
// (https://docs.github.com/repositories/working-with-files/managing-large-files/about-large-files-on-github).
var DefaultLimits = Limits{
	Entries: 1_000_000, Depth: 100, Paths: 128 << 20, Object: 64 << 20, Blob: codemod.MaxRead, Wanted: 100_000, Contents: 1 << 30,
	Pack: 2 << 30, History: 64 << 20,
}

// TooLargeError says that a repository or a commit is beyond a limit. Trying again gives the same.
type TooLargeError struct {
	What  string // "commit 0123...: files and folders"
	Limit int64
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s: there are more than the %d that are looked at", e.What, e.Limit)
}

// Permanent tells that only another commit can change it.
func (e *TooLargeError) Permanent() bool { return true }

// of is the limit of one object of a kind.
func (l Limits) of(kind plumbing.ObjectType) int64 {
	if kind == plumbing.BlobObject {
		return l.Blob
	}
	return l.Object
}

// threshold is the size above which an object is not loaded before it is asked how large it is.
func (l Limits) threshold() int64 { return min(l.Blob, l.Object) }

// declared refuses a pack by what its objects declare to unfold to, before they do.
type declared struct{ limits Limits }

// maxStored is the size of the largest content that is taken over, though not read: GitHub takes no larger one.
const maxStored = 100 << 20

// OnInflatedObjectHeader implements packfile.Observer.
func (d declared) OnInflatedObjectHeader(kind plumbing.ObjectType, size, _ int64) error {
	limit := int64(maxStored)
	if kind == plumbing.TreeObject || kind == plumbing.CommitObject || kind == plumbing.TagObject {
		limit = d.limits.Object
	}
	if size > limit {
		return &TooLargeError{fmt.Sprintf("a git %s of a transfer: bytes", kind), limit}
	}
	return nil
}

// OnHeader implements packfile.Observer.
func (declared) OnHeader(uint32) error { return nil }

// OnInflatedObjectContent implements packfile.Observer.
func (declared) OnInflatedObjectContent(plumbing.Hash, int64, uint32, []byte) error { return nil }

// OnFooter implements packfile.Observer.
func (declared) OnFooter(plumbing.Hash) error { return nil }

// bounded reads at most a number of bytes, and fails beyond.
type bounded struct {
	in   io.Reader
	left int64
	err  *TooLargeError
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, b.err
	}
	n, err := b.in.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func limited(in io.Reader, what string, limit int64) io.Reader {
	return &bounded{in, limit + 1, &TooLargeError{what + ": bytes", limit}}
}
