package git

import "github.com/canonicalize/canonicalize/codemod"

// The codemod's names for what a tree holds.
type (
	File = codemod.File
	Mode = codemod.Mode
)

// The kinds of entries.
const (
	Regular    = codemod.Regular
	Executable = codemod.Executable
	Symlink    = codemod.Symlink
	Submodule  = codemod.Submodule
)

var (
	_ codemod.Tree = (*Tree)(nil)
	_ codemod.Tree = (*WorkTree)(nil)
)
