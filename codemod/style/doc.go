// Package style writes import statements the way a repository writes them.
//
// It has two halves. Package settings reads what a repository says about its
// imports, in the files of isort, ruff, black, flake8 and EditorConfig, and
// [Loader] gives it as a [Style]. [Style.Rewrite] edits a [Block], a run of
// import statements of one suite, under that style: names leave, others come,
// and a block that was sorted stays sorted, while every byte that is not
// concerned stays.
//
// A block is rewritten in one of three ways, the strictest first:
//
//  1. the sorter that the repository uses would leave the block alone
//     ([Style.Clean]): it would leave the new one alone too;
//  2. the statements are in the sorter's order, but do not look as it prints
//     them: new statements go to their places in that order;
//  3. neither: what is new takes the place of what it replaces.
//
// The package is pure: it reads files only through a function that the caller
// gives, and reads no statement but those of the block.
package style
