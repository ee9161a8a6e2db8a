package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/review"
	"github.com/canonicalize/canonicalize/codemod"
)

// workedOut is the number of files for which a review works out what to write
// instead; more have no room in comments. The command works out all.
const workedOut = 100

// CheckName is the name of the check run of a review.
const CheckName = "canonicalize"

// FixAction identifies the button of that check run.
const FixAction = "fix"

// ReviewRequest names what is to be reviewed: one head of a pull request, or
// with Number 0 of a merge group. Without Number and Base it is what was
// reviewed at Head before.
type ReviewRequest struct {
	Number     int
	Head, Base string // commit, and name of the base branch; "" where the caller does not know
}

// ReviewOutcome is what a review found and did.
type ReviewOutcome struct {
	Skipped string // why nothing was reviewed; "" if it was
	Review  *codemod.Review
	Steps   review.Steps
}

// reviewing is one review.
type reviewing struct {
	*visit
	req  ReviewRequest
	pr   github.PullRequest // zero for a merge group
	conf *config.Config
	head string
	diff diff
	out  *ReviewOutcome
}

// Review reviews one head: what it newly reads through a facade, as comments
// with suggestions and a check run. A head that is no longer the pull
// request's is skipped: its successor has a review of its own.
func (b *Bot) Review(ctx context.Context, r Repo, req ReviewRequest) (*ReviewOutcome, error) {
	name := fmt.Sprintf("review #%d of %s at %s", req.Number, r.FullName(), req.Head)
	v, err := b.visit(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer v.end()
	out, err := v.review(ctx, req)
	if err != nil {
		return out, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

func (v *visit) review(ctx context.Context, req ReviewRequest) (*ReviewOutcome, error) {
	if req.Number == 0 && req.Base == "" {
		return v.reviewAgain(ctx, req.Head)
	}
	w := &reviewing{visit: v, req: req, head: req.Head, out: &ReviewOutcome{}}
	return w.out, w.run(ctx)
}

// reviewAgain reviews the pull requests that the check runs on a commit are of:
// GitHub names none of forks when it asks for checks anew.
func (v *visit) reviewAgain(ctx context.Context, head string) (*ReviewOutcome, error) {
	out := &ReviewOutcome{Skipped: "nothing was reviewed at this commit before"}
	runs, err := v.repo.ListChecks(ctx, head, CheckName)
	if err != nil {
		return out, err
	}
	for _, run := range runs {
		if m := pullID.FindStringSubmatch(run.ExternalID); m != nil {
			number, _ := strconv.Atoi(m[1])
			if out, err = v.review(ctx, ReviewRequest{Number: number, Head: head}); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

func (w *reviewing) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{w.readPull, w.readPolicy, w.compare, w.checkConfig, w.tell} {
		if err := step(ctx); err != nil {
			return err
		}
		if w.out.Skipped != "" {
			w.lg.Info("not reviewed", "pr", w.req.Number, "why", w.out.Skipped)
			return nil
		}
	}
	return nil
}

// lagging is how often a read that contradicts the event is repeated: what
// GitHub answers can be older than what it announced.
const lagging = 2

// readPull reads the pull request, unless it is a merge group.
func (w *reviewing) readPull(ctx context.Context) (err error) {
	if w.meta.Archived || w.meta.Disabled {
		w.out.Skipped = "the repository is archived or disabled"
		return nil
	}
	if w.req.Number == 0 {
		return nil
	}
	for try := 0; ; try++ {
		if w.pr, err = w.repo.GetPull(ctx, w.req.Number); err != nil {
			return err
		}
		if w.req.Head == "" {
			w.head = w.pr.Head.SHA
		}
		if w.pr.Head.SHA == w.head || try == lagging {
			break
		}
		if err := w.bot.opts.Sleep(ctx, time.Second<<try); err != nil {
			return err
		}
	}
	switch {
	case w.pr.State != "open":
		w.out.Skipped = "it is closed"
	case w.pr.Head.SHA != w.head:
		w.out.Skipped = "its head moved on"
	}
	w.req.Base = w.pr.Base.Branch
	return nil
}

// readPolicy decides by the base branch's configuration whether to review.
func (w *reviewing) readPolicy(ctx context.Context) (err error) {
	faulty := false
	if w.conf, faulty, err = w.policy(ctx, w.req.Base); err != nil {
		return err
	}
	switch {
	case faulty:
		if err := w.unable(ctx, fmt.Sprintf("%s on %s has faults", code(config.Path), code(w.req.Base))); err != nil {
			return err
		}
		fallthrough
	case w.conf == nil:
		w.conf = config.Default()
		w.conf.Review.Enabled = false
	case !w.conf.Review.Enabled:
		w.out.Skipped = "reviews are switched off"
	case w.req.Number == 0:
	case strings.EqualFold(w.pr.Author, w.self):
		return w.pass(ctx, "it is the bot's own")
	case strings.HasSuffix(w.pr.Author, "[bot]") && !w.conf.Review.Bots:
		return w.pass(ctx, "it is a bot's")
	case w.pr.Draft && !w.conf.Review.Drafts:
		w.out.Skipped = "it is a draft"
	}
	return nil
}

// unable tells that nothing was reviewed, through no fault of the pull request,
// so that a required check does not stay open for ever.
func (w *reviewing) unable(ctx context.Context, why string) error {
	_, err := w.repo.CreateCheck(ctx, w.check("neutral", "Not reviewed", "Nothing was reviewed: "+why+".\n"))
	return err
}

// pass lets a pull request through that is not looked at, where the check may
// fail and so may be required: without one it could never be merged.
func (w *reviewing) pass(ctx context.Context, why string) error {
	w.out.Skipped = why
	if w.conf.Review.Conclusion != "failure" {
		return nil
	}
	_, err := w.repo.CreateCheck(ctx, w.check("skipped", "Not reviewed", "This pull request is not reviewed: "+why+".\n"))
	return err
}

// check makes a completed check run.
func (w *reviewing) check(conclusion, title, summary string) github.CheckRun {
	c := github.CheckRun{
		Name: CheckName, SHA: w.head, Status: "completed", Conclusion: conclusion, Title: title, Summary: summary,
		Completed: w.bot.opts.Now(),
	}
	if w.req.Number != 0 {
		c.ExternalID = fmt.Sprintf("pull/%d", w.req.Number)
	}
	return c
}

// compare fetches both ends and compares them.
func (w *reviewing) compare(ctx context.Context) error {
	if !w.conf.Review.Enabled {
		return nil
	}
	moved, err := w.readDiff(ctx, &w.diff, w.head, w.req.Base)
	if beyond(err) {
		w.out.Skipped = err.Error()
		return w.unable(ctx, "it is more than is looked at: "+oneLine(err.Error()))
	}
	if err != nil {
		return err
	}
	if moved {
		w.out.Skipped = "its head moved on"
		return nil
	}
	rules, done, err := w.rules(ctx, w.conf, w.diff.base)
	defer done()
	var absent *provideError
	if errors.As(err, &absent) {
		w.out.Skipped = absent.Error()
		return w.unable(ctx, strings.TrimSuffix(absent.Error(), "."))
	}
	if err != nil {
		return err
	}
	opts := w.options()
	opts.Fixes = workedOut
	w.out.Review, err = codemod.Compare(ctx, tree{w.diff.base}, tree{w.diff.head}, w.diff.reviewFiles(), rules, opts)
	return err
}

// tell writes comments and the check run, after a last look at the head.
func (w *reviewing) tell(ctx context.Context) error {
	if w.out.Review == nil {
		return nil
	}
	if w.req.Number != 0 {
		now, err := w.repo.GetPull(ctx, w.req.Number)
		if err != nil {
			return err
		}
		if now.Head.SHA != w.head || now.State != "open" {
			w.out.Skipped = "its head moved on"
			return nil
		}
		if err := w.comment(ctx); err != nil {
			return err
		}
	}
	report := review.Check(w.out.Review)
	conclusion, level := "success", "warning"
	if len(w.out.Review.Findings) > 0 {
		conclusion = w.conf.Review.Conclusion
	}
	if conclusion == "failure" {
		level = "failure"
	}
	c := w.check(conclusion, report.Title, report.Summary)
	for _, a := range report.Annotations {
		c.Annotations = append(c.Annotations, github.Annotation{
			Path: a.Path, StartLine: a.Line, EndLine: a.Line, Level: level, Title: a.Title, Message: a.Message,
		})
	}
	if report.Fixable > 0 && w.req.Number != 0 {
		c.Actions = []github.Action{{Label: "Fix", Description: "Import the names from their homes", Identifier: FixAction}}
	}
	_, err := w.repo.CreateCheck(ctx, c)
	return err
}

// checkConfig tells about faults in a configuration that is changed.
func (w *reviewing) checkConfig(ctx context.Context) error {
	src, found, changed, err := w.changedConfig(ctx)
	if err != nil || !changed || !found {
		return err
	}
	c := w.check("success", "The configuration is right", "`"+config.Path+"` can be read.\n")
	c.Name = CheckName + " configuration"
	_, err = config.Parse(config.Path, src)
	var faults *config.Faults
	if errors.As(err, &faults) {
		c.Conclusion, c.Title = "failure", counted(len(faults.List), "fault")+" in "+config.Path
		c.Summary = "Until this is mended, nothing is opened, changed or reviewed:\n\n"
		for _, f := range faults.List {
			c.Summary += "- " + code(oneLine(f.Error())) + "\n"
			c.Annotations = append(c.Annotations, github.Annotation{
				Path: config.Path, StartLine: f.Line, EndLine: f.Line, StartColumn: f.Column, EndColumn: f.Column,
				Level: "failure", Title: f.Path, Message: f.Message,
			})
		}
	} else if err != nil {
		return err
	}
	_, err = w.repo.CreateCheck(ctx, c)
	return err
}

// changedConfig returns the configuration at the head if it is another one
// than on the base. Without a review, nothing was fetched.
func (w *reviewing) changedConfig(ctx context.Context) (src []byte, found, changed bool, err error) {
	if w.diff.head != nil {
		for _, f := range w.diff.files {
			changed = changed || f.Path == config.Path
		}
		if !changed {
			return nil, false, false, nil
		}
		src, found, err = w.diff.head.ReadPath(config.Path)
		return src, found, true, err
	}
	if w.out.Skipped != "" {
		return nil, false, false, nil
	}
	src, found, err = w.repo.Content(ctx, config.Path, w.head)
	if err != nil || !found {
		return nil, false, false, err
	}
	was, had, err := w.repo.Content(ctx, config.Path, w.req.Base)
	return src, true, !had || string(was) != string(src), err
}
