package webhooks

import (
	"slices"
	"strings"
)

// Work is a kind of work that a delivery wakes.
type Work string

// The kinds of work.
const (
	Pass         Work = "pass"         // over the repository
	Review       Work = "review"       // of Number at Head against Base; Number 0: a merge group, or without Base what was reviewed at Head
	Command      Work = "command"      // that Subject may hold
	Installation Work = "installation" // read it and its repositories anew
)

// Wake is one piece of work with what it is about.
type Wake struct {
	Work       Work
	Number     int    // issue or pull request
	Head, Base string // commit; branch name
	Subject    int64  // Command: the comment's, review's or check run's number; 0: the description
}

// rule is a row of the table: on an event with one of the actions (none: any),
// and when the condition holds (nil: always), wake.
type rule struct {
	event   string
	actions []string
	when    func(*payload) bool
	wake    func(*payload) []Wake
	// keep has the body kept for some days, for what cannot be read again.
	keep bool
}

// table says which event wakes what. Every rule that fits counts. It is the
// list of events that the App subscribes to; `installation` and
// `installation_repositories` come to every App unasked.
func table() []rule {
	return []rule{
		{event: "push", when: toDefaultBranch, wake: pass},

		// The bot's own pull requests: what people do to them. What bots do, this
		// one above all, is not news, except that a queue or auto-merge closed one.
		{event: "pull_request", when: onBots(byPerson), wake: pass},
		{event: "pull_request", actions: []string{"closed", "dequeued"}, when: onBots(byBot), wake: pass},
		// Everybody's pull requests: is there a new re-export in it?
		{event: "pull_request", actions: []string{"opened", "synchronize", "reopened", "ready_for_review"}, wake: review},
		{event: "pull_request", actions: []string{"edited"}, when: baseChanged, wake: review},
		// The check of its head counts for the others of that head, too.
		{event: "pull_request", actions: []string{"closed"}, when: ofPerson, wake: reviewHead},
		{event: "merge_group", actions: []string{"checks_requested"}, wake: reviewGroup},

		{event: "issue_comment", actions: []string{"created"}, when: commandByPerson, wake: command},
		{event: "pull_request_review_comment", actions: []string{"created"}, when: commandByPerson, wake: command},
		{event: "pull_request_review", actions: []string{"submitted"}, when: reviewByPerson, wake: commandInReview},
		{event: "pull_request", actions: []string{"opened"}, when: describedByPerson, wake: commandInDescription},
		{event: "issues", actions: []string{"opened"}, when: describedByPerson, wake: commandInDescription},
		// The dashboard's checkboxes are edits of the issue's text.
		{event: "issues", actions: []string{"edited", "closed", "reopened", "deleted"}, when: issueOfBot, wake: pass},

		{event: "check_run", actions: []string{"rerequested"}, wake: reviewRun},
		// Who pressed which button stands only in the body.
		{event: "check_run", actions: []string{"requested_action"}, wake: button, keep: true},
		{event: "check_suite", actions: []string{"rerequested"}, wake: reviewSuite},
		// Red checks on the default branch pause the bot, green ones resume it.
		{event: "check_suite", actions: []string{"completed"}, when: suiteOfDefaultBranch, wake: pass},

		{event: "repository", actions: []string{"renamed", "transferred", "archived", "unarchived", "deleted", "edited"}, wake: installation},
		{event: "installation", wake: installation},
		{event: "installation_repositories", wake: installation},
	}
}

// Events returns the events that the table knows, sorted.
func Events() []string {
	var events []string
	for _, r := range table() {
		events = append(events, r.event)
	}
	slices.Sort(events)
	return slices.Compact(events)
}

// decide returns what a delivery wakes, without repetition, whether its body is
// kept, and whether the event is in the table at all.
func decide(event string, p *payload) (wakes []Wake, keep, known bool) {
	for _, r := range table() {
		if r.event != event {
			continue
		}
		known = true
		fits := (len(r.actions) == 0 || slices.Contains(r.actions, p.Action)) && (r.when == nil || r.when(p))
		if !fits {
			continue
		}
		for _, w := range r.wake(p) {
			if !slices.Contains(wakes, w) {
				wakes = append(wakes, w)
			}
		}
		keep = keep || r.keep
	}
	return wakes, keep, known
}

func toDefaultBranch(p *payload) bool {
	return p.defaultBranch() != "" && p.Ref == "refs/heads/"+p.defaultBranch()
}

func byPerson(p *payload) bool { return !p.Sender.bot() }

func byBot(p *payload) bool { return p.Sender.bot() }

func ofPerson(p *payload) bool { return !p.PullRequest.User.bot() }

func onBots(and func(*payload) bool) func(*payload) bool {
	return func(p *payload) bool { return p.PullRequest.User.bot() && and(p) }
}

func baseChanged(p *payload) bool { return p.Changes.Base != nil }

func commandByPerson(p *payload) bool { return byPerson(p) && p.Comment.command() }

func reviewByPerson(p *payload) bool { return byPerson(p) && p.Review.command() }

func describedByPerson(p *payload) bool {
	return byPerson(p) && (names(p.PullRequest.Body) || names(p.Issue.Body))
}

func issueOfBot(p *payload) bool { return p.Issue.User.bot() && byPerson(p) }

func suiteOfDefaultBranch(p *payload) bool {
	return p.CheckSuite.HeadBranch != "" && p.CheckSuite.HeadBranch == p.defaultBranch()
}

func pass(p *payload) []Wake {
	if !p.inRepository() {
		return nil
	}
	return []Wake{{Work: Pass}}
}

func review(p *payload) []Wake {
	return reviews(p, p.PullRequest.Head.SHA, []pullRequest{{Number: p.number(), Base: p.PullRequest.Base}})
}

func reviewRun(p *payload) []Wake {
	return again(p, p.CheckRun.HeadSHA, p.CheckRun.Suite, p.CheckRun.pulls())
}

func reviewSuite(p *payload) []Wake {
	return again(p, p.CheckSuite.HeadSHA, p.CheckSuite, p.CheckSuite.PullRequests)
}

// again reviews anew what a suite is of: a merge group, pull requests, or, where
// GitHub names none, since they are from forks, whatever was reviewed at the
// head.
func again(p *payload, head string, suite checkSuite, of []pullRequest) []Wake {
	switch base := suite.queued(); {
	case !p.inRepository() || head == "":
		return nil
	case base != "":
		return []Wake{{Work: Review, Head: head, Base: base}}
	case len(of) == 0:
		return []Wake{{Work: Review, Head: head}}
	}
	return reviews(p, head, of)
}

func reviewHead(p *payload) []Wake {
	if !p.inRepository() || p.PullRequest.Head.SHA == "" {
		return nil
	}
	return []Wake{{Work: Review, Head: p.PullRequest.Head.SHA}}
}

func reviewGroup(p *payload) []Wake {
	if !p.inRepository() || p.MergeGroup.HeadSHA == "" {
		return nil
	}
	return []Wake{{Work: Review, Head: p.MergeGroup.HeadSHA, Base: strings.TrimPrefix(p.MergeGroup.BaseRef, "refs/heads/")}}
}

func reviews(p *payload, head string, of []pullRequest) []Wake {
	var wakes []Wake
	for _, pr := range of {
		if p.inRepository() && pr.Number != 0 && head != "" {
			wakes = append(wakes, Wake{Work: Review, Number: pr.Number, Head: head, Base: pr.Base.Ref})
		}
	}
	return wakes
}

func command(p *payload) []Wake {
	if !p.inRepository() || p.Comment.ID == 0 {
		return nil
	}
	return []Wake{{Work: Command, Number: p.number(), Subject: p.Comment.ID}}
}

func commandInReview(p *payload) []Wake {
	if !p.inRepository() || p.Review.ID == 0 {
		return nil
	}
	return []Wake{{Work: Command, Number: p.number(), Subject: p.Review.ID}}
}

// commandInDescription has no subject but the number.
func commandInDescription(p *payload) []Wake {
	if !p.inRepository() || p.number() == 0 {
		return nil
	}
	return []Wake{{Work: Command, Number: p.number()}}
}

func button(p *payload) []Wake {
	if !p.inRepository() || p.CheckRun.ID == 0 {
		return nil
	}
	return []Wake{{Work: Command, Head: p.CheckRun.HeadSHA, Subject: p.CheckRun.ID}}
}

func installation(p *payload) []Wake {
	if p.Installation.ID == 0 {
		return nil
	}
	return []Wake{{Work: Installation}}
}
