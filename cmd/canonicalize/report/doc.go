// Package report tells what the codemod found: json.go for programs (the shapes of --json), text.go for people.
package report
