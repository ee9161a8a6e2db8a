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
// Package graph simulates what importing a module executes, and in which
// order. From one plan to the next it keeps what it found out about modules
// whose imports lead to nothing that changed.
//
// Package importgraph says why importing a module executes another, and what it
// would save to cut which import; [ReadImports] asks it about a tree.
//
// Package style writes import statements as the repository writes them,
// package rewrite turns references into edits of one file.
//
// Package evidence holds all of this against CPython, isort and real code.
//
// # A plan
//
// [Plan] goes through these steps, each in the file that is named:
//
//	load.go     read the files, outline them, find the source roots;
//	            provider.go adds the modules of other repositories
//	planner.go  hold the rules against the tree
//	find.go     collect the references of each file: imports here, uses of
//	            modules in uses.go, strings in strings.go
//	find.go     resolve them; what has no home is left (reason.go says why)
//	apply.go    decide what only the whole tree can tell; dead.go finds what a
//	            later import of the block overwrites, couple.go which patches
//	            and readers must change together
//	apply.go    build the edits of each file: uses of modules in module.go, star
//	            imports in star.go
//	prove.go    read the new text anew and compare, name by name;
//	            proveorder.go compares what the order of a block decides
//	order.go    simulate every import before and after, leave what would meet a
//	            module half initialised, and build those files anew; circles.go
//	            does so where an import would bind something else
//	rounds.go   plan the tree as the plan leaves it, until nothing changes
//	report.go   tell what was found
//
// A reference that cannot be rewritten is left with a [Reason], at any of the
// steps, and never an error. Errors are rules that are wrong ([RulesError]),
// a tree that cannot be read, and a context that ends.
//
// # Beside it
//
// [Discover] finds modules that are worth naming as facades, [Explain] follows
// one name to its home, and [Compare] (review.go) says what one revision adds
// to another: names newly read through a facade, with fixes, new re-exports,
// and imports over a [Boundary].
//
// [Retire] (retire.go) ends a facade by the steps of package retire, and proves
// each of them (retireproof.go).
package codemod
