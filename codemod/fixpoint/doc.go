// Package fixpoint decides which references of a tree are rewritten.
//
// There is one loop. It rewrites every file that is not settled, asks one
// objector after the other what stands against the result, leaves what they
// object to, and begins again with the files that this concerns. What is left
// only grows, and there are only so many references, so it ends. A plan, the
// plan of the tree as a plan leaves it, a review, and one fix of a review are
// calls of that loop with something else left beforehand.
//
//	loop.go     the loop
//	left.go     what is left, and why
//	judge.go    what the whole tree says before anything is written: dead.go
//	            finds what a later import overwrites, circles.go what depends on
//	            where a circle of imports is entered
//	replaced.go what tests replace by code that cannot be rewritten along
//	couple.go   objector: which patches and readers must change together
//	order.go    objector: imports that would fail, or bind something else;
//	            culprit.go finds whose rewrite brings that about, and watch.go
//	            says what is compared
//	effects.go  objector: modules that do something to what is imported, and
//	            would run no more
//	loaded.go   objector: submodules that only the facade loaded
//	remember.go what became of a file in an earlier plan; ask.go holds that
//	            against the tree of today
//	            sum.go sums that up
//	rounds.go   plan the tree as the plan leaves it, until nothing changes;
//	            change.go is what comes out
//	alone.go    some references of a file without the others
package fixpoint
