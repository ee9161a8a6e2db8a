package git

// File is one entry of a tree.
type File struct {
	Path string
	ID   string
	Size int64
	Mode Mode
}

// Mode is the kind of an entry.
type Mode uint8

// The kinds of entries.
const (
	Regular Mode = iota
	Executable
	Symlink
	Submodule
)
