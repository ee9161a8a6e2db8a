// Package rewrite turns references through a facade into byte edits.
//
// It is given one file, its facts, and for each reference the home that
// package resolve found; it returns edits that keep every name that the file
// binds. How an import statement looks is package style's business; which
// statements and expressions change, and to what, is decided here.
//
//	one.go          one file: its references to a new text, and what stands
//	                against that
//	module.go       uses of a module that become names; builtins.go those that
//	                no name may hide
//	star.go         star imports that become names
//	lazymodules.go  `__lazy_modules__` (PEP 810)
//	expect.go       what the proof is to expect
//	builder.go      the edits of one file
package rewrite
