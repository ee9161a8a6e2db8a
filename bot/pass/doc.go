// Package pass brings one repository one step nearer to what is wanted of it.
//
// [Run] hands on three values:
//
//	seen     how the repository stands: the bot's pull requests and issues,
//	         the tree of the default branch, configuration, owners, and what
//	         people asked for on the dashboard or by a command (see.go,
//	         board.go, wish.go)
//	wanted   what should be: what the codemod changes, cut into chunks, beside
//	         the pull requests that exist (want.go, have.go, look.go)
//	actions  the difference, made by package plan
//
// The effects (apply.go, open.go, push.go) do the actions: branches in one
// push, then pull requests with their texts, reviewers and labels. At the end
// the dashboard shows what there is (view.go). What cannot be decided is a
// refusal: where there is no configuration, one pull request proposes it
// (propose.go), and faults of a configuration become one issue (refuse.go).
//
// GitHub is the truth: a pass that was killed anywhere is continued by the
// next one, because every effect is looked for before it is made. A pass that
// finds nothing to do writes nothing. [Survey] decides as a pass does, and
// only counts.
package pass
