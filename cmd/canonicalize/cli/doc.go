// Package cli is the tree of commands of canonicalize: flags, texts, exit codes.
//
// [Run] is the whole program as a function of its arguments and an [Env]: no command reads a global, so that tests
// run them in-process. Each command is built by a function of its own; what they share is
//
//   - exit.go: the four exit codes, and which error means which;
//   - select.go: the flags that choose what is worked on.
//
// What a command does is in other packages; here are its words.
package cli
