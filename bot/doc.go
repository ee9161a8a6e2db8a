// Package bot does the pass: it brings one repository one step nearer to what
// is wanted of it.
//
// A pass reads first (load.go): the bot's own pull requests, the commit of the
// default branch, the configuration and CODEOWNERS in it. The codemod says
// what should change (want.go), package plan cuts that into chunks and compares
// them with the pull requests that exist (have.go), and the difference is
// applied (apply.go, push.go): branches in one push, then pull requests with
// their bodies (body.go), reviewers and labels.
//
// GitHub is the truth: a pass that was killed anywhere is continued by the
// next one, because every effect is looked for before it is made. A pass that
// finds nothing to do writes nothing.
package bot
