package world

import "strings"

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
	// Submodules are facades whose names are the public ones of all their
	// submodules, however they come to have them.
	Submodules []string
	// StarKeepers are doublestar globs of paths in which star imports stay, since
	// something reads the names by which no import is seen.
	StarKeepers []string
	// Effects say what becomes of a reference without which a module would run no
	// more that does something to the object: it stays, unless they are ignored.
	Effects Effects
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

// Effects say what becomes of modules that only a facade runs.
type Effects string

// What becomes of them: nothing is said, so that the reference stays; or the
// rewrite is made all the same.
const (
	EffectsStay   Effects = ""
	EffectsIgnore Effects = "ignore"
)

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

// Boundary says that a module, with all below it, may not import some others,
// as the forbidden contracts of import-linter do. It is about direct imports.
type Boundary struct {
	From   string
	Forbid []string // modules, with all below them
	// Except are modules, with all below them, that it may import all the same,
	// or "A -> B" for imports of B in A. In both "*" stands for one part of a
	// module's name and "**" for any number of parts.
	// https://import-linter.readthedocs.io/en/stable/contract_types/#options-used-by-multiple-contracts
	Except []string
}

// Error lists the problems, one a line.
func (e *RulesError) Error() string { return strings.Join(e.Problems, "\n") }
