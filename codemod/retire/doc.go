// Package retire ends a facade: it says what still stands in the way, and
// writes the steps after which the facade re-exports nothing and nothing that
// it imported for others is lost.
//
// That nobody reads a facade does not mean that it can go. Modules register
// models, receivers and tasks only because it imports them, strings and text
// files name it, declarations of its own depend on what it imports. So there
// is a gate, and an order of steps, each one kind of change that is proven by
// itself and that changes nothing when it is applied again:
//
//	move       what the facade declares leaves it for a module of its own
//	register   what has an effect when imported is imported by a registry
//	explicit   each re-export is one import from its home, by name
//	narrow     names that nobody reads go, a group at a time
//	deprecate  a choice: each use of what is left warns
//	lazy       a choice, from Python 3.15 on: what is left is imported when used
//	retire     nothing is re-exported any more
//	shell      a choice: names can be had at an interactive prompt
//
// # From the bottom up
//
//	world.go     what is asked of the tree ([World]), what is told of readers
//	facade.go    read the facade: which names, from where, which statements
//	order.go     what importing a module executes, and in which order
//	register.go  who has an effect that only the facade brings about, and the
//	             registry; django.go finds the AppConfig that imports it
//	gate.go      the blockers of each step: readers.go from references,
//	             text.go from strings and text files, packaging.go from what
//	             says that others install the package
//	rewrite.go   statements of the facade go or change: explicit.go, narrow.go,
//	             table.go and move.go decide which, generated.go has the text
//	state.go     put it together: where a facade stands, which step is next
//	watch.go     the guard that stays; export.go is that for linters of others
//
// The package knows no disk, no clock and no log. The proof of a step, which
// needs the whole tree before and after, is the caller's ([codemod.Retire]);
// what is to be compared is in [Result].
package retire
