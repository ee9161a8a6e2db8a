// Package refs finds who reads names through facades: in each file the
// references, and for a module of the tree its readers.
//
// A [Reference] says what the text of a file says, with the home that package
// resolve found. Whether it is rewritten is not said here.
//
//	reference.go  a reference, a file that has some, and why one stays
//	reason.go     the reasons, the advice for each, and the forms
//	find.go       find them in a file, and resolve them
//	uses.go       uses of modules that the file binds, as in `m.X`
//	strings.go    strings that name something, as in `patch("app.models.X")`
//	index.go      what is looked for in a file again and again; groups.go the
//	              imports by what they bind
//	readers.go    who reads what from a module
package refs
