// Package codemod takes facades apart: it is given a tree of files and rules
// that name the facades (modules that re-export), and returns edits after
// which every consumer imports each name from its home (the module that
// declares it), a report of what stays and why, and the proof that every name
// is still bound to the same object. It knows no GitHub, no disk, no clock and
// no log, and runs no Python.
//
// # From the bottom up
//
// Package edit changes bytes: what no edit covers stays as it is.
//
// Package pyfile reads one file and knows nothing of others. Scan outlines its
// imports, scopes and dotted strings without parsing; only where that is not
// enough, a Parser gives what the module binds (Module) and what every name in
// it means (Names). These facts are functions of the bytes, so a [Cache] keeps
// them by blob hash.
//
// Package resolve joins the facts of all files: Index maps files to modules,
// Resolver follows a name over imports, star imports and `__all__` to its home.
//
// Package effects says what a module does to others when it is imported.
//
// Package world is the files of a tree at one moment: immutable snapshots, which
// share what does not differ. Package refs finds in them who reads names through
// facades, and in which form.
//
// Package style writes import statements as the repository writes them, package
// rewrite turns the references of one file into a new text. Package proof reads
// that text anew and compares, name by name; it cannot see what made the edits.
//
// Package importorder simulates what importing a module executes, and in which order.
//
// Package fixpoint is the one loop that all of this runs in: rewrite every file
// that is not settled, ask what stands against it, leave that, begin again.
//
// Package review says what one revision adds to another, package effects what
// a module does to others when it is imported, package retire how a facade
// ends, and package importgraph why importing a module executes another, and
// what it would save to cut which import.
//
// Package evidence holds all of this against CPython, isort and real code.
//
// # A plan
//
// [Plan] (codemod.go) goes through these steps:
//
//	world.Open       read the files, outline them, find the source roots, hold the
//	                 rules against them
//	refs.Find        collect the references of each file, and resolve them; what
//	                 has no home says why
//	fixpoint.Run     judge what only the whole tree can tell, rewrite each file,
//	                 prove it, simulate every import before and after, leave what
//	                 anybody objects to, until nobody does
//	fixpoint.Settle  run the loop over the tree as it leaves it, until nothing
//	                 changes any more
//	report.go        tell what was found: couples.go which files are only correct
//	                 together, closures.go what importing a file executes
//
// A reference that cannot be rewritten is left with a [Reason], at any of the
// steps, and never an error. Errors are rules that are wrong ([RulesError]),
// a tree that cannot be read, and a context that ends.
//
// # The files of this folder
//
// codemod.go and result.go are the types of the API, and what calls the rooms.
// [Discover] (discover.go, with discoversearch.go) finds modules that are worth
// naming as facades, [Explain] (explain.go) follows one name to its home,
// [ReadImports] (imports.go) asks package importgraph about a tree. [Retire]
// (retire.go) ends a facade by the steps of package retire, which sees the tree
// through retireworld.go, and proves each of them (retireproof.go). [Guard]
// (guard.go) finds what must not come back.
package codemod
