// Package description writes what the App's pull requests say: titles, bodies
// and commit messages of chunks (description.go, sections.go), and the body of the pull
// request that proposes a configuration (proposal.go). A body is made of
// sections and cut to what GitHub takes (assemble.go); what is cut goes into
// comments.
//
// The package is pure: the same chunk gives the same text, so that a pull
// request is edited only when it would say something else.
package description
