// Package cli is the tree of commands of canonicalize: flags, texts, exit codes.
//
// [Run] is the whole program as a function of its arguments and an [Env]: no command reads a global, so that tests
// run them in-process. Each command is built by a function of its own; what they share is
//
//   - exit.go: the four exit codes, and which error means which;
//   - load.go: configuration and flags made into rules, and a tree to apply them to;
//   - report.go: the shapes of --json.
package cli
