// Package plan decides what becomes of a changeset on GitHub. It is pure: it
// knows no GitHub, no git, no clock.
//
// [Chunks] cuts the changed files into chunks, each of which is to become one
// pull request: by group of facades, exact owner set, then directory, within
// [Limits]. A file that an open pull request holds stays in it.
//
// [Plan] compares the chunks with the pull requests that exist and answers
// with [Action] values, each of which has a natural key. Pull requests carry a
// [Marker] in their bodies, so that what was decided before is read back from
// GitHub and from nowhere else.
package plan
