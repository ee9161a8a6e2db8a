// Package evidence proves what the codemod promises, with judges that are not
// its own: CPython, which runs small random programs and large real ones
// before and after a rewrite and says what every name is bound to; CPython's
// parser, against which the facts of the lexical scan are compared; isort,
// which says whether sorted imports stayed sorted; and peers, next to which
// the codemod is timed.
//
// Everything but the generator of large code bases (package monolith) is in
// tests:
//
//	program_test.go, layout_test.go, provide_test.go, consume_test.go, forms_test.go
//	    random programs: modules as lists of statements, facades, consumers
//	judge_test.go, expect_test.go
//	    what CPython says about a program before and after, and what follows
//	shrink_test.go
//	    a failing program without everything that it does not need to fail
//	differential_test.go
//	    the test itself; -evidence.seeds N runs N programs
//	real_test.go, debian_test.go
//	    real code: Debian's sympy and Django, parts of the standard library
//	bench_test.go
//	    the plan of a code base with thousands of files, beside its peers
//
// A test that needs a Debian package fetches it once into the user's cache
// folder. Without network it is skipped with a word, and fails where the
// environment variable CI is set.
package evidence
