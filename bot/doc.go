// Package bot does the pass: it brings one repository one step nearer to what
// is wanted of it.
//
// A pass reads first (load.go): the bot's own pull requests, the commit of the
// default branch, the configuration and CODEOWNERS in it. The codemod says
// what should change (want.go), package plan cuts that into chunks and compares
// them with the pull requests that exist (have.go), and the difference is
// applied (apply.go, push.go): branches in one push, then pull requests with
// their bodies (body.go), reviewers and labels. At the end the dashboard issue
// shows what there is (dashboard.go, progress.go); what people ticked there is
// read before anything is decided. Where there is no configuration, one pull
// request proposes it (propose.go), and its fate is the answer; faults of a
// configuration become one issue (issue.go).
//
// GitHub is the truth: a pass that was killed anywhere is continued by the
// next one, because every effect is looked for before it is made. A pass that
// finds nothing to do writes nothing.
//
// Beside the pass stand two jobs about what people do. [Bot.Review] compares
// the head of a pull request with its merge base (reviewer_diff.go), brings the
// conversations on it up to date (reviewer_comment.go) and writes a check run
// (reviewer.go). [Bot.Command] reads slash commands (commander.go), checks who
// may give them and answers (commander_answer.go), commits fixes
// (commander_fix.go), and asks a pass for the rest (commander_ask.go, wish.go).
// All of them look at a repository by a visit (visit.go) and share its mirror
// (mirrors.go).
package bot
