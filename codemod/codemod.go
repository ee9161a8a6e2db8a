package codemod

import (
	"context"
)

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

// MaxRead is the size in bytes from which on a file is not even read, if its
// tree says how large it is: it is left alone, and nothing is known of it.
const MaxRead = 16 << 20

// Rules say which facades to take apart, and how the repository is laid out.
type Rules struct {
	// Facades are the modules whose re-exported names are to be imported from
	// their homes, such as "sentry.models".
	Facades []string
	// SourceRoots are the folders that are on sys.path, "" being the root of
	// the tree. Nil means that they are found from the project's
	// configuration and layout.
	SourceRoots []string
	// StopAt are modules that are homes of all that they export, whatever
	// they import it from.
	StopAt []string
	// Homes overrides the home of a name: "sentry.app.tsdb" to "sentry.tsdb"
	// (a module) or "pkg.mod:attr" (an attribute of one).
	Homes map[string]string
	// Exclude are doublestar globs of paths that are never changed.
	Exclude []string
	// StringCallables are further callables, as dotted names, whose first
	// argument is a string that names an object ("myproject.utils.load").
	StringCallables []string
	// Providers are other repositories whose modules the tree imports, for
	// facades that live there. Their files are read and never changed.
	Providers []Provider
	// MaxFileSize is the size in bytes above which a file is left alone;
	// 0 means 1 MiB.
	MaxFileSize int64
	// Boundaries are imports that Compare finds; a plan does not look at them.
	Boundaries []Boundary
}

// Provider is another repository at a revision, whose modules the tree can
// import.
type Provider struct {
	Name        string // a folder name that tells it from others in reports
	Tree        Tree
	SourceRoots []string // as in Rules
}

// Options say how a plan is computed; none of them changes what a name means.
type Options struct {
	Workers  int                                 // goroutines; 0: one per processor
	Only     []string                            // path prefixes that may change; empty: all
	Fixes    int                                 // files for which Compare works out what to write; 0: all
	Cache    *Cache                              // facts of files seen before; may be nil
	Closures bool                                // count what importing each changed file executes
	Progress func(stage string, done, total int) // may be nil; called from several goroutines
}

// RulesError says that the rules are wrong: nothing was planned. Its text
// says what is wrong and what to do.
type RulesError struct{ Problems []string }

// Result is what a plan found.
type Result struct {
	Changes []Change       // sorted by path
	Left    []Left         // sorted by path, line, column
	Facades []FacadeReport // in the order of the rules
	Files   int            // Python files seen
}

// Change is the new text of one file.
type Change struct {
	Path          string
	Mode          Mode
	Before, After []byte
	Names         []Rewritten // what was canonicalized, by position
	// Coupled is non-zero for files that are only correct together: those
	// with the same number travel in one pull request.
	Coupled int
	// Executes is how many modules of the tree importing this one executes,
	// and Retired how many once nothing is re-exported any more; 0 unless
	// Options.Closures asks for it.
	Executes, Retired int
}

// Rewritten is one reference that now reads its name from its home.
type Rewritten struct {
	Facade, Name string
	Home         string // "module" for a module, otherwise "module:attribute"
	Form         string // one of the Form constants
	Line, Column int    // in the file before the change, both from 1; the column counts bytes
	After        string // the statement or expression that now binds or reads it
}

// Left is one reference that stays.
type Left struct {
	Path         string
	Line, Column int // both from 1; the column counts bytes
	Facade, Name string
	Form         string // one of the Form constants
	Reason       Reason
	Detail       string // what a person can do about it
}

// FacadeReport is what was found about one facade.
type FacadeReport struct {
	Module, Path string
	Provider     string       // name of the provider that Path is in; "" for the tree itself
	Names        []FacadeName // sorted by name
	Consumers    int          // files that read a name through it
	References   int          // readings of names, rewritten or left
	Rewritten    int
	Left         int
}

// FacadeName is one name that a facade re-exports.
type FacadeName struct {
	Name       string
	Home       string   // "" if it has none; see Reason
	Reason     Reason   // why it has no home; "" if it has one
	Readers    int      // files that read it through the facade
	Losers     []string // other objects that were bound to the name before
	Accidental bool     // nothing of the project: imported for the facade's own use
}

// Plan reads a tree and says what to change so that every name that a
// consumer reads through one of the facades is imported from its home.
//
// The error is a *RulesError if the rules are wrong, the error of the tree if
// a file cannot be read, or that of the context. What cannot be rewritten is
// no error: it is in Result.Left.
func Plan(ctx context.Context, t Tree, r Rules, o Options) (*Result, error) {
	return newPlanner(t, r, o).plan(ctx)
}
