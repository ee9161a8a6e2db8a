package reviewer

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/review"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod"
)

// WorkedOut is the number of files for which a review works out what to write
// instead; more have no room in comments. The command works out all.
const WorkedOut = 100

// CheckName is the name of the check run of a review.
const CheckName = "canonicalize"

// FixAction identifies the button of that check run.
const FixAction = "fix"

// Request names what is to be reviewed: one head of a pull request, or
// with Number 0 of a merge group. Without Number and Base it is what was
// reviewed at Head before.
type Request struct {
	Number     int
	Head, Base string // commit, and name of the base branch; "" where the caller does not know
	Aside      string // why nothing is reviewed but that is told; "": it is reviewed
}

// Outcome is what a review found and did.
type Outcome struct {
	Skipped string // why nothing was reviewed; "" if it was
	Review  *codemod.Review
	Steps   review.Steps
}

// reviewing is one review.
type reviewing struct {
	*site.Site
	req  Request
	pr   github.PullRequest // zero for a merge group
	conf *config.Config
	head string
	diff *site.Diff // nil: nothing was compared
	out  *Outcome

	verdict *verdict // nil: nothing is to be told by a check run
}

// Review reviews one head: what it newly reads through a facade, as comments
// with suggestions and a check run. A head that is no longer the pull
// request's is skipped: its successor has a review of its own.
func Review(ctx context.Context, at *site.Site, req Request) (*Outcome, error) {
	if req.Number == 0 && req.Base == "" {
		return again(ctx, at, req.Head)
	}
	w := &reviewing{Site: at, req: req, head: req.Head, out: &Outcome{}}
	return w.out, w.run(ctx)
}

// again reviews the open pull requests of a head, and those that the check runs
// on it are of: GitHub names none of forks when it asks for checks anew.
func again(ctx context.Context, at *site.Site, head string) (*Outcome, error) {
	out := &Outcome{Skipped: "nothing was reviewed at this commit before"}
	runs, err := at.Repo.ListChecks(ctx, head, CheckName)
	if err != nil || len(runs) == 0 {
		return out, err
	}
	pulls, err := at.Repo.PullsOf(ctx, head)
	if err != nil {
		return out, err
	}
	var numbers []int
	for _, run := range runs {
		numbers = append(numbers, PullOf(run.ExternalID))
	}
	for _, pr := range pulls {
		if pr.State == "open" && pr.Head.SHA == head {
			numbers = append(numbers, pr.Number)
		}
	}
	slices.Sort(numbers)
	for _, number := range slices.Compact(numbers) {
		if number == 0 {
			continue
		}
		if out, err = Review(ctx, at, Request{Number: number, Head: head}); err != nil {
			return out, err
		}
	}
	return out, nil
}

var pullID = regexp.MustCompile(`^pull/([0-9]{1,9})$`)

// PullOf is the pull request that a check run is of, by its external ID; 0 if
// it is of none.
func PullOf(external string) int {
	if m := pullID.FindStringSubmatch(external); m != nil {
		number, _ := strconv.Atoi(m[1])
		return number
	}
	return 0
}

// Suggest puts what was found into the conversations of a pull request at its
// head; the check run stays as it is.
func Suggest(ctx context.Context, at *site.Site, pr github.PullRequest, d *site.Diff, found *codemod.Review) error {
	w := &reviewing{Site: at, req: Request{Number: pr.Number, Head: pr.Head.SHA, Base: pr.Base.Branch},
		pr: pr, head: pr.Head.SHA, diff: d, out: &Outcome{Review: found}}
	return w.comment(ctx)
}

func (w *reviewing) run(ctx context.Context) error {
	if err := w.look(ctx); err != nil {
		return err
	}
	if w.out.Skipped != "" {
		w.Log.Info("not reviewed", "pr", w.req.Number, "why", w.out.Skipped)
		return w.tell(ctx)
	}
	if err := w.checkConfig(ctx); err != nil {
		return err
	}
	if w.out.Review != nil && w.req.Number != 0 {
		current, err := w.current(ctx)
		if err != nil || !current {
			return err
		}
		if err := w.comment(ctx); err != nil {
			return err
		}
	}
	return w.tell(ctx)
}

// look finds out what there is to say, and writes nothing.
func (w *reviewing) look(ctx context.Context) error {
	for _, step := range []func(context.Context) error{w.readPull, w.putAside, w.readPolicy, w.compare} {
		if err := step(ctx); err != nil || w.out.Skipped != "" {
			return err
		}
	}
	return nil
}

// current takes a last look at the head before anything is written.
func (w *reviewing) current(ctx context.Context) (bool, error) {
	now, err := w.Repo.GetPull(ctx, w.req.Number)
	if err != nil {
		return false, err
	}
	if now.Head.SHA != w.head || now.State != "open" {
		w.out.Skipped = "its head moved on"
		return false, nil
	}
	return true, nil
}

// lagging is how often a read that contradicts the event is repeated: what
// GitHub answers can be older than what it announced.
const lagging = 2

// readPull reads the pull request, unless it is a merge group.
func (w *reviewing) readPull(ctx context.Context) (err error) {
	if w.Meta.Archived || w.Meta.Disabled {
		w.out.Skipped = "the repository is archived or disabled"
		return nil
	}
	if w.req.Number == 0 {
		return nil
	}
	for try := 0; ; try++ {
		if w.pr, err = w.Repo.GetPull(ctx, w.req.Number); err != nil {
			return err
		}
		if w.req.Head == "" {
			w.head = w.pr.Head.SHA
		}
		if w.pr.Head.SHA == w.head || try == lagging {
			break
		}
		if err := w.Sleep(ctx, time.Second<<try); err != nil {
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

// putAside tells why there is no review, if so.
func (w *reviewing) putAside(context.Context) error {
	if w.req.Aside != "" && w.out.Skipped == "" {
		w.out.Skipped = w.req.Aside
		w.unable("it was " + words.OneLine(w.req.Aside))
	}
	return nil
}

// readPolicy decides by the base branch's configuration whether to review.
func (w *reviewing) readPolicy(ctx context.Context) (err error) {
	faulty := false
	if w.conf, faulty, err = w.Policy(ctx, w.req.Base); err != nil {
		return err
	}
	switch {
	case faulty:
		w.unable(fmt.Sprintf("%s on %s has faults", words.Code(config.Path), words.Code(w.req.Base)))
		fallthrough
	case w.conf == nil:
		w.conf = config.Default()
		w.conf.Review.Enabled = false
	case !w.conf.Review.Enabled:
		w.out.Skipped = "reviews are switched off"
	case w.req.Number == 0:
	case strings.EqualFold(w.pr.Author, w.Self):
		w.pass("it is the bot's own")
	case strings.HasSuffix(w.pr.Author, "[bot]") && !w.conf.Review.Bots:
		w.pass("it is a bot's")
	case w.pr.Draft && !w.conf.Review.Drafts:
		w.out.Skipped = "it is a draft"
	}
	return nil
}

// compare fetches both ends and compares them.
func (w *reviewing) compare(ctx context.Context) error {
	if !w.conf.Review.Enabled {
		return nil
	}
	diff, err := w.Site.Compare(ctx, w.head, w.req.Base)
	if site.Beyond(err) {
		w.out.Skipped = err.Error()
		w.unable("it is more than is looked at: " + words.OneLine(err.Error()))
		return nil
	}
	if err != nil {
		return err
	}
	if diff == nil {
		w.out.Skipped = "its head moved on"
		return nil
	}
	w.diff = diff
	rules, done, err := w.Rules(ctx, w.conf, w.diff.Base)
	defer done()
	var absent *site.ProviderError
	if errors.As(err, &absent) {
		w.out.Skipped = absent.Error()
		w.unable(strings.TrimSuffix(absent.Error(), "."))
		return nil
	}
	if err != nil {
		return err
	}
	opts := w.Codemod()
	opts.Fixes = WorkedOut
	w.out.Review, err = codemod.Compare(ctx, w.diff.Base, w.diff.Head, w.diff.ReviewFiles(), rules, opts)
	if err != nil {
		return err
	}
	guarded, err := codemod.GuardChange(ctx, w.diff.Base, w.diff.Head, w.diff.ReviewFiles(), rules, w.conf.Endings(), w.Codemod())
	if err == nil {
		w.out.Review.Findings = append(w.out.Review.Findings, guarded...)
		w.judge()
	}
	return err
}

// checkConfig tells about faults in a configuration that is changed.
func (w *reviewing) checkConfig(ctx context.Context) error {
	src, found, changed, err := w.changedConfig(ctx)
	if err != nil || !changed || !found {
		return err
	}
	c := w.check(CheckName+" configuration", &verdict{
		number: w.req.Number, conclusion: "success", title: "The configuration is right", summary: "`" + config.Path + "` can be read.\n",
	})
	_, err = config.Parse(config.Path, src)
	var faults *config.Faults
	if errors.As(err, &faults) {
		c.Conclusion, c.Title = "failure", words.Counted(len(faults.List), "fault")+" in "+config.Path
		c.Summary = "Until this is mended, nothing is opened, changed or reviewed:\n\n"
		for _, f := range faults.List {
			c.Summary += "- " + words.Code(words.OneLine(f.Error())) + "\n"
			c.Annotations = append(c.Annotations, github.Annotation{
				Path: config.Path, StartLine: f.Line, EndLine: f.Line, StartColumn: f.Column, EndColumn: f.Column,
				Level: "failure", Title: f.Path, Message: f.Message,
			})
		}
	} else if err != nil {
		return err
	}
	_, err = w.Repo.CreateCheck(ctx, c)
	return err
}

// changedConfig returns the configuration at the head if it is another one
// than on the base. Without a review, nothing was fetched.
func (w *reviewing) changedConfig(ctx context.Context) (src []byte, found, changed bool, err error) {
	if w.diff != nil {
		for _, f := range w.diff.Files {
			changed = changed || f.Path == config.Path
		}
		if !changed {
			return nil, false, false, nil
		}
		src, found, err = w.diff.Head.ReadPath(config.Path)
		return src, found, true, err
	}
	if w.out.Skipped != "" {
		return nil, false, false, nil
	}
	src, found, err = w.Repo.Content(ctx, config.Path, w.head)
	if err != nil || !found {
		return nil, false, false, err
	}
	was, had, err := w.Repo.Content(ctx, config.Path, w.req.Base)
	return src, true, !had || string(was) != string(src), err
}
