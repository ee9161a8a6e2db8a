package fixpoint

import (
	"slices"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// Change is the new text of one file.
type Change struct {
	Path          string
	Mode          world.Mode
	Before, After []byte
	Names         []Rewritten // what was canonicalized, by position
	// Coupled is non-zero for files that are only correct together: those
	// with the same number travel in one pull request.
	Coupled int
	// Executes is how many modules of the tree importing this one executes,
	// and Retired how many once nothing is re-exported any more; 0 unless
	// Options.Closures asks for it.
	Executes, Retired int
	// Unbound are the public names that the module no longer binds, since a star
	// import became the names that are needed; Stops the modules of the tree that
	// importing it runs no more.
	Unbound, Stops []string
}

// Rewritten is one reference that now reads its name from its home.
type Rewritten struct {
	Facade, Name string
	Home         string // "module" for a module, otherwise "module:attribute"
	Form         string // one of the Form constants
	Line, Column int    // in the file before the change, both from 1; the column counts bytes
	After        string // the statement or expression that now binds or reads it
}

// Lines returns how many lines the change adds and deletes, as git counts them.
func (c Change) Lines() (additions, deletions int) { return edit.Count(c.Before, c.After) }

// Diff returns the change as a unified diff with the prefixes a/ and b/.
func (c Change) Diff() string { return edit.Unified(c.Path, c.Before, c.After) }

// DistinctNames are the names that the file reads through facades and are
// rewritten, "facade.name", sorted, each once however often it is read.
func (c Change) DistinctNames() []string {
	names := make([]string, len(c.Names))
	for i, n := range c.Names {
		names[i] = n.Facade + "." + n.Name
	}
	slices.Sort(names)
	return slices.Compact(names)
}
