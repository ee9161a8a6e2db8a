// Package ending decides how a facade ends by pull requests: which step is
// proposed next and what a person has to say or do first ([Decide]), what such
// a pull request says ([Text]), and what its body remembers ([Mark]).
//
// One step is one pull request, and a facade has at most one open. What became
// of earlier ones is read off GitHub: one that a person closed is a no, and one
// whose revert was merged is off, until somebody says `/canonicalize retry`.
// The end itself needs a gate that has been empty for a week, and a person's
// word. Nothing is ever reverted, and no facade ever retired, by itself.
//
// It is pure: it is told the time, and what codemod.Retire says of the tree.
package ending
