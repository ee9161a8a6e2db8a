// Package site is one repository as it stands: what everything that works on
// it needs to see first.
//
// [Sites.Open] looks a repository up (site.go). A [Site] shares its mirror
// with whoever else has it open (mirrors.go) and keeps what the codemod knows
// of it from one look to the next (facts.go). It reads the configuration and
// the owners of a branch or of a tree (config.go), the other repositories that
// a configuration names (providers.go), what a pull request changes, compared
// in git (diff.go), and which files people's pull requests touch (touched.go). It
// remembers how often a person spoke to it (heard.go).
//
// Nothing here decides, and nothing here writes to GitHub.
package site
