// Package resolve says which object a name of a module is.
//
// It joins the facts of single files (package pyfile) into what the import
// system would do with them, without running anything: Index maps files to
// modules over the source roots (Roots finds those), and Resolver follows a
// name from module to module, through import statements, star imports and
// `__all__`, to its home: the module that declares it.
//
// The rules are those of the Python language reference, "The import system",
// and, where that leaves a choice, the last binding wins.
package resolve
