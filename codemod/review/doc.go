// Package review says what one revision of a tree adds to another: names that
// are newly read through a facade, with fixes; what facades newly pass on; and
// imports over a boundary.
//
//	review.go    compare two revisions
//	fresh.go     which references are new
//	company.go   which other files decide about them
//	fixes.go     what to write instead, in parts that can be taken one by one;
//	             patch.go carries patches out
//	reexport.go  what facades newly pass on
//	boundary.go  imports over a boundary
package review
