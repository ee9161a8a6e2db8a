// Package bot is the App's entry: a [Bot] does passes, reviews, commands and
// surveys. This is the tour of the rooms below it, from the bottom up.
//
//   - words is the wording that all texts share; command is the grammar of
//     slash commands; owners reads CODEOWNERS; pin reads pinned revisions.
//   - config is .github/canonicalize.yml; plan cuts changed files into chunks
//     and compares those with the pull requests that exist; dashboard is the
//     text of the one issue; description writes what pull requests say, and
//     review what is said on people's. All of these are pure.
//   - git, github and store are the only users of go-git, of go-github and of
//     the databases.
//   - site is one repository as it stands: mirror, tree, configuration,
//     owners, providers, what a pull request changes.
//   - pass brings a repository one step nearer to what is wanted of it: seen →
//     wanted → actions → effects.
//   - reviewer reviews a pull request; commander does what comments ask for,
//     some of it by a pass with a wish.
//   - server turns webhooks and timers into calls of this package, and
//     githubsim is the simulated GitHub that tests and preview run on.
//
// The tests of this folder are end to end: a bot, the simulated GitHub, and
// real git between them.
package bot
