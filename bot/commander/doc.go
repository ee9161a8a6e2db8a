// Package commander does what people ask for in comments and by buttons.
//
// [Do] reads the commands of a comment, and does one after the other
// (commander.go): it checks who may give them and answers (answer.go), commits
// fixes (fix.go), and asks a pass for the rest (ask.go, reopen.go). The
// grammar is package command's.
package commander
