package commander

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/bot/command"
	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/pass"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/reviewer"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/bot/words"
)

// Request is a text that may hold commands, or a button that was pressed.
type Request struct {
	Number      int   // of the issue or pull request; of a button: 0 if it is not known
	Comment     int64 // 0: it is no comment
	OnLine      bool  // the comment is on a line of a pull request
	Review      int64 // the summary of a review; 0: it is none
	Description bool  // the text of the pull request or issue itself
	Actor       string
	External    string // of the button's check run: its external ID
	Action      string // of the button
	Press       string // what tells one press of a button from another: the webhook's delivery
	Aside       string // why nothing is done but to say so; "": it is done
}

// remark is where commands were given, and by whom.
type remark struct {
	*site.Site
	opts   Options
	req    Request
	author string
	body   string
	thread int64 // first comment of the thread on a line; 0: the conversation
	issue  github.Issue
	pr     *github.PullRequest // nil: an issue; its head is what commands work on
	place  command.Place
	marker plan.Marker // of a pull request of the bot
	conf   *config.Config

	has      string // what GitHub says that the author may do; "" until it was asked
	commands int    // of the comment
	reply    reply
}

// Options say how commands are done: as the passes that some of them ask for.
type Options = pass.Options

// Do does what a comment asks for, one command after the other. What cannot be
// done is answered; an error means that trying again may help.
func Do(ctx context.Context, at *site.Site, o Options, req Request) error {
	return (&remark{Site: at, opts: o, req: req}).do(ctx)
}

func (s *remark) do(ctx context.Context) error {
	commands, err := s.read(ctx)
	if err != nil || len(commands) == 0 || s.Meta.Archived {
		return err
	}
	if err := s.readPlace(ctx); err != nil {
		return github.Gone(err)
	}
	s.Log = s.Log.With("pr", s.req.Number)
	s.commands = len(commands)
	if often, err := s.often(ctx); err != nil || often {
		s.Log.Info("not answered: too many comments of one person in an hour", "by", s.author)
		return err
	}
	if err := s.react(ctx, "eyes"); err != nil {
		return err
	}
	if err := s.readReply(ctx); err != nil {
		return err
	}
	reaction := "rocket"
	for i, c := range commands {
		x := &doing{remark: s, command: c, index: i}
		if err := x.run(ctx); err != nil {
			return err
		}
		if x.refused {
			reaction = "confused"
		}
	}
	if err := s.send(ctx); err != nil {
		return err
	}
	return s.react(ctx, reaction)
}

// reread reads the place again: an earlier command of the comment may have
// changed it. On pull requests of people, the head that commands work on stays
// the one that the comment was read at.
func (s *remark) reread(ctx context.Context) error {
	old := s.pr
	if err := s.readPlace(ctx); err != nil {
		return err
	}
	if old != nil && s.pr != nil && s.place == command.OnPull {
		s.pr.Head.SHA = old.Head.SHA
	}
	return nil
}

// read reads the comment anew, with its commands. A comment that is gone has
// none.
func (s *remark) read(ctx context.Context) ([]command.Command, error) {
	switch {
	case s.req.button():
		if n := reviewer.PullOf(s.req.External); n != 0 {
			s.req.Number = n
		}
		s.author = s.req.Actor
		if s.req.Action != reviewer.FixAction || s.req.Number == 0 || s.author == "" {
			return nil, nil
		}
		return []command.Command{{Verb: command.Fix, Text: command.Name}}, nil
	case s.req.OnLine:
		list, err := s.Repo.ListReviewComments(ctx, s.req.Number)
		for _, c := range list {
			if c.ID == s.req.Comment {
				s.author, s.body, s.thread = c.Author, c.Body, c.ID
				if c.ReplyTo != 0 {
					s.thread = c.ReplyTo
				}
			}
		}
		if err != nil {
			return nil, err
		}
	case s.req.Review != 0:
		list, err := s.Repo.ListReviews(ctx, s.req.Number)
		for _, r := range list {
			if r.ID == s.req.Review {
				s.author, s.body = r.Author, r.Body
			}
		}
		if err != nil {
			return nil, github.Gone(err)
		}
	case s.req.Description:
		issue, err := s.Repo.GetIssue(ctx, s.req.Number)
		if err != nil {
			return nil, github.Gone(err)
		}
		s.author, s.body = issue.Author, issue.Body
	default:
		c, err := s.Repo.GetComment(ctx, s.req.Comment)
		if err != nil {
			return nil, github.Gone(err)
		}
		s.author, s.body = c.Author, c.Body
	}
	if strings.HasSuffix(s.author, "[bot]") {
		return nil, nil
	}
	return command.Parse(s.body), nil
}

// readPlace finds out where the comment is. The head that a pull request has
// now is the one that commands work on.
func (s *remark) readPlace(ctx context.Context) (err error) {
	if s.issue, err = s.Repo.GetIssue(ctx, s.req.Number); err != nil {
		return err
	}
	s.place = command.OnIssue
	branch := s.Meta.DefaultBranch
	if s.issue.IsPull {
		pr, err := s.Repo.GetPull(ctx, s.req.Number)
		if err != nil {
			return err
		}
		s.pr, s.place, branch = &pr, command.OnPull, pr.Base.Branch
		marker, ok := plan.ParseMarker(pr.Body)
		if strings.EqualFold(pr.Author, s.Self) && ok {
			s.marker, s.place, branch = marker, command.OnOwnPull, s.Meta.DefaultBranch
		}
	}
	s.conf, _, err = s.Policy(ctx, branch)
	return err
}

// button says whether nothing was written, but a button pressed.
func (r Request) button() bool { return r.Comment == 0 && r.Review == 0 && !r.Description }

// react reacts to what holds the command; to a button and to the summary of a
// review nobody can.
func (s *remark) react(ctx context.Context, reaction string) error {
	on, id := github.OnComment, s.req.Comment
	switch {
	case s.req.button(), s.req.Review != 0:
		return nil
	case s.req.Description:
		on, id = github.OnIssue, int64(s.req.Number)
	case s.req.OnLine:
		on = github.OnReviewComment
	}
	err := s.Repo.React(ctx, on, id, reaction)
	if s.issue.Locked && errors.Is(err, github.ErrForbidden) {
		return nil
	}
	return github.Gone(err)
}

// doing is one command that is being done.
type doing struct {
	*remark
	command command.Command
	index   int
	refused bool
}

// refusal is an answer that says no; its text is for the one who asked.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

func refusef(format string, args ...any) error { return &refusal{fmt.Sprintf(format, args...)} }

// run does a command and answers. What GitHub refuses for good is an answer,
// too. What changed something is answered at once, the rest with the last one.
func (d *doing) run(ctx context.Context) error {
	if d.reply.parts[d.index].done {
		return nil // an interrupted attempt came this far
	}
	if d.index > 0 {
		if err := d.reread(ctx); err != nil {
			return err
		}
	}
	text, err := d.perform(ctx)
	var no *refusal
	switch {
	case errors.As(err, &no):
		d.refused, text = true, no.text
	case site.Beyond(err):
		d.refused, text = true, "This is more than I look at: "+words.Plain(err.Error())+"."
	case errors.Is(err, github.ErrForbidden), errors.Is(err, github.ErrConflict):
		d.refused, text = true, "GitHub refuses it: "+words.Plain(err.Error())+"."
	case err != nil:
		return err
	}
	d.Log.Info("command", "verb", d.command.Verb, "by", d.author, "refused", d.refused)
	d.say(text, true)
	if spec, _ := command.Lookup(d.command.Verb); d.refused || d.command.DryRun || spec.Needs == command.Read {
		return nil
	}
	return d.send(ctx)
}

// perform checks place and permission before it acts.
func (d *doing) perform(ctx context.Context) (string, error) {
	if d.req.Aside != "" {
		return "", refusef("This is %s.", words.OneLine(d.req.Aside))
	}
	spec, known := command.Lookup(d.command.Verb)
	if !known {
		return "", refusef("%s", d.unknown())
	}
	if spec.Where&d.place == 0 {
		return "", refusef("%s can be said %s. Here there is:\n\n%s", words.Code(spec.Command()), places(spec.Where), command.HelpText(d.place))
	}
	if err := d.allowed(ctx, spec); err != nil {
		return "", err
	}
	return verbs[d.command.Verb](d, ctx)
}

// verbs ties the rows of the table of commands to what does them.
var verbs = map[command.Verb]func(*doing, context.Context) (string, error){
	command.Fix: (*doing).fix, command.All: (*doing).fix, command.Paths: (*doing).paths,
	command.Status: (*doing).status, command.Explain: (*doing).explain, command.Help: (*doing).help,
	command.Rebase: (*doing).rebase, command.Split: (*doing).split,
	command.Pause: (*doing).pause, command.Resume: (*doing).pause,
	command.Retire: (*doing).end, command.Accept: (*doing).end, command.Revert: (*doing).end, command.Retry: (*doing).end,
	command.Decline: (*doing).decline, command.Reopen: (*doing).reopen, command.TakeOver: (*doing).takeOver,
}

func (d *doing) unknown() string {
	text := "I do not know " + words.Code(d.command.Word) + "."
	if spec, ok := command.Lookup(command.Verb(strings.ToLower(d.command.Word))); ok {
		return "It is written " + words.Code(spec.Command()) + "."
	}
	spec, _ := command.Lookup(command.Paths)
	if near := command.Nearest(d.command.Word); near != "" {
		text += " Did you mean " + words.Code(command.Name+" "+string(near)) + "?"
	} else if spec.Where&d.place != 0 {
		text += " A folder is written with a slash, as in " + words.Code(command.Name+" "+d.command.Word+"/") + "."
	}
	return text + " " + words.Code(command.Name+" help") + " shows what there is."
}

func places(where command.Place) string {
	var list []string
	for _, p := range []struct {
		place command.Place
		text  string
	}{{command.OnPull, "on pull requests of people"}, {command.OnOwnPull, "on my own pull requests"}, {command.OnIssue, "on issues"}} {
		if where&p.place != 0 {
			list = append(list, p.text)
		}
	}
	return strings.Join(list, " and ")
}

// isOpen refuses on a pull request that is closed.
func (d *doing) isOpen() error {
	if d.pr.State != "open" {
		return refusef("This pull request is closed, so there is nothing to change in it.")
	}
	return nil
}

// moved tells that the head is another one than when the comment was read.
func (d *doing) moved() error {
	return refusef("The branch moved after I read the comment, from %s on, so I did nothing. Say it again if you still want it.", words.SHA(d.pr.Head.SHA))
}
