// Package monolith generates, from a seed, a Python code base of the size and
// the habits of a large Django project: thousands of modules, and one models
// package whose `__init__.py` re-exports everything by star imports, which a
// third of the code base reads.
//
// The tour: Spec says how large (spec.go), names.go holds the vocabulary,
// facade.go lays out the models package, consumers.go decides who reads what
// in which form, body.go fills files with code of realistic size, and
// imports.go prints sorted import blocks. WriteGit (git.go) puts a tree into a
// bare repository at the speed of `git fast-import`.
//
// The same Spec gives the same bytes on every machine. The tree can be
// imported by CPython without anything installed.
package monolith
