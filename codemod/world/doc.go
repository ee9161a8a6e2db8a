// Package world is the files of a tree as they are at one moment: their
// outlines and facts, the modules that they are, and where names are declared.
//
// A [World] is a snapshot and never changes. [World.With] makes another of it
// in which some files have other texts, and which shares all the rest. Whoever
// needs the tree as a plan would leave it asks for that snapshot, and nothing
// is ever set and put back.
//
//	tree.go, rules.go  what comes in: a Tree, Rules and Options
//	load.go            find the Python files and outline them; scope.go says
//	                   which may change, provider.go adds other repositories
//	world.go           the snapshot
//	source.go          one file, with what is found out about it when asked
//	facade.go          the facades among the modules
//	keepers.go         the files in which star imports stay
//	lines.go           where the lines of a text begin
//	check.go           hold the rules against the tree
//	ask.go             ask where a name is declared
//	cache.go           what is kept from one plan to the next, by blob hash;
//	                   stored.go keeps facts in a file
package world
