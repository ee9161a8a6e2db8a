// Package command reads slash commands out of comments.
//
// Parse finds the lines that begin with `/canonicalize`, outside of quotes,
// code and HTML comments, and reads each by the one Table, which also makes
// the help answer and the documentation: what is not in the table is not a
// command. It is pure; who may say what is decided by the caller.
package command
