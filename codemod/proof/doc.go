// Package proof checks that a new text of a file binds every name to the
// object that the old text binds it to.
//
// It is given two texts, what is expected to have moved, and somebody who
// follows names to their homes. What made the edits it cannot see, and so a
// mistake made there is not made here again.
//
//	proof.go    the check as a whole, and what the syntax says
//	imports.go  scope by scope, what imports bind
//	order.go    which binding of a name is the last of its block
//	tries.go    what is bound when a statement under `try` fails
//	uses.go     what each use of a name means; strings
package proof
