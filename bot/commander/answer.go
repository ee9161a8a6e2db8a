package commander

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/bot/command"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/words"
)

// reply is the one comment that answers a comment, with a part for each of its
// commands. What an interrupted attempt answered is read back from it.
type reply struct {
	id    int64 // 0: it is not there yet
	parts map[int]part
	dirty bool // it says something else than what is there
}

// part answers one command.
type part struct {
	text string
	done bool // it is the last word
}

var partMark = regexp.MustCompile(`<!-- canonicalize: answer (\S+)/([0-9]{1,4}) (done|working) -->`)

// subject names what is answered, in marks.
func (s *remark) subject() string {
	switch {
	case s.req.button():
		return "button-" + s.req.Press
	case s.req.Description:
		return "description"
	case s.req.Review != 0:
		return fmt.Sprintf("review-%d", s.req.Review)
	}
	return strconv.FormatInt(s.req.Comment, 10)
}

func (r *reply) String(subject string) string {
	var b strings.Builder
	for _, i := range slices.Sorted(maps.Keys(r.parts)) {
		state := "working"
		if r.parts[i].done {
			state = "done"
		}
		fmt.Fprintf(&b, "%s\n\n<!-- canonicalize: answer %s/%d %s -->\n\n", r.parts[i].text, subject, i, state)
	}
	return strings.TrimSuffix(b.String(), "\n\n")
}

// take reads the parts of a body that answer a subject, and reports whether
// there are any.
func (r *reply) take(body, subject string) (any bool) {
	end := 0
	for _, m := range partMark.FindAllStringSubmatchIndex(body, -1) {
		text := strings.TrimSpace(body[end:m[0]])
		end = m[1]
		if body[m[2]:m[3]] == subject {
			i, _ := strconv.Atoi(body[m[4]:m[5]])
			r.parts[i], any = part{text, body[m[6]:m[7]] == "done"}, true
		}
	}
	return any
}

// readReply finds what an interrupted attempt answered.
func (s *remark) readReply(ctx context.Context) error {
	s.reply.parts = map[int]part{}
	if s.thread != 0 {
		list, err := s.Repo.ListReviewComments(ctx, s.req.Number)
		for _, c := range list {
			if s.Wrote(c.Author) && c.ReplyTo == s.thread && s.reply.take(c.Body, s.subject()) {
				s.reply.id = c.ID
			}
		}
		return err
	}
	list, err := s.Repo.ListComments(ctx, s.req.Number)
	for _, c := range list {
		if s.Wrote(c.Author) && s.reply.take(c.Body, s.subject()) {
			s.reply.id = c.ID
		}
	}
	return err
}

// send writes the reply, or edits it, if it says something new.
func (s *remark) send(ctx context.Context) error {
	if !s.reply.dirty {
		return nil
	}
	body := s.reply.String(s.subject())
	var err error
	switch {
	case s.reply.id != 0 && s.thread != 0:
		err = s.Repo.UpdateReviewComment(ctx, s.reply.id, body)
	case s.reply.id != 0:
		err = s.Repo.UpdateComment(ctx, s.reply.id, body)
	case s.thread != 0:
		made, failed := s.Repo.ReplyToReviewComment(ctx, s.req.Number, s.thread, body)
		s.reply.id, err = made.ID, failed
	default:
		made, failed := s.Repo.CreateComment(ctx, s.req.Number, body)
		s.reply.id, err = made.ID, failed
	}
	if s.issue.Locked && errors.Is(err, github.ErrForbidden) {
		s.Log.Info("not answered: the conversation is locked")
		err = nil
	}
	s.reply.dirty = err != nil
	return err
}

// say sets the answer to a command. The command is shown where the comment has
// more than it.
func (d *doing) say(text string, done bool) {
	if strings.TrimSpace(d.body) != d.command.Text && !d.req.button() {
		text = "> " + words.Code(d.command.Text) + "\n\n" + text
	}
	d.reply.parts[d.index], d.reply.dirty = part{text, done}, true
}

// begin says that something which takes a while is being done.
func (d *doing) begin(ctx context.Context, text string) error {
	if _, said := d.reply.parts[d.index]; said {
		return nil
	}
	d.say(text, false)
	return d.send(ctx)
}

// room is how much text a command's answer has.
func (s *remark) room() int { return github.MaxBody/max(1, s.commands) - 4000/max(1, s.commands) }

// ranks orders permissions.
var ranks = map[string]int{"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}

// permission asks GitHub, once, what the author may do: what is written beside
// a name in a comment is no permission.
func (s *remark) permission(ctx context.Context) (has, need string, err error) {
	need = "write"
	if s.conf != nil {
		need = s.conf.Commands.Permission
	}
	if s.has == "" {
		s.has, err = s.Repo.Permission(ctx, s.author)
	}
	return s.has, need, err
}

func enough(has, need string) bool { return ranks[has] >= ranks[need] && ranks[has] > 0 }

// allowed refuses who may not give a command.
func (d *doing) allowed(ctx context.Context, spec command.Spec) error {
	if spec.Needs == command.Read {
		return nil
	}
	if spec.Needs == command.Answers && d.pr != nil && d.pr.Head.Repo != d.Meta.FullName && strings.EqualFold(d.pr.Author, d.author) {
		return nil // nothing is pushed to forks; on a branch of ours, anybody who can read can open a pull request
	}
	has, need, err := d.permission(ctx)
	if err != nil || enough(has, need) {
		return err
	}
	if spec.Needs == command.OfTeam && len(d.command.Args) == 1 {
		who, err := d.owner(ctx, d.command.Args[0])
		if err != nil {
			return err
		}
		if org, slug, ok := strings.Cut(strings.TrimPrefix(who, "@"), "/"); ok && strings.EqualFold(org, d.Meta.Owner) {
			role, err := d.Repo.TeamRole(ctx, slug, d.author)
			if err != nil || role == "maintainer" {
				return err
			}
		}
	}
	return refusef("Sorry, @%s: this needs the permission to %s here, and GitHub says you have %s. Please ask somebody who has it to say it.", d.author, need, words.Code(has))
}

// Comments of one person that are answered within an hour: of those who may
// give commands that change something, and of anybody else.
const (
	mostTrusted = 60
	mostOthers  = 10
)

// often says whether the author has had enough answers for this hour.
func (s *remark) often(ctx context.Context) (bool, error) {
	n := s.Heard(s.author, s.subject())
	if n <= mostOthers || s.req.button() {
		return false, nil
	}
	has, need, err := s.permission(ctx)
	return n > mostTrusted || !enough(has, need), err
}
