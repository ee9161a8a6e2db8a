// Package importgraph says what importing a module executes, why, and what
// would have to go so that it executes less.
//
// It is told of modules and of the import statements that run with each
// ([Module]), and knows nothing of files, trees or Python's grammar. As in the
// language reference, "The import system", the packages above a module run
// before it does; a statement therefore makes several modules run, and is the
// smallest thing that a person can take away.
//
//	graph.go      the graph, closures, what is left once facades import nothing
//	chains.go     by which statements a module comes to execute another
//	dominators.go what runs only because of a statement or of a module: [Cut]
//	counts.go     how much each module executes, all at once
//	affected.go   which modules execute one of some files
//	figures.go    the figures by which a facade's end is measured
//	dot.go svg.go drawings
package importgraph
