// Package dashboard writes and reads the one issue in which a repository sees
// how far its campaign is.
//
// [Render] turns a [View] into Markdown that fits into an issue, and [Parse]
// reads such a body back: which boxes people ticked, and what the hidden
// marker at its end remembers. The package is pure; the same view gives the
// same text, so that an issue is edited only when it would say something else.
package dashboard
