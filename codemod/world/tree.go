package world

// Mode is the kind of a tree entry, as git records it.
type Mode uint8

// The kinds of entries that a tree can hold. Symlinks and submodules are
// listed by a Tree but never read and never changed.
const (
	Regular Mode = iota
	Executable
	Symlink
	Submodule
)

// File is one entry of a Tree.
type File struct {
	Path string // slash-separated, relative to the root of the tree
	ID   string // git blob hash in hex, the key of the Cache; "" if unknown
	Size int64  // bytes; negative if unknown
	Mode Mode
}

// Tree is the bytes that the codemod works on: a commit, a checkout, a test.
type Tree interface {
	// Files lists every file, sorted by path.
	Files() []File
	// Read returns the bytes of a file. It is called from several goroutines,
	// and its result is not modified.
	Read(File) ([]byte, error)
}
