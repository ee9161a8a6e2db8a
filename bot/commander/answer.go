package commander

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/bot/command"
	"github.com/canonicalize/canonicalize/bot/words"
)

// answer is the one comment that answers a command.
type answer struct {
	id   int64
	body string
}

// answerMark is the hidden mark of an answer: to which command of which
// comment, and whether it is the last word.
func (s *remark) answerMark(index int, state string) string {
	subject := strconv.FormatInt(s.req.Comment, 10)
	if s.req.Comment == 0 {
		subject = "button-" + s.req.Press
	}
	return fmt.Sprintf("<!-- canonicalize: answer %s/%d %s -->", subject, index, state)
}

// readAnswers finds what an interrupted attempt answered.
func (s *remark) readAnswers(ctx context.Context) error {
	if s.thread != 0 {
		list, err := s.Repo.ListReviewComments(ctx, s.req.Number)
		for _, c := range list {
			if strings.EqualFold(c.Author, s.Self) && c.ReplyTo == s.thread {
				s.told = append(s.told, answer{c.ID, c.Body})
			}
		}
		return err
	}
	list, err := s.Repo.ListComments(ctx, s.req.Number)
	for _, c := range list {
		if strings.EqualFold(c.Author, s.Self) {
			s.told = append(s.told, answer{c.ID, c.Body})
		}
	}
	return err
}

// say writes the one answer, or edits it.
func (d *doing) say(ctx context.Context, text, state string) error {
	body := text + "\n\n" + d.answerMark(d.index, state)
	if d.req.Comment != 0 && d.index > 0 || strings.Count(d.body, "\n") > 0 {
		body = "> " + d.command.Text + "\n\n" + body
	}
	switch {
	case d.answerID != 0 && d.thread != 0:
		return d.Repo.UpdateReviewComment(ctx, d.answerID, body)
	case d.answerID != 0:
		return d.Repo.UpdateComment(ctx, d.answerID, body)
	case d.thread != 0:
		made, err := d.Repo.ReplyToReviewComment(ctx, d.req.Number, d.thread, body)
		d.answerID = made.ID
		return err
	}
	made, err := d.Repo.CreateComment(ctx, d.req.Number, body)
	d.answerID = made.ID
	return err
}

// begin says that something which takes a while is being done.
func (d *doing) begin(ctx context.Context, text string) error {
	if d.answerID != 0 {
		return nil
	}
	return d.say(ctx, text, "working")
}

// ranks orders permissions.
var ranks = map[string]int{"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}

// allowed asks GitHub what the author may do: what is written beside a name
// in a comment is no permission.
func (d *doing) allowed(ctx context.Context, spec command.Spec) error {
	if spec.Needs == command.Read {
		return nil
	}
	if spec.Needs == command.Answers && d.pr != nil && d.pr.Head.Repo != d.Meta.FullName && strings.EqualFold(d.pr.Author, d.author) {
		return nil // nothing is pushed to forks; on a branch of ours, anybody who can read can open a pull request
	}
	need := "write"
	if d.conf != nil {
		need = d.conf.Commands.Permission
	}
	has, err := d.Repo.Permission(ctx, d.author)
	if err != nil {
		return err
	}
	if ranks[has] >= ranks[need] && ranks[has] > 0 {
		return nil
	}
	if spec.Needs == command.OfTeam && len(d.command.Args) == 1 {
		if org, slug, ok := strings.Cut(strings.TrimPrefix(d.command.Args[0], "@"), "/"); ok && strings.EqualFold(org, d.Meta.Owner) {
			role, err := d.Repo.TeamRole(ctx, slug, d.author)
			if err != nil || role == "maintainer" {
				return err
			}
		}
	}
	return refusef("Sorry, @%s: this needs the permission to %s here, and GitHub says you have %s. Please ask somebody who has it to say it.", d.author, need, words.Code(has))
}
