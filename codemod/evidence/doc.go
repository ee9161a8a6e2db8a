// Package evidence proves what the codemod promises, with judges that are not
// its own: CPython, which runs small random programs and large real ones
// before and after a rewrite and says what every name is bound to; CPython's
// parser, against which the facts of the lexical scan are compared; isort,
// which says whether sorted imports stayed sorted; ruff, which says whether
// there is something new to find; and peers, next to which the codemod is timed.
//
// Everything but the generator of large code bases (package monolith) is in
// tests:
//
//	program_test.go, layout_test.go, provide_test.go, all_test.go
//	    random programs: modules as lists of statements, homes and facades
//	extras_test.go
//	    what programs have besides: stop modules, homes given by the rules,
//	    stubs, facades in another tree
//	consume_test.go, forms_test.go, forms_module_test.go
//	    consumers that read names in every form
//	kinds_test.go, and patches_test.go, branches_test.go, starreaders_test.go, frameworks_test.go, effects_test.go,
//	computed_test.go, odd_test.go, syntax_test.go
//	    what programs do beside reading names: kinds, with tests that see what they put in place
//	kindsrun_test.go, unmended_test.go
//	    programs of each kind; -evidence.kinds REGEXP takes some, -evidence.programs N runs N of each
//	plan_test.go, python_test.go, testdata/driver.py
//	    the two sides: the codemod, and CPython as a process that answers
//	judge_test.go, expect_test.go
//	    what CPython says about a program before and after, and what follows
//	shrink_test.go, differential_test.go
//	    the test itself; a failing program is written down without everything
//	    that it does not need to fail; -evidence.seeds N runs N programs
//	replay_test.go, testdata/cases
//	    programs that once failed; -evidence.replay FOLDER runs others
//	real_test.go, debian_test.go, testdata/oracle.py
//	    real code: Debian's sympy and Django, parts of the standard library
//	owntests_test.go, librarytests_test.go, outcomes_test.go, debian_source_test.go, testdata/functions.py
//	    with the build tag long: their own tests, one by one, before and after
//	isort_test.go, black_test.go
//	    sorted imports stay sorted, formatted ones formatted, also in further
//	    packages; -evidence.long takes all and every configuration
//	scan_test.go
//	    the lexical scan beside CPython's parser
//	node_test.go, newsyntax_test.go, masks_test.go, ruff_test.go, testdata/node
//	    judges that npm fetches: CPython 3.14 and 3.15, for syntax that the installed one has not, and ruff
//	monolith_test.go, monolith
//	    a generated code base of thousands of files: that all of it is
//	    rewritten
//	real_bench_test.go, generated_bench_test.go, peers_bench_test.go, measure_test.go
//	    how long real and generated code takes, beside `git grep`, ast-grep and
//	    others in the same run; -repository CLONE -facade MODULE takes any clone
//	push_test.go
//	    a plan after a push, with what was kept of earlier ones, is the plan
//	    that a first look makes
//
// A test that needs a package of Debian or npm fetches it once into the user's
// cache folder. Without network it is skipped with a word, and fails where the
// environment variable CI is set.
package evidence
