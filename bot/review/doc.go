// Package review turns what a revision adds into what is said on its pull
// request: comments with suggestions, and a check run.
//
// GitHub takes a comment only on lines of the diff, and a suggestion only
// within one hunk of it, so [Spans] says which lines are certainly in it
// (span.go). [Comments] makes a comment of every fix and of every finding that
// nothing mends (comment.go, text.go); each carries the fingerprints of its
// findings, by which [Sync] compares it with the threads that are there
// (sync.go). [Check] is the check run (check.go).
//
// The package is pure: it knows no GitHub and no git.
package review
