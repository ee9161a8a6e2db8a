package webhooks

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// in puts an event into a repository whose default branch is main.
func in(rest string) string {
	return `{"repository": {"id": 7, "default_branch": "main"}, "installation": {"id": 3}, ` + rest + `}`
}

const (
	person = `"sender": {"type": "User"}`
	robot  = `"sender": {"type": "Bot"}`
	ours   = `"pull_request": {"number": 5, "user": {"type": "Bot"}, "head": {"sha": "abc"}, "base": {"ref": "main"}}`
	theirs = `"pull_request": {"number": 5, "user": {"type": "User"}, "head": {"sha": "abc"}, "base": {"ref": "main"}}`
)

var (
	aReview = Wake{Work: Review, Number: 5, Head: "abc", Base: "main"}
	aPass   = Wake{Work: Pass}
)

// deliveries are events with what they wake.
var deliveries = []struct {
	why, event, body string
	want             []Wake
}{
	{"the default branch moved", "push", in(`"ref": "refs/heads/main"`), []Wake{aPass}},
	{"other branches come as pull requests", "push", in(`"ref": "refs/heads/feature"`), nil},
	{"a tag of the branch's name", "push", in(`"ref": "refs/tags/main"`), nil},
	{"a person opens a pull request", "pull_request", in(`"action": "opened", ` + theirs + "," + person), []Wake{aReview}},
	{"a person opens one with a command in its text", "pull_request", in(`"action": "opened", "pull_request": {"number": 5, "body": "/canonicalize all", "user": {"type": "User"}, "head": {"sha": "abc"}, "base": {"ref": "main"}}, ` + person), []Wake{aReview, {Work: Command, Number: 5}}},
	{"a person opens an issue with a command in its text", "issues", in(`"action": "opened", "issue": {"number": 7, "body": "/canonicalize status", "user": {"type": "User"}}, ` + person), []Wake{{Work: Command, Number: 7}}},
	{"a person gives a command in the summary of a review", "pull_request_review", in(`"action": "submitted", "review": {"id": 9, "body": "Nice.\n/canonicalize all"}, ` + theirs + "," + person), []Wake{{Work: Command, Number: 5, Subject: 9}}},
	{"a person reviews", "pull_request_review", in(`"action": "submitted", "review": {"id": 9, "body": "Nice."}, ` + theirs + "," + person), nil},
	{"a person edits its text", "pull_request", in(`"action": "edited", "changes": {"body": {}}, ` + theirs + "," + person), nil},
	{"a person moves it to another base", "pull_request", in(`"action": "edited", "changes": {"base": {}}, ` + theirs + "," + person), []Wake{aReview}},
	{"a person closes their own: others of its head share its check", "pull_request", in(`"action": "closed", ` + theirs + "," + person), []Wake{{Work: Review, Head: "abc"}}},
	{"a person pushes to ours", "pull_request", in(`"action": "synchronize", ` + ours + "," + person), []Wake{aPass, aReview}},
	{"a person labels ours", "pull_request", in(`"action": "labeled", ` + ours + "," + person), []Wake{aPass}},
	{"a person closes ours", "pull_request", in(`"action": "closed", ` + ours + "," + person), []Wake{aPass}},
	{"we label ours", "pull_request", in(`"action": "labeled", ` + ours + "," + robot), nil},
	{"a queue merges ours", "pull_request", in(`"action": "closed", ` + ours + "," + robot), []Wake{aPass}},
	{"a queue drops ours", "pull_request", in(`"action": "dequeued", ` + ours + "," + robot), []Wake{aPass}},
	{"a group waits for checks", "merge_group", in(`"action": "checks_requested", "merge_group": {"head_sha": "abc", "base_ref": "refs/heads/main"}`), []Wake{{Work: Review, Head: "abc", Base: "main"}}},
	{"a group is gone", "merge_group", in(`"action": "destroyed", "merge_group": {"head_sha": "abc"}`), nil},
	{"a command", "issue_comment", in(`"action": "created", "issue": {"number": 5}, "comment": {"id": 9, "body": "hi\n/Canonicalize all"}, ` + person), []Wake{{Work: Command, Number: 5, Subject: 9}}},
	{"a command in a review", "pull_request_review_comment", in(`"action": "created", "comment": {"id": 9, "body": "/canonicalize"}, ` + person + "," + theirs), []Wake{{Work: Command, Number: 5, Subject: 9}}},
	{"an edited comment", "issue_comment", in(`"action": "edited", "issue": {"number": 5}, "comment": {"id": 9, "body": "/canonicalize"}, ` + person), nil},
	{"an ordinary comment", "issue_comment", in(`"action": "created", "issue": {"number": 5}, "comment": {"id": 9, "body": "canonicalize!"}, ` + person), nil},
	{"a bot quotes a command", "issue_comment", in(`"action": "created", "issue": {"number": 5}, "comment": {"id": 9, "body": "/canonicalize"}, ` + robot), nil},
	{"a box is ticked", "issues", in(`"action": "edited", "issue": {"number": 5, "user": {"type": "Bot"}}, ` + person), []Wake{aPass}},
	{"we edit the dashboard", "issues", in(`"action": "edited", "issue": {"number": 5, "user": {"type": "Bot"}}, ` + robot), nil},
	{"an issue of a person", "issues", in(`"action": "edited", "issue": {"number": 5, "user": {"type": "User"}}, ` + person), nil},
	{"run the check again", "check_run", in(`"action": "rerequested", "check_run": {"id": 1, "head_sha": "abc", "pull_requests": [{"number": 5, "base": {"ref": "main"}}]}`), []Wake{aReview}},
	{"run the check of a fork again", "check_run", in(`"action": "rerequested", "check_run": {"id": 1, "head_sha": "abc", "external_id": "pull/5", "pull_requests": []}`), []Wake{{Work: Review, Number: 5, Head: "abc"}}},
	{"run the check of a merge group again", "check_run", in(`"action": "rerequested", "check_run": {"id": 1, "head_sha": "abc", "check_suite": {"head_branch": "gh-readonly-queue/rel/1.0/pr-5-def"}, "pull_requests": []}`), []Wake{{Work: Review, Head: "abc", Base: "rel/1.0"}}},
	{"run a check again that names no pull request", "check_run", in(`"action": "rerequested", "check_run": {"id": 1, "head_sha": "abc", "check_suite": {"head_branch": null}, "pull_requests": []}`), []Wake{{Work: Review, Head: "abc"}}},
	{"the button", "check_run", in(`"action": "requested_action", "check_run": {"id": 1, "head_sha": "abc"}`), []Wake{{Work: Command, Head: "abc", Subject: 1}}},
	{"a check ended", "check_run", in(`"action": "completed", "check_run": {"id": 1, "head_sha": "abc"}`), nil},
	{"run all checks again", "check_suite", in(`"action": "rerequested", "check_suite": {"head_sha": "abc", "pull_requests": [{"number": 5, "base": {"ref": "main"}}, {"number": 5, "base": {"ref": "main"}}]}`), []Wake{aReview}},
	{"run all checks of a merge group again", "check_suite", in(`"action": "rerequested", "check_suite": {"head_branch": "gh-readonly-queue/main/pr-5-def", "head_sha": "abc", "pull_requests": []}`), []Wake{{Work: Review, Head: "abc", Base: "main"}}},
	{"run all checks of a fork again", "check_suite", in(`"action": "rerequested", "check_suite": {"head_branch": null, "head_sha": "abc", "pull_requests": []}`), []Wake{{Work: Review, Head: "abc"}}},
	{"checks of the default branch ended", "check_suite", in(`"action": "completed", "check_suite": {"head_branch": "main", "head_sha": "abc"}`), []Wake{aPass}},
	{"checks of a branch ended", "check_suite", in(`"action": "completed", "check_suite": {"head_branch": "x", "head_sha": "abc"}`), nil},
	{"renamed", "repository", in(`"action": "renamed"`), []Wake{{Work: Installation}}},
	{"starred", "repository", in(`"action": "publicized"`), nil},
	{"installed", "installation", `{"action": "created", "installation": {"id": 3}}`, []Wake{{Work: Installation}}},
	{"more repositories", "installation_repositories", `{"action": "added", "installation": {"id": 3}}`, []Wake{{Work: Installation}}},
	{"no repository", "push", `{"ref": "refs/heads/main"}`, nil},
	{"no installation", "installation", `{"action": "created"}`, nil},
}

func TestTable(t *testing.T) {
	for _, c := range deliveries {
		var p payload
		if err := json.Unmarshal([]byte(c.body), &p); err != nil {
			t.Fatalf("%s: %v", c.why, err)
		}
		got, keep, known := decide(c.event, &p)
		if !reflect.DeepEqual(got, c.want) || !known {
			t.Errorf("%s: %v (known: %v), want %v", c.why, got, known, c.want)
		}
		if want := strings.Contains(c.body, "requested_action"); keep != want {
			t.Errorf("%s: the body is kept: %v", c.why, keep)
		}
	}
}
