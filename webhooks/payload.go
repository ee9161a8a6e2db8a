package webhooks

import (
	"strconv"
	"strings"
)

// payload is what of a webhook's body decides which work to wake. The fields
// are those of https://docs.github.com/webhooks/webhook-events-and-payloads;
// what an event does not have stays zero.
type payload struct {
	Action       string      `json:"action"`
	Ref          string      `json:"ref"` // push: "refs/heads/main"
	Installation account     `json:"installation"`
	Repository   *repository `json:"repository"`
	Sender       actor       `json:"sender"`
	Number       int         `json:"number"` // pull_request

	PullRequest pullRequest `json:"pull_request"`
	Issue       issue       `json:"issue"`
	Comment     comment     `json:"comment"`
	Review      comment     `json:"review"`
	CheckRun    checkRun    `json:"check_run"`
	CheckSuite  checkSuite  `json:"check_suite"`
	MergeGroup  mergeGroup  `json:"merge_group"`
	Changes     changes     `json:"changes"`
}

type account struct {
	ID int64 `json:"id"`
}

type repository struct {
	ID            int64  `json:"id"`
	Name          string `json:"name"`
	DefaultBranch string `json:"default_branch"`
	Owner         actor  `json:"owner"`
}

type actor struct {
	Login string `json:"login"`
	Type  string `json:"type"` // "User", "Bot" or "Organization"
}

func (a actor) bot() bool { return a.Type == "Bot" }

type revision struct {
	Ref string `json:"ref"`
	SHA string `json:"sha"`
}

type pullRequest struct {
	Number int      `json:"number"`
	Body   string   `json:"body"`
	User   actor    `json:"user"`
	Head   revision `json:"head"`
	Base   revision `json:"base"`
}

type issue struct {
	Number int    `json:"number"`
	Body   string `json:"body"`
	User   actor  `json:"user"`
}

type comment struct {
	ID   int64  `json:"id"`
	Body string `json:"body"`
}

// command says whether a comment may hold a command. Whoever does the work
// reads the comment again and decides; this only spares a job for each of the
// many comments that do not even name the bot.
func (c comment) command() bool { return names(c.Body) }

func names(body string) bool { return strings.Contains(strings.ToLower(body), "/canonicalize") }

type checkRun struct {
	ID           int64         `json:"id"`
	Suite        checkSuite    `json:"check_suite"`
	HeadSHA      string        `json:"head_sha"`
	ExternalID   string        `json:"external_id"`
	PullRequests []pullRequest `json:"pull_requests"`
}

// pulls are the pull requests of a check run. GitHub lists none of forks: the
// bot notes the number in the run's external ID.
func (c checkRun) pulls() []pullRequest {
	number, found := strings.CutPrefix(c.ExternalID, "pull/")
	if n, err := strconv.Atoi(number); found && err == nil && len(c.PullRequests) == 0 {
		return []pullRequest{{Number: n}}
	}
	return c.PullRequests
}

type checkSuite struct {
	HeadBranch   string        `json:"head_branch"`
	HeadSHA      string        `json:"head_sha"`
	PullRequests []pullRequest `json:"pull_requests"`
}

// queued is the base branch of the merge group whose branch a suite is of, or
// "". GitHub names such branches gh-readonly-queue/BASE/pr-NUMBER-SHA.
func (c checkSuite) queued() string {
	rest, found := strings.CutPrefix(c.HeadBranch, "gh-readonly-queue/")
	i := strings.LastIndex(rest, "/pr-")
	if !found || i < 0 {
		return ""
	}
	return rest[:i]
}

type mergeGroup struct {
	HeadSHA string `json:"head_sha"`
	BaseRef string `json:"base_ref"` // "refs/heads/main"
}

type changes struct {
	Base *struct{} `json:"base"` // pull_request edited: it was moved to another base
}

// number is the issue or pull request that the event is about, or 0.
func (p *payload) number() int {
	for _, n := range []int{p.PullRequest.Number, p.Issue.Number, p.Number} {
		if n != 0 {
			return n
		}
	}
	return 0
}

func (p *payload) inRepository() bool { return p.Repository != nil && p.Repository.ID > 0 }

func (p *payload) defaultBranch() string {
	if p.Repository == nil {
		return ""
	}
	return p.Repository.DefaultBranch
}
