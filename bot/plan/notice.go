package plan

import "regexp"

// Notices that are given once, named in PullRequest.Said.
const (
	NoticeDetached = "detached"
	NoticeStale    = "stale"
	NoticeReview   = "reviewers"
	NoticeThanks   = "thanks"
	NoticeRest     = "rest"      // followed by a number: what a body has no room for
	NoticeTakeOver = "take-over" // followed by the head from which on the bot may go on
)

// notice is a hidden mark in a comment: what it told, so that it is told once.
var notice = regexp.MustCompile(`<!-- canonicalize: notice ([a-z0-9 -]+) -->`)

// Notice is the hidden mark of a text that tells something once.
func Notice(name string) string { return "<!-- canonicalize: notice " + name + " -->" }

// Notices lists what a text told, by the marks in it.
func Notices(body string) (names []string) {
	for _, m := range notice.FindAllStringSubmatch(body, -1) {
		names = append(names, m[1])
	}
	return names
}
