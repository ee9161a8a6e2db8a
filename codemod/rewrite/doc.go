// Package rewrite turns references through a facade into byte edits.
//
// It is given one file, its facts, and for each reference the home that
// package resolve found; it returns edits that keep every name that the file
// binds. How an import statement looks is package style's business; which
// statements and expressions change, and to what, is decided here.
package rewrite
