// Package importorder knows what importing a module executes, in which order,
// and whether a module is met half initialised on the way.
//
// The import system (language reference, "The import system") executes the
// packages above a module first, then the module's statements one by one; an
// import among them suspends it until the imported module has run. A module
// that is imported again while it is suspended has only the names that its
// statements have bound so far:
//
//	# cart.py                   # basket.py
//	from basket import Basket   from cart import Cart   # fails: cart has come no further
//	class Cart: ...             class Basket: ...
//
// Code in functions and under `if TYPE_CHECKING:` takes no part, nor does a lazy
// import (PEP 810).
//
//	program.go    the modules of a tree with what each imports: a value
//	table.go      which modules there are; part.go what one file says
//	component.go  circles of imports, known by their content; memo.go what
//	              programs share
//	reach.go      what a module leads to
//	cold.go       the cold import of a circle, at each module where it can be
//	              entered; run.go simulates one
//	value.go      what a name is bound to, on the way and in the end; names.go
//	              what a module binds
//	failure.go    what a cold import shows
//	compare.go    which names two programs bind to other objects: observe.go sums
//	              up what a run binds, watch.go says of what
package importorder
