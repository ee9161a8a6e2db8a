// Package reviewer reviews pull requests: it compares a head with its merge
// base, brings the conversations on it up to date (comment.go) on the lines
// that the diff shows (spans.go), and writes a check run (reviewer.go). What
// is said is made by package review.
package reviewer
